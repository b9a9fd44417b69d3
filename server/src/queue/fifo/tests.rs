use std::sync::Arc;

use super::super::{GroupId, QueueError};
use super::{Admission, Delete, Entry, Fifo, Origin, Receipt, Rules, State};

const RULES: Rules = Rules { visibility: 30_000, max_receives: Some(3), retention: 345_600_000 };

fn group(name: &str) -> GroupId {
    GroupId::new(name).unwrap()
}

fn entry(sequence: u64) -> Entry {
    Entry { sequence, sent_at: 0, receive_count: 0, origin: Origin::Here, state: State::Visible }
}

/// A queue with messages 1 to n in group "g".
fn filled(messages: u64) -> Fifo {
    let mut fifo = Fifo::new(RULES, messages + 1, 100);
    for sequence in 1..=messages {
        fifo.insert(&group("g"), entry(sequence));
    }
    fifo
}

fn sequences(receipts: &[Receipt]) -> Vec<u64> {
    receipts.iter().map(|receipt| receipt.sequence).collect()
}

fn take(fifo: &mut Fifo, max: usize, now: u64) -> Vec<Receipt> {
    let taken = fifo.take(max, now);
    taken.delivered.into_iter().map(|one| one.receipt).collect()
}

fn delete(fifo: &mut Fifo, receipt: &Receipt, now: u64) {
    assert_eq!(fifo.begin_delete(receipt, now).unwrap(), Delete::Begun);
    fifo.remove(&receipt.group, receipt.sequence);
}

#[test]
fn a_group_waits_while_one_of_its_messages_is_in_flight() {
    let mut fifo = filled(4);
    let taken = take(&mut fifo, 2, 0);
    assert_eq!(sequences(&taken), [1, 2]);
    assert!(take(&mut fifo, 10, 0).is_empty());
    delete(&mut fifo, &taken[0], 0);
    assert!(take(&mut fifo, 10, 0).is_empty(), "2 is still in flight");
    delete(&mut fifo, &taken[1], 0);
    assert_eq!(sequences(&take(&mut fifo, 10, 0)), [3, 4]);
}

#[test]
fn groups_do_not_wait_for_each_other_and_take_turns() {
    let mut fifo = filled(2);
    fifo.insert(&group("h"), entry(3));
    assert_eq!(sequences(&take(&mut fifo, 1, 0)), [1]);
    assert_eq!(sequences(&take(&mut fifo, 10, 0)), [3]);
}

#[test]
fn messages_whose_visibility_ends_together_come_back_in_order() {
    let mut fifo = filled(5);
    take(&mut fifo, 3, 0);
    assert_eq!(fifo.deadline(), Some(30_000));
    assert!(take(&mut fifo, 10, 29_999).is_empty());
    assert_eq!(sequences(&take(&mut fifo, 10, 30_000)), [1, 2, 3, 4, 5]);
}

#[test]
fn a_group_is_handed_out_up_to_the_message_that_stays_invisible() {
    let mut fifo = filled(3);
    let taken = take(&mut fifo, 3, 0);
    fifo.change_visibility(&taken[1], 60_000, 0).unwrap();
    let again = take(&mut fifo, 10, 30_000);
    assert_eq!(sequences(&again), [1]);
    delete(&mut fifo, &again[0], 30_000);
    assert!(take(&mut fifo, 10, 59_999).is_empty());
    assert_eq!(sequences(&take(&mut fifo, 10, 60_000)), [2, 3]);
}

#[test]
fn released_messages_take_their_old_places() {
    let mut fifo = filled(3);
    let taken = take(&mut fifo, 3, 0);
    for receipt in [&taken[1], &taken[0], &taken[2]] {
        fifo.change_visibility(receipt, 0, 0).unwrap();
    }
    assert_eq!(sequences(&take(&mut fifo, 10, 0)), [1, 2, 3]);
}

#[test]
fn an_old_receipt_deletes_nothing() {
    let mut fifo = filled(1);
    let first = take(&mut fifo, 1, 0).remove(0);
    let expired = fifo.begin_delete(&first, 30_000);
    assert!(matches!(expired, Err(QueueError::ReceiptExpired)));
    let second = take(&mut fifo, 1, 30_000).remove(0);
    let old = fifo.begin_delete(&first, 30_000);
    assert!(matches!(old, Err(QueueError::ReceiptExpired)));
    let longer = fifo.change_visibility(&first, 1000, 30_000);
    assert!(matches!(longer, Err(QueueError::ReceiptExpired)));
    delete(&mut fifo, &second, 30_000);
    assert_eq!(fifo.begin_delete(&second, 30_000).unwrap(), Delete::Gone);
}

#[test]
fn a_delete_in_progress_neither_expires_nor_frees_its_group() {
    let mut fifo = filled(2);
    let first = take(&mut fifo, 1, 0).remove(0);
    fifo.begin_delete(&first, 0).unwrap();
    assert!(take(&mut fifo, 10, 90_000).is_empty());
    fifo.stay(&first.group, 1);
    assert_eq!(sequences(&take(&mut fifo, 10, 90_000)), [1, 2]);
}

#[test]
fn visibility_ends_twelve_hours_after_the_delivery() {
    const HOURS_12: u64 = 43_200_000;
    let mut fifo = filled(1);
    let receipt = take(&mut fifo, 1, 0).remove(0);
    fifo.change_visibility(&receipt, 60_000, 0).unwrap();
    let too_long = fifo.change_visibility(&receipt, HOURS_12, 1);
    assert!(matches!(too_long, Err(QueueError::Argument { .. })));
    fifo.change_visibility(&receipt, HOURS_12 - 1, 1).unwrap();
    assert_eq!(fifo.deadline(), Some(HOURS_12));
}

#[test]
fn a_message_delivered_too_often_leaves_before_its_group_goes_on() {
    let mut fifo = filled(2);
    for round in 0..3 {
        assert_eq!(sequences(&take(&mut fifo, 1, round * 30_000)), [1]);
    }
    let taken = fifo.take(10, 90_000);
    assert_eq!(taken.dead, [(group("g"), 1)]);
    assert!(taken.delivered.is_empty(), "the move is not durable yet");
    fifo.remove(&group("g"), 1);
    assert_eq!(sequences(&take(&mut fifo, 10, 90_000)), [2]);
}

#[test]
fn a_message_past_its_retention_is_not_delivered() {
    let mut fifo = filled(1);
    let mut young = entry(2);
    young.sent_at = 1;
    fifo.insert(&group("g"), young);
    let taken = fifo.take(10, RULES.retention);
    assert_eq!(taken.lapsed, [(group("g"), 1)]);
    assert!(taken.delivered.is_empty());
    fifo.remove(&group("g"), 1);
    assert_eq!(sequences(&take(&mut fifo, 10, RULES.retention)), [2]);
}

#[test]
fn a_withdrawn_send_is_new_the_next_time_and_gets_another_number() {
    let mut fifo = filled(0);
    let id: Arc<str> = "d".into();
    let Admission::New(first) = fifo.admit(&id, 1, 0) else {
        panic!("nothing was sent before");
    };
    assert_eq!(fifo.admit(&id, 2, 0), Admission::Duplicate(first));
    fifo.withdraw(&id, first.sequence);
    let Admission::New(second) = fifo.admit(&id, 3, 0) else {
        panic!("the first was withdrawn");
    };
    assert!(second.sequence > first.sequence);
}

#[test]
fn an_emptied_group_costs_nothing() {
    let mut fifo = filled(1);
    let receipt = take(&mut fifo, 1, 0).remove(0);
    delete(&mut fifo, &receipt, 0);
    assert!(fifo.groups.is_empty());
    assert!(fifo.deadlines.is_empty());
    assert_eq!(fifo.counts(0), super::Counts::default());
}
