//! What people see of a session that goes from one socket to another: handover, sleep, tokens, events,
//! slow sockets, and a server that speaks no more than API Gateway does.

#![cfg(not(target_arch = "wasm32"))]

#[path = "page/mod.rs"]
#[expect(dead_code, reason = "the page is shared with other stories")]
mod page;

use gatewire_client::session::{
    ATTEMPT, Delivery, Input, MEASURE, Millis, Options, Output, PATIENCE, PLAIN_AGE, PLAIN_IDLE,
    PLAIN_MESSAGE, PROBE, Protocol, REFRESH_AGAIN, REFRESH_AHEAD, Rejection, STABLE, Socket, State,
    TIMEOUT, Welcome,
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

#[test]
fn events_are_counted_and_holes_are_told() {
    let mut page = Page::open();
    assert_eq!(page.event(1), Delivery::Fresh);
    assert_eq!(page.event(2), Delivery::Fresh);
    assert_eq!(page.event(2), Delivery::Duplicate);
    assert_eq!(page.event(4), Delivery::Gap);
    assert_eq!(page.event(3), Delivery::Duplicate);
    assert_eq!(page.session.seen(), Some(4));
}

#[test]
fn a_gap_is_told_when_the_server_says_so_or_has_forgotten_the_session() {
    let mut page = Page::new();
    assert_eq!(page.session.seen(), None);
    let welcomes = [
        (Welcome { seen: 7, resumed: false, ..WELCOME }, false),
        (Welcome { seen: 7, ..WELCOME }, false),
        (Welcome { seen: 9, gap: true, ..WELCOME }, true),
        (Welcome { seen: 0, resumed: false, ..WELCOME }, true),
    ];
    for (welcome, gap) in welcomes {
        page.hear(Input::Connect);
        page.hear(Input::TokenReady);
        page.hear(Input::Opened);
        page.outputs();
        page.hear(Input::Welcome(welcome));
        assert_eq!(page.outputs().contains(&Output::Gap), gap, "{welcome:?}");
        assert_eq!(page.session.seen(), Some(welcome.seen));
        page.lose(CloseCode::ABNORMAL);
    }
}

#[test]
fn events_that_came_while_the_welcome_was_on_its_way_are_not_delivered_again() {
    let mut page = settled();
    page.event(1);
    page.hear(Input::GoAway { delay: 0 });
    page.hear(Input::TokenReady);
    page.hear(Input::Opened); // hello says 1
    page.event(2);
    page.outputs();
    page.hear(Input::Welcome(Welcome { seen: 1, ..WELCOME }));
    assert_eq!(page.outputs(), [Output::Promote]);
    assert_eq!(page.event(2), Delivery::Duplicate);
    assert_eq!(page.event(3), Delivery::Fresh);
}

#[test]
fn a_congested_socket_gets_more_when_it_is_almost_empty() {
    let mut page = Page::with(Options { low_water: 100, ..Options::default() });
    page.succeed();
    page.hear(Input::Buffered(5_000));
    page.outputs();
    let id = page.send(10);
    page.wait(2 * MEASURE);
    assert_eq!(page.outputs(), [Output::Measure, Output::Measure]);
    page.hear(Input::Buffered(101));
    assert_eq!(page.outputs(), []);
    page.hear(Input::Buffered(100));
    assert_eq!(page.outputs(), [Output::Write { id }]);
    page.wait(MEASURE);
    assert_eq!(page.outputs(), []);
}

#[test]
fn a_driver_can_say_between_two_writes_that_the_socket_is_full() {
    let mut page = Page::new();
    let (first, _) = (page.send(10), page.send(10));
    page.hear(Input::TokenReady);
    page.hear(Input::Opened);
    page.session.handle(Input::Welcome(WELCOME), page.now);
    while page.session.poll() != Some(Output::Write { id: first }) {}
    page.outputs();
    page.hear(Input::Buffered(1_000_000));
    assert_eq!(page.outputs(), []);
}

/// A page whose server speaks no more than API Gateway does.
fn plain() -> Page {
    let mut page = Page::with(Options { protocol: Protocol::Plain, ..Options::default() });
    page.hear(Input::TokenReady);
    page.outputs();
    page.hear(Input::Opened);
    let open = Output::State { state: State::Open, code: None, retry_in: None };
    assert_eq!(page.outputs(), [Output::Promote, open]);
    page
}

#[test]
fn a_plain_socket_is_open_at_once_and_has_the_gateways_limit() {
    let mut page = plain();
    let (large, small) = (page.send(PLAIN_MESSAGE + 1), page.send(PLAIN_MESSAGE));
    assert_eq!(page.rejected(), [(large, Rejection::TooLarge)]);
    assert_eq!(page.written(), [small]);
}

#[test]
fn a_plain_socket_is_replaced_when_it_is_silent_or_old_or_its_token_expires() {
    let mut silent = plain();
    silent.wait(PLAIN_IDLE - 1);
    assert_eq!(silent.outputs(), []);
    silent.wait(1);
    assert_eq!(silent.outputs(), [Output::FetchToken]);
    silent.wait(ATTEMPT + PATIENCE);
    assert_eq!(silent.session.state(), State::Open, "nobody was asked, so silence is no proof");

    let mut old = plain();
    for _ in 1..PLAIN_AGE / 60_000 {
        old.wait(60_000);
        let id = old.send(10);
        old.hear(Input::Answered(id));
        assert_eq!(old.outputs(), [Output::Write { id }]);
    }
    old.wait(60_000);
    assert_eq!(old.outputs(), [Output::FetchToken]);

    let mut expiring = plain();
    expiring.hear(Input::Expires { delay: 120_000 });
    expiring.wait(120_000 - 30_000);
    assert_eq!(expiring.outputs(), [Output::FetchToken]);
    expiring.hear(Input::TokenReady);
    expiring.hear(Input::Opened);
    let expected = [Output::OpenSocket, Output::Promote, Output::Gap];
    assert_eq!(expiring.outputs(), expected, "what came in between is lost");
}

#[test]
fn a_plain_socket_is_replaced_after_sleep_unless_it_has_just_spoken() {
    let mut page = plain();
    page.wait(STABLE);
    page.hear(Input::Wake);
    assert_eq!(page.outputs(), []);
    page.wait(60_000);
    page.hear(Input::Wake);
    assert_eq!(page.outputs(), [Output::FetchToken]);
}
