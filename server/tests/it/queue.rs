//! Forwarded actions: accepted once on disk, answered by the worker, once, whatever happens.

use crate::support::{Client, Server};
use gatewire_server::Store;
use serde_json::{Value, json};

const SESSION: &str = "0123456789abcdef0123";

fn note(id: u64, book: &str, text: &str, failures: u32) -> Value {
    json!({"action": "note", "id": id, "data": {"book": book, "text": text, "failures": failures}})
}

async fn accepted(client: &mut Client, id: u64) {
    let frame = client.next().await;
    assert_eq!(frame["id"], id, "{frame}");
    assert_eq!(frame["accepted"]["messageId"].as_str().unwrap().len(), 36, "{frame}");
    assert_eq!(frame["accepted"]["sequenceNumber"].as_str().unwrap().len(), 20, "{frame}");
}

fn texts(server: &Server) -> Vec<String> {
    server.app.notes.lock().unwrap().iter().map(|(_, text)| text.clone()).collect()
}

#[tokio::test]
async fn a_forwarded_action_is_accepted_and_then_answered() {
    let server = Server::start().await;
    let mut client = server.session(SESSION).await;
    client.send(note(1, "diary", "dear", 0)).await;
    accepted(&mut client, 1).await;
    assert_eq!(client.next().await, json!({"id": 1, "data": {"place": 1}}));
}

#[tokio::test]
async fn actions_of_one_group_are_handled_in_order_even_when_one_must_be_tried_again() {
    let server = Server::start().await;
    let mut client = server.session(SESSION).await;
    let mut answers = Vec::new();
    for (id, failures) in [(1, 0), (2, 2), (3, 0)] {
        client.send(note(id, "diary", &id.to_string(), failures)).await;
    }
    while answers.len() < 3 {
        let frame = client.next().await;
        if frame["data"].is_object() {
            answers.push(frame["data"]["place"].as_u64().unwrap());
        }
    }
    assert_eq!(answers, [1, 2, 3]);
    assert_eq!(texts(&server), ["1", "2", "3"]);
}

#[tokio::test]
async fn a_message_that_keeps_failing_is_answered_with_its_error_and_holds_nobody_up() {
    let server = Server::start().await;
    let mut client = server.session(SESSION).await;
    client.send(note(1, "diary", "never", 99)).await;
    client.send(note(2, "diary", "fine", 0)).await;
    let mut answers = Vec::new();
    while answers.len() < 2 {
        let frame = client.next().await;
        if frame["accepted"].is_null() {
            answers.push(frame);
        }
    }
    assert_eq!(answers[0]["error"]["message"], "not yet (given up after 3 tries)");
    assert_eq!(answers[0]["error"]["temporary"], false);
    assert_eq!(answers[1], json!({"id": 2, "data": {"place": 1}}));
}

#[tokio::test]
async fn an_action_sent_again_after_a_restart_runs_once_and_gets_its_answer() {
    let store = Store::in_memory().unwrap();
    let server = Server::start_on(&store, |gateway| gateway).await;
    let mut client = server.session(SESSION).await;
    client.send(note(1, "diary", "dear", 0)).await;
    accepted(&mut client, 1).await;
    assert_eq!(client.next().await["data"]["place"], 1);
    drop(client);
    server.stop().await;

    let server = Server::start_on(&store, |gateway| gateway).await;
    let mut client = server.session(SESSION).await;
    assert_eq!(
        client.ask(note(1, "diary", "dear", 0)).await,
        json!({"id": 1, "data": {"place": 1}})
    );
    assert!(texts(&server).is_empty(), "the second server was not asked to do it again");
}

#[tokio::test]
async fn another_session_with_the_same_id_is_another_action() {
    let server = Server::start().await;
    for (session, place) in [("0123456789abcdef0001", 1), ("0123456789abcdef0002", 2)] {
        let mut client = server.session(session).await;
        client.send(note(1, "diary", session, 0)).await;
        accepted(&mut client, 1).await;
        assert_eq!(client.next().await["data"]["place"], place);
    }
}

#[tokio::test]
async fn a_plain_client_gets_the_workers_reply_as_bare_json() {
    let server = Server::start().await;
    let mut client = server.plain().await;
    let reply = client.ask(json!({"action": "note", "book": "diary", "text": "x"})).await;
    assert_eq!(reply, json!({"place": 1}));
}

#[tokio::test]
async fn a_group_of_any_name_is_a_group() {
    let server = Server::start().await;
    let mut client = server.session(SESSION).await;
    let book = format!("Küche & Bad {}", "x".repeat(500));
    client.send(note(1, &book, "x", 0)).await;
    accepted(&mut client, 1).await;
    assert_eq!(client.next().await["data"]["place"], 1);
}

#[tokio::test]
async fn a_forwarded_action_without_an_id_is_handled_and_not_answered() {
    let server = Server::start().await;
    let mut client = server.session(SESSION).await;
    let data = json!({"book": "diary", "text": "quietly", "failures": 0});
    client.send(json!({"action": "note", "data": data})).await;
    client.send(note(1, "diary", "aloud", 0)).await;
    accepted(&mut client, 1).await;
    assert_eq!(client.next().await, json!({"id": 1, "data": {"place": 2}}));
    assert_eq!(texts(&server), ["quietly", "aloud"]);
}
