//! `AWS::ApiGatewayV2::Integration`

use std::collections::BTreeMap;

use super::{
    Importer, Properties,
    draft::Keys,
    report::Report,
    routes::Known,
    sqs,
    template::Resource,
    value::{Text, Value},
};
use crate::{
    expression::{Expression, ResponseKey, Use},
    mapping::check_source,
    template::Template,
};

const CONTENT_HANDLING: &str = "content_handling";
const TO_BINARY: &str = "CONVERT_TO_BINARY";
const TO_TEXT: &str = "CONVERT_TO_TEXT";

/// What is wrong, and where.
type Problem = (usize, String, String);

impl Importer {
    /// All integrations of the API, and the routes to them.
    pub(super) fn read_integrations(&mut self, known: &mut Known) {
        let mut responses: BTreeMap<String, Vec<Resource>> = BTreeMap::new();
        for response in self.take_of_api("AWS::ApiGatewayV2::IntegrationResponse") {
            let integration = response.properties.get("IntegrationId").and_then(Value::resource);
            if let Some(integration) = integration.map(str::to_owned) {
                responses.entry(integration).or_default().push(response);
            } else {
                let reason = "its integration is not known";
                self.report.omit(response.line, response.id, reason);
            }
        }
        let mut carried = BTreeMap::new();
        for resource in self.take_of_api("AWS::ApiGatewayV2::Integration") {
            let id = resource.id.clone();
            let own = responses.remove(&id).unwrap_or_default();
            match self.read_integration(resource, &own) {
                Ok(keys) => {
                    self.draft.integrations.push((id.clone(), keys));
                    carried.insert(id.clone(), id);
                }
                Err((line, path, reason)) => self.report.omit(line, path, reason),
            }
        }
        for response in responses.into_values().flatten() {
            let reason = "its integration is not known";
            self.report.omit(response.line, response.id, reason);
        }
        self.read_routes(&carried, known);
    }

    fn read_integration(
        &mut self,
        mut resource: Resource,
        responses: &[Resource],
    ) -> Result<Keys, Problem> {
        let (id, line) = (resource.id.clone(), resource.line);
        let properties = &mut resource.properties;
        properties.pass_over(&["Description", "PayloadFormatVersion"]);
        let kind = properties.text("IntegrationType", &mut self.report).unwrap_or_default();
        let uri = properties.take("IntegrationUri");
        let timeout = properties.number("TimeoutInMillis", &mut self.report);
        if properties.get("ConnectionType").and_then(Value::literal).as_deref() == Some("INTERNET")
        {
            properties.pass_over(&["ConnectionType"]);
        }
        let missing = |what: &str| (line, id.clone(), format!("without {what} it calls nothing"));
        let mut keys = match kind.as_str() {
            "AWS_PROXY" => {
                properties.pass_over(&["IntegrationMethod"]);
                let uri = uri.ok_or_else(|| missing("an IntegrationUri"))?;
                let path = format!("{id}.IntegrationUri");
                self.call(&uri, &path).ok_or_else(|| missing("its function"))?.keys
            }
            "HTTP" | "HTTP_PROXY" => {
                let uri = uri.ok_or_else(|| missing("an IntegrationUri"))?;
                let path = format!("{id}.IntegrationUri");
                let url = self.report.literal(&path, &uri);
                let url = url.ok_or_else(|| missing("its URL"))?;
                let mut keys = Keys::default();
                keys.set("type", "http");
                keys.set("url", url);
                keys.maybe("method", properties.text("IntegrationMethod", &mut self.report));
                read_parameters(properties, &mut keys)?;
                if converts(properties, TO_BINARY) {
                    keys.set(CONTENT_HANDLING, TO_BINARY);
                }
                // Messages are texts as they are.
                let _ = converts(properties, TO_TEXT);
                keys
            }
            "MOCK" => {
                let mut keys = Keys::default();
                keys.set("type", "mock");
                keys
            }
            "AWS" => {
                let uri = uri.ok_or_else(|| missing("an IntegrationUri"))?;
                self.read_service(&uri, properties)?
            }
            other => return Err((line, id, format!("the type {other:?} is not known"))),
        };
        if matches!(kind.as_str(), "HTTP" | "MOCK") {
            read_request(properties, kind == "HTTP", &mut keys)?;
            self.read_responses(responses, &mut keys)?;
        } else {
            for response in responses {
                let reason = format!("answers of {kind} go on as they are");
                self.report.omit(response.line, response.id.clone(), reason);
            }
        }
        match kind.as_str() {
            "AWS_PROXY" | "HTTP" | "HTTP_PROXY" => {
                keys.maybe("timeout", timeout.map(|timeout| format!("{timeout}ms")));
            }
            _ if timeout.is_some() => {
                self.report.omit(line, format!("{id}.TimeoutInMillis"), "it calls nothing");
            }
            _ => {}
        }
        resource.properties.finish(&mut self.report, integration_reason);
        Ok(keys)
    }

    /// An action of an AWS service: messages for SQS in the known form.
    fn read_service(&mut self, uri: &Value, properties: &mut Properties) -> Result<Keys, Problem> {
        let at = properties.path("IntegrationUri");
        let text = uri.text().cloned().unwrap_or_else(|| Text::of(""));
        if !text.outline().contains(":sqs:") {
            let reason = "of AWS's services, only SQS is carried over, and functions as AWS_PROXY";
            return Err((uri.line, at, reason.to_owned()));
        }
        let named = text.literal().and_then(|uri| uri.rsplit('/').next().map(str::to_owned));
        let id = text.resource().map(str::to_owned).or_else(|| {
            let named = named?;
            self.names.iter().find(|(_, name)| **name == named).map(|(id, _)| id.clone())
        });
        let Some(id) = id else {
            return Err((uri.line, at, "its queue is not in the template".to_owned()));
        };
        let Some(queue) = self.queue(&id) else {
            return Err((uri.line, at, format!("its queue {id} is not carried over")));
        };
        let line = properties.get("RequestTemplates").map_or(uri.line, |value| value.line);
        let path = properties.path("RequestTemplates");
        let templates = properties.take("RequestTemplates").map(Value::into_entries);
        let templates = templates.unwrap_or_default();
        let [(key, template)] = templates.as_slice() else {
            return Err((line, path, "a queue takes what one template makes".to_owned()));
        };
        let template = template.literal().filter(|_| key == "$default");
        let template = template
            .ok_or_else(|| (line, path.clone(), "it is not the template $default".into()))?;
        let mut keys = Keys::default();
        keys.set("type", "queue");
        keys.set("queue", queue);
        keys.extend(sqs::form(&template).map_err(|reason| (line, path, reason))?);
        let form = "'application/x-www-form-urlencoded'";
        let content = properties.get("RequestParameters").and_then(|parameters| {
            parameters.get("integration.request.header.Content-Type")?.literal()
        });
        if content.as_deref() == Some(form) {
            properties.pass_over(&["RequestParameters"]);
        }
        properties.pass_over(&[
            "CredentialsArn",
            "IntegrationMethod",
            "PassthroughBehavior",
            "TemplateSelectionExpression",
        ]);
        Ok(keys)
    }

    fn read_responses(&mut self, responses: &[Resource], keys: &mut Keys) -> Result<(), Problem> {
        let mut list = Vec::new();
        for response in responses {
            let mut properties = response.properties.clone();
            let (line, path) = (response.line, response.id.clone());
            let key = properties.text("IntegrationResponseKey", &mut self.report);
            let key = key.unwrap_or_default();
            key.parse::<ResponseKey>().map_err(|error| {
                (line, format!("{path}.IntegrationResponseKey"), error.to_string())
            })?;
            let mut table = toml::Table::new();
            table.insert("key".to_owned(), key.into());
            if let Some(templates) = templates(&mut properties, "ResponseTemplates")? {
                table.insert("templates".to_owned(), templates.into());
            }
            let usage = Use::ResponseTemplate;
            let selection = selection_expression(&mut properties, usage, &mut self.report)?;
            if let Some(selection) = selection {
                table.insert("template_selection_expression".to_owned(), selection.into());
            }
            properties.pass_over(&["IntegrationId"]);
            if converts(&mut properties, TO_TEXT) {
                table.insert(CONTENT_HANDLING.to_owned(), TO_TEXT.into());
            }
            properties.finish(&mut self.report, |key| match key {
                "ContentHandlingStrategy" => "clients of this API take texts",
                _ => "gatewire has nothing like it",
            });
            list.push(toml::Value::Table(table));
        }
        if !list.is_empty() {
            keys.set("responses", list);
        }
        Ok(())
    }
}

/// Whether content is converted so. If it is, that is taken.
fn converts(properties: &mut Properties, strategy: &str) -> bool {
    let key = "ContentHandlingStrategy";
    let found = properties.get(key).and_then(Value::literal).as_deref() == Some(strategy);
    if found {
        properties.pass_over(&[key]);
    }
    found
}

fn selection_expression(
    properties: &mut Properties,
    usage: Use,
    report: &mut Report,
) -> Result<Option<String>, Problem> {
    let key = "TemplateSelectionExpression";
    let line = properties.get(key).map_or(properties.line, |value| value.line);
    let path = properties.path(key);
    let Some(text) = properties.text(key, report).filter(|text| text != "\\$default") else {
        return Ok(None);
    };
    match Expression::parse(&text, usage) {
        Ok(_) => Ok(Some(text)),
        Err(error) => Err((line, path, error.to_string())),
    }
}

/// What is made of a request, for `HTTP` and `MOCK`.
fn read_request(
    properties: &mut Properties,
    is_http: bool,
    keys: &mut Keys,
) -> Result<(), Problem> {
    let mut report = Report::default();
    if let Some(templates) = templates(properties, "RequestTemplates")? {
        keys.set("request_templates", templates);
    }
    let selection = selection_expression(properties, Use::Template, &mut report)?;
    keys.maybe("template_selection_expression", selection);
    let passthrough = properties.text("PassthroughBehavior", &mut report);
    // With one of the keys for templates, it is `HTTP` and not `HTTP_PROXY`.
    let default = is_http.then(|| "WHEN_NO_MATCH".to_owned());
    keys.maybe("passthrough", passthrough.or(default));
    match report.into_sorted().into_iter().next() {
        Some(omission) => Err((omission.line, omission.path, omission.reason)),
        None => Ok(()),
    }
}

/// Templates that can be read; one that cannot be fails the integration.
fn templates(properties: &mut Properties, key: &str) -> Result<Option<toml::Table>, Problem> {
    let path = properties.path(key);
    let Some(value) = properties.take(key) else { return Ok(None) };
    let mut table = toml::Table::new();
    for (name, template) in value.into_entries() {
        let path = format!("{path}.{name}");
        let Some(text) = template.literal() else {
            return Err((template.line, path, "only a deployment knows it".to_owned()));
        };
        if let Err(error) = Template::parse(&text) {
            return Err((template.line, path, format!("the template cannot be read: {error}")));
        }
        table.insert(name, text.into());
    }
    Ok((!table.is_empty()).then_some(table))
}

fn read_parameters(properties: &mut Properties, keys: &mut Keys) -> Result<(), Problem> {
    let path = properties.path("RequestParameters");
    let Some(value) = properties.take("RequestParameters") else { return Ok(()) };
    let mut table = toml::Table::new();
    for (name, source) in value.into_entries() {
        let path = format!("{path}.{name}");
        let text = source.literal();
        let text = text
            .ok_or_else(|| (source.line, path.clone(), "only a deployment knows it".to_owned()))?;
        check_source(&text).map_err(|error| (source.line, path, error.to_owned()))?;
        table.insert(name, text.into());
    }
    keys.table("request_parameters", table);
    Ok(())
}

fn integration_reason(key: &str) -> &'static str {
    match key {
        "CredentialsArn" => "gatewire calls with rights of its own",
        "ConnectionType" | "ConnectionId" => "there is no VPC link; the URL is called directly",
        "ContentHandlingStrategy" => "only HTTP services are sent bytes",
        "TlsConfig" => "certificates have to be of an authority that this machine trusts",
        _ => "it means nothing for this type of integration",
    }
}
