//! From socket to socket: nothing twice, nothing missed without a word.

use serde_json::{Value, json};

use crate::{
    drivers::{Driver, Told},
    stage::Stage,
};

const SESSION: &str = "kept-by-the-application";

pub(crate) async fn a_server_that_says_goaway_is_left_when_the_next_socket_is_open<D: Driver>() {
    let mut stage = Stage::<D>::open().await;
    let reply = stage.session.send("unanswered");
    let action = stage.server.text().await;
    stage.server.say(&json!({ "goaway": { "in": 1, "reason": "drain" } }));
    stage.server.accept().await;
    assert!(stage.server.is_idle(), "the older one is not left before the welcome");
    stage.server.say_welcome();
    assert_eq!(stage.server.closing_older().await, 4000);
    assert_eq!(stage.server.text().await, action, "under the same id");
    stage.server.answer(&action, 1);
    stage.server.answer(&action, 2);
    assert_eq!(reply.await, Ok(1));
    assert!(stage.states.is_idle(), "it was open all the time");
    assert!(stage.server.is_idle());
}

pub(crate) async fn an_answer_on_the_older_socket_counts<D: Driver>() {
    let Stage { server, session, .. } = Stage::<D>::open().await;
    let reply = session.send("hi");
    let action = server.text().await;
    server.say(&json!({ "goaway": { "in": 1, "reason": "lifetime" } }));
    server.accept().await;
    server.answer_older(&action, 1);
    assert_eq!(reply.await, Ok(1));
    server.say_welcome();
    assert_eq!(server.closing_older().await, 4000);
    let next = session.send("next");
    let action = server.text().await;
    assert_eq!(action["data"]["text"], "next", "what is answered is not sent again");
    server.answer(&action, 2);
    assert_eq!(next.await, Ok(2));
}

pub(crate) async fn a_session_that_a_newer_client_has_is_over<D: Driver>() {
    let mut stage = Stage::<D>::open().await;
    let reply = stage.session.send("hi");
    stage.server.text().await;
    stage.server.end(4409);
    assert_eq!(reply.await, Err("ended".to_owned()));
    stage.state("closed").await;
}

pub(crate) async fn a_socket_that_the_next_one_has_taken_over_is_no_end<D: Driver>() {
    let mut stage = Stage::<D>::open().await;
    stage.server.say(&json!({ "goaway": { "in": 1, "reason": "drain" } }));
    stage.server.accept().await;
    // The server closes the older one as soon as it has read the hello.
    stage.server.end_older(4409);
    stage.server.say_welcome();
    let reply = stage.session.send("hi");
    let action = stage.server.text().await;
    stage.server.answer(&action, 1);
    assert_eq!(reply.await, Ok(1));
    assert!(stage.states.is_idle(), "it was open all the time");
}

pub(crate) async fn events_go_on_where_they_stopped<D: Driver>() {
    let Stage { server, session, .. } = Stage::<D>::open().await;
    let (tell, mut heard) = Told::new();
    let (miss, mut gaps) = Told::new();
    let _listeners = (session.on_message(tell), session.on_gap(miss));
    server.post(1, "one");
    server.post(2, "two");
    assert_eq!([heard.next().await, heard.next().await], ["one", "two"]);
    let reply = session.send("hi");
    let action = server.text().await;
    assert_eq!(action["seen"], 2, "actions acknowledge");
    server.answer(&action, 1);
    reply.await.unwrap();

    server.end(1006);
    let hello = server.welcome_with(&json!({ "resumed": true, "seen": 2 })).await;
    assert_eq!(hello["hello"]["seen"], 2);
    for (seq, text) in [(2, "two"), (3, "three"), (3, "three"), (4, "four")] {
        server.post(seq, text);
    }
    assert_eq!([heard.next().await, heard.next().await], ["three", "four"]);
    assert!(session.resumed());
    assert!(heard.is_idle() && gaps.is_idle());
}

pub(crate) async fn events_that_are_lost_are_told<D: Driver>() {
    let stage = Stage::<D>::open().await;
    let (tell, mut told) = Told::new();
    let miss = tell.clone();
    let _listeners =
        (stage.session.on_message(tell), stage.session.on_gap(move |_| miss("gap".to_owned())));
    stage.server.post(1, "one");
    assert_eq!(told.next().await, "one");
    stage.server.post(3, "three");
    assert_eq!([told.next().await, told.next().await], ["gap", "three"], "a hole");

    stage.server.end(1006);
    let lost = json!({ "resumed": true, "seen": 9, "gap": true });
    stage.server.welcome_with(&lost).await;
    assert_eq!(told.next().await, "gap", "the server has them no longer");
    stage.server.post(10, "ten");
    assert_eq!(told.next().await, "ten");

    stage.server.end(1006);
    stage.server.welcome().await;
    assert_eq!(told.next().await, "gap", "the server knows nothing any more");
    stage.server.post(1, "one");
    assert_eq!(told.next().await, "one");
    assert!(!stage.session.resumed());
}

pub(crate) async fn a_session_with_a_name_goes_on_after_a_reload<D: Driver>() {
    let Stage { server, session, .. } =
        Stage::<D>::with(|setup| setup.session = Some(SESSION.to_owned()));
    assert_eq!(session.key(), SESSION);
    let early = session.send("early");
    let welcome = json!({ "resumed": true, "seen": 40, "lastId": 7 });
    let hello = server.welcome_with(&welcome).await;
    assert_eq!(hello["hello"]["session"], SESSION);
    assert_eq!(hello["hello"]["seen"], Value::Null, "it does not know, and the server does");
    let action = server.text().await;
    let id = action["id"].as_u64().unwrap();
    assert!(id > 7, "ids count on: {id}");
    server.answer(&json!({ "id": 1 }), 5);
    server.answer(&action, 1);
    assert_eq!(early.await, Ok(1));
    assert!(session.resumed());

    let (tell, mut heard) = Told::new();
    let _listener = session.on_message(tell);
    server.post(40, "known");
    server.post(41, "new");
    assert_eq!(heard.next().await, "new");

    let unanswered = session.send("unanswered");
    assert_eq!(server.text().await["id"], id + 1);
    server.end(1006);
    server.welcome_with(&json!({ "resumed": true, "seen": 41, "lastId": id + 1 })).await;
    let action = server.text().await;
    assert_eq!((&action["id"], &action["seen"]), (&json!(id + 1), &json!(41)));
    server.answer(&action, 2);
    assert_eq!(unanswered.await, Ok(2));
}
