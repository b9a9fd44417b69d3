use std::sync::Arc;

use gatewire::CloseCode;

use super::*;
use crate::{
    mailbox::{Mailbox, MailboxLimits},
    relay::Relay,
};

mod properties;
mod stage;

use stage::{Server, departed, event, id, key, numbered};

fn keep() -> u64 {
    crate::queue::milliseconds(ResumeLimits::default().keep)
}

#[test]
fn a_session_id_is_no_use_to_another_principal() {
    assert_ne!(key("ada"), key("bob"));
    assert_eq!(key("ada").as_str().len(), 24);
}

#[test]
fn a_worker_that_is_faster_than_the_word_accepted_is_sent_after_it() {
    let ada = Server::new(ResumeLimits::default()).hello("ada", 1, None, 0);
    assert_eq!(ada.session.begin(1), Begin::Run);
    ada.session.answered_by_worker(1, "answer".into());
    assert_eq!(ada.read(), [""; 0]);
    ada.session.accepted(1, "accepted".into());
    assert_eq!(ada.read(), ["accepted", "answer"]);
    assert_eq!(ada.session.begin(2), Begin::Run);
    ada.session.accepted(2, "accepted".into());
    ada.session.answered_by_worker(2, "answer".into());
    assert_eq!(ada.read(), ["accepted", "answer"]);
    assert_eq!(ada.session.begin(2), Begin::Answered("answer".into()));
}

#[tokio::test]
async fn events_are_numbered_and_other_posts_are_not() {
    let server = Server::new(ResumeLimits::default());
    let ada = server.hello("ada", 1, None, 0);
    server.post(1, "a").await.unwrap();
    server.relay.deliver(id(1), "by hand".into()).await.unwrap();
    server.post(1, "b").await.unwrap();
    assert_eq!(ada.read(), [&numbered(1, "a"), "by hand", &numbered(2, "b")]);
}

#[tokio::test]
async fn what_is_posted_while_the_client_is_away_follows_the_welcome_before_anything_newer() {
    let server = Server::new(ResumeLimits::default());
    let ada = server.hello("ada", 1, None, 0);
    server.post(1, "written, and lost on the way").await.unwrap();
    ada.read();
    ada.vanish(0);
    server.post(1, "a").await.unwrap();
    assert_eq!(server.post_all(&[1], "b").await, 1, "it counts as delivered");
    assert!(server.relay.deliver(id(1), "by hand".into()).await.is_err(), "it has no number");

    let ada = server.hello("ada", 2, Some(1), 0);
    server.post(2, "c").await.unwrap();
    server.post(1, "to the old id").await.unwrap();
    assert_eq!(ada.resumption, Resumption { resumed: true, seen: 1, gap: false, last_id: 0 });
    let expected =
        [numbered(2, "a"), numbered(3, "b"), numbered(4, "c"), numbered(5, "to the old id")];
    assert_eq!(ada.read(), expected);
}

#[test]
fn a_page_that_was_loaded_again_gets_what_the_session_has_not_acknowledged() {
    let server = Server::new(ResumeLimits::default());
    let ada = server.hello("ada", 1, None, 0);
    for text in ["a", "b", "c"] {
        ada.session.post(event(text).into(), 0).unwrap();
    }
    ada.session.begin(7);
    ada.session.acknowledge(2);
    let ada = server.hello("ada", 2, None, 0);
    assert_eq!(ada.resumption, Resumption { resumed: true, seen: 2, gap: false, last_id: 7 });
    assert_eq!(ada.read(), [numbered(3, "c")]);
}

#[test]
fn a_session_nobody_knows_any_more_begins_anew() {
    let server = Server::new(ResumeLimits::default());
    let ada = server.hello("ada", 1, Some(41), 0);
    assert!(!ada.resumption.resumed);
    assert_eq!(ada.resumption.seen, 0);
}

#[test]
fn the_newer_socket_has_the_session_and_alone_gets_its_events() {
    let server = Server::new(ResumeLimits::default());
    let old = server.hello("ada", 1, None, 0);
    old.session.post(event("in the old mailbox").into(), 0).unwrap();
    let new = server.hello("ada", 2, Some(0), 0);
    new.session.post(event("later").into(), 0).unwrap();
    assert_eq!(new.succession.bequeathing, [id(1)]);
    let (texts, end) = old.mailbox.drain();
    assert_eq!(texts.len(), 1, "the welcome of the older one, and no event");
    assert_eq!(end.unwrap().code, CloseCode::TAKEN_OVER);
    assert_eq!(new.read(), [numbered(1, "in the old mailbox"), numbered(2, "later")]);

    old.session.leave(id(1), 0);
    assert!(old.session.rest(departed(id(1))).is_some(), "its $disconnect runs");
    assert!(server.sessions.end(&old.session, id(1)).is_none());
    assert_eq!(new.session.connection(), Some(id(2)), "the older one closing changes nothing");
}

#[tokio::test]
async fn one_post_to_a_group_is_one_event_even_with_both_connections_in_it() {
    let server = Server::new(ResumeLimits::default());
    let _old = server.hello("ada", 1, None, 0);
    let mailbox = Arc::new(Mailbox::greeting(MailboxLimits::default(), 0));
    server.relay.open_greeting(id(2), mailbox.clone());
    assert_eq!(server.post_all(&[1, 2], "before the hello").await, 1);
    server.post(2, "to the new id").await.unwrap();
    let new = server.hello_with(mailbox, "ada", 2, Some(0), 0);
    assert_eq!(server.post_all(&[2, 1], "after").await, 1);
    let expected =
        [numbered(1, "before the hello"), numbered(2, "to the new id"), numbered(3, "after")];
    assert_eq!(new.read(), expected);
}

#[test]
fn disconnect_waits_for_the_return_or_for_the_last_action() {
    let server = Server::new(ResumeLimits::default());
    server.hello("ada", 1, None, 0).vanish(0);
    let second = server.hello("ada", 2, None, 0);
    assert_eq!(second.succession.departed.map(|departed| departed.connection), Some(id(1)));

    second.session.leave(id(2), 0); // an action still runs
    let third = server.hello("ada", 3, None, 0);
    assert!(third.succession.departed.is_none());
    assert!(second.session.rest(departed(id(2))).is_some(), "its own task runs it");
}

#[test]
fn a_session_without_a_socket_is_forgotten_after_its_time() {
    let server = Server::new(ResumeLimits::default());
    server.hello("ada", 1, None, 0).vanish(0);
    assert!(server.forget(keep() - 1).is_empty());
    let ada = server.hello("ada", 2, None, keep() - 1);
    assert!(server.forget(keep()).is_empty(), "it came back");
    ada.vanish(keep());
    assert_eq!(server.sessions.away().next_deadline(), Some(2 * keep()));
    let [forgotten] = &server.forget(2 * keep())[..] else { panic!("not forgotten") };
    assert_eq!(forgotten.routes, [id(1), id(2)]);
    assert_eq!(forgotten.rows, [id(1), id(2)], "the groups were never handed over");
    assert_eq!(forgotten.departed.as_ref().map(|departed| departed.connection), Some(id(2)));
    assert!(server.sessions.find(&key("ada")).is_none());
    assert!(ada.session.post(event("x").into(), 0).is_err());
    assert_eq!((server.sessions.away().len(), server.sessions.away().bytes()), (0, 0));
}

#[test]
fn a_closed_session_is_over_at_once_with_or_without_a_socket() {
    let server = Server::new(ResumeLimits::default());
    let ada = server.hello("ada", 1, None, 0);
    assert_eq!(server.sessions.end(&ada.session, id(1)).unwrap().rows, [id(1)]);
    assert!(!server.hello("ada", 2, None, 0).resumption.resumed);

    let bob = server.hello("bob", 3, None, 0);
    bob.vanish(5);
    let end = End { code: CloseCode::NORMAL, reason: "kicked".into(), drain: false };
    bob.session.close(end).unwrap();
    assert_eq!(server.forget(5).len(), 1);
}

#[test]
fn clients_that_come_and_go_cannot_fill_the_memory() {
    let server = Server::new(ResumeLimits { away: 2, ..ResumeLimits::default() });
    for name in ["ada", "bob", "cy"] {
        server.hello(name, 1, None, 0).vanish(0);
    }
    assert_eq!(server.forget(0).len(), 1);
    assert!(server.sessions.find(&key("ada")).is_none(), "the oldest went first");

    let server = Server::new(ResumeLimits { away_bytes: 100, ..ResumeLimits::default() });
    for name in ["ada", "bob"] {
        let client = server.hello(name, 1, None, 0);
        client.vanish(0);
        client.session.post(event(&"x".repeat(60)).into(), 0).unwrap();
    }
    assert_eq!(server.forget(0).len(), 1);
    assert!(server.sessions.find(&key("bob")).is_some());
    let bob = server.hello("bob", 2, Some(1), 0);
    assert_eq!(bob.resumption.seen, 1);
    assert_eq!(server.sessions.away().bytes(), 0, "those that are here do not count");
}

#[test]
fn many_reconnects_leave_a_bounded_number_of_ways_in() {
    let server = Server::new(ResumeLimits::default());
    server.hello("ada", 0, None, 0);
    for n in 1..=16 {
        assert!(server.hello("ada", n, None, 0).succession.unreachable.is_empty());
    }
    assert_eq!(server.hello("ada", 17, None, 0).succession.unreachable, [id(0)]);
}

#[tokio::test]
async fn a_session_goes_on_in_the_next_process() {
    let server = Server::new(ResumeLimits::default());
    server.hello("ada", 1, None, 0).vanish(0);
    let ada = server.hello("ada", 2, None, 0);
    for text in ["a", "b", "c"] {
        server.post(2, text).await.unwrap();
    }
    ada.session.acknowledge(1);
    ada.session.begin(1);
    ada.session.answered(1, "answer".into());
    ada.session.settle(&[id(1)]);
    let closed = departed(id(2)).closed;
    let mut kept = server.sessions.keep_all(10, &closed);
    let (session, members) = kept.pop().unwrap();
    assert_eq!(members, [id(2)]);
    assert!(server.post(2, "too late").await.is_err(), "who posts after that is told");
    assert!(ada.session.rest(departed(id(2))).is_none(), "its $disconnect is not run here");
    let arrival = Arrival {
        opened: Arc::default(),
        connection: id(9),
        principal: Arc::default(),
        mailbox: ada.mailbox.clone(),
        seen: Some(3),
    };
    let welcome = |_| panic!("nobody is welcomed");
    assert!(server.sessions.attach(key("ada"), arrival, 10, &server.relay, welcome).is_none());

    let row = serde_json::to_string(&session).unwrap();
    let server = Server::new(ResumeLimits::default());
    server.sessions.restore(serde_json::from_str(&row).unwrap(), &server.relay);
    assert_eq!(server.sessions.away().next_deadline(), Some(10 + keep()));
    server.post(1, "d").await.unwrap();
    let ada = server.hello("ada", 3, Some(2), 20);
    assert_eq!(ada.resumption, Resumption { resumed: true, seen: 2, gap: false, last_id: 1 });
    assert_eq!(ada.read(), [numbered(3, "c"), numbered(4, "d")]);
    assert_eq!(ada.session.begin(1), Begin::Answered("answer".into()));
    assert_eq!(ada.succession.bequeathing, [id(2)]);
    assert_eq!(ada.succession.departed.map(|departed| departed.connection), Some(id(2)));
}
