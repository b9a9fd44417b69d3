//! The Rust client on tokio against the gateway, over TCP: what a command-line tool or another server
//! lives with.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod chat;

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use chat::{Chat, Fail, Message, Note, Noted, Posted, SendMessage, Server, told};
use gatewire_client::{Client, Error, Listener, Options, Problem, Sent, State, connect};
use gatewire_server::Store;

/// Options with this token.
fn token(token: &'static str) -> Options {
    Options::default().token(move || async move { Ok(token.to_owned()) })
}

async fn ada(server: &Server) -> Client<Chat> {
    connect(server.url(), token("ada")).await.unwrap()
}

fn say(text: &str) -> SendMessage {
    SendMessage { text: text.to_owned() }
}

#[tokio::test]
async fn a_token_says_who_it_is_and_a_send_is_answered() {
    let server = Server::start().await;
    let session = ada(&server).await;
    assert_eq!(session.state(), State::Open);
    let posted = session.send(say("hi")).await.unwrap();
    assert_eq!(posted, Posted { place: 1, by: "ada".to_owned() });
}

#[tokio::test]
async fn an_event_reaches_its_listeners_until_they_are_dropped() {
    let server = Server::start().await;
    let session = ada(&server).await;
    let (tell, mut heard) = told();
    let listener = session.on(move |message: Message| tell(message.text));
    session.send(say("one")).await.unwrap();
    assert_eq!(heard.recv().await.unwrap(), "one");
    drop(listener);
    session.send(say("two")).await.unwrap();
    assert_eq!(heard.recv().await, None, "what listened is gone");
}

#[tokio::test]
async fn an_error_has_its_code() {
    let server = Server::start().await;
    let session = ada(&server).await;
    let error = session.send(Fail {}).await.unwrap_err();
    assert_eq!((error.code(), error.to_string().as_str()), ("full", "full: the room is full"));
    assert!(error.is_temporary());
}

#[tokio::test]
async fn a_refused_token_ends_the_session_with_an_error_that_says_so() {
    let server = Server::start().await;
    let session = Client::<Chat>::new(server.url(), token("mallory"));
    let early = session.send(say("early"));
    let refused = |error| matches!(error, Error::Unauthorized);
    assert!(refused(session.ready().await.unwrap_err()));
    assert!(refused(early.await.unwrap_err()));
    assert_eq!(session.state(), State::Closed);
}

#[tokio::test]
async fn a_url_that_cannot_be_used_ends_the_session_and_is_not_repeated() {
    for url in ["nowhere", "http://localhost/?ticket=s", "ws://"] {
        let error = connect::<Chat>(url, Options::default()).await.unwrap_err();
        assert_eq!(error.code(), "unusable", "{url}");
        assert!(!error.to_string().contains("ticket"), "{error}");
    }
}

#[tokio::test]
async fn an_action_that_a_restart_left_unanswered_is_answered_once() {
    let store = Store::in_memory().unwrap();
    let server = Server::start_on(&store, None).await;
    server.app.out_of_order();
    let address = server.address;
    let session = ada(&server).await;
    let (tell, mut states) = told();
    let _listener = session.on_state(move |change| tell(change.state));
    let reply = session.send(Note { text: "dear diary".to_owned() });
    server.app.asked().await;
    server.stop().await;
    assert_ne!(states.recv().await, Some(State::Open));

    let server = Server::start_on(&store, Some(address)).await;
    assert_eq!(reply.await.unwrap(), Noted { place: 1 });
    let again = session.send(Note { text: "me again".to_owned() }).await.unwrap();
    assert_eq!(again, Noted { place: 2 }, "the first was noted once");
    assert_eq!(server.app.notes(), ["dear diary", "me again"]);
}

#[tokio::test]
async fn close_says_goodbye_and_rejects_what_waits() {
    let mut server = Server::start().await;
    let session = ada(&server).await;
    server.app.out_of_order();
    let reply = session.send(Note { text: "never answered".to_owned() });
    server.app.asked().await;
    session.close();
    assert_eq!(reply.await.unwrap_err().code(), "closed");
    assert_eq!(session.state(), State::Closed);
    assert_eq!(server.closed.recv().await, Some(1000));
    assert_eq!(session.send(say("late")).await.unwrap_err().code(), "closed");
}

#[tokio::test]
async fn the_last_handle_closes_the_session() {
    let mut server = Server::start().await;
    let session = ada(&server).await;
    let clone = session.clone();
    drop(session);
    clone.send(say("a clone is left")).await.unwrap();
    let reply = clone.send(say("nobody is left"));
    drop(clone);
    assert_eq!(server.closed.recv().await, Some(1000));
    assert_eq!(reply.await.unwrap_err().code(), "closed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn handles_are_used_by_many_tasks_at_once() {
    let server = Server::start().await;
    let session = ada(&server).await;
    let tasks: Vec<_> = (0..16)
        .map(|task| {
            let session = session.clone();
            tokio::spawn(async move {
                for number in 0..50 {
                    let text = format!("{task}-{number}");
                    let posted = session.send(say(&text)).await.unwrap();
                    assert_eq!(session.state(), State::Open);
                    // Its own answer, and not somebody else's.
                    assert!(posted.place > number);
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(session.send(say("the last")).await.unwrap().place, 16 * 50 + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sessions_come_and_go_on_many_threads() {
    let mut server = Server::start().await;
    let tasks: Vec<_> = (0..32)
        .map(|number| {
            let url = server.url();
            tokio::spawn(async move {
                let session = connect::<Chat>(url, token("ada")).await.unwrap();
                if number % 2 == 0 {
                    session.send(say("hi")).await.unwrap();
                } else {
                    session.send(say("hi")).detach();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    for _ in 0..32 {
        assert_eq!(server.closed.recv().await, Some(1000));
    }
}

#[tokio::test]
async fn a_handle_may_be_used_and_dropped_where_there_is_no_runtime() {
    let mut server = Server::start().await;
    let session = ada(&server).await;
    let (tell, mut heard) = told();
    let user = thread::spawn(move || {
        let listener = session.on(move |message: Message| tell(message.text));
        session.send(say("from a thread")).detach();
        (session, listener)
    });
    assert_eq!(heard.recv().await.unwrap(), "from a thread");
    let (session, listener) = user.join().unwrap();
    thread::spawn(move || drop((session, listener))).join().unwrap();
    assert_eq!(server.closed.recv().await, Some(1000));
}

#[tokio::test]
async fn the_last_handle_may_go_while_its_listener_runs() {
    let mut server = Server::start().await;
    let session = ada(&server).await;
    let last = Arc::new(Mutex::new(None));
    let held = Arc::clone(&last);
    session.on(move |_: Message| drop(held.lock().unwrap().take())).forget();
    session.send(say("go")).detach();
    *last.lock().unwrap() = Some(session);
    assert_eq!(server.closed.recv().await, Some(1000));
}

#[tokio::test]
async fn a_listener_that_panics_does_no_harm() {
    let server = Server::start().await;
    let session = ada(&server).await;
    let (tell, mut heard) = told();
    let _clumsy = session.on(|_: Message| panic!("as the test wants it"));
    let _careful = session.on(move |message: Message| tell(message.text));
    session.send(say("hi")).await.unwrap();
    assert_eq!(heard.recv().await.unwrap(), "hi");
    session.send(say("still there")).await.unwrap();
}

#[tokio::test]
async fn a_token_that_is_fetched_with_a_panic_is_reported_and_fetched_again() {
    let server = Server::start().await;
    let (tell, mut problems) = told();
    let calls = AtomicUsize::new(0);
    let options = Options::default()
        .on_problem(move |problem: &Problem| tell(problem.to_string()))
        .token(move || {
            let call = calls.fetch_add(1, Ordering::Relaxed);
            assert!(call > 0, "as the test wants it");
            async { Ok("ada".to_owned()) }
        });
    let session = connect::<Chat>(server.url(), options).await.unwrap();
    let problem = problems.recv().await.unwrap();
    assert!(problem.starts_with("the token could not be fetched: "), "{problem}");
    assert_eq!(session.send(say("hi")).await.unwrap().by, "ada");
}

/// Compiles, or does not.
#[test]
fn handles_sends_and_listeners_may_go_to_other_threads() {
    fn is_shared<T: Send + Sync>() {}
    fn is_sent<T: Send>(_: impl FnOnce() -> T) {}
    is_shared::<Client<Chat>>();
    is_shared::<Listener>();
    is_shared::<Options>();
    is_shared::<Error>();
    is_shared::<Sent<SendMessage>>();
    is_sent(|| connect::<Chat>("ws://localhost", Options::default()));
}
