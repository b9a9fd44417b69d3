//! What clients that were built from one contract or another are told at connect.

use crate::support::{Probe, Server};
use gatewire::describe::{Describe, Snapshots, fingerprint, schema};
use gatewire_server::ContractPolicy;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

const SESSION: &str = "0123456789abcdef0123";

fn current() -> Value {
    schema(&Probe::describe()).unwrap()
}

/// An older contract, without the action that has been added since.
fn before_notes() -> Value {
    let mut older = current();
    older["actions"].as_object_mut().unwrap().remove("note").unwrap();
    older
}

/// An older contract, whose reply said more than the current one does.
fn with_listeners() -> Value {
    let mut older = current();
    let heard = &mut older["$defs"]["Heard"];
    heard["properties"]["names"] = json!({"type": "array", "items": {"type": "string"}});
    heard["required"].as_array_mut().unwrap().push("names".into());
    older
}

/// A server that knows both.
async fn server(policy: ContractPolicy) -> Server {
    let files = [before_notes(), with_listeners()]
        .map(|older| (format!("{}.schema.json", fingerprint(&older)), older.to_string()));
    let files = files.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    let snapshots = Snapshots::embedded(files).unwrap();
    Server::start_with(|gateway| gateway.snapshots(snapshots).contract_policy(policy)).await
}

fn hello(contract: &str) -> Value {
    json!({"hello": {"session": SESSION, "contract": contract}})
}

#[tokio::test]
async fn a_client_is_told_how_its_contract_compares() {
    let server = server(ContractPolicy::Warn).await;
    for (id, contract, verdict) in [
        (1, fingerprint(&current()).as_str(), "same"),
        (2, fingerprint(&before_notes()).as_str(), "compatible"),
        (3, fingerprint(&with_listeners()).as_str(), "differs"),
        (4, "neverSeenBefore0", "differs"),
    ] {
        let mut client = server.v1().await;
        let welcome = client.ask(hello(contract)).await;
        assert_eq!(welcome["welcome"]["contract"], verdict, "{contract}");
        let echo = json!({"action": "echo", "id": id, "data": {"text": verdict}});
        assert_eq!(client.ask(echo).await["data"]["text"], verdict, "it is served");
    }
}

#[tokio::test]
async fn a_client_whose_contract_differs_is_refused_where_the_policy_says_so() {
    let server = server(ContractPolicy::Refuse).await;
    for contract in [fingerprint(&with_listeners()).as_str(), "neverSeenBefore0", ""] {
        let mut client = server.v1().await;
        client.send(hello(contract)).await;
        client.send(json!({"action": "echo", "id": 1, "data": {"text": "pipelined"}})).await;
        client.send_text("not even a frame").await;
        let closed = client.refused().await;
        assert_eq!(closed.code, CloseCode::Library(4400));
        assert!(closed.reason.contains("contract"), "{closed:?}");
    }
    for contract in [fingerprint(&current()), fingerprint(&before_notes())] {
        let mut client = server.v1().await;
        let welcome = client.ask(hello(contract.as_str())).await;
        assert!(welcome["welcome"].is_object(), "{welcome}");
    }
}

#[tokio::test]
async fn a_client_that_names_no_contract_is_served() {
    let server = server(ContractPolicy::Refuse).await;
    let mut client = server.v1().await;
    let welcome = client.ask(json!({"hello": {"session": SESSION}})).await;
    assert!(welcome["welcome"].is_object(), "{welcome}");
    assert_eq!(welcome["welcome"].get("contract"), None);
    let mut plain = server.plain().await;
    assert_eq!(plain.ask(json!({"action": "echo", "text": "x"})).await["text"], "x");
}
