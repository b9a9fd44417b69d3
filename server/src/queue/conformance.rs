//! What every queue does, as stories. A backend runs [`all`] with a [`Bench`] of its own.
//!
//! Stories ask for nothing that a remote queue cannot do: they steer time through the bench, and
//! wait for deliveries instead of sleeping.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use super::{BoxFuture, GroupId, Message, NewMessage, Queue, QueueError, Sent};

/// How long a message of the bench's queue stays invisible.
pub(crate) const VISIBILITY: Duration = Duration::from_secs(30);
/// How often the bench's queue delivers a message before it moves to the dead-letter queue.
pub(crate) const MAX_RECEIVES: u32 = 3;

/// A fresh, empty queue with [`VISIBILITY`] and [`MAX_RECEIVES`], and a hand on its clock.
pub(crate) trait Bench {
    fn queue(&self) -> Arc<dyn Queue>;
    fn dead_letters(&self) -> Arc<dyn Queue>;
    fn advance(&self, by: Duration) -> BoxFuture<'_, ()>;
}

/// Runs every story, each on a bench of its own.
pub(crate) async fn all<B: Bench>(bench: impl Fn() -> B) {
    a_message_keeps_everything_it_was_sent_with(bench()).await;
    a_group_waits_for_its_message_in_flight(bench()).await;
    a_partial_delete_keeps_the_group_waiting(bench()).await;
    groups_flow_past_each_other(bench()).await;
    sends_take_their_places_when_they_are_called(bench()).await;
    a_duplicate_is_answered_with_the_original(bench()).await;
    the_window_is_five_minutes_from_the_first_send(bench()).await;
    expired_messages_come_back_in_order(bench()).await;
    released_messages_come_back_in_order(bench()).await;
    a_longer_visibility_holds_only_what_is_behind_it(bench()).await;
    an_expired_receipt_is_refused(bench()).await;
    a_delete_may_be_repeated(bench()).await;
    a_dead_message_moves_and_its_group_goes_on(bench()).await;
    a_long_poll_ends_with_the_first_message(bench()).await;
    arguments_outside_their_limits_are_refused(bench()).await;
    counts_follow_the_messages(bench()).await;
}

fn message(group: &str, id: &str) -> NewMessage {
    let group = GroupId::new(group).unwrap();
    NewMessage::new(format!("body of {id}"), group, id).unwrap()
}

async fn send(queue: &Arc<dyn Queue>, group: &str, ids: &[&str]) -> Vec<Sent> {
    let mut sent = Vec::new();
    for id in ids {
        sent.push(queue.send(message(group, id)).await.unwrap());
    }
    sent
}

async fn receive(queue: &Arc<dyn Queue>, max: usize) -> Vec<Message> {
    queue.receive(max, Duration::ZERO).await.unwrap()
}

/// The deduplication ids of these messages, which [`message`] wrote into their bodies.
fn bodies(messages: &[Message]) -> Vec<&str> {
    let ids = messages.iter();
    ids.map(|message| &message.body["body of ".len()..]).collect()
}

async fn delete(queue: &Arc<dyn Queue>, message: &Message) {
    queue.delete(&message.receipt).await.unwrap();
}

async fn a_message_keeps_everything_it_was_sent_with(bench: impl Bench) {
    let queue = bench.queue();
    let attributes = BTreeMap::from([
        ("connectionId".to_owned(), "Yk3nQcX9IAMCJ2g=".to_owned()),
        ("quote".to_owned(), "\"é\n\"".to_owned()),
    ]);
    let group = GroupId::new("room/of-one").unwrap();
    let text = r#"{"text":"snowman ☃"}"#;
    let new = NewMessage::new(text, group.clone(), "d1").unwrap();
    let new = new.with_attributes(attributes.clone()).unwrap();
    let sent = queue.send(new).await.unwrap();
    assert!(!sent.duplicate);
    let [received] = &receive(&queue, 10).await[..] else {
        panic!("one message was sent");
    };
    assert_eq!(&*received.body, text);
    assert_eq!(received.attributes, attributes);
    assert_eq!(received.group, group);
    assert_eq!(received.message_id, sent.message_id);
    assert_eq!(received.sequence_number, sent.sequence_number);
    assert_eq!(received.receive_count, 1);
    assert!(received.sent_at > 0);
}

async fn a_group_waits_for_its_message_in_flight(bench: impl Bench) {
    let queue = bench.queue();
    let sent = send(&queue, "g", &["1", "2"]).await;
    assert!(sent[0].sequence_number < sent[1].sequence_number);
    let first = receive(&queue, 1).await;
    assert_eq!(bodies(&first), ["1"]);
    assert!(receive(&queue, 10).await.is_empty());
    delete(&queue, &first[0]).await;
    assert_eq!(bodies(&receive(&queue, 10).await), ["2"]);
}

async fn a_partial_delete_keeps_the_group_waiting(bench: impl Bench) {
    let queue = bench.queue();
    send(&queue, "g", &["1", "2", "3"]).await;
    let taken = receive(&queue, 2).await;
    assert_eq!(bodies(&taken), ["1", "2"]);
    delete(&queue, &taken[0]).await;
    assert!(receive(&queue, 10).await.is_empty());
    delete(&queue, &taken[1]).await;
    assert_eq!(bodies(&receive(&queue, 10).await), ["3"]);
}

async fn groups_flow_past_each_other(bench: impl Bench) {
    let queue = bench.queue();
    send(&queue, "a", &["a1", "a2"]).await;
    send(&queue, "b", &["b1"]).await;
    assert_eq!(bodies(&receive(&queue, 1).await).len(), 1);
    let other = receive(&queue, 1).await;
    assert_eq!(other.len(), 1);
    assert!(receive(&queue, 10).await.len() <= 1, "a2 at most");
}

async fn sends_take_their_places_when_they_are_called(bench: impl Bench) {
    let queue = bench.queue();
    let first = queue.send(message("g", "1"));
    let second = queue.send(message("g", "2"));
    let second = second.await.unwrap();
    let first = first.await.unwrap();
    assert!(first.sequence_number < second.sequence_number);
    drop(queue.send(message("g", "3")));
    send(&queue, "g", &["4"]).await;
    assert_eq!(bodies(&receive(&queue, 10).await), ["1", "2", "3", "4"]);
}

async fn a_duplicate_is_answered_with_the_original(bench: impl Bench) {
    let queue = bench.queue();
    let original = send(&queue, "g", &["1"]).await.remove(0);
    let repeated = Sent { duplicate: true, ..original.clone() };
    assert_eq!(send(&queue, "g", &["1"]).await[0], repeated);
    let other_group = send(&queue, "h", &["1"]).await;
    assert_eq!(other_group[0], repeated, "the scope is the queue");
    let taken = receive(&queue, 10).await;
    assert_eq!(bodies(&taken), ["1"]);
    assert_eq!(send(&queue, "g", &["1"]).await[0], repeated);
    delete(&queue, &taken[0]).await;
    let after_delete = send(&queue, "g", &["1"]).await;
    assert_eq!(after_delete[0], repeated, "the id outlives its message");
    assert!(receive(&queue, 10).await.is_empty());
}

async fn the_window_is_five_minutes_from_the_first_send(bench: impl Bench) {
    let queue = bench.queue();
    let original = send(&queue, "g", &["1"]).await.remove(0);
    bench.advance(Duration::from_secs(200)).await;
    assert!(send(&queue, "g", &["1"]).await[0].duplicate);
    bench.advance(Duration::from_secs(100)).await;
    let again = send(&queue, "g", &["1"]).await.remove(0);
    assert!(!again.duplicate);
    assert_ne!(again.message_id, original.message_id);
    assert_eq!(bodies(&receive(&queue, 10).await), ["1", "1"]);
}

async fn expired_messages_come_back_in_order(bench: impl Bench) {
    let queue = bench.queue();
    send(&queue, "g", &["1", "2", "3", "4"]).await;
    assert_eq!(bodies(&receive(&queue, 3).await), ["1", "2", "3"]);
    bench.advance(VISIBILITY).await;
    let again = receive(&queue, 10).await;
    assert_eq!(bodies(&again), ["1", "2", "3", "4"]);
    let counts: Vec<u32> = again.iter().map(|message| message.receive_count).collect();
    assert_eq!(counts, [2, 2, 2, 1]);
}

async fn released_messages_come_back_in_order(bench: impl Bench) {
    let queue = bench.queue();
    send(&queue, "g", &["1", "2", "3"]).await;
    let taken = receive(&queue, 2).await;
    for message in taken.iter().rev() {
        let released = queue.change_visibility(&message.receipt, Duration::ZERO);
        released.await.unwrap();
    }
    assert_eq!(bodies(&receive(&queue, 10).await), ["1", "2", "3"]);
}

async fn a_longer_visibility_holds_only_what_is_behind_it(bench: impl Bench) {
    let queue = bench.queue();
    send(&queue, "g", &["1", "2", "3"]).await;
    let taken = receive(&queue, 3).await;
    let longer = queue.change_visibility(&taken[1].receipt, 3 * VISIBILITY);
    longer.await.unwrap();
    bench.advance(VISIBILITY).await;
    assert_eq!(bodies(&receive(&queue, 10).await), ["1"]);
}

async fn an_expired_receipt_is_refused(bench: impl Bench) {
    let queue = bench.queue();
    send(&queue, "g", &["1"]).await;
    let first = receive(&queue, 1).await.remove(0);
    bench.advance(VISIBILITY).await;
    let late = queue.delete(&first.receipt).await;
    assert!(matches!(late, Err(QueueError::ReceiptExpired)), "{late:?}");
    let second = receive(&queue, 1).await.remove(0);
    assert_eq!(second.message_id, first.message_id);
    let old = queue.delete(&first.receipt).await;
    assert!(matches!(old, Err(QueueError::ReceiptExpired)), "{old:?}");
    delete(&queue, &second).await;
}

async fn a_delete_may_be_repeated(bench: impl Bench) {
    let queue = bench.queue();
    send(&queue, "g", &["1"]).await;
    let message = receive(&queue, 1).await.remove(0);
    delete(&queue, &message).await;
    delete(&queue, &message).await;
    let nonsense = queue.delete(&"nonsense".to_owned().into()).await;
    assert!(matches!(nonsense, Err(QueueError::ReceiptInvalid)));
}

async fn a_dead_message_moves_and_its_group_goes_on(bench: impl Bench) {
    let queue = bench.queue();
    let poison = send(&queue, "g", &["poison", "next"]).await.remove(0);
    for _ in 0..MAX_RECEIVES {
        assert_eq!(bodies(&receive(&queue, 1).await), ["poison"]);
        bench.advance(VISIBILITY).await;
    }
    assert_eq!(bodies(&receive(&queue, 10).await), ["next"]);
    let dead = receive(&bench.dead_letters(), 10).await;
    assert_eq!(bodies(&dead), ["poison"]);
    assert_eq!(dead[0].message_id, poison.message_id);
    assert_eq!(dead[0].group.as_str(), "g");
    assert!(send(&queue, "g", &["poison"]).await[0].duplicate);
}

async fn a_long_poll_ends_with_the_first_message(bench: impl Bench) {
    let queue = bench.queue();
    let sender = queue.clone();
    let (received, sent) =
        tokio::join!(queue.receive(10, Duration::from_secs(20)), sender.send(message("g", "1")),);
    assert_eq!(received.unwrap()[0].message_id, sent.unwrap().message_id);
}

async fn arguments_outside_their_limits_are_refused(bench: impl Bench) {
    let queue = bench.queue();
    for max in [0, 11] {
        let result = queue.receive(max, Duration::ZERO).await;
        let error = result.unwrap_err().to_string();
        assert_eq!(error, "the number of messages to receive must be 1 to 10");
    }
    assert!(queue.receive(1, Duration::from_secs(21)).await.is_err());
    send(&queue, "g", &["1"]).await;
    let message = receive(&queue, 1).await.remove(0);
    let thirteen_hours = Duration::from_hours(13);
    let too_long = queue.change_visibility(&message.receipt, thirteen_hours);
    assert!(matches!(too_long.await, Err(QueueError::Argument { .. })));
}

async fn counts_follow_the_messages(bench: impl Bench) {
    let queue = bench.queue();
    send(&queue, "g", &["1", "2", "3"]).await;
    let taken = receive(&queue, 2).await;
    let counts = queue.counts().await.unwrap();
    assert_eq!((counts.visible, counts.in_flight), (1, 2));
    delete(&queue, &taken[0]).await;
    bench.advance(VISIBILITY).await;
    let counts = queue.counts().await.unwrap();
    assert_eq!((counts.visible, counts.in_flight), (2, 0));
}
