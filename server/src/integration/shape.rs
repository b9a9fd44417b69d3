//! What an integration is asked, and what is made of its answer: request templates and integration
//! responses, which `mock` and `http` share.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use gatewire::{Error, Result};

use super::{Call, Outcome, Response};
use crate::{
    event::Event,
    expression::{Expression, ExpressionError, Responded, ResponseKey, Scope, Use, select},
    template::{RenderError, Template},
};

/// The key of the template that is taken when there is none under the selected key.
const DEFAULT: &str = "$default";

/// What becomes of a message that no request template is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Passthrough {
    /// It goes to the integration as it is.
    #[default]
    WhenNoMatch,
    /// It goes to the integration as it is if there are no templates at all, and else is refused.
    WhenNoTemplates,
    /// It is refused.
    Never,
}

/// Templates by key, and the expression that chooses between them; `$default` is taken when it
/// chooses none.
#[derive(Clone, Debug, Default)]
pub struct Templates {
    /// Without one it is always `$default`.
    selection: Option<Expression>,
    by_key: BTreeMap<String, Template>,
}

impl Templates {
    /// Adds the template of this key.
    #[must_use]
    pub fn with(mut self, key: impl Into<String>, template: Template) -> Self {
        self.by_key.insert(key.into(), template);
        self
    }

    /// Chooses by this expression, compiled for [`Use::Template`] or [`Use::ResponseTemplate`].
    #[must_use]
    pub fn select_by(mut self, selection: Expression) -> Self {
        self.selection = Some(selection);
        self
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_key.is_empty()
    }

    fn select(&self, scope: &dyn Scope) -> Option<&Template> {
        let key = self.selection.as_ref().map(|selection| selection.resolve(scope));
        key.and_then(|key| self.by_key.get(&key)).or_else(|| self.by_key.get(DEFAULT))
    }
}

/// What an integration is asked.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asking {
    pub(crate) templates: Templates,
    pub(crate) passthrough: Passthrough,
}

impl Asking {
    /// The text a template makes of the request; `None`: the message as it is.
    pub(crate) fn render(&self, scope: &dyn Scope) -> Result<Option<String>, Failure> {
        match (self.templates.select(scope), self.passthrough) {
            (Some(template), _) => Ok(Some(template.render(scope)?)),
            (None, Passthrough::WhenNoMatch) => Ok(None),
            (None, Passthrough::WhenNoTemplates) if self.templates.is_empty() => Ok(None),
            (None, Passthrough::WhenNoTemplates | Passthrough::Never) => Err(Failure::Unsupported),
        }
    }
}

/// One integration response: for which answers it is, and what it makes of them.
#[derive(Clone, Debug)]
pub struct IntegrationResponse {
    key: ResponseKey,
    templates: Templates,
    encodes: bool,
}

impl IntegrationResponse {
    /// For answers whose status this key matches; their body stays as it is.
    #[must_use]
    pub fn new(key: ResponseKey) -> Self {
        Self { key, templates: Templates::default(), encodes: false }
    }

    /// Makes the body by these templates. One without a match stays as it is.
    #[must_use]
    pub fn templates(mut self, templates: Templates) -> Self {
        self.templates = templates;
        self
    }

    /// Turns the body of the service's answer into base64, before the templates read it (API Gateway:
    /// `CONVERT_TO_TEXT`).
    #[must_use]
    pub fn convert_to_text(mut self) -> Self {
        self.encodes = true;
        self
    }
}

/// The integration responses of one integration, and what selects between them.
#[derive(Clone, Debug)]
pub(crate) struct Answering {
    selection: Expression,
    responses: Vec<IntegrationResponse>,
}

impl Default for Answering {
    /// By status, as the integrations `HTTP` and `MOCK` always are.
    fn default() -> Self {
        Self { selection: by_status().expect("is of the grammar"), responses: Vec::new() }
    }
}

fn by_status() -> Result<Expression, ExpressionError> {
    Expression::parse("$integration.response.statuscode", Use::Response)
}

impl Answering {
    pub(crate) fn push(&mut self, response: IntegrationResponse) {
        self.responses.push(response);
    }

    /// Whether every answer stays as it is.
    pub(crate) fn is_empty(&self) -> bool {
        self.responses.is_empty()
    }

    /// What becomes of an answer. Templates read its body, or the message where `reads` says so.
    pub(crate) fn shape(
        &self,
        mut response: Response,
        reads: Reads,
        scope: &dyn Scope,
    ) -> Result<Response, Failure> {
        if self.is_empty() {
            return Ok(response);
        }
        let (status, headers) = (response.status, &response.headers);
        let responded = Responded { request: scope, status, headers, body: None };
        let selector = self.selection.resolve(&responded);
        let responses = self.responses.iter().map(|one| (&one.key, one));
        let selected = select(responses, &selector).ok_or(Failure::NoResponse(status))?;
        if selected.encodes {
            response.body = STANDARD.encode(&response.body).into();
            response.binary = false;
        }
        let body = String::from_utf8_lossy(&response.body);
        let body = (reads == Reads::Answer).then_some(&*body);
        let responded = Responded { request: scope, status, headers, body };
        if let Some(template) = selected.templates.select(&responded) {
            response.body = Bytes::from(template.render(&responded)?);
            response.binary = false;
        }
        Ok(response)
    }
}

/// What the templates of an answer read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reads {
    /// The body of the answer.
    Answer,
    /// The message: there is no other body.
    Message,
}

/// Why an integration has no answer.
#[derive(Debug)]
pub(crate) enum Failure {
    /// No request template is for the message.
    Unsupported,
    /// No integration response is for the status.
    NoResponse(u16),
    /// A template could not be rendered.
    Render(RenderError),
    /// Anything else.
    Error(Error),
}

impl From<RenderError> for Failure {
    fn from(error: RenderError) -> Self {
        Self::Render(error)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

/// What a call led to. A failure of `$connect` that is our configuration's and no service's has
/// the status that API Gateway gives it.
pub(crate) fn outcome(call: &Call, answer: Result<Response, Failure>) -> Result<Outcome> {
    let failure = match answer {
        Ok(response) => return Ok(Outcome::Response(response)),
        Err(failure) => failure,
    };
    let (status, error) = match failure {
        Failure::Error(error) => return Err(error),
        Failure::Unsupported => {
            // The words are a recommendation: unknown on AWS.
            (415, Error::new("unsupportedMediaType", "Unsupported Media Type"))
        }
        Failure::NoResponse(status) => {
            let reason = format!("no integration response is for the status {status}");
            (500, Error::internal(reason))
        }
        Failure::Render(source) => (500, Error::internal(source)),
    };
    if matches!(call.event, Event::Connect(_)) {
        tracing::error!(route = &*call.route, %error, source = error.source(), "$connect is misconfigured");
        return Ok(Outcome::Response(Response { status, ..Response::default() }));
    }
    Err(error)
}
