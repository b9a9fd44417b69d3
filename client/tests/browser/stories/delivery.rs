//! What becomes of what is sent.

use serde_json::json;

use crate::{
    drivers::{Driver, Extras, Sent},
    stage::Stage,
};

pub(crate) async fn accepted_is_told_and_the_reply_follows<D: Driver>() {
    let Stage { server, session, .. } = Stage::<D>::start();
    let mut sent = session.begin("hi", Extras::default());
    assert_eq!(sent.state(), "queued");
    server.welcome().await;
    let action = server.text().await;
    assert_eq!(sent.state(), "sent");
    let accepted = json!({ "messageId": "m", "sequenceNumber": "00000000000000000001" });
    server.say(&json!({ "id": action["id"], "accepted": accepted }));
    assert_eq!(sent.accepted().await, Ok(Some("m".to_owned())));
    assert_eq!(sent.state(), "accepted");
    assert_eq!(sent.accepted().await, Ok(Some("m".to_owned())), "it stays so");
    server.answer(&action, 7);
    assert_eq!(sent.reply().await, Ok(7));
}

pub(crate) async fn without_a_queue_there_is_no_receipt<D: Driver>() {
    let Stage { server, session, .. } = Stage::<D>::open().await;
    let mut sent = session.begin("hi", Extras::default());
    server.answer(&server.text().await, 7);
    assert_eq!(sent.accepted().await, Ok(None));
    assert_eq!(sent.state(), "answered");
    assert_eq!(sent.reply().await, Ok(7));

    let mut failed = session.begin("hi", Extras::default());
    let id = &server.text().await["id"];
    server.say(&json!({ "id": id, "error": { "code": "full", "message": "the room is full" } }));
    assert_eq!(failed.accepted().await, Err("full".to_owned()));
    assert_eq!(failed.state(), "failed");
    assert_eq!(failed.reply().await, Err("full".to_owned()));
}

pub(crate) async fn what_was_cancelled_never_leaves<D: Driver>() {
    let Stage { server, session, .. } = Stage::<D>::start();
    let never = session.begin("never written", Extras::default());
    let written = session.begin("written once", Extras::default());
    never.cancel();
    assert_eq!(never.state(), "failed");
    assert_eq!(never.reply().await, Err("cancelled".to_owned()));
    server.welcome().await;
    assert_eq!(server.text().await["data"]["text"], "written once");
    written.cancel();
    assert_eq!(written.reply().await, Err("cancelled".to_owned()));
    server.end(1006);
    server.welcome().await;
    let last = session.send("last");
    let action = server.text().await;
    assert_eq!(action["data"]["text"], "last");
    server.answer(&action, 1);
    assert_eq!(last.await, Ok(1));
}

pub(crate) async fn what_waits_for_too_long_never_leaves<D: Driver>() {
    let Stage { server, session, .. } = Stage::<D>::start();
    let stale = session.begin("stale", Extras { ttl: Some(1), ..Extras::default() });
    let fresh = session.send("fresh");
    assert_eq!(stale.reply().await, Err("expired".to_owned()));
    server.welcome().await;
    let action = server.text().await;
    assert_eq!(action["data"]["text"], "fresh");
    server.answer(&action, 1);
    assert_eq!(fresh.await, Ok(1));
}

pub(crate) async fn what_was_sent_in_time_may_be_answered_later<D: Driver>() {
    let Stage { server, session, .. } = Stage::<D>::with(|setup| setup.ttl = Some(60_000));
    server.welcome().await;
    session.ready().await.unwrap();
    let sent = session.begin("hi", Extras { ttl: Some(1), ..Extras::default() });
    let action = server.text().await;
    // By now it would be too late to send it.
    let late = session.begin("never", Extras { timeout: Some(2), ..Extras::default() });
    assert_eq!(late.reply().await, Err("timeout".to_owned()));
    server.answer(&action, 1);
    assert_eq!(sent.reply().await, Ok(1));
}

pub(crate) async fn one_send_too_many_takes_the_place_of_the_oldest<D: Driver>() {
    let Stage { server, session, .. } = Stage::<D>::with(|setup| {
        setup.queue_length = Some(2);
        setup.drop_oldest = true;
    });
    let [first, second, third] = ["first", "second", "third"].map(|text| session.send(text));
    assert_eq!(first.await, Err("dropped".to_owned()));
    server.welcome().await;
    for (text, reply) in [("second", second), ("third", third)] {
        let action = server.text().await;
        assert_eq!(action["data"]["text"], text);
        server.answer(&action, 1);
        assert_eq!(reply.await, Ok(1));
    }
}

pub(crate) async fn one_send_too_many_is_rejected<D: Driver>() {
    let Stage { server, session, .. } = Stage::<D>::with(|setup| setup.queue_length = Some(1));
    let first = session.send("first");
    assert_eq!(session.send("second").await, Err("queueFull".to_owned()));
    server.welcome().await;
    let action = server.text().await;
    server.answer(&action, 1);
    assert_eq!(first.await, Ok(1));
}

pub(crate) async fn of_sends_with_one_key_the_last_that_waits_is_sent<D: Driver>() {
    let Stage { server, session, .. } = Stage::<D>::start();
    let at = |text: &str| {
        session.begin(text, Extras { key: Some("cursor".to_owned()), ..Extras::default() })
    };
    let (here, other, there) = (at("here"), session.send("other"), at("there"));
    assert_eq!(here.reply().await, Err("replaced".to_owned()));
    server.welcome().await;
    let (first, second) = (server.text().await, server.text().await);
    assert_eq!(first["data"]["text"], "other");
    assert_eq!(second["data"]["text"], "there");
    // What was written may have been run: nothing takes its place.
    let last = at("last");
    let third = server.text().await;
    assert_eq!(third["data"]["text"], "last");
    for action in [&first, &second, &third] {
        server.answer(action, 1);
    }
    assert_eq!((other.await, there.reply().await, last.reply().await), (Ok(1), Ok(1), Ok(1)));
}

pub(crate) async fn a_congested_socket_is_written_to_when_it_has_room<D: Driver>() {
    let Stage { server, session, .. } = Stage::<D>::with(|setup| setup.watermarks = Some((1, 0)));
    let texts = ["one", "two", "three"];
    let replies = texts.map(|text| session.send(text));
    server.welcome().await;
    for (text, reply) in texts.into_iter().zip(replies) {
        let action = server.text().await;
        assert_eq!(action["data"]["text"], text);
        server.answer(&action, 1);
        assert_eq!(reply.await, Ok(1));
    }
}
