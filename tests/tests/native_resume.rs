//! The Rust client from socket to socket, against the gateway.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "these tests use a part of the chat")]
mod chat;

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use chat::{Chat, Fail, Message, SendMessage, Server, told};
use futures_util::{FutureExt, future::BoxFuture};
use gatewire::{CloseCode, Principal};
use gatewire_client::{
    Client, Error, Options, Protocol, SendOptions, SentState, State, TokenBy, connect,
};
use gatewire_server::{
    Store,
    authorize::{Authorizer, Grant, Handshake, Refusal},
};

const KEY: &str = "kept-by-the-application";

/// How long a token of [`Brief`] is good: no longer than a client believes it to be.
const BRIEF: Duration = Duration::from_secs(20);

fn ada() -> Options {
    Options::default().token(|| async { Ok("ada".to_owned()) })
}

fn say(text: &str) -> SendMessage {
    SendMessage { text: text.to_owned() }
}

#[tokio::test]
async fn a_session_with_a_name_goes_on_in_another_client() {
    let server = Server::start().await;
    let options = || ada().session(KEY.parse().unwrap());
    let first = connect::<Chat>(server.url(), options()).await.unwrap();
    assert_eq!(first.key().as_str(), KEY);
    assert!(!first.resumed());
    let (tell, mut states) = told();
    let _first = first.on_state(move |change| tell(change.state));
    assert_eq!(first.send(say("one")).await.unwrap().place, 1);

    let (tell, mut heard) = told();
    let second = Client::<Chat>::new(server.url(), options());
    let _listener = second.on(move |message: Message| tell(message.text));
    second.ready().await.unwrap();
    assert!(second.resumed());
    assert_eq!(second.send(say("two")).await.unwrap().place, 2, "its ids count on");
    while heard.recv().await.unwrap() != "two" {}

    // The newer one has the session.
    while states.recv().await != Some(State::Closed) {}
    let error = first.send(say("late")).await.unwrap_err();
    assert!(matches!(error, Error::Ended(CloseCode::TAKEN_OVER)), "{error}");
}

/// Each connection lives for half a second, so that the session moves on while it is in use.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn everything_is_run_once_and_heard_once_while_sockets_come_and_go() {
    let store = Store::in_memory().unwrap();
    let brief = Duration::from_millis(500);
    let mut server = Server::start_with(&store, None, |gateway| gateway.lifetime(brief)).await;
    let session = connect::<Chat>(server.url(), ada()).await.unwrap();
    let (tell, mut heard) = told();
    let (miss, mut gaps) = told();
    let _listeners =
        (session.on(move |message: Message| tell(message.text)), session.on_gap(move || miss(())));
    let is_over = Arc::new(AtomicBool::new(false));
    let tasks: Vec<_> = (0..8)
        .map(|task| {
            let (session, is_over) = (session.clone(), Arc::clone(&is_over));
            tokio::spawn(async move {
                let mut places = Vec::new();
                while !is_over.load(Ordering::Relaxed) {
                    let text = format!("{task}-{}", places.len());
                    places.push(session.send(say(&text)).await.unwrap().place);
                }
                places
            })
        })
        .collect();
    for _ in 0..3 {
        server.closed.recv().await.unwrap();
    }
    is_over.store(true, Ordering::Relaxed);
    let mut places = Vec::new();
    for task in tasks {
        places.extend(task.await.unwrap());
    }
    let count = places.len();
    places.sort_unstable();
    assert!(places.into_iter().eq(1..=count), "each was run, and once");
    let mut texts = BTreeSet::new();
    while texts.len() < count {
        assert!(texts.insert(heard.recv().await.unwrap()), "each was heard, and once");
    }
    assert!(gaps.try_recv().is_err() && heard.try_recv().is_err());
}

#[tokio::test]
async fn a_send_through_a_queue_has_a_receipt() {
    let server = Server::start().await;
    let session = connect::<Chat>(server.url(), ada()).await.unwrap();
    server.app.out_of_order();
    let mut sent = session.send(chat::Note { text: "dear diary".to_owned() });
    let receipt = sent.accepted().await.unwrap().unwrap();
    assert_eq!(receipt.sequence_number.len(), 20);
    assert_eq!(sent.state(), SentState::Accepted);
    sent.cancel();
    assert!(matches!(sent.await, Err(Error::Cancelled)));

    let mut sent = session.send(say("no queue"));
    assert_eq!(sent.accepted().await.unwrap(), None);
    assert_eq!(sent.state(), SentState::Answered);
    assert_eq!(sent.await.unwrap().by, "ada");
}

#[tokio::test]
async fn what_waits_for_a_server_that_never_comes_expires() {
    let session = Client::<Chat>::new("ws://127.0.0.1:9/ws", ada());
    let options = SendOptions::default().ttl(Duration::from_millis(1));
    let error = session.send_with(say("stale"), options).await.unwrap_err();
    assert!(matches!(error, Error::Expired), "{error}");
}

#[tokio::test]
async fn a_token_travels_in_the_url_and_in_a_header_too() {
    let server = Server::start().await;
    for way in [TokenBy::Subprotocol, TokenBy::Query, TokenBy::Header] {
        let session = connect::<Chat>(server.url(), ada().token_by(way)).await.unwrap();
        assert_eq!(session.send(say("hi")).await.unwrap().by, "ada", "{way:?}");
    }
}

#[tokio::test]
async fn the_plain_protocol_has_events_and_complaints_and_no_replies() {
    let server = Server::start().await;
    let (complain, mut problems) = told();
    let options =
        ada().protocol(Protocol::Plain).on_problem(move |problem| complain(problem.to_string()));
    let session = connect::<Chat>(server.url(), options).await.unwrap();
    let (tell, mut heard) = told();
    let _listener = session.on(move |message: Message| tell(message.text));
    session.send(say("hi")).detach();
    assert_eq!(heard.recv().await.unwrap(), "hi");
    session.send(Fail {}).await.unwrap();
    let problem = problems.recv().await.unwrap();
    assert!(problem.contains("the room is full"), "{problem}");
}

/// Takes any token for Ada's, for a while.
struct Brief;

impl Authorizer for Brief {
    fn authorize<'a>(&'a self, handshake: &'a Handshake) -> BoxFuture<'a, Result<Grant, Refusal>> {
        let expires = SystemTime::now().duration_since(UNIX_EPOCH).unwrap() + BRIEF;
        let principal = Principal { id: "ada".to_owned(), ..Principal::default() };
        let grant = Grant {
            principal: Arc::new(principal),
            expires: Some(u64::try_from(expires.as_millis()).unwrap()),
        };
        assert!(handshake.token("token").is_some());
        std::future::ready(Ok(grant)).boxed()
    }
}

#[tokio::test]
async fn a_token_is_replaced_before_it_ends() {
    let store = Store::in_memory().unwrap();
    let server = Server::start_with(&store, None, |gateway| gateway.authorize(Brief)).await;
    let (tell, mut fetched) = told();
    let calls = AtomicUsize::new(0);
    let options = Options::default().token(move || {
        let call = calls.fetch_add(1, Ordering::Relaxed);
        tell(call);
        async move { Ok(format!("ada-{call}")) }
    });
    let session = Client::<Chat>::new(server.url(), options);
    session.ready().await.unwrap();
    let (tell, mut states) = told();
    let _listener = session.on_state(move |change| tell(change.state));
    while fetched.recv().await != Some(1) {}
    assert_eq!(session.send(say("still here")).await.unwrap().by, "ada");
    assert!(states.try_recv().is_err(), "it was open all the time");
}
