use super::*;

fn mailbox(texts: usize, bytes: usize) -> Mailbox {
    Mailbox::new(MailboxLimits { texts, bytes }, 0)
}

fn bye() -> End {
    End { code: CloseCode::NORMAL, reason: "bye".into(), drain: true }
}

fn texts(mailbox: &Mailbox) -> Vec<String> {
    mailbox.drain().0.into_iter().map(|waiting| waiting.into_text().to_string()).collect()
}

const EVENT: &str = r#"{"event":"e"}"#;

fn event(number: u64) -> Waiting {
    Waiting { number: NonZeroU64::new(number), frame: EVENT.into() }
}

fn push(mailbox: &Mailbox, number: u64) -> Result<(), Refused> {
    mailbox.push(NonZeroU64::new(number), EVENT.into())
}

#[test]
fn texts_come_out_as_they_went_in() {
    let mailbox = mailbox(10, 100);
    mailbox.push(None, "a".into()).unwrap();
    mailbox.answer("b").unwrap();
    push(&mailbox, 3).unwrap();
    assert_eq!(texts(&mailbox), ["a", "b", r#"{"seq":3,"event":"e"}"#]);
}

#[test]
fn once_the_end_is_decided_only_answers_are_taken_and_then_nothing() {
    let mailbox = mailbox(10, 100);
    mailbox.end(bye());
    assert_eq!(mailbox.push(None, "event".into()), Err(Refused::Ended));
    mailbox.answer("answer").unwrap();
    assert_eq!(mailbox.drain().1, Some(bye()));
    mailbox.answer("late answer").unwrap();
    assert_eq!(mailbox.seal(), [Waiting::bare("late answer")]);
    assert_eq!(mailbox.answer("too late"), Err(Refused::Ended));
}

#[test]
fn who_is_to_leave_is_told_once_and_served_on() {
    let mailbox = mailbox(10, 100);
    assert_eq!(mailbox.take_leave(), None);
    mailbox.leave(Duration::from_millis(7));
    assert_eq!(mailbox.take_leave(), Some(Duration::from_millis(7)));
    assert_eq!(mailbox.take_leave(), None);
    mailbox.push(None, "event".into()).unwrap();
    assert_eq!(mailbox.drain(), (VecDeque::from([Waiting::bare("event")]), None));
}

#[test]
fn a_slow_reader_is_ended_at_either_limit() {
    for mailbox in [mailbox(2, 1000), mailbox(1000, 20)] {
        mailbox.push(None, "0123456789".into()).unwrap();
        mailbox.push(None, "0123456789".into()).unwrap();
        assert_eq!(mailbox.push(None, "x".into()), Err(Refused::Full));
        assert_eq!(mailbox.answer("x"), Err(Refused::Ended));
        assert_eq!(mailbox.drain().1.unwrap().code, CloseCode::TRY_AGAIN_LATER);
    }
}

#[test]
fn what_is_offered_and_does_not_fit_changes_nothing() {
    for mailbox in [mailbox(2, 1000), mailbox(1000, 20)] {
        mailbox.offer("0123456789".into()).unwrap();
        mailbox.offer("0123456789".into()).unwrap();
        for _ in 0..2 {
            assert_eq!(mailbox.offer("x".into()), Err(Refused::Full));
        }
        assert_eq!(texts(&mailbox), ["0123456789", "0123456789"]);
        mailbox.offer("again".into()).unwrap();
        assert_eq!(mailbox.drain(), (VecDeque::from([Waiting::bare("again")]), None));
    }
}

#[test]
fn one_text_always_fits() {
    assert!(mailbox(2, 4).push(None, "larger than four".into()).is_ok());
    assert!(mailbox(2, 4).offer("larger than four".into()).is_ok());
}

#[test]
fn what_is_posted_before_the_hello_waits_for_it() {
    let mailbox = Mailbox::greeting(MailboxLimits { texts: 3, bytes: 100 }, 0);
    mailbox.hold("early".into()).unwrap();
    mailbox.answer("say hello").unwrap();
    assert_eq!(texts(&mailbox), ["say hello"]);
    assert_eq!(mailbox.greet("welcome".into(), []), ["early"]);
    assert_eq!(mailbox.hold("late".into()), Err(Refused::Greeted));
    assert_eq!(texts(&mailbox), ["welcome"]);
}

#[test]
fn a_client_that_says_no_hello_cannot_fill_the_memory() {
    let mailbox = Mailbox::greeting(MailboxLimits { texts: 1, bytes: 100 }, 0);
    mailbox.hold("one".into()).unwrap();
    for more in ["two", "three"] {
        assert_eq!(mailbox.hold(more.into()), Err(Refused::Full));
    }
    assert_eq!(mailbox.greet("welcome".into(), []), ["one"]);
}

#[test]
fn what_was_missed_is_written_whatever_its_amount() {
    let mailbox = Mailbox::greeting(MailboxLimits { texts: 2, bytes: 40 }, 0);
    mailbox.greet("welcome".into(), (1..=50).map(event));
    push(&mailbox, 51).unwrap();
    assert_eq!(texts(&mailbox).len(), 52);
}

#[test]
fn a_connection_that_is_taken_over_writes_answers_and_no_events() {
    let mailbox = mailbox(10, 1000);
    push(&mailbox, 1).unwrap();
    mailbox.answer("answer").unwrap();
    mailbox.take_over();
    assert!(push(&mailbox, 2).is_err());
    let (texts, end) = mailbox.drain();
    assert_eq!(texts, [Waiting::bare("answer")]);
    assert_eq!(end.unwrap().code, CloseCode::TAKEN_OVER);
}
