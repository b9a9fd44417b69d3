//! What people see of a session that goes from one socket to another: handover, sleep and tokens.

#![cfg(not(target_arch = "wasm32"))]

#[path = "page/mod.rs"]
#[expect(dead_code, reason = "the page is shared with other stories")]
mod page;

use gatewire_client::session::{
    Input, Millis, Output, PROBE, REFRESH_AGAIN, REFRESH_AHEAD, STABLE, Socket, State, TIMEOUT,
    Welcome,
};
use gatewire_core::CloseCode;
use page::{Page, WELCOME};

const HOUR: Millis = 60 * 60 * 1_000;

/// An open page whose socket has served for a while.
fn settled() -> Page {
    let mut page = Page::open();
    page.wait(STABLE);
    page
}

#[test]
fn a_server_that_drains_is_left_for_another_before_it_goes() {
    let mut page = settled();
    let first = page.send(10);
    page.outputs();
    page.hear(Input::GoAway { delay: 1_200 });
    page.wait(1_199);
    assert_eq!(page.outputs(), []);
    page.wait(1);
    assert_eq!(page.outputs(), [Output::FetchToken], "and nobody is told");
    page.hear(Input::TokenReady);
    page.hear(Input::Opened);
    let second = page.send(10);
    let expected = [Output::OpenSocket, Output::WriteHello, Output::Write { id: second }];
    assert_eq!(page.outputs(), expected, "the line still serves");
    page.hear(Input::Answered(second));
    page.hear(Input::Welcome(WELCOME));
    assert_eq!(page.outputs(), [Output::Promote, Output::Write { id: first }]);
}

#[test]
fn a_server_that_sends_everyone_away_is_not_stormed() {
    let mut page = Page::new();
    let mut waits = Vec::new();
    for _ in 0..12 {
        page.succeed();
        let open = page.now;
        page.hear(Input::GoAway { delay: 0 });
        while !page.outputs().contains(&Output::FetchToken) {
            let deadline = page.session.deadline().unwrap();
            page.wait(deadline - page.now);
            page.hear(Input::Heard);
        }
        waits.push(page.now - open);
        assert_eq!(page.session.state(), State::Open);
    }
    assert!(waits.iter().max() > Some(&1_000), "{waits:?}");
}

#[test]
fn a_line_outlives_the_attempts_beside_it() {
    let mut page = settled();
    page.hear(Input::GoAway { delay: 0 });
    for _ in 0..5 {
        page.hear(Input::TokenReady);
        page.hear(Input::Failed(CloseCode::ABNORMAL));
        page.hear(Input::Heard);
        let id = page.send(10);
        assert_eq!(page.written(), [id]);
        page.hear(Input::Answered(id));
        page.wait(15_000);
        page.hear(Input::Heard);
    }
    assert_eq!(page.states(), []);
    page.lose(CloseCode::SERVICE_RESTART);
    assert_eq!(page.states(), [(State::Connecting, Some(CloseCode::SERVICE_RESTART))]);
    page.succeed();
    assert_eq!(page.states(), [(State::Open, None)]);
}

#[test]
fn a_line_that_the_server_closes_for_its_successor_is_not_missed() {
    let mut page = settled();
    page.hear(Input::GoAway { delay: 0 });
    page.hear(Input::TokenReady);
    page.hear(Input::Opened);
    page.hear(Input::Closed(CloseCode::TAKEN_OVER));
    page.outputs();
    let id = page.send(10);
    assert_eq!(page.outputs(), [], "nobody is told, nothing is written");
    page.hear(Input::Welcome(WELCOME));
    assert_eq!(page.outputs(), [Output::Promote, Output::Write { id }]);
}

#[test]
fn a_successor_without_a_welcome_leaves_the_session_waiting() {
    let mut page = settled();
    page.hear(Input::GoAway { delay: 0 });
    page.hear(Input::TokenReady);
    page.hear(Input::Opened);
    page.hear(Input::Closed(CloseCode::TAKEN_OVER));
    page.outputs();
    page.hear(Input::Failed(CloseCode::ABNORMAL));
    assert_eq!(page.states(), [(State::Waiting, Some(CloseCode::ABNORMAL))]);
}

#[test]
fn a_session_taken_over_by_somebody_else_ends() {
    let mut page = settled();
    page.lose(CloseCode::TAKEN_OVER);
    assert_eq!(page.states(), [(State::Closed, Some(CloseCode::TAKEN_OVER))]);
}

#[test]
fn a_session_that_the_next_server_refuses_ends_with_its_line() {
    let mut page = settled();
    page.hear(Input::GoAway { delay: 0 });
    page.hear(Input::TokenReady);
    page.outputs();
    page.hear(Input::Failed(CloseCode::FORBIDDEN));
    let (socket, code) = (Socket::Line, CloseCode::NORMAL);
    assert_eq!(page.outputs()[0], Output::CloseSocket { socket, code });
    assert_eq!(page.session.state(), State::Closed);
}

#[test]
fn a_page_that_wakes_probes_its_socket_and_gives_up_soon() {
    let mut page = settled();
    page.hear(Input::Wake);
    page.hear(Input::Wake);
    assert_eq!(page.outputs(), [Output::WritePing { number: 1 }]);
    page.wait(PROBE);
    assert_eq!(page.states(), [(State::Waiting, Some(CloseCode::SILENT))]);
    page.hear(Input::Wake);
    assert_eq!(page.session.state(), State::Connecting, "at once");
}

#[test]
fn a_page_that_goes_offline_probes_its_socket_and_waits_for_better_times() {
    let mut page = settled();
    page.hear(Input::Doubt);
    assert_eq!(page.outputs(), [Output::WritePing { number: 1 }]);
    page.wait(PROBE);
    page.outputs();
    page.hear(Input::Doubt);
    assert_eq!(page.outputs(), []);
}

#[test]
fn a_timer_that_overslept_does_not_end_a_good_socket() {
    let mut page = settled();
    page.hear(Input::Heard);
    page.wait(WELCOME.heartbeat);
    page.outputs();
    page.now += HOUR;
    page.hear(Input::Tick);
    assert_eq!(page.outputs(), [Output::WritePing { number: 2 }]);
    page.hear(Input::Heard);
    page.wait(WELCOME.heartbeat - 1);
    assert_eq!(page.outputs(), []);
}

#[test]
fn a_dead_socket_is_noticed_where_all_timers_are_slow() {
    let mut page = settled();
    page.outputs();
    for _ in 0..3 {
        page.now += 60_000;
        page.hear(Input::Tick);
    }
    assert_eq!(page.states()[0], (State::Waiting, Some(CloseCode::SILENT)));
}

#[test]
fn a_page_that_is_put_aside_lets_go_of_its_socket_until_it_is_back() {
    let mut page = settled();
    let id = page.send(10);
    page.outputs();
    page.hear(Input::Suspend);
    let code = CloseCode::RECONNECTING;
    let waiting = Output::State { state: State::Waiting, code: Some(code), retry_in: None };
    assert_eq!(page.outputs(), [Output::CloseSocket { socket: Socket::Line, code }, waiting]);
    page.wait(TIMEOUT / 2);
    assert_eq!(page.outputs(), []);
    page.hear(Input::Wake);
    page.succeed();
    assert_eq!(page.written(), [id]);
}

#[test]
fn a_page_that_is_put_aside_while_it_connects_lets_go_too() {
    let mut page = Page::new();
    page.hear(Input::TokenReady);
    page.outputs();
    page.hear(Input::Suspend);
    let (socket, code) = (Socket::Attempt, CloseCode::RECONNECTING);
    assert_eq!(page.outputs()[0], Output::CloseSocket { socket, code });
    assert_eq!(page.session.deadline(), None);
    page.hear(Input::Suspend);
    page.hear(Input::Connect);
    assert_eq!(page.session.state(), State::Connecting);
}

/// A page whose token lives for an hour.
fn with_token() -> Page {
    let mut page = Page::new();
    page.hear(Input::TokenReady);
    page.hear(Input::Opened);
    page.hear(Input::Welcome(Welcome { refresh_in: HOUR, heartbeat: HOUR, ..WELCOME }));
    page.outputs();
    page.wait(HOUR - REFRESH_AHEAD - 1);
    assert_eq!(page.outputs(), []);
    page.wait(1);
    assert_eq!(page.outputs(), [Output::FetchToken]);
    page
}

#[test]
fn a_token_is_refreshed_on_the_line_before_it_expires() {
    let mut page = with_token();
    page.hear(Input::TokenReady);
    assert_eq!(page.outputs(), [Output::WriteToken]);
    page.hear(Input::Expires { delay: 20_000 });
    page.wait(15_000);
    assert_eq!(page.outputs(), [Output::FetchToken], "a quarter of a short life ahead");
}

#[test]
fn a_token_that_cannot_be_refreshed_is_asked_for_again() {
    let mut page = with_token();
    page.hear(Input::TokenFailed);
    page.wait(REFRESH_AGAIN - 1);
    assert_eq!(page.outputs(), []);
    page.wait(1);
    assert_eq!(page.outputs(), [Output::FetchToken]);
}

#[test]
fn a_refused_refresh_ends_the_session_and_an_expired_token_does_not() {
    let mut refused = with_token();
    refused.hear(Input::TokenReady);
    refused.lose(CloseCode::UNAUTHORIZED);
    assert_eq!(refused.states(), [(State::Closed, Some(CloseCode::UNAUTHORIZED))]);

    let mut expired = with_token();
    expired.hear(Input::TokenFailed);
    expired.lose(CloseCode::UNAUTHORIZED);
    assert_eq!(expired.states(), [(State::Waiting, Some(CloseCode::UNAUTHORIZED))]);
    expired.reconnect();
    assert_eq!(expired.session.state(), State::Open);
}

#[test]
fn one_fetch_serves_the_line_and_the_attempt() {
    let mut page = with_token();
    page.hear(Input::GoAway { delay: 0 });
    assert_eq!(page.outputs(), [], "it is being fetched");
    page.hear(Input::TokenReady);
    assert_eq!(page.outputs(), [Output::OpenSocket, Output::WriteToken]);
}

#[test]
fn a_token_that_has_always_expired_does_not_make_it_busy() {
    let mut page = Page::new();
    page.hear(Input::TokenReady);
    page.hear(Input::Opened);
    page.hear(Input::Welcome(Welcome { refresh_in: 0, ..WELCOME }));
    page.outputs();
    page.wait(999);
    assert_eq!(page.outputs(), []);
}
