//! What people see of a session's traffic: events, slow sockets, and a server that speaks no more than
//! API Gateway does.

#![cfg(not(target_arch = "wasm32"))]

#[expect(dead_code, reason = "the page is shared with other stories")]
#[path = "page/mod.rs"]
mod page;

use gatewire_client::session::{
    ATTEMPT, Delivery, Input, MEASURE, Options, Output, PATIENCE, PLAIN_AGE, PLAIN_IDLE,
    PLAIN_MESSAGE, Protocol, Rejection, STABLE, State, Welcome,
};
use gatewire_core::CloseCode;
use page::{Page, WELCOME};

/// An open page whose socket has served for a while.
fn settled() -> Page {
    let mut page = Page::open();
    page.wait(STABLE);
    page
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
