//! What people see of a session, told with a hand-held clock.

#![cfg(not(target_arch = "wasm32"))]

#[path = "page/mod.rs"]
#[expect(dead_code, reason = "the page is shared with other stories")]
mod page;

use gatewire_client::session::{
    ATTEMPT, CEILING, Input, Options, Output, Overflow, PATIENCE, REWRITABLE, Rejection, STABLE,
    Socket, State, TIMEOUT,
};
use gatewire_core::CloseCode;
use page::{Page, WELCOME};

const STATE_OPEN: Output = Output::State { state: State::Open, code: None, retry_in: None };

#[test]
fn connecting_asks_for_a_token_opens_a_socket_and_says_hello_first() {
    let mut page = Page::new();
    let id = page.send(10);
    assert_eq!(page.states(), [(State::Connecting, None)]);
    assert_eq!(page.outputs(), [Output::FetchToken]);
    page.hear(Input::TokenReady);
    assert_eq!(page.outputs(), [Output::OpenSocket]);
    page.hear(Input::Opened);
    assert_eq!(page.outputs(), [Output::WriteHello]);
    page.hear(Input::Welcome(WELCOME));
    assert_eq!(page.outputs(), [Output::Promote, STATE_OPEN, Output::Write { id }]);
}

#[test]
fn a_message_sent_while_open_leaves_at_once() {
    let mut page = Page::open();
    let id = page.send(10);
    assert_eq!(page.outputs(), [Output::Write { id }]);
    page.hear(Input::Answered(id));
    page.wait(TIMEOUT - 1);
    assert_eq!(page.rejected(), []);
}

#[test]
fn what_had_no_answer_goes_out_again_before_what_is_new() {
    let mut page = Page::open();
    let (first, second, third) = (page.send(10), page.send(10), page.send(10));
    page.hear(Input::Answered(second));
    assert_eq!(page.written(), [first, second, third]);
    page.lose(CloseCode::ABNORMAL);
    let fourth = page.send(10);
    page.reconnect();
    assert_eq!(page.written(), [first, third, fourth]);
}

#[test]
fn a_late_or_second_answer_changes_nothing() {
    let mut page = Page::open();
    let id = page.send(10);
    page.hear(Input::Answered(id));
    page.hear(Input::Answered(id));
    page.hear(Input::Answered(99));
    page.hear(Input::Accepted(99));
    assert_eq!(page.outputs(), [Output::Write { id }]);
}

#[test]
fn what_timed_out_while_offline_is_never_sent_later() {
    let mut page = Page::open();
    page.lose(CloseCode::ABNORMAL);
    let id = page.send_within(10, 5);
    page.wait(5);
    assert_eq!(page.rejected(), [(id, Rejection::Timeout)]);
    page.reconnect();
    assert!(page.written().is_empty());
}

#[test]
fn a_timer_that_overslept_does_not_let_a_late_message_out() {
    let mut page = Page::new();
    let id = page.send_within(10, 100);
    page.now += 200; // and no tick
    page.succeed();
    assert_eq!(page.rejected(), [(id, Rejection::Timeout)]);
    assert!(page.written().is_empty());
}

#[test]
fn an_answer_that_comes_with_the_deadline_still_counts() {
    let mut page = Page::open();
    let id = page.send_within(10, 100);
    page.now += 100;
    page.hear(Input::Answered(id));
    assert_eq!(page.rejected(), []);
}

#[test]
fn what_was_sent_too_long_ago_is_lost_rather_than_run_twice() {
    let mut page = Page::open();
    let old = page.send_within(10, 60 * 60 * 1_000);
    page.wait(1_000);
    let young = page.send_within(10, 60 * 60 * 1_000);
    page.wait(REWRITABLE - 1_500);
    assert_eq!(page.rejected(), [], "on a socket it may still be answered");
    page.written();
    page.lose(CloseCode::ABNORMAL);
    page.wait(500);
    assert_eq!(page.rejected(), [(old, Rejection::Lost)]);
    page.reconnect();
    assert_eq!(page.written(), [young]);
}

#[test]
fn a_full_queue_refuses_the_newcomer_and_keeps_the_rest() {
    let mut page = Page::with(Options { queue_length: 2, queue_bytes: 100, ..Options::default() });
    let (first, second, third) = (page.send(40), page.send(40), page.send(1));
    assert_eq!(page.rejected(), [(third, Rejection::QueueFull)]);
    page.hear(Input::Cancel(first));
    let fourth = page.send(61);
    assert_eq!(page.rejected(), [(fourth, Rejection::QueueFull)], "bytes");
    page.succeed();
    assert_eq!(page.written(), [second]);
}

#[test]
fn a_full_queue_may_drop_what_was_never_written() {
    let overflow = Overflow::DropOldest;
    let options = Options { queue_length: 2, queue_bytes: 100, overflow, ..Options::default() };
    let mut page = Page::with(options);
    page.succeed();
    let written = page.send(50);
    page.lose(CloseCode::ABNORMAL);
    let (second, third) = (page.send(10), page.send(10));
    assert_eq!(page.rejected(), [(second, Rejection::Dropped)]);
    let large = page.send(51);
    assert_eq!(page.rejected(), [(large, Rejection::QueueFull)], "it would not fit either");
    page.written();
    page.reconnect();
    assert_eq!(page.written(), [written, third]);
}

#[test]
fn what_was_not_written_in_time_expires_and_what_was_may_take_its_time() {
    let mut page = Page::open();
    let on_time = page.send_soon(10, TIMEOUT, 1_000);
    page.lose(CloseCode::ABNORMAL);
    let late = page.send_soon(10, TIMEOUT, 1_000);
    page.written();
    page.wait(1_000);
    assert_eq!(page.rejected(), [(late, Rejection::Expired)]);
    page.reconnect();
    assert_eq!(page.written(), [on_time]);
}

#[test]
fn no_more_than_the_servers_limit_are_in_flight() {
    let mut page = Page::open();
    let ids: Vec<_> = (0..6).map(|_| page.send(10)).collect();
    assert_eq!(page.written(), ids[..4]);
    page.hear(Input::Accepted(ids[0]));
    assert!(page.written().is_empty(), "accepted is not answered");
    page.hear(Input::Answered(ids[2]));
    assert_eq!(page.written(), ids[4..5]);
}

#[test]
fn a_message_over_the_limit_is_refused_here() {
    let mut page = Page::open();
    let id = page.send(WELCOME.message + 1);
    assert_eq!(page.outputs(), [reject(id, Rejection::TooLarge)]);
}

#[test]
fn a_message_over_a_limit_learnt_later_is_refused_then() {
    let mut page = Page::new();
    let (large, small) = (page.send(WELCOME.message + 1), page.send(10));
    page.succeed();
    assert_eq!(page.rejected(), [(large, Rejection::TooLarge)]);
    assert_eq!(page.written(), [small]);
}

#[test]
fn a_message_that_the_server_finds_too_large_does_not_close_the_next_socket_too() {
    let mut page = Page::open();
    let (on_disk, large, small) = (page.send(900), page.send(800), page.send(10));
    page.hear(Input::Accepted(on_disk));
    page.written();
    page.lose(CloseCode::TOO_BIG);
    assert_eq!(page.rejected(), [(large, Rejection::TooLarge)]);
    page.reconnect();
    assert_eq!(page.written(), [on_disk, small]);
}

#[test]
fn a_refused_token_ends_the_session_and_every_promise() {
    let mut page = Page::new();
    let (first, second) = (page.send(10), page.send(10));
    page.hear(Input::TokenReady);
    page.hear(Input::Opened);
    page.outputs();
    page.lose(CloseCode::UNAUTHORIZED);
    let reason = Rejection::Ended(CloseCode::UNAUTHORIZED);
    assert_eq!(page.states(), [(State::Closed, Some(CloseCode::UNAUTHORIZED))]);
    assert_eq!(page.rejected(), [(first, reason), (second, reason)]);
    let third = page.send(10);
    assert_eq!(page.rejected(), [(third, reason)]);
    assert_eq!(page.session.deadline(), None, "and nothing reconnects");
}

#[test]
fn close_really_stops() {
    let mut page = Page::open();
    let id = page.send(10);
    page.outputs();
    page.hear(Input::Close);
    let code = CloseCode::NORMAL;
    let closed = Output::State { state: State::Closed, code: Some(code), retry_in: None };
    let hang_up = Output::CloseSocket { socket: Socket::Line, code };
    assert_eq!(page.outputs(), [hang_up, closed, reject(id, Rejection::Closed)]);
    page.wait(24 * 60 * 60 * 1_000);
    page.hear(Input::Close);
    assert_eq!(page.outputs(), []);
}

#[test]
fn a_server_that_stays_away_is_asked_ever_more_seldom() {
    let mut page = Page::open();
    page.wait(STABLE);
    page.outputs();
    page.lose(CloseCode::ABNORMAL);
    for _ in 0..20 {
        let retry_in = page.retry_in();
        assert!(retry_in <= CEILING);
        page.wait(retry_in);
        assert_eq!(page.session.state(), State::Connecting);
        page.hear(Input::TokenReady);
        page.lose(CloseCode::ABNORMAL);
    }
}

#[test]
fn a_socket_that_never_lasts_does_not_reset_the_backoff() {
    let waits = |lasting: u64| {
        let mut page = Page::open();
        let mut longest = 0;
        for _ in 0..12 {
            page.wait(lasting);
            page.lose(CloseCode::ABNORMAL);
            longest = longest.max(page.retry_in());
            page.reconnect();
        }
        longest
    };
    assert!(waits(STABLE) <= 250);
    assert!(waits(STABLE - 1) > 1_000);
}

#[test]
fn a_token_that_cannot_be_fetched_is_asked_for_again() {
    let mut page = Page::new();
    page.outputs();
    page.hear(Input::TokenFailed);
    assert_eq!(page.states(), [(State::Waiting, None)]);
    page.wait(250);
    assert_eq!(page.states(), [(State::Connecting, None)]);
    assert_eq!(page.outputs(), [Output::FetchToken]);
}

#[test]
fn a_slow_token_is_asked_for_once_and_used_when_it_comes() {
    let mut page = Page::new();
    page.wait(ATTEMPT + 250);
    let states = page.states();
    assert_eq!(states[1], (State::Waiting, Some(CloseCode::SILENT)));
    assert_eq!(states[2], (State::Connecting, None));
    assert_eq!(page.outputs(), [Output::FetchToken], "the first one");
    page.hear(Input::TokenReady);
    assert_eq!(page.outputs(), [Output::OpenSocket]);
}

#[test]
fn a_handshake_that_hangs_is_given_up() {
    let mut page = Page::new();
    page.hear(Input::TokenReady);
    page.hear(Input::Opened);
    page.outputs();
    page.wait(ATTEMPT);
    let hang_up = Output::CloseSocket { socket: Socket::Attempt, code: CloseCode::SILENT };
    assert_eq!(page.outputs()[0], hang_up);
}

#[test]
fn a_pulled_cable_is_noticed_and_the_message_goes_out_on_the_next_socket() {
    let mut page = Page::open();
    let id = page.send(10);
    page.outputs();
    page.wait(WELCOME.heartbeat);
    assert_eq!(page.outputs(), [Output::WritePing { number: 1 }]);
    page.wait(PATIENCE);
    let hang_up = Output::CloseSocket { socket: Socket::Line, code: CloseCode::SILENT };
    assert_eq!(page.outputs()[0], hang_up);
    page.reconnect();
    assert_eq!(page.written(), [id]);
}

#[test]
fn a_server_that_talks_is_never_pinged() {
    let mut page = Page::open();
    for _ in 0..10 {
        page.wait(WELCOME.heartbeat - 1);
        page.hear(Input::Heard);
    }
    page.hear(Input::Ping(3));
    assert_eq!(page.outputs(), [Output::WritePong { number: 3 }]);
}

#[test]
fn a_cancelled_message_is_neither_sent_nor_reported() {
    let mut page = Page::new();
    let id = page.send(10);
    page.hear(Input::Cancel(id));
    page.succeed();
    assert!(page.written().is_empty());
    assert_eq!(page.rejected(), []);
}

fn reject(id: u64, reason: Rejection) -> Output {
    Output::Reject { id, reason }
}
