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

pub(crate) async fn a_token_that_ends_is_replaced_on_the_same_socket<D: Driver>() {
    let fetched = tokens([Ok("one"), Ok("two")]);
    let mut stage = Stage::<D>::with(|setup| setup.token = Some(fetched));
    let soon = json!({ "expires": unix_now() + 1_200 });
    stage.server.welcome_with(&soon).await;
    assert_eq!(stage.server.text().await, json!({ "token": "two" }));
    stage.server.say(&json!({ "token": { "expires": unix_now() + 3_600_000 } }));
    let reply = stage.session.send("still here");
    let action = stage.server.text().await;
    stage.server.answer(&action, 1);
    assert_eq!(reply.await, Ok(1));
    stage.state("open").await;
    assert!(stage.states.is_idle() && stage.server.is_idle());
}

pub(crate) async fn a_token_says_itself_when_it_ends<D: Driver>() {
    let (soon, late) = (jwt_for(1_200), jwt_for(3_600_000));
    let fetched = tokens([Ok(soon), Ok(late.clone())]);
    let stage = Stage::<D>::with(|setup| setup.token = Some(fetched));
    stage.server.welcome().await;
    assert_eq!(stage.server.text().await, json!({ "token": late }));
    stage.server.say(&json!({ "token": {} }));
    assert!(stage.server.is_idle());
}

pub(crate) async fn a_newer_token_that_is_refused_ends_the_session<D: Driver>() {
    let fetched = tokens([Ok("one"), Ok("two")]);
    let mut stage = Stage::<D>::with(|setup| setup.token = Some(fetched));
    let (tell, mut told) = Told::new();
    let _listener = stage.session.on_unauthorized(tell);
    stage.server.welcome_with(&json!({ "expires": unix_now() + 1_200 })).await;
    stage.server.text().await;
    stage.server.end(4401);
    stage.state("closed").await;
    told.next().await;
}
