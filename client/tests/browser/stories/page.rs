//! The life of a page, as its browser tells it.

use serde_json::json;
use web_sys::{Event, PageTransitionEvent, PageTransitionEventInit};

use crate::{
    drivers::{Driver, Extras, Sent},
    stage::Stage,
};

fn tell_the_window(event: &Event) {
    web_sys::window().unwrap().dispatch_event(event).unwrap();
}

fn tell_the_document(name: &str) {
    let document = web_sys::window().unwrap().document().unwrap();
    document.dispatch_event(&Event::new(name).unwrap()).unwrap();
}

/// The page goes: for good, or for the way back.
fn hide(is_persisted: bool) {
    let options = PageTransitionEventInit::new();
    options.set_persisted(is_persisted);
    let event = PageTransitionEvent::new_with_event_init_dict("pagehide", &options).unwrap();
    tell_the_window(&event);
}

pub(crate) async fn a_congested_socket_gets_no_more_until_it_has_room<D: Driver>() {
    let Stage { server, session, .. } =
        Stage::<D>::with(|setup| setup.watermarks = Some((100, 10)));
    server.welcome().await;
    session.ready().await.unwrap();
    server.congest(101);
    let (first, second) = (session.send("first"), session.begin("second", Extras::default()));
    let action = server.text().await;
    server.answer(&action, 1);
    assert_eq!(first.await, Ok(1));
    assert_eq!(second.state(), "queued");
    assert!(server.is_idle());
    server.congest(10);
    let action = server.text().await;
    assert_eq!(action["data"]["text"], "second");
    server.answer(&action, 2);
    assert_eq!(second.reply().await, Ok(2));
}

pub(crate) async fn coming_online_asks_whether_the_socket_lives<D: Driver>() {
    let stage = Stage::<D>::open().await;
    tell_the_window(&Event::new("online").unwrap());
    assert_eq!(stage.server.text().await, json!({ "ping": 1 }));
    stage.server.say(&json!({ "pong": 1 }));
    tell_the_document("visibilitychange");
    assert_eq!(stage.server.text().await, json!({ "ping": 2 }));
}

pub(crate) async fn going_offline_asks_whether_the_socket_lives<D: Driver>() {
    let mut stage = Stage::<D>::open().await;
    tell_the_window(&Event::new("offline").unwrap());
    assert_eq!(stage.server.text().await, json!({ "ping": 1 }));
    // It does not, and three seconds later that is believed.
    assert_eq!(stage.server.closing().await, 4408);
    stage.state("waiting").await;
}

pub(crate) async fn coming_back_does_not_wait_for_the_next_attempt<D: Driver>() {
    let mut stage = Stage::<D>::start();
    // Each failure doubles the wait; the page comes back while it is long.
    for _ in 0..4 {
        stage.server.opening().await;
        stage.server.end(1006);
        stage.state("waiting").await;
        tell_the_window(&Event::new("online").unwrap());
        stage.state("connecting").await;
    }
    stage.server.welcome().await;
    stage.state("open").await;
}

pub(crate) async fn a_page_that_is_frozen_leaves_its_socket_and_comes_back<D: Driver>() {
    let mut stage = Stage::<D>::open().await;
    let reply = stage.session.send("hi");
    let action = stage.server.text().await;
    tell_the_document("freeze");
    assert_eq!(stage.server.closing().await, 4000);
    stage.state("waiting").await;
    assert!(stage.server.is_idle());
    tell_the_document("resume");
    stage.server.welcome().await;
    assert_eq!(stage.server.text().await, action);
    stage.server.answer(&action, 1);
    assert_eq!(reply.await, Ok(1));

    hide(true);
    assert_eq!(stage.server.closing().await, 4000);
    tell_the_window(&Event::new("pageshow").unwrap());
    stage.server.opening().await;
}

pub(crate) async fn a_page_that_goes_says_goodbye<D: Driver>() {
    let mut stage = Stage::<D>::open().await;
    hide(false);
    assert_eq!(stage.server.closing().await, 1000);
    stage.state("closed").await;
}

pub(crate) async fn a_page_that_goes_says_what_a_session_with_a_name_has_seen<D: Driver>() {
    let stage = Stage::<D>::with(|setup| setup.session = Some("kept-by-the-page".to_owned()));
    stage.server.welcome().await;
    stage.session.ready().await.unwrap();
    stage.server.post(1, "one");
    hide(false);
    assert_eq!(stage.server.text().await["seen"], 1);
    assert_eq!(stage.session.state(), "open", "the next page goes on with it");
}
