//! Processes that do not do what they should: whoever waits hears the right error, and the next
//! invocation works.

use std::{fs, process::Command, time::Duration};

use gatewire_server::lambda::InvokeError;
use serde_json::{Value, json};

use super::{Hosted, LONG, is_gone, until};

/// A function with little time, so that what hangs is soon found out.
fn impatient() -> Hosted {
    Hosted::start(|settings| settings.timeout = Duration::from_millis(300))
}

#[tokio::test]
async fn what_ends_a_process_is_told_and_another_takes_its_place() {
    let hosted = Hosted::start(|_| {});
    let error = |event: Value| hosted.fails(event);
    let mut before = hosted.pid().await;
    for (event, end) in [
        (json!({"do": "exit", "status": 1}), "Runtime exited with error: exit status 1"),
        (json!({"do": "exit", "status": 0}), "Runtime exited without providing a reason"),
        (json!({"do": "killed"}), "Runtime exited with error: signal: killed"),
    ] {
        let error = error(event).await;
        assert_eq!(error.error_type, "Runtime.ExitError");
        assert!(error.message.starts_with("RequestId: "), "{error}");
        assert!(error.message.ends_with(&format!(" Error: {end}")), "{error}");
        let after = hosted.pid().await;
        assert_ne!(after, before);
        assert!(is_gone(before), "nor is it a zombie");
        before = after;
    }
}

#[tokio::test]
async fn what_throws_goes_on() {
    let hosted = Hosted::start(|_| {});
    let before = hosted.pid().await;
    let error = hosted.fails(json!({"do": "throw"})).await;
    assert_eq!((error.error_type.as_str(), error.message.as_str()), ("ValueError", "no"));
    assert_eq!(hosted.pid().await, before);
}

#[tokio::test]
async fn what_takes_longer_than_its_time_is_killed() {
    for mode in ["hang", "late"] {
        let hosted = impatient();
        let before = hosted.pid().await;
        let error = hosted.fails(json!({"do": mode})).await;
        assert_eq!(error.error_type, "Sandbox.Timedout");
        assert!(error.message.ends_with("Task timed out after 0.30 seconds"), "{error}");
        assert_ne!(hosted.pid().await, before);
        until(|| is_gone(before)).await;
    }
}

#[tokio::test]
async fn what_it_prints_is_never_taken_for_an_answer() {
    let hosted = Hosted::start(|_| {});
    let answer = hosted.invoke(json!({"do": "garbage"})).await.unwrap();
    assert_eq!(answer["event"]["do"], "garbage");
    assert_eq!(hosted.pid().await, answer["pid"], "and it went on");
}

#[tokio::test]
async fn an_answer_counts_once_and_for_its_own_invocation() {
    let hosted = Hosted::start(|_| {});
    let first = hosted.invoke(json!({"do": "twice"})).await.unwrap();
    assert_eq!(first["event"]["do"], "twice");
    let second = hosted.invoke(json!({"do": "ok"})).await.unwrap();
    assert_eq!(second, 400, "what the second answer was told");
    let wrong = hosted.invoke(json!({"do": "wrong"})).await.unwrap();
    assert_eq!(wrong["wrong"], 400);
    let again = hosted.invoke(json!({"do": "again"})).await.unwrap();
    assert_eq!(again["again"], 403);
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_the_functions_error() {
    let hosted = Hosted::start(|_| {});
    let error = hosted.fails(json!({"do": "large"})).await;
    assert_eq!(error.error_type, "Function.ResponseSizeTooLarge");
    hosted.pid().await;
}

#[tokio::test]
async fn a_function_that_cannot_begin_says_why_at_once() {
    let hosted = Hosted::started("error");
    let error = hosted.fails(json!({"do": "ok"})).await;
    assert_eq!(error.error_type, "Runtime.ImportModuleError");
    assert_eq!(error.message, "Unable to import module");
    let hosted = Hosted::started("exit");
    for attempt in 0..5 {
        let error = hosted.fails(json!({"do": "ok"})).await;
        assert!(error.message.ends_with("exit status 3"), "attempt {attempt}: {error}");
    }
}

#[tokio::test]
async fn a_process_that_never_asks_for_work_is_killed() {
    let hosted = Hosted::start(|settings| {
        settings.environment.insert("START".into(), "hang".into());
        settings.start_timeout = Duration::from_millis(200);
    });
    let error = hosted.fails(json!({"do": "ok"})).await;
    assert_eq!(error.error_type, "Sandbox.Timedout");
    assert!(error.message.ends_with("Task timed out after 0.20 seconds"), "{error}");
    assert!(hosted.function.drain(LONG).await);
}

#[tokio::test]
async fn a_function_that_is_mended_works_again() {
    let hosted = Hosted::started("mended");
    hosted.fails(json!({"do": "ok"})).await;
    fs::write(hosted.file("mended"), "").unwrap();
    hosted.pid().await;
}

#[tokio::test]
async fn a_process_killed_from_outside_is_replaced() {
    let hosted = Hosted::start(|_| {});
    let before = hosted.pid().await;
    Command::new("kill").args(["-9", &before.to_string()]).status().unwrap();
    until(|| is_gone(before)).await;
    // The host hears of the death at the same time: an invocation in between shares it.
    let first = hosted.invoke(json!({"do": "ok"})).await;
    if let Err(error) = &first {
        assert!(error.to_string().ends_with("signal: killed"), "{error}");
    }
    assert_ne!(hosted.pid().await, before);
}

#[tokio::test]
async fn other_processes_and_other_functions_do_not_feel_it() {
    let hosted = Hosted::start(|settings| settings.concurrency = 2);
    let other = Hosted::start(|_| {});
    let one = other.pid().await;
    let work = async {
        for _ in 0..20 {
            assert_eq!(other.pid().await, one);
            hosted.pid().await;
        }
    };
    let trouble = async {
        for event in [json!({"do": "killed"}), json!({"do": "exit"}), json!({"do": "garbage"})] {
            drop(hosted.invoke(event).await);
        }
        hosted.invoke(json!({"do": "gate"})).await
    };
    let open = async {
        work.await;
        until(|| hosted.file("entered").exists()).await;
        let meanwhile = hosted.pid().await;
        fs::write(hosted.file("open"), "").unwrap();
        meanwhile
    };
    let (gate, meanwhile) = tokio::join!(trouble, open);
    assert_ne!(gate.unwrap()["pid"], meanwhile, "one stood still while the other worked");
}

#[tokio::test]
async fn an_invocation_that_waits_for_a_hanging_process_gets_the_next() {
    let hosted = impatient();
    hosted.pid().await;
    let (hang, waits) =
        tokio::join!(hosted.invoke(json!({"do": "hang"})), hosted.invoke(json!({"do": "ok"})));
    assert!(matches!(hang, Err(InvokeError::Function(_))), "{hang:?}");
    assert_eq!(waits.unwrap()["event"]["do"], "ok");
}
