//! Who a session is, while tokens come and go.

use crate::{
    drivers::{Driver, Told},
    peer::{jwt_for, unix_now},
    stage::{Stage, tokens},
};
use serde_json::json;

pub(crate) async fn a_token_that_cannot_be_fetched_is_reported_and_fetched_again<D: Driver>() {
    let fetched = tokens([Err("signed out"), Ok("good")]);
    let mut stage = Stage::<D>::with(|setup| setup.token = Some(fetched));
    let problem = stage.problems.next().await;
    assert!(problem.contains("signed out"), "{problem}");
    assert_eq!(stage.server.opening().await[1], "gatewire.token.good");
}

pub(crate) async fn a_token_that_no_subprotocol_can_carry_ends_the_session<D: Driver>() {
    let token = tokens([Ok("two words")]);
    let Stage { server, session, .. } = Stage::<D>::with(|setup| setup.token = Some(token));
    let reply = session.send("early");
    assert_eq!(session.ready().await, Err("unusable".to_owned()));
    assert_eq!(reply.await, Err("unusable".to_owned()));
    assert_eq!(session.state(), "closed");
    assert!(server.is_idle());
}

pub(crate) async fn a_refused_token_is_told_and_rejects_what_waits<D: Driver>() {
    let mut stage = Stage::<D>::start();
    let (tell, mut told) = Told::new();
    let _listener = stage.session.on_unauthorized(tell);
    let reply = stage.session.send("early");
    stage.server.accept().await;
    stage.server.end(4401);
    assert_eq!(stage.session.ready().await, Err("unauthorized".to_owned()));
    assert_eq!(reply.await, Err("unauthorized".to_owned()));
    stage.state("closed").await;
    told.next().await;
    assert!(told.is_idle(), "once");
}

/// Three at once: a token is good for twenty seconds, whatever a clock says, and is replaced after fifteen.
pub(crate) async fn a_token_that_ends_is_replaced_on_the_same_socket<D: Driver>() {
    let fetched = |second: &str| tokens([Ok(jwt_for(1)), Ok(second.to_owned())]);
    let stage = |second| Stage::<D>::with(|setup| setup.token = Some(fetched(second)));
    let [mut by_the_server, mut by_itself, mut refused] = ["two", "too", "bad"].map(stage);
    let (tell, mut told) = Told::new();
    let _listener = refused.session.on_unauthorized(tell);
    for stage in [&mut by_the_server, &mut refused] {
        stage.server.welcome_with(&json!({ "expires": unix_now() + 20_000 })).await;
        stage.state("open").await;
    }
    by_itself.server.welcome().await;
    by_itself.state("open").await;

    assert_eq!(by_the_server.server.text().await, json!({ "token": "two" }));
    by_the_server.server.say(&json!({ "token": { "expires": unix_now() + 3_600_000 } }));
    assert_eq!(by_itself.server.text().await, json!({ "token": "too" }));
    by_itself.server.say(&json!({ "token": {} }));
    for stage in [&mut by_the_server, &mut by_itself] {
        let reply = stage.session.send("still here");
        let action = stage.server.text().await;
        stage.server.answer(&action, 1);
        assert_eq!(reply.await, Ok(1));
        assert!(stage.states.is_idle() && stage.server.is_idle());
    }

    assert_eq!(refused.server.text().await, json!({ "token": "bad" }));
    refused.server.end(4401);
    refused.state("closed").await;
    told.next().await;
}
