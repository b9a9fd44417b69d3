//! From the integrations of a configuration to those that answer.

use std::{collections::BTreeMap, sync::Arc};

use axum::http::Method;

use super::{ServeError, functions::Functions, queues::Queues};
use crate::{
    config::{self, Config, Located},
    event::json::EventStyle,
    expression::{Expression, ResponseKey, Use},
    integration::{
        Enqueue, HttpIntegration, Integration, IntegrationResponse, Lambda, MissingGroup,
        MockIntegration, Passthrough, Templates, http::http_client,
    },
    lambda::{self, RemoteFunction, RemoteSettings, response::NullAnswer},
    mapping::Mappings,
    stage::Stage,
    template::Template,
};

/// Makes the integrations of a stage, each once, however many routes lead to it.
pub(super) struct Workshop<'a> {
    config: &'a Config,
    stage: &'a Stage,
    functions: &'a Functions,
    queues: &'a Queues,
    client: reqwest::Client,
    made: BTreeMap<&'a str, Arc<dyn Integration>>,
}

impl<'a> Workshop<'a> {
    pub(super) fn new(
        config: &'a Config,
        stage: &'a Stage,
        functions: &'a Functions,
        queues: &'a Queues,
    ) -> Result<Self, ServeError> {
        let client = http_client().map_err(ServeError::HttpClient)?;
        Ok(Self { config, stage, functions, queues, client, made: BTreeMap::new() })
    }

    /// The integration of this name.
    pub(super) fn get(
        &mut self,
        name: &'a Located<String>,
    ) -> Result<Arc<dyn Integration>, ServeError> {
        if let Some(made) = self.made.get(name.as_str()) {
            return Ok(made.clone());
        }
        let integration = self.config.integrations.get(name.as_str());
        let made = match integration.expect("a configuration's names exist") {
            config::Integration::Mock(mock) => mocked(mock)?,
            config::Integration::Http(http) => self.http(http)?,
            config::Integration::Lambda(lambda) => self.lambda(lambda)?,
            config::Integration::Queue(queueing) => self.queue(queueing)?,
        };
        self.made.insert(name.as_str(), made.clone());
        Ok(made)
    }

    fn lambda(&self, lambda: &config::Lambda) -> Result<Arc<dyn Integration>, ServeError> {
        let (function, timeout) = match lambda {
            config::Lambda::Function { function, timeout } => {
                (self.functions.get(function.as_str()), *timeout)
            }
            config::Lambda::Invoke(invoke) => (self.remote(invoke)?, invoke.timeout),
        };
        let api = &self.config.api;
        let null = match api.lambda_null_response {
            config::NullResponse::Accept => NullAnswer::Accept,
            config::NullResponse::Strict => NullAnswer::Refuse,
        };
        let lambda = Lambda::new(function)
            .timeout(timeout)
            .expect("a configuration's timeouts are in their range")
            .null_answer(null)
            .style(EventStyle { legacy_nulls: api.legacy_nulls });
        Ok(Arc::new(lambda))
    }

    fn remote(&self, invoke: &config::Invoke) -> Result<Arc<dyn lambda::Function>, ServeError> {
        let wrong = |problem: &dyn std::error::Error| ServeError::at(&invoke.uri, problem);
        let uri = lambda::name::resolve(&invoke.uri, &self.stage.variables)
            .map_err(|error| wrong(&error))?;
        let settings = RemoteSettings {
            function: uri.parse().map_err(|error: lambda::name::NameError| wrong(&error))?,
            endpoint: invoke.endpoint.clone(),
            region: self.stage.region.clone(),
            credentials: invoke.credentials.as_ref().map(|credentials| {
                aws_credential_types::Credentials::new(
                    &credentials.access_key_id,
                    credentials.secret_access_key.expose(),
                    credentials.session_token.as_ref().map(|token| token.expose().to_owned()),
                    None,
                    "gateway.toml",
                )
            }),
        };
        let remote = RemoteFunction::new(settings, self.client.clone());
        Ok(Arc::new(remote.map_err(|error| wrong(&error))?))
    }

    fn http(&self, http: &config::Http) -> Result<Arc<dyn Integration>, ServeError> {
        let pairs = http.request_parameters.iter();
        let pairs = pairs.map(|(target, source)| (target.as_str(), source.as_str()));
        let mappings = Mappings::parse(pairs).map_err(|error| ServeError::at(&http.url, error))?;
        let method = Method::from_bytes(http.method.as_bytes())
            .map_err(|error| ServeError::at(&http.url, error))?;
        let mut made = HttpIntegration::new(self.client.clone(), &http.url)
            .map_err(|error| ServeError::at(&http.url, error))?
            .method(method)
            .timeout(http.timeout)
            .request_parameters(mappings);
        if http.convert_to_binary {
            made = made.convert_to_binary();
        }
        if let Some(mapping) = &http.mapping {
            made = made
                .request_templates(request_templates(mapping)?)
                .passthrough(passthrough(mapping.passthrough));
            for response in responses(mapping)? {
                made = made.response(response);
            }
        }
        if let Some(name) = made.unmapped().first() {
            let problem = format!("nothing is mapped to the path's {{{name}}}");
            return Err(ServeError::at(&http.url, problem));
        }
        Ok(Arc::new(made))
    }

    fn queue(&self, queueing: &config::Queueing) -> Result<Arc<dyn Integration>, ServeError> {
        let group = expression(&queueing.message_group_id, Use::Value)?;
        let deduplication = expression(&queueing.message_deduplication_id, Use::Value)?;
        let missing = match queueing.on_missing_group {
            config::MissingGroup::ConnectionId => MissingGroup::Connection,
            config::MissingGroup::Reject => MissingGroup::Reject,
        };
        let queue = self.queues.get(&queueing.queue);
        let made = Enqueue::new(queue, group, deduplication)
            .named(queueing.queue.as_str())
            .missing_group(missing);
        let attributes = queueing.message_attributes.iter();
        let made = attributes
            .map(|(name, value)| Ok((name, expression(value, Use::Value)?)))
            .try_fold(made, |made, attribute: Result<_, ServeError>| {
                attribute.map(|(name, value)| made.attribute(name, value))
            })?;
        Ok(Arc::new(made))
    }
}

fn expression(text: &Located<String>, usage: Use) -> Result<Expression, ServeError> {
    Expression::parse(text, usage).map_err(|error| ServeError::at(text, error))
}

fn mocked(mock: &config::Mock) -> Result<Arc<dyn Integration>, ServeError> {
    let mapping = &mock.mapping;
    let made = MockIntegration::new()
        .request_templates(request_templates(mapping)?)
        .passthrough(passthrough(mapping.passthrough));
    let made = responses(mapping)?.into_iter().fold(made, MockIntegration::response);
    Ok(Arc::new(made))
}

fn request_templates(mapping: &config::Mapping) -> Result<Templates, ServeError> {
    templates(&mapping.request_templates, &mapping.template_selection_expression, Use::Template)
}

fn responses(mapping: &config::Mapping) -> Result<Vec<IntegrationResponse>, ServeError> {
    let made = mapping.responses.iter().map(|response| {
        let key: ResponseKey =
            response.key.parse().map_err(|error| ServeError::at(&response.key, error))?;
        let selection = &response.template_selection_expression;
        let templates = templates(&response.templates, selection, Use::ResponseTemplate)?;
        let made = IntegrationResponse::new(key).templates(templates);
        Ok(if response.convert_to_text { made.convert_to_text() } else { made })
    });
    made.collect()
}

fn templates(
    texts: &BTreeMap<String, Located<String>>,
    selection: &Located<String>,
    usage: Use,
) -> Result<Templates, ServeError> {
    let selection = expression(selection, usage)?;
    texts.iter().try_fold(Templates::default().select_by(selection), |templates, (key, text)| {
        let template = Template::parse(text).map_err(|error| ServeError::at(text, error))?;
        Ok(templates.with(key, template))
    })
}

fn passthrough(passthrough: config::Passthrough) -> Passthrough {
    match passthrough {
        config::Passthrough::WhenNoMatch => Passthrough::WhenNoMatch,
        config::Passthrough::WhenNoTemplates => Passthrough::WhenNoTemplates,
        config::Passthrough::Never => Passthrough::Never,
    }
}
