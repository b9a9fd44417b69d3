//! Connecting, sending, hearing, closing.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::{
    drivers::{Driver, Told},
    peer::LIMIT,
    stage::{Stage, tokens},
};

pub(crate) async fn connecting_offers_the_protocol_and_the_token_and_says_hello_first<D: Driver>() {
    let stage = Stage::<D>::with(|setup| setup.token = Some(tokens([Ok("a.b-c_d")])));
    let (protocols, hello) = stage.server.accept().await;
    assert_eq!(protocols, ["gatewire.v1", "gatewire.token.a.b-c_d"]);
    let session = hello["hello"]["session"].as_str().unwrap();
    assert!((16..=64).contains(&session.len()), "{session}");
    let mut expected = json!({ "hello": { "session": session } });
    if let Some(fingerprint) = D::fingerprint() {
        expected["hello"]["contract"] = fingerprint.into();
    }
    assert_eq!(hello, expected);
}

pub(crate) async fn the_session_is_open_when_the_server_says_welcome<D: Driver>() {
    let mut stage = Stage::<D>::start();
    assert_eq!(stage.session.state(), "connecting");
    let (protocols, _) = stage.server.accept().await;
    assert_eq!(protocols, ["gatewire.v1"]);
    assert_eq!(stage.session.state(), "connecting");
    stage.server.say_welcome();
    stage.session.ready().await.unwrap();
    stage.state("open").await;
}

pub(crate) async fn a_send_is_answered<D: Driver>() {
    let Stage { server, session, .. } = Stage::<D>::open().await;
    let reply = session.send("hi");
    let action = server.text().await;
    assert_eq!(action, json!({ "action": "sendMessage", "id": 1, "data": { "text": "hi" } }));
    server.answer(&action, 7);
    server.answer(&action, 8);
    assert_eq!(reply.await, Ok(7));
}

pub(crate) async fn two_sends_are_answered_out_of_order<D: Driver>() {
    let Stage { server, session, .. } = Stage::<D>::open().await;
    let (first, second) = (session.send("first"), session.send("second"));
    let (one, two) = (server.text().await, server.text().await);
    server.answer(&two, 22);
    assert_eq!(second.await, Ok(22));
    server.answer(&one, 11);
    assert_eq!(first.await, Ok(11));
}

pub(crate) async fn an_error_rejects_with_its_code<D: Driver>() {
    let Stage { server, session, .. } = Stage::<D>::open().await;
    let reply = session.send("hi");
    let id = &server.text().await["id"];
    server.say(&json!({ "id": id, "error": { "code": "full", "message": "the room is full" } }));
    assert_eq!(reply.await, Err("full".to_owned()));
}

pub(crate) async fn no_answer_in_time_is_a_timeout<D: Driver>() {
    let Stage { server, session, .. } = Stage::<D>::with(|setup| setup.timeout = 1);
    assert_eq!(session.send("never written").await, Err("timeout".to_owned()));
    server.welcome().await;
    session.ready().await.unwrap();
    let reply = session.send("written");
    assert_eq!(server.text().await["data"]["text"], "written");
    assert_eq!(reply.await, Err("timeout".to_owned()));
}

pub(crate) async fn a_message_over_the_limit_is_rejected_and_never_sent<D: Driver>() {
    let Stage { server, session, .. } = Stage::<D>::open().await;
    let umlauts = session.send(&"ü".repeat(LIMIT / 2));
    assert_eq!(umlauts.await, Err("tooLarge".to_owned()), "the limit is one of bytes");
    let reply = session.send("short");
    let action = server.text().await;
    assert_eq!(action["data"]["text"], "short");
    server.answer(&action, 1);
    assert_eq!(reply.await, Ok(1));
}

pub(crate) async fn a_send_while_offline_waits_for_the_welcome<D: Driver>() {
    let Stage { server, session, .. } = Stage::<D>::start();
    let reply = session.send("early");
    server.accept().await;
    assert!(server.is_idle(), "hello alone");
    server.say_welcome();
    let action = server.text().await;
    assert_eq!(action["data"]["text"], "early");
    server.answer(&action, 1);
    assert_eq!(reply.await, Ok(1));
}

pub(crate) async fn an_event_reaches_its_listeners_until_they_stop<D: Driver>() {
    let Stage { server, session, .. } = Stage::<D>::open().await;
    let say = |text| server.say(&json!({ "event": "message", "data": { "text": text } }));
    let (tell, mut heard) = Told::new();
    let (tell_other, mut other) = Told::new();
    let listener = session.on_message(tell);
    let _other = session.on_message(tell_other);
    say("one");
    assert_eq!(heard.next().await, "one");
    drop(listener);
    say("two");
    assert_eq!([other.next().await, other.next().await], ["one", "two"]);
    assert!(heard.is_idle());
    server.say(&json!({ "event": "unheard", "data": null }));
    say("three");
    assert_eq!(other.next().await, "three");
}

pub(crate) async fn a_listener_may_send_and_close<D: Driver>() {
    let Stage { server, session, .. } = Stage::<D>::open().await;
    let session = Arc::new(session);
    let replies = Arc::new(Mutex::new(Vec::new()));
    let (asked, sent) = (Arc::clone(&session), Arc::clone(&replies));
    let listener = session.on_message(move |text| {
        sent.lock().unwrap().push(asked.send(&text));
        asked.close();
    });
    server.say(&json!({ "event": "message", "data": { "text": "echo" } }));
    assert_eq!(server.text().await["data"]["text"], "echo");
    assert_eq!(server.closing().await, 1000);
    let reply = replies.lock().unwrap().remove(0);
    assert_eq!(reply.await, Err("closed".to_owned()));
    drop(listener);
}

pub(crate) async fn a_lost_socket_is_reopened_and_what_had_no_answer_goes_out_again<D: Driver>() {
    let mut stage = Stage::<D>::with(|setup| setup.token = Some(tokens([Ok("one"), Ok("two")])));
    let hello = stage.server.welcome().await;
    let (answered, unanswered) = (stage.session.send("answered"), stage.session.send("unanswered"));
    let (action, before) = (stage.server.text().await, stage.server.text().await);
    stage.server.answer(&action, 1);
    assert_eq!(answered.await, Ok(1));

    stage.server.end(1006);
    stage.state("waiting").await;
    let new = stage.session.send("new");
    let (protocols, again) = stage.server.accept().await;
    assert_eq!(protocols[1], "gatewire.token.two", "the token is fetched again");
    let session = |hello: &Value| hello["hello"]["session"].clone();
    assert_eq!(session(&again), session(&hello), "the session is the same");
    stage.server.say_welcome();
    let (first, second) = (stage.server.text().await, stage.server.text().await);
    assert_eq!(first, before, "under the same id");
    assert_eq!(second["data"]["text"], "new");
    stage.server.answer(&second, 3);
    stage.server.answer(&first, 2);
    assert_eq!((unanswered.await, new.await), (Ok(2), Ok(3)));
    assert!(stage.server.is_idle());
}

pub(crate) async fn a_terminal_close_ends_the_session<D: Driver>() {
    let mut stage = Stage::<D>::open().await;
    let reply = stage.session.send("hi");
    stage.server.text().await;
    stage.server.end(4403);
    assert_eq!(reply.await, Err("ended".to_owned()));
    stage.state("closed").await;
    assert_eq!(stage.session.send("late").await, Err("ended".to_owned()));
    assert!(stage.server.is_idle());
}

pub(crate) async fn close_says_so_rejects_what_waits_and_stays_closed<D: Driver>() {
    let mut stage = Stage::<D>::open().await;
    let reply = stage.session.send("hi");
    stage.server.text().await;
    stage.session.close();
    assert_eq!(stage.server.closing().await, 1000);
    assert_eq!(reply.await, Err("closed".to_owned()));
    stage.state("closed").await;
    stage.session.close();
    assert_eq!(stage.session.send("late").await, Err("closed".to_owned()));
    assert_eq!(stage.session.state(), "closed");
    assert!(stage.states.is_idle());
    assert!(stage.server.is_idle());

    let unopened = Stage::<D>::start();
    unopened.session.close();
    assert_eq!(unopened.session.ready().await, Err("closed".to_owned()));
}

pub(crate) async fn a_server_with_another_contract_is_told_of_once_per_change<D: Driver>() {
    let mut stage = Stage::<D>::start();
    let (tell, mut told) = Told::new();
    let _early = stage.session.on_contract_changed(tell);
    assert_eq!(stage.session.contract(), None);
    for (verdict, is_told) in
        [("same", false), ("differs", true), ("differs", false), ("same", false), ("differs", true)]
    {
        stage.server.accept().await;
        stage.server.say_welcome_with(&json!({ "contract": verdict }));
        stage.state("open").await;
        assert_eq!(stage.session.contract().as_deref(), Some(verdict));
        assert_eq!(!told.is_idle(), is_told, "{verdict}");
        assert_eq!(!stage.problems.is_idle(), is_told, "{verdict}");
        stage.server.end(1006);
    }
    let (tell, mut told) = Told::new();
    let _late = stage.session.on_contract_changed(tell);
    assert!(!told.is_idle(), "it is so already");
}

pub(crate) async fn a_refused_contract_ends_the_session_with_an_error_that_says_so<D: Driver>() {
    let mut stage = Stage::<D>::start();
    let reply = stage.session.send("early");
    stage.server.accept().await;
    stage.server.end(4400);
    assert_eq!(stage.session.ready().await, Err("contractRefused".to_owned()));
    assert_eq!(reply.await, Err("contractRefused".to_owned()));
    stage.state("closed").await;
}

pub(crate) async fn garbage_is_reported_and_does_no_harm<D: Driver>() {
    let Stage { server, session, mut problems, .. } = Stage::<D>::open().await;
    let reply = session.send("hi");
    let action = server.text().await;
    let welcome = r#"{"welcome":{"connectionId":"Yk3nQcX9IAMCJ2g=","heartbeat":"25000"}}"#;
    for garbage in ["", "nonsense", r#"{"id":1,"#, "null", welcome] {
        server.say_text(garbage);
        problems.next().await;
    }
    server.say_bytes();
    problems.next().await;
    server.say(&json!({ "from": "the future" }));
    server.answer(&json!({ "id": 99 }), 0);
    assert!(problems.is_idle());
    server.answer(&action, 7);
    assert_eq!(reply.await, Ok(7));
    assert_eq!(session.state(), "open");
}

pub(crate) async fn an_error_about_nothing_is_reported<D: Driver>() {
    let mut stage = Stage::<D>::open().await;
    stage.server.say(&json!({ "error": { "code": "malformed", "message": "not a frame" } }));
    let problem = stage.problems.next().await;
    assert!(problem.contains("not a frame"), "{problem}");
}

pub(crate) async fn a_ping_is_answered<D: Driver>() {
    let stage = Stage::<D>::open().await;
    stage.server.say(&json!({ "ping": 3 }));
    assert_eq!(stage.server.text().await, json!({ "pong": 3 }));
}

pub(crate) async fn a_url_that_is_none_ends_the_session<D: Driver>() {
    let stage = Stage::<D>::with(|setup| setup.url = "nowhere".into());
    assert_eq!(stage.session.ready().await, Err("unusable".to_owned()));
    assert_eq!(stage.session.state(), "closed");
}
