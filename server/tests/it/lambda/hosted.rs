//! A function that we host: what it is told, how it begins and how it ends.

use std::{fs, time::Duration};

use bytes::Bytes;
use futures_util::future::join_all;
use gatewire_server::lambda::{Function, HostedFunction, Invocation, InvokeError, Settings};
use serde_json::json;

use super::{Hosted, LONG, has_ended, is_gone, until};

#[tokio::test]
async fn a_function_is_told_what_lambda_tells_it() {
    let hosted = Hosted::start(|settings| {
        settings.handler = Some("app.handler".into());
        settings.region = "eu-central-1".into();
        settings.account = "123456789012".into();
        settings.environment.insert("TABLE".into(), "chat".into());
    });
    let asked = ["_HANDLER", "AWS_REGION", "AWS_LAMBDA_FUNCTION_NAME", "LAMBDA_TASK_ROOT", "TABLE"];
    let event = json!({"do": "ok", "environment": asked, "text": "ü"}).to_string();
    let invocation = Invocation::new(LONG).trace_id("Root=1-6b02bd20-0123456789abcdef01234567");
    let request_id = invocation.request_id().to_owned();
    let answer = hosted.function.invoke(Bytes::from(event), invocation).await.unwrap();
    let told: serde_json::Value = serde_json::from_slice(&answer).unwrap();
    assert_eq!(told["event"]["text"], "ü");
    assert_eq!(
        told["environment"],
        json!({
            "_HANDLER": "app.handler",
            "AWS_REGION": "eu-central-1",
            "AWS_LAMBDA_FUNCTION_NAME": "probe",
            "LAMBDA_TASK_ROOT": hosted.folder.path(),
            "TABLE": "chat",
        })
    );
    let headers = &told["headers"];
    assert_eq!(headers["lambda-runtime-aws-request-id"], *request_id);
    assert_eq!(
        headers["lambda-runtime-invoked-function-arn"],
        "arn:aws:lambda:eu-central-1:123456789012:function:probe"
    );
    assert_eq!(headers["lambda-runtime-trace-id"], "Root=1-6b02bd20-0123456789abcdef01234567");
    let deadline: u128 = headers["lambda-runtime-deadline-ms"].as_str().unwrap().parse().unwrap();
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_millis();
    assert!(deadline > now && deadline <= now + LONG.as_millis(), "{deadline} at {now}");
}

#[tokio::test]
async fn a_process_is_kept_and_more_are_started_as_invocations_wait() {
    let hosted = Hosted::start(|settings| settings.concurrency = 3);
    let first = hosted.pid().await;
    assert_eq!(hosted.pid().await, first);
    let many = join_all((0..20).map(|_| hosted.pid())).await;
    let distinct: std::collections::BTreeSet<u64> = many.into_iter().collect();
    assert!(distinct.contains(&first) && distinct.len() <= 3, "{distinct:?}");
}

#[tokio::test]
async fn a_caller_that_leaves_does_not_disturb_what_runs() {
    let hosted = Hosted::start(|_| {});
    let pid = hosted.pid().await;
    let event = Bytes::from_static(br#"{"do": "gate"}"#);
    let short = Duration::from_millis(50);
    let left = hosted.function.invoke(event, Invocation::new(short)).await;
    assert_eq!(left, Err(InvokeError::TimedOut(short)));
    until(|| hosted.file("entered").exists()).await;
    let waits = hosted.invoke(json!({"do": "ok"}));
    fs::write(hosted.file("open"), "").unwrap();
    assert_eq!(waits.await.unwrap()["pid"], pid, "the same process, after it had finished");
}

#[tokio::test]
async fn a_drain_lets_what_runs_finish_and_leaves_no_process() {
    let hosted = Hosted::start(|settings| settings.concurrency = 2);
    let idle = hosted.pid().await;
    let gate = hosted.invoke(json!({"do": "gate"}));
    let drain = async {
        until(|| hosted.file("entered").exists()).await;
        let draining = hosted.function.drain(LONG);
        let after = async {
            let refused = hosted.invoke(json!({"do": "ok"})).await;
            assert_eq!(refused, Err(InvokeError::Stopped));
            fs::write(hosted.file("open"), "").unwrap();
        };
        tokio::join!(draining, after).0
    };
    let (answer, drained) = tokio::join!(gate, drain);
    let pid = answer.unwrap()["pid"].as_u64().unwrap();
    assert!(drained);
    assert!(is_gone(pid) && is_gone(idle));
    assert!(hosted.function.drain(LONG).await, "a second time there is nothing to do");
}

#[tokio::test]
async fn a_drain_that_takes_too_long_ends_by_force() {
    let hosted = Hosted::start(|_| {});
    let pid = hosted.pid().await;
    let hang = hosted.invoke(json!({"do": "hang"}));
    let (answer, drained) = tokio::join!(hang, hosted.function.drain(Duration::from_millis(50)));
    assert_eq!(answer, Err(InvokeError::Stopped));
    assert!(!drained && is_gone(pid));
}

#[tokio::test]
async fn a_function_that_is_dropped_leaves_nothing_behind() {
    let hosted = Hosted::start(|_| {});
    let answer = hosted.invoke(json!({"do": "child"})).await.unwrap();
    let (pid, child) = (answer["pid"].as_u64().unwrap(), answer["child"].as_u64().unwrap());
    assert!(!is_gone(pid) && !has_ended(child));
    drop(hosted);
    until(|| is_gone(pid) && has_ended(child)).await;
}

#[tokio::test]
async fn descendants_of_a_process_end_with_it() {
    let hosted = Hosted::start(|_| {});
    let child = hosted.invoke(json!({"do": "child"})).await.unwrap()["child"].as_u64().unwrap();
    hosted.fails(json!({"do": "exit"})).await;
    until(|| has_ended(child)).await;
}

#[tokio::test]
async fn an_event_that_lambda_would_not_take_is_refused() {
    let hosted = Hosted::start(|_| {});
    let event = Bytes::from(vec![b' '; 6 * 1024 * 1024 + 1]);
    let refused = hosted.function.invoke(event, Invocation::new(LONG)).await;
    assert!(matches!(refused, Err(InvokeError::TooLarge(_))), "{refused:?}");
}

#[tokio::test]
async fn a_command_that_cannot_be_started_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing");
    for (command, directory) in [("gatewire-no-such-program", folder.path()), ("true", &missing)] {
        let mut settings = Settings::new("probe", vec![command.into()]);
        settings.directory = directory.into();
        let function = HostedFunction::start(settings).unwrap();
        let invoked = function.invoke(Bytes::from_static(b"{}"), Invocation::new(LONG)).await;
        let Err(InvokeError::Function(error)) = invoked else { panic!("{invoked:?}") };
        assert_eq!(error.error_type, "Runtime.InvalidEntrypoint");
        assert!(error.message.contains(command), "{error}");
    }
}
