//! What holds for a session whatever happens, in whatever order.

#![cfg(not(target_arch = "wasm32"))]

mod observer;
mod world;

use gatewire_client::session::{Input, Options, Overflow, Protocol};
use gatewire_core::CloseCode;
use proptest::prelude::*;

use self::world::{Answer, Step, World};

fn options() -> impl Strategy<Value = Options> {
    let overflow = prop::sample::select(vec![Overflow::Reject, Overflow::DropOldest]);
    let protocol = prop_oneof![3 => Just(Protocol::Gatewire), 1 => Just(Protocol::Plain)];
    (overflow, protocol).prop_map(|(overflow, protocol)| Options {
        queue_length: 8,
        queue_bytes: 400,
        overflow,
        low_water: 100,
        protocol,
    })
}

fn step() -> impl Strategy<Value = Step> {
    let id = 1..40_u64;
    let time = prop::sample::select(vec![0, 50, 60_000, 600_000, u64::MAX]);
    prop_oneof![
        16 => Just(Step::Succeed),
        12 => (0..150_usize, time.clone(), time.clone())
            .prop_map(|(size, timeout, ttl)| Step::Send { size, timeout, ttl }),
        10 => Just(Step::Ring),
        8 => welcome(),
        6 => tell(id.clone().prop_map(Input::Answered)),
        6 => (0..4_u64).prop_map(|skip| Step::Event { skip }),
        3 => tell(id.clone().prop_map(Input::Accepted)),
        3 => (0..100_000_u64).prop_map(Step::Pass),
        2 => code().prop_map(Step::LoseLine),
        2 => code().prop_map(Step::LoseAttempt),
        2 => Just(Step::RepeatEvent),
        2 => (0..300_usize).prop_map(|bytes| Step::Tell(Input::Buffered(bytes))),
        2 => (0..5_000_u64).prop_map(|delay| Step::Tell(Input::GoAway { delay })),
        2 => time.prop_map(|delay| Step::Tell(Input::Expires { delay })),
        8 => tell(prop::sample::select(vec![
            Input::Connect, Input::Connect, Input::TokenReady, Input::TokenFailed, Input::Heard,
            Input::Ping(7), Input::Wake, Input::Doubt, Input::Suspend, Input::Tick,
        ])),
        1 => tell(id.prop_map(Input::Cancel)),
        1 => tell(prop::sample::select(vec![Input::Close, Input::Tick, Input::Tick])),
    ]
}

fn tell(input: impl Strategy<Value = Input>) -> impl Strategy<Value = Step> {
    input.prop_map(Step::Tell)
}

fn code() -> impl Strategy<Value = CloseCode> {
    let codes = vec![1000, 1001, 1006, 1006, 1006, 1009, 1012, 1012, 4401, 4409, 4409, 4429];
    prop::sample::select(codes).prop_map(CloseCode)
}

fn welcome() -> impl Strategy<Value = Step> {
    let answer = prop_oneof![
        6 => Just(Answer::Resumed),
        1 => (1..5_u64).prop_map(|missing| Answer::Gap { missing }),
        1 => (0..9_u64).prop_map(|seen| Answer::Forgotten { seen }),
    ];
    let refresh = prop::sample::select(vec![0, 10_000, 3_600_000, u64::MAX, u64::MAX]);
    (answer, 0..60_000_u64, 60..200_usize, 0..4_usize, refresh).prop_map(
        |(answer, heartbeat, message, in_flight, refresh_in)| Step::Welcome {
            answer,
            heartbeat,
            message,
            in_flight,
            refresh_in,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn promises_hold_in_any_order_of_events(
        options in options(),
        steps in prop::collection::vec(step(), 0..200),
    ) {
        let mut world = World::new(options);
        for step in steps {
            world.take(step);
        }
        world.take(Step::Tell(Input::Close));
        prop_assert!(world.is_quiet());
    }

    /// The timer rings as often as the session asks for it, and never in vain.
    #[test]
    fn a_session_left_alone_is_never_busy(
        options in options(),
        steps in prop::collection::vec(step(), 0..60),
    ) {
        let mut world = World::new(options);
        for step in steps {
            world.take(step);
        }
        let begin = world.now();
        let rings = (0..2_000).take_while(|_| world.ring() && world.now() - begin < 600_000).count();
        // A congested socket is measured twenty times a second until somebody measures it; this
        // driver does at once. What is left are heartbeats of a second, and attempts.
        prop_assert!(rings < 2_000, "{rings} rings within {} ms", world.now() - begin);
    }
}
