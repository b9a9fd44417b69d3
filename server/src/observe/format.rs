//! What the line of a request looks like.

use serde_json::Value;

use super::{Ended, scope::Escaped};
use crate::expression::{Expression, ExpressionError, Use};

/// What a line of the access log looks like.
#[derive(Clone, Debug)]
pub(crate) enum Format {
    /// One JSON object with everything there is.
    Json,
    /// API Gateway's: a text with `$context` variables, `-` where one is worth nothing.
    Text(Expression),
}

impl Format {
    /// Reads a format of API Gateway's.
    pub(crate) fn text(text: &str) -> Result<Self, ExpressionError> {
        Expression::parse(text, Use::AccessLog).map(Self::Text)
    }

    /// The line of a request, without the end of the line.
    pub(super) fn line(&self, ended: &Ended<'_>) -> String {
        match self {
            Self::Json => Value::Object(ended.to_object()).to_string(),
            Self::Text(format) => format.resolve_for_log(&Escaped(ended)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use gatewire::{Error, Principal};
    use serde_json::json;

    use super::*;
    use crate::{
        event::{Opened, json::tests::message},
        integration::Call,
        observe::{Answered, Failure, Integrated},
    };

    fn line(format: &str, ended: &Ended<'_>) -> String {
        Format::text(format).unwrap().line(ended)
    }

    fn done(call: &Call) -> Ended<'_> {
        let (answer, latency) = (Answered::Status(204), Duration::from_millis(12));
        let integration = Some(Integrated { answer, latency: Some(latency) });
        Ended { call, status: 200, failure: None, integration }
    }

    #[test]
    fn a_text_has_what_the_request_had_and_dashes() {
        let call = message();
        let text = "$context.routeKey $context.status $context.integrationLatency \
                    $context.integration.status $context.error.message $context.waf.error";
        assert_eq!(line(text, &done(&call)), "sendmessage 200 12 204 - -");
    }

    #[test]
    fn a_failure_says_what_the_client_heard_and_what_it_did_not() {
        let call = message();
        let error = Error::internal("the disk is full");
        let (answer, latency) = (Answered::of_error(&error), Duration::ZERO);
        let ended = Ended {
            call: &call,
            status: 502,
            failure: Some(Failure::of(&error)),
            integration: Some(Integrated { answer, latency: Some(latency) }),
        };
        let text = "$context.status $context.error.messageString $context.error.responseType \
                    $context.integration.error $context.integration.status";
        let expected = r#"502 "Internal server error" INTEGRATION_FAILURE the disk is full -"#;
        assert_eq!(line(text, &ended), expected);
    }

    #[test]
    fn no_value_ends_a_line_or_a_member() {
        let mut call = message();
        let user_agent = "a\"b\nc\\".to_owned();
        call.caller.opened = Arc::new(Opened { user_agent, ..Opened::default() });
        let line = line(r#"{"agent":"$context.identity.userAgent"}"#, &done(&call));
        assert!(!line.contains('\n'));
        let parsed: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(parsed, json!({"agent": "a\"b\nc\\"}));
    }

    #[test]
    fn json_has_everything_and_nothing_else() {
        let mut call = message();
        let claims = json!({"role": "admin"}).as_object().unwrap().clone();
        call.caller.principal = Arc::new(Principal { id: "ada".to_owned(), claims });
        let line: Value = serde_json::from_str(&Format::Json.line(&done(&call))).unwrap();
        assert_eq!(line["routeKey"], "sendmessage");
        assert_eq!(line["eventType"], "MESSAGE");
        assert_eq!(line["authorizer"], json!({"role": "admin", "principalId": "ada"}));
        let expected = json!({"integrationStatus": 204, "latency": 12, "status": 204});
        assert_eq!(line["integration"], expected);
        assert_eq!(line.get("error"), None);
        assert_eq!(line.get("body"), None);
    }
}
