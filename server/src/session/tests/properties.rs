//! Whatever happens, and in whatever order.

use proptest::prelude::*;

use super::stage::{Client, Server, departed, event, id, key, numbered};
use crate::session::ResumeLimits;

/// Two threads post while the client comes back again and again.
#[test]
fn nothing_is_lost_or_doubled_between_the_welcome_and_what_is_posted_meanwhile() {
    const EACH: u64 = 2_000;
    let server = Server::new(ResumeLimits { events: 10_000, ..ResumeLimits::default() });
    let client = server.hello("ada", 0, None, 0);
    let mut seen = 0;
    std::thread::scope(|scope| {
        let post = || {
            for _ in 0..EACH {
                client.session.post(event("x").into(), 0).unwrap();
            }
        };
        let posting = [scope.spawn(post), scope.spawn(post)];
        for n in (1..=u8::MAX).cycle() {
            let posted = posting.iter().all(std::thread::ScopedJoinHandle::is_finished);
            let socket = server.hello("ada", n, Some(seen), 0);
            assert_eq!((socket.resumption.seen, socket.resumption.gap), (seen, false));
            for text in socket.read() {
                seen += 1;
                assert_eq!(text, numbered(seen, "x"));
            }
            if posted {
                break;
            }
        }
    });
    assert_eq!(seen, 2 * EACH);
}

/// What happens to a client, in any order.
#[derive(Clone, Debug)]
enum Step {
    Post,
    /// The client reads all that is written by now.
    Read,
    Acknowledge,
    /// The socket is lost with what is in it.
    Lose,
    /// The client comes back, or comes again while it is still there.
    Return,
    /// The process restarts after a drain.
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => Just(Step::Post),
        3 => Just(Step::Read),
        1 => Just(Step::Acknowledge),
        1 => Just(Step::Lose),
        2 => Just(Step::Return),
        1 => Just(Step::Restart),
    ]
}

proptest! {
    /// Whatever happens: the client handles the events one by one, in order, each once; or it is
    /// told of the gap.
    #[test]
    fn every_event_arrives_once_and_in_order_or_the_gap_is_told(
        steps in proptest::collection::vec(step(), 1..150),
        bound in 1usize..12,
    ) {
        let limits = ResumeLimits { events: bound, ..ResumeLimits::default() };
        let mut server = Server::new(limits);
        let mut client = Some(server.hello("ada", 0, None, 0));
        let (mut posted, mut seen, mut sockets) = (0_u64, 0_u64, 0_u8);
        for step in steps.into_iter().chain([Step::Return, Step::Read]) {
            match step {
                Step::Post => {
                    posted += 1;
                    let session = server.sessions.find(&key("ada")).expect("it is remembered");
                    session.post(event(&posted.to_string()).into(), 0).unwrap();
                }
                Step::Read => {
                    for text in client.iter().flat_map(Client::read) {
                        seen += 1;
                        prop_assert_eq!(text, numbered(seen, &seen.to_string()));
                    }
                }
                Step::Acknowledge => {
                    if let Some(client) = &client {
                        client.session.acknowledge(seen);
                    }
                }
                Step::Lose => {
                    if let Some(client) = client.take() {
                        client.vanish(0);
                    }
                }
                Step::Return => {
                    sockets = sockets.wrapping_add(1);
                    let new = server.hello("ada", sockets, Some(seen), 0);
                    prop_assert!(new.resumption.resumed);
                    prop_assert_eq!(new.resumption.gap, new.resumption.seen != seen);
                    prop_assert!(new.resumption.gap || new.resumption.seen == seen);
                    prop_assert!(posted - new.resumption.seen >= (posted - seen).min(bound as u64));
                    seen = new.resumption.seen;
                    client = Some(new);
                }
                Step::Restart => {
                    let closed = departed(id(0)).closed;
                    let kept = server.sessions.keep_all(0, &closed);
                    server = Server::new(limits);
                    for (session, _) in kept {
                        server.sessions.restore(session, &server.relay);
                    }
                    client = None;
                }
            }
        }
        prop_assert_eq!(seen, posted, "after a return the client has everything there is");
    }
}
