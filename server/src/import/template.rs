//! The resources of a template.

use std::collections::BTreeMap;

use super::{
    models::{self, Schema},
    parameters::Parameters,
    report::{Properties, Report},
    resolve::Resolver,
    value::{Form, Value},
    yaml::Node,
};

/// One resource.
#[derive(Clone, Debug)]
pub(super) struct Resource {
    pub(super) id: String,
    /// `AWS::Lambda::Function`
    pub(super) kind: String,
    pub(super) line: usize,
    pub(super) properties: Properties,
    /// How SAM builds a function before it deploys it; none: as it is.
    pub(super) build: Option<String>,
    /// Of a model.
    pub(super) schema: Option<Schema>,
}

const NAMES: [&str; 5] = ["FunctionName", "QueueName", "TableName", "BucketName", "TopicName"];

/// All resources whose conditions hold.
pub(super) fn resources(
    root: &Node,
    parameters: &Parameters<'_>,
    report: &mut Report,
) -> BTreeMap<String, Resource> {
    let resolver = Resolver::of(root, parameters);
    let globals = root.get("Globals").map(Node::entries).unwrap_or_default();
    let mut defaults = None;
    for (section, node) in globals {
        if section == "Function" {
            defaults = resolver.value(node);
        } else {
            let reason = "of Globals, only Function is carried over";
            report.omit(node.line, format!("Globals.{section}"), reason);
        }
    }
    if let Some(transform) = root.get("Transform") {
        let named: Vec<&Node> = match transform.scalar() {
            Some(_) => vec![transform],
            None => transform.items().iter().collect(),
        };
        for node in named {
            if node.scalar() != Some("AWS::Serverless-2016-10-31") {
                report.omit(node.line, "Transform", "macros are not run, but for SAM's");
            }
        }
    }
    let mut resources = BTreeMap::new();
    for (id, node) in root.get("Resources").map(Node::entries).unwrap_or_default() {
        let Some(kind) = node.get("Type").and_then(Node::scalar) else {
            report.omit(node.line, id, "a resource needs a Type");
            continue;
        };
        if let Some(condition) = node.get("Condition").and_then(Node::scalar) {
            match resolver.condition(condition) {
                Ok(true) => {}
                Ok(false) => {
                    let reason =
                        format!("with these parameters its condition {condition} does not hold");
                    report.omit(node.line, id, reason);
                    continue;
                }
                Err(reason) => {
                    let reason = format!("its condition {condition} is not known: {reason}");
                    report.omit(node.line, id, reason);
                    continue;
                }
            }
        }
        let empty = Value { line: node.line, form: Form::Map(Vec::new()) };
        let properties = node.get("Properties").and_then(|node| resolver.value(node));
        let mut properties = Properties::new(id, properties.unwrap_or(empty));
        properties.line = node.line;
        if kind == "AWS::Serverless::Function" {
            inherit(&mut properties, defaults.as_ref());
        }
        let schema = node.get("Properties").and_then(|properties| properties.get("Schema"));
        let schema = schema.filter(|_| kind == "AWS::ApiGatewayV2::Model");
        let build = node.get("Metadata").and_then(|metadata| metadata.get("BuildMethod"));
        let resource = Resource {
            id: id.clone(),
            kind: kind.to_owned(),
            line: node.line,
            properties,
            build: build.and_then(Node::scalar).map(str::to_owned),
            schema: schema.map(|schema| models::schema(schema, &resolver)),
        };
        resources.insert(id.clone(), resource);
    }
    resources
}

/// What `Globals` say of all functions; variables of the environment are put together.
fn inherit(properties: &mut Properties, defaults: Option<&Value>) {
    let Some(Value { form: Form::Map(defaults), .. }) = defaults else { return };
    for (key, default) in defaults {
        let is_table = |value: &Value| matches!(value.form, Form::Map(_));
        let merged = key == "Environment" && properties.get(key).is_some_and(is_table);
        let own = if merged { properties.take(key) } else { None };
        let Some(own) = own else {
            properties.or(key, default);
            continue;
        };
        let mut variables = Vec::new();
        for source in [&own, default] {
            let found = source.get("Variables").cloned().map(Value::into_entries);
            for (name, value) in found.unwrap_or_default() {
                if !variables.iter().any(|(other, _)| *other == name) {
                    variables.push((name, value));
                }
            }
        }
        let variables = Value { line: own.line, form: Form::Map(variables) };
        let form = Form::Map(vec![("Variables".to_owned(), variables)]);
        properties.or(key, &Value { line: own.line, form });
    }
}

impl Resource {
    /// What it is called when it is deployed, or its logical id.
    pub(super) fn name(&self) -> String {
        let name = NAMES.iter().find_map(|key| self.properties.get(key)?.literal());
        name.unwrap_or_else(|| match self.kind.as_str() {
            "AWS::SQS::Queue" => format!("{}.fifo", self.id),
            _ => self.id.clone(),
        })
    }

    /// Why it is not carried over; nothing if there is nothing to carry: everything is deployed,
    /// and the API may call what its routes lead to.
    pub(super) fn left(&self) -> Option<String> {
        let reason = match self.kind.as_str() {
            "AWS::ApiGatewayV2::Deployment"
            | "AWS::Lambda::Permission"
            | "AWS::Lambda::Version"
            | "AWS::Lambda::Alias" => return None,
            "AWS::Serverless::WebSocketApi" => "one file is one API; import it by itself",
            "AWS::ApiGatewayV2::Api" | "AWS::Serverless::HttpApi" | "AWS::Serverless::Api" => {
                "this is another API, and one file is one WebSocket API"
            }
            "AWS::ApiGatewayV2::Authorizer" => {
                "there are no authorizers of API Gateway: everybody may connect"
            }
            kind if kind.starts_with("AWS::ApiGatewayV2::") => {
                "it is not a part of the API that is carried over"
            }
            "AWS::Serverless::Function" | "AWS::Lambda::Function" => {
                "no route and no queue leads to this function"
            }
            "AWS::SQS::Queue" => "no route leads to this queue",
            "AWS::Lambda::EventSourceMapping" => "it leads from no queue that is carried over",
            kind if kind.starts_with("AWS::IAM::") => {
                "what functions may do is not enforced; they run with the rights of gatewire"
            }
            "AWS::ApiGateway::ApiKey" | "AWS::ApiGateway::UsagePlan" => {
                "there are no API keys and no usage plans: everybody may connect"
            }
            _ => "this is not a part of a gateway; handlers that use it find it where it is",
        };
        Some(format!("{}: {reason}", self.kind))
    }
}
