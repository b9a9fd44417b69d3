//! Through a queue, whose consumer may be in another process.

use axum::http::StatusCode;
use gatewire_server::Store;
use serde_json::json;

use super::{
    SESSION, SPAN, TRACE, Traced,
    collector::{World, hex},
    exporter, trace, traced,
};
use crate::support::Server;

#[tokio::test]
async fn a_trace_goes_through_a_queue_to_its_consumer_over_a_restart() {
    let mut world = World::start().await;
    world.consumer_answers(StatusCode::SERVICE_UNAVAILABLE);
    let served = Traced::start(&traced(&world, 1.0)).await;
    let mut client = served.session().await;
    let frame = json!({"action": "later", "id": 1, "data": {"n": 1}, "trace": trace("01")});
    assert!(client.ask(frame).await["data"]["messageId"].is_string());
    world.asked().await;
    let folder = served.stop(client).await;
    let send = world.span("send jobs");
    assert_eq!(
        (&*send.trace, &send.parent, send.kind),
        (TRACE, &world.span("receive later").id, 4)
    );
    let tries: Vec<_> =
        world.spans().into_iter().filter(|span| span.name == "process jobs").collect();
    assert!(!tries.is_empty());
    assert!(tries.iter().all(|span| span.failed && span.parent == send.id), "{tries:#?}");

    world.consumer_answers(StatusCode::OK);
    while world.asked.try_recv().is_ok() {}
    let served = Traced::start_in(folder, &traced(&world, 1.0)).await;
    let client = served.session().await;
    let delivered = world.asked().await;
    served.stop(client).await;
    let done: Vec<_> = world
        .spans()
        .into_iter()
        .filter(|span| span.name == "process jobs" && !span.failed)
        .collect();
    let [process] = &*done else { panic!("one success: {done:#?}") };
    assert_eq!((&*process.trace, &process.parent, process.kind), (TRACE, &send.id, 5));
    assert_eq!(hex(&delivered.trace.unwrap().span_id()), process.id);
    let record = &delivered.body["Records"][0];
    assert_eq!(process.attribute("messaging.message.id").as_deref(), record["messageId"].as_str());
    assert_eq!(
        record["messageAttributes"]["traceparent"]["stringValue"],
        format!("00-{TRACE}-{}-01", send.id)
    );
    let x_ray = format!("Root=1-{}-{};Parent={};Sampled=1", &TRACE[..8], &TRACE[8..], send.id);
    assert_eq!(record["attributes"]["AWSTraceHeader"], x_ray);
}

#[tokio::test]
async fn messages_that_are_delivered_together_keep_their_traces() {
    let mut world = World::start().await;
    world.consumer_answers(StatusCode::SERVICE_UNAVAILABLE);
    let served = Traced::start(&traced(&world, 1.0)).await;
    let mut client = served.session().await;
    // The first is in flight or waits for its next try, and the others wait behind it.
    for id in 1..=3 {
        let trace = json!({ "traceparent": format!("00-{id:032x}-{SPAN}-01") });
        client.ask(json!({"action": "later", "id": id, "data": {}, "trace": trace})).await;
    }
    world.consumer_answers(StatusCode::OK);
    let together = loop {
        let asked = world.asked().await;
        if asked.body["Records"].as_array().unwrap().len() > 1 {
            break asked;
        }
    };
    served.stop(client).await;
    let spans = world.spans();
    let whole = hex(&together.trace.unwrap().span_id());
    let whole = spans.iter().find(|span| span.id == whole).unwrap();
    assert_eq!((&*whole.parent, &*whole.name), ("", "process jobs"));
    let sent = |id: &String| spans.iter().any(|span| span.id == *id && span.name == "send jobs");
    assert!(whole.links.len() > 1 && whole.links.iter().all(sent), "{whole:#?}");
    let of_batch = spans.iter().filter(|span| span.links == [whole.id.clone()]);
    assert!(of_batch.clone().all(|span| whole.links.contains(&span.parent)));
    assert_eq!(of_batch.count(), whole.links.len());
}

#[tokio::test]
async fn a_worker_goes_on_with_the_trace_in_the_next_process() {
    let world = World::start().await;
    let store = Store::in_memory().unwrap();
    let note = json!({
        "action": "note", "id": 1, "trace": trace("01"),
        "data": {"book": "diary", "text": "dear", "failures": 2},
    });
    let exporting = exporter(&world);
    let server = Server::start_on(&store, |gateway| gateway.tracer(exporting.tracer())).await;
    let mut client = server.session(SESSION).await;
    assert!(client.ask(note.clone()).await["accepted"].is_object());
    drop(client);
    server.stop().await;
    exporting.finish().await;
    let send = world.span("send notes");
    assert!(send.attribute("messaging.message.id").is_some());

    let exporting = exporter(&world);
    let server = Server::start_on(&store, |gateway| gateway.tracer(exporting.tracer())).await;
    let mut client = server.session(SESSION).await;
    client.send(note).await;
    while client.next().await["data"]["place"].is_null() {}
    let echo = json!({"action": "echo", "id": 2, "data": {"text": "x"}, "trace": trace("01")});
    assert_eq!(client.ask(echo).await["id"], 2);
    drop(client);
    server.stop().await;
    exporting.finish().await;
    let spans = world.spans();
    let process: Vec<_> = spans.iter().filter(|span| span.name == "process notes").collect();
    assert!(process.iter().all(|span| span.trace == TRACE && span.parent == send.id));
    let failed: Vec<_> =
        process.iter().map(|span| span.attribute("error.type").is_some()).collect();
    assert_eq!(failed, [true, true, false], "it fails as often as asked");
    assert_eq!(world.span("handle echo").parent, world.span("receive echo").id);
}
