//! What only the Rust API has: handles, and what dropping one means.

use std::{cell::RefCell, rc::Rc};

use gatewire_client::State;
use serde_json::json;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::{
    drivers::{Message, Posted, RustApi, SendMessage, Told},
    stage::Stage,
};

fn hi() -> SendMessage {
    SendMessage { text: "hi".to_owned() }
}

#[wasm_bindgen_test]
async fn the_last_handle_closes_the_session_and_rejects_what_waits() {
    let Stage { server, session, .. } = Stage::<RustApi>::open().await;
    let reply = session.send(hi());
    server.text().await;
    let clone = session.clone();
    drop(session);
    assert!(server.is_idle(), "a clone is left");
    drop(clone);
    assert_eq!(server.closing().await, 1000);
    assert_eq!(reply.await.unwrap_err().code(), "closed");
}

#[wasm_bindgen_test]
async fn the_last_handle_may_go_while_a_listener_runs() {
    let Stage { server, session, mut states, .. } = Stage::<RustApi>::open().await;
    let last = Rc::new(RefCell::new(None));
    let held = Rc::clone(&last);
    session.on(move |_: Message| drop(held.take())).forget();
    last.replace(Some(session));
    server.say(&json!({ "event": "message", "data": { "text": "go" } }));
    assert_eq!(server.closing().await, 1000);
    assert_eq!(states.next().await, "closed");
}

#[wasm_bindgen_test]
async fn the_last_handle_may_go_while_its_socket_closes() {
    assert_eq!(states_of_who_leaves_when(State::Waiting).await, ["Waiting", "Closed"]);
}

#[wasm_bindgen_test]
async fn the_last_handle_may_go_while_its_timer_rings() {
    let states = states_of_who_leaves_when(State::Connecting).await;
    assert_eq!(states, ["Waiting", "Connecting", "Closed"]);
}

/// Loses the socket of a session whose only handle goes when it is told of this state.
async fn states_of_who_leaves_when(state: State) -> Vec<String> {
    let Stage { server, session, .. } = Stage::<RustApi>::open().await;
    let last = Rc::new(RefCell::new(None));
    let held = Rc::clone(&last);
    let (tell, mut told) = Told::new();
    let listener = session.on_state(move |change| {
        tell(format!("{:?}", change.state));
        if change.state == state {
            drop(held.take());
        }
    });
    listener.forget();
    last.replace(Some(session));
    server.end(1006);
    let mut states = Vec::new();
    while states.last().is_none_or(|last| last != "Closed") {
        states.push(told.next().await);
    }
    states
}

#[wasm_bindgen_test]
async fn a_reply_that_nobody_waits_for_is_not_sent_any_more() {
    let Stage { server, session, .. } = Stage::<RustApi>::start();
    drop(session.send(hi()));
    session.send(SendMessage { text: "detached".to_owned() }).detach();
    server.welcome().await;
    assert_eq!(server.text().await["data"]["text"], "detached");
}

#[wasm_bindgen_test]
async fn a_listener_that_another_one_ended_is_not_called() {
    let Stage { server, session, .. } = Stage::<RustApi>::open().await;
    let (tell, mut told) = Told::new();
    let second = Rc::new(RefCell::new(None));
    let ended = Rc::clone(&second);
    let first = session.on(move |_: Message| drop(ended.take()));
    second.replace(Some(session.on(move |message: Message| tell(message.text))));
    server.say(&json!({ "event": "message", "data": { "text": "hi" } }));
    assert!(told.is_idle());
    drop(first);
}

#[wasm_bindgen_test]
async fn what_the_contract_does_not_declare_is_an_error_and_never_a_panic() {
    let Stage { server, session, mut problems, .. } = Stage::<RustApi>::open().await;
    let _listener = session.on(|_: Message| panic!("this is no message"));
    server.say(&json!({ "event": "message", "data": { "text": 5 } }));
    assert!(problems.next().await.starts_with("message: "));
    server.say(&json!({ "welcome": {} }));
    assert!(problems.next().await.contains("cannot be read"));
    let reply = session.send(hi());
    server.text().await;
    server.say(&json!({ "id": 1, "data": "posted" }));
    assert_eq!(reply.await.unwrap_err().code(), "unreadable");
}

#[wasm_bindgen_test]
async fn an_error_of_the_server_is_whole() {
    let Stage { server, session, .. } = Stage::<RustApi>::open().await;
    let reply = session.send(hi());
    server.text().await;
    let error = json!({ "code": "throttled", "message": "slow down", "temporary": true });
    server.say(&json!({ "id": 1, "error": error }));
    let error = reply.await.map(|Posted { id }| id).unwrap_err();
    assert_eq!(error.to_string(), "throttled: slow down");
    assert!(error.is_temporary());
}
