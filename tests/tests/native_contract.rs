//! Clients that were built from this server's contract, from an older one, and from another one.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "these tests use a part of the chat")]
mod chat;

use std::net::SocketAddr;

use chat::{Chat, Server, told};
use gatewire::describe::{Describe, Snapshots, schema};
use gatewire_client::{Client, Error, Options, Verdict, connect};
use gatewire_server::{ContractPolicy, Store};

/// The chat before one could note something down.
mod older {
    use gatewire::prelude::*;

    #[derive(Contract)]
    #[contract(events = ChatEvent, rename = "chat")]
    pub(crate) enum OlderChat {
        /// Post a message.
        #[reply(Posted)]
        SendMessage(SendMessage),
    }

    #[derive(Events)]
    #[expect(dead_code, reason = "the enum lists the events")]
    pub(crate) enum ChatEvent {
        Message(Message),
    }

    #[message]
    pub(crate) struct SendMessage {
        pub(crate) text: String,
    }
    #[message]
    pub(crate) struct Posted {
        pub(crate) place: usize,
        pub(crate) by: String,
    }
    #[message]
    pub(crate) struct Message {
        pub(crate) text: String,
    }
}

/// A chat whose server says when it has posted.
mod other {
    use gatewire::prelude::*;

    #[derive(Contract)]
    #[contract(events = (), rename = "chat")]
    pub(crate) enum OtherChat {
        /// Post a message.
        #[reply(Posted)]
        SendMessage(SendMessage),
    }

    #[message]
    pub(crate) struct SendMessage {
        pub(crate) text: String,
    }
    #[message]
    #[derive(Debug)]
    pub(crate) struct Posted {
        pub(crate) at: u32,
    }
}

use older::OlderChat;
use other::OtherChat;

fn token() -> Options {
    Options::default().token(|| async { Ok("ada".to_owned()) })
}

/// A server that knows both of the others, and what to do about those that it cannot serve.
async fn server(policy: ContractPolicy, store: &Store, address: Option<SocketAddr>) -> Server {
    fn file<C: Describe>() -> (String, String) {
        let schema = schema(&C::describe()).unwrap().to_string();
        (C::fingerprint().unwrap().to_owned(), schema)
    }
    let files = [file::<OlderChat>(), file::<OtherChat>()];
    let files = files.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    let snapshots = Snapshots::embedded(files).unwrap();
    let change = |gateway: gatewire_server::Gateway<Chat>| {
        gateway.snapshots(snapshots).contract_policy(policy)
    };
    Server::start_with(store, address, change).await
}

async fn strict() -> Server {
    server(ContractPolicy::Refuse, &Store::in_memory().unwrap(), None).await
}

#[tokio::test]
async fn the_same_contract_is_the_same() {
    let server = strict().await;
    let session = Client::<Chat>::new(server.url(), token());
    assert_eq!(session.contract(), None, "nobody has said anything yet");
    session.ready().await.unwrap();
    assert_eq!(session.contract(), Some(Verdict::Same));
    let _listener = session.on_contract_changed(|| panic!("nothing has changed"));
}

#[tokio::test]
async fn an_older_contract_is_compatible_and_served() {
    let server = strict().await;
    let session = connect::<OlderChat>(server.url(), token()).await.unwrap();
    assert_eq!(session.contract(), Some(Verdict::Compatible));
    let posted = session.send(older::SendMessage { text: "hi".to_owned() }).await.unwrap();
    assert_eq!((posted.place, posted.by.as_str()), (1, "ada"));
}

#[tokio::test]
async fn another_contract_is_told_of_once_and_served() {
    let store = Store::in_memory().unwrap();
    let policy = ContractPolicy::Warn;
    let running = server(policy, &store, None).await;
    let address = running.address;
    let (problem, mut problems) = told();
    let options = token().on_problem(move |it| problem(it.to_string()));
    let session = Client::<OtherChat>::new(running.url(), options);
    let (tell, mut changes) = told();
    let _early = session.on_contract_changed(move || tell(()));
    session.ready().await.unwrap();
    assert_eq!(session.contract(), Some(Verdict::Differs));
    assert_eq!(changes.recv().await, Some(()));
    assert!(problems.recv().await.unwrap().contains("another contract"));

    let (tell, mut at_once) = told();
    let _late = session.on_contract_changed(move || tell(()));
    assert_eq!(at_once.try_recv(), Ok(()));

    // The next welcome says the same.
    running.stop().await;
    let running = server(policy, &store, Some(address)).await;
    let reply = session.send(other::SendMessage { text: "hi".to_owned() }).await;
    assert_eq!(reply.unwrap_err().code(), "unreadable", "the reply is another contract's");
    drop(running);
    assert!(changes.is_empty() && at_once.is_empty() && problems.is_empty());
}

#[tokio::test]
async fn another_contract_is_refused_with_an_error_that_says_so() {
    let server = strict().await;
    let session = Client::<OtherChat>::new(server.url(), token());
    let early = session.send(other::SendMessage { text: "early".to_owned() });
    let refused = |error| matches!(error, Error::ContractRefused);
    assert!(refused(session.ready().await.unwrap_err()));
    let error = early.await.unwrap_err();
    assert_eq!(error.code(), "contractRefused");
    assert!(refused(error));
}
