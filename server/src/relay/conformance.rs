//! What every relay must do.

use std::sync::Arc;

use axum::extract::ws::Utf8Bytes;
use gatewire::{CloseCode, ConnectionId, PostError};

use super::Relay;
use crate::mailbox::{End, Mailbox, MailboxLimits, Waiting};

/// Runs every story. The factory makes a relay that reaches these connections, and gives their
/// mailboxes out.
pub(crate) async fn suite<R: Relay>(
    make: impl Fn(&[ConnectionId], MailboxLimits) -> (R, Vec<Arc<Mailbox>>),
) {
    let ids = [1, 2].map(|n| ConnectionId::from_bytes([n; 11]));
    let roomy = MailboxLimits::default();

    let (relay, mailboxes) = make(&ids, roomy);
    a_text_arrives_at_its_connection_only(&relay, ids, &mailboxes).await;
    let (relay, mailboxes) = make(&ids, roomy);
    closing_lets_what_is_queued_go_first(&relay, ids, &mailboxes).await;
    let (relay, _) = make(&ids, roomy);
    the_unknown_is_gone(&relay).await;
    let (relay, mailboxes) = make(&ids, MailboxLimits { texts: 1, bytes: 100 });
    a_slow_reader_is_named_and_kept(&relay, ids, &mailboxes).await;
}

async fn a_text_arrives_at_its_connection_only(
    relay: &impl Relay,
    ids: [ConnectionId; 2],
    mailboxes: &[Arc<Mailbox>],
) {
    relay.deliver(ids[0], "one".into()).await.unwrap();
    assert_eq!(relay.deliver_all(&ids, "both".into()).await.unwrap(), 2);
    assert_eq!(texts(&mailboxes[0]), ["one", "both"]);
    assert_eq!(texts(&mailboxes[1]), ["both"]);
    assert_eq!(relay.last_active(ids[0]).await.unwrap(), 7);
}

async fn closing_lets_what_is_queued_go_first(
    relay: &impl Relay,
    ids: [ConnectionId; 2],
    mailboxes: &[Arc<Mailbox>],
) {
    relay.deliver(ids[0], "last words".into()).await.unwrap();
    relay.close(ids[0], done()).await.unwrap();
    assert!(matches!(relay.deliver(ids[0], "late".into()).await, Err(PostError::Gone(_))));
    assert_eq!(relay.deliver_all(&ids, "all".into()).await.unwrap(), 1);
    let (texts, end) = mailboxes[0].drain();
    assert_eq!(texts, [Waiting::bare("last words")]);
    assert_eq!(end.unwrap().code, CloseCode::NORMAL);
}

async fn the_unknown_is_gone(relay: &impl Relay) {
    let nobody = ConnectionId::from_bytes([9; 11]);
    assert!(
        matches!(relay.deliver(nobody, "x".into()).await, Err(PostError::Gone(id)) if id == nobody)
    );
    assert!(relay.close(nobody, done()).await.is_err());
    assert!(relay.last_active(nobody).await.is_err());
    assert_eq!(relay.deliver_all(&[nobody], "x".into()).await.unwrap(), 0);
}

async fn a_slow_reader_is_named_and_kept(
    relay: &impl Relay,
    ids: [ConnectionId; 2],
    mailboxes: &[Arc<Mailbox>],
) {
    relay.deliver(ids[0], "x".into()).await.unwrap();
    for _ in 0..2 {
        assert!(matches!(relay.deliver(ids[0], "y".into()).await, Err(PostError::Slow(_))));
    }
    assert!(relay.deliver(ids[1], "y".into()).await.is_ok());
    assert_eq!(texts(&mailboxes[0]), ["x"]);
    relay.deliver(ids[0], "z".into()).await.unwrap();
    assert_eq!(texts(&mailboxes[0]), ["z"]);
}

fn texts(mailbox: &Mailbox) -> Vec<Utf8Bytes> {
    mailbox.drain().0.into_iter().map(Waiting::into_text).collect()
}

fn done() -> End {
    End { code: CloseCode::NORMAL, reason: "done".into(), drain: false }
}
