//! What clients that were built from one contract or another are told at connect.

use std::{future::pending, sync::Arc};

use crate::support::{Client, Handlers, Probe, Server};
use gatewire::describe::{Describe, Snapshots, fingerprint, schema};
use gatewire_server::{ContractPolicy, Gateway, Running, serve};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_tungstenite::{
    connect_async,
    tungstenite::{client::IntoClientRequest, protocol::frame::coding::CloseCode},
};

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

/// Both.
fn snapshots() -> Snapshots {
    let files = [before_notes(), with_listeners()]
        .map(|older| (format!("{}.schema.json", fingerprint(&older)), older.to_string()));
    let files = files.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    Snapshots::embedded(files).unwrap()
}

/// A server that knows both.
async fn server(policy: ContractPolicy) -> Server {
    Server::start_with(|gateway| gateway.snapshots(snapshots()).contract_policy(policy)).await
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
async fn each_stage_of_an_app_has_its_own_policy() {
    let stage = |policy| -> Running {
        let gateway = Gateway::<Probe>::new(Handlers(Arc::default()));
        gateway.snapshots(snapshots()).contract_policy(policy).start().unwrap()
    };
    let (test, production) = (stage(ContractPolicy::Warn), stage(ContractPolicy::Refuse));
    let app = test.router("/test").merge(production.router("/production"));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(async move { serve(listener, app, &test, pending()).await });
    let connect = async |stage: &str| {
        let mut request = format!("ws://{address}/{stage}").into_client_request().unwrap();
        request.headers_mut().insert("sec-websocket-protocol", "gatewire.v1".parse().unwrap());
        let (socket, _) = connect_async(request).await.unwrap();
        Client::new(socket)
    };

    let removed_a_reply_field = fingerprint(&with_listeners());
    let mut warned = connect("test").await;
    let welcome = warned.ask(hello(removed_a_reply_field.as_str())).await;
    assert_eq!(welcome["welcome"]["contract"], "differs");
    let echo = json!({"action": "echo", "id": 1, "data": {"text": "still here"}});
    assert_eq!(warned.ask(echo).await["data"]["text"], "still here");

    let mut refused = connect("production").await;
    refused.send(hello(removed_a_reply_field.as_str())).await;
    let closed = refused.refused().await;
    assert_eq!(closed.code, CloseCode::Library(4400));
    assert!(closed.reason.contains("contract"), "{closed:?}");

    let mut current = connect("production").await;
    let welcome = current.ask(hello(fingerprint(&self::current()).as_str())).await;
    assert_eq!(welcome["welcome"]["contract"], "same");
    serving.abort();
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
