//! The protocol of API Gateway: flat frames, no ids, no answers.

use serde_json::json;

use crate::{
    drivers::{Driver, Told},
    stage::Stage,
};

pub(crate) async fn a_plain_session_is_open_with_its_socket_and_its_frames_are_flat<D: Driver>() {
    let mut stage = Stage::<D>::with(|setup| setup.plain = true);
    let early = stage.session.note("early");
    assert!(stage.server.opening().await.is_empty(), "no subprotocol");
    stage.server.accept_silently();
    stage.session.ready().await.unwrap();
    stage.state("open").await;
    let frame = stage.server.text().await;
    assert_eq!(frame, json!({ "action": "note", "text": "early" }), "no hello, no id");
    assert_eq!(early.await, Ok(()), "that it is written is all that can be known");
    assert!(stage.server.is_idle());
}

pub(crate) async fn a_plain_server_posts_what_it_likes<D: Driver>() {
    let mut stage = Stage::<D>::with(|setup| setup.plain = true);
    let (tell, mut heard) = Told::new();
    let _listener = stage.session.on_message(tell);
    stage.server.opening().await;
    stage.server.accept_silently();
    stage.state("open").await;
    stage.server.say(&json!({ "event": "message", "data": { "text": "in an envelope" } }));
    stage.server.say(&json!({ "action": "message", "text": "flat" }));
    stage.server.say(&json!([1, 2, 3]));
    assert_eq!([heard.next().await, heard.next().await], ["in an envelope", "flat"]);
    let told = r#"{"message": "Internal server error", "connectionId":"a=", "requestId":"b="}"#;
    stage.server.say_text(told);
    let problem = stage.problems.next().await;
    assert!(problem.contains("Internal server error"), "{problem}");
    assert!(problem.contains("internalServerError"), "{problem}");
    assert!(stage.server.is_idle());
}

pub(crate) async fn a_plain_message_over_32_kib_is_rejected<D: Driver>() {
    let Stage { server, session, .. } = Stage::<D>::with(|setup| setup.plain = true);
    server.opening().await;
    server.accept_silently();
    assert_eq!(session.note(&"x".repeat(32 * 1024)).await, Err("tooLarge".to_owned()));
    assert_eq!(session.note("short").await, Ok(()));
    assert_eq!(server.text().await["text"], "short");
}
