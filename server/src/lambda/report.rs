//! What the caller of a hosted function is told of a failure, in the words of Lambda.

use std::time::Duration;

use super::{
    FunctionError, InvokeError, Settings,
    hosted::WAITING,
    pool::{Exit, Failure},
};

/// The error of an invocation that failed without an answer.
pub(super) fn failed(failure: Failure, request_id: &str, settings: &Settings) -> InvokeError {
    let report = |error_type: &str, message: String| {
        let message = format!("RequestId: {request_id} Error: {message}");
        InvokeError::Function(FunctionError::new(error_type, message))
    };
    let timed_out = |after: Duration| {
        report(
            "Sandbox.Timedout",
            format!("Task timed out after {:.2} seconds", after.as_secs_f64()),
        )
    };
    let exited = |how: String| report("Runtime.ExitError", how);
    match failure {
        Failure::Exited(Exit::Code(0)) => {
            exited("Runtime exited without providing a reason".into())
        }
        Failure::Exited(Exit::Code(code)) => {
            exited(format!("Runtime exited with error: exit status {code}"))
        }
        Failure::Exited(Exit::Signal(signal)) => {
            exited(format!("Runtime exited with error: signal: {}", signal_name(signal)))
        }
        Failure::Start(error) => InvokeError::Function(error),
        Failure::StartTimedOut => timed_out(settings.start_timeout),
        Failure::TimedOut => timed_out(settings.timeout),
        Failure::Throttled => InvokeError::Throttled(format!("{WAITING} invocations wait")),
        Failure::Stopped => InvokeError::Stopped,
    }
}

/// Signals as Lambda's supervisor spells them, with the numbers that all Unix systems share.
fn signal_name(signal: i32) -> String {
    match signal {
        2 => "interrupt".into(),
        3 => "quit".into(),
        6 => "aborted".into(),
        9 => "killed".into(),
        11 => "segmentation fault".into(),
        15 => "terminated".into(),
        other => format!("signal {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(name: &str) -> Settings {
        Settings::new(name, vec!["true".into()])
    }

    #[test]
    fn failures_read_as_on_lambda() {
        let told = |failure| failed(failure, "8f50", &settings("chat")).to_string();
        for (failure, expected) in [
            (
                Failure::TimedOut,
                "Sandbox.Timedout: RequestId: 8f50 Error: Task timed out after 3.00 seconds",
            ),
            (
                Failure::Exited(Exit::Code(0)),
                "Runtime.ExitError: RequestId: 8f50 Error: Runtime exited without providing a reason",
            ),
            (
                Failure::Exited(Exit::Code(1)),
                "Runtime.ExitError: RequestId: 8f50 Error: Runtime exited with error: exit status 1",
            ),
            (
                Failure::Exited(Exit::Signal(9)),
                "Runtime.ExitError: RequestId: 8f50 Error: Runtime exited with error: signal: killed",
            ),
        ] {
            assert_eq!(told(failure), format!("the function failed: {expected}"));
        }
        assert_eq!(failed(Failure::TimedOut, "", &settings("chat")).status(), 502);
    }
}
