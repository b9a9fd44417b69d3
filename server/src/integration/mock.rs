//! An integration that asks nobody: it lets everybody in on `$connect`, or answers from templates.

use futures_util::future::{BoxFuture, ready};
use gatewire::{Error, Result};
use serde::Deserialize;

use super::{
    Call, Integration, IntegrationResponse, Outcome, Passthrough, Response, Templates,
    shape::{Answering, Asking, Failure, Reads, outcome},
};
use crate::{
    expression::Scope,
    trace::{Kind, NewSpan},
};

/// The status where no template says one.
const ACCEPTED: u16 = 200;

/// Answers without asking anybody (API Gateway: `MOCK`).
///
/// A request template renders to `{"statusCode":200}`; its status selects an integration response,
/// whose template makes the body. Without templates the status is 200, without responses the body
/// is empty. The templates of responses read the message: there is no other body.
#[derive(Clone, Debug, Default)]
pub struct MockIntegration {
    asking: Asking,
    answering: Answering,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Rendered {
    status_code: u16,
}

impl MockIntegration {
    /// One that accepts everything and says nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Chooses the status by these templates.
    #[must_use]
    pub fn request_templates(mut self, templates: Templates) -> Self {
        self.asking.templates = templates;
        self
    }

    /// Says what becomes of a message that no request template is for.
    #[must_use]
    pub fn passthrough(mut self, passthrough: Passthrough) -> Self {
        self.asking.passthrough = passthrough;
        self
    }

    /// Adds an integration response. The first whose pattern matches the status is taken.
    #[must_use]
    pub fn response(mut self, response: IntegrationResponse) -> Self {
        self.answering.push(response);
        self
    }

    fn answer(&self, scope: &dyn Scope) -> Result<Response, Failure> {
        let status = match self.asking.render(scope)? {
            None => ACCEPTED,
            Some(text) => {
                serde_json::from_str::<Rendered>(&text)
                    .map_err(|error| no_status(&error))?
                    .status_code
            }
        };
        self.answering.shape(Response { status, ..Response::default() }, Reads::Message, scope)
    }
}

fn no_status(source: &serde_json::Error) -> Failure {
    let reason = format!("the template of a mock renders to no {{\"statusCode\":…}}: {source}");
    Error::internal(reason).into()
}

impl Integration for MockIntegration {
    fn call(&self, call: Call) -> BoxFuture<'static, Result<Outcome>> {
        let answer = self.answer(&call.scope());
        Box::pin(ready(outcome(&call, answer)))
    }

    fn has_latency(&self) -> bool {
        false
    }

    fn span(&self, call: &Call) -> NewSpan {
        NewSpan::new(Kind::Internal, format!("mock {}", call.route))
    }
}

#[cfg(test)]
mod tests {
    use crate::event::json::tests::{connect, message};

    use super::*;

    fn templates(text: &str) -> Templates {
        Templates::default().with("$default", text.parse().unwrap())
    }

    fn response(key: &str, text: &str) -> IntegrationResponse {
        IntegrationResponse::new(key.parse().unwrap()).templates(templates(text))
    }

    async fn answer(mock: &MockIntegration, call: Call) -> Result<(u16, String), String> {
        match mock.call(call).await.map_err(|error| error.to_string())? {
            Outcome::Response(Response { status, body, .. }) => {
                Ok((status, String::from_utf8(body.to_vec()).unwrap()))
            }
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn a_bare_mock_accepts_and_says_nothing() {
        assert_eq!(answer(&MockIntegration::new(), connect()).await, Ok((200, String::new())));
    }

    #[tokio::test]
    async fn the_status_of_the_template_selects_the_response() {
        let mock = MockIntegration::new()
            .request_templates(templates(
                "#if($input.path('$.data') == 'hi'){\"statusCode\":201}#else{\"statusCode\":404}#end",
            ))
            .response(response(r"/2\d\d/", "hello $context.connectionId, you said $input.json('$.data')"))
            .response(response("$default", "no"));
        let hello = r#"hello Yk3nQcX9IAMCJ2g=, you said "hi""#.to_owned();
        assert_eq!(answer(&mock, message()).await, Ok((201, hello)));
        assert_eq!(answer(&mock, connect()).await, Ok((404, "no".to_owned())));
    }

    #[tokio::test]
    async fn what_no_response_is_for_is_an_error_and_500_on_connect() {
        let mock = MockIntegration::new().response(response("/4../", ""));
        assert_eq!(answer(&mock, message()).await.unwrap_err(), "internal: internal error");
        assert_eq!(answer(&mock, connect()).await.unwrap().0, 500);
    }

    #[tokio::test]
    async fn a_template_without_a_status_is_an_error() {
        let mock = MockIntegration::new().request_templates(templates("fine"));
        assert_eq!(answer(&mock, message()).await.unwrap_err(), "internal: internal error");
    }

    #[tokio::test]
    async fn passthrough_decides_over_messages_without_a_template() {
        let none = |passthrough| MockIntegration::new().passthrough(passthrough);
        let other = |passthrough| {
            let templates =
                Templates::default().with("other", "{\"statusCode\":200}".parse().unwrap());
            none(passthrough).request_templates(templates)
        };
        for (mock, accepted) in [
            (none(Passthrough::WhenNoMatch), true),
            (none(Passthrough::WhenNoTemplates), true),
            (none(Passthrough::Never), false),
            (other(Passthrough::WhenNoMatch), true),
            (other(Passthrough::WhenNoTemplates), false),
            (other(Passthrough::Never), false),
        ] {
            assert_eq!(answer(&mock, message()).await.is_ok(), accepted, "{mock:?}");
            let status = if accepted { 200 } else { 415 };
            assert_eq!(answer(&mock, connect()).await.unwrap().0, status, "{mock:?}");
        }
    }
}
