//! `AWS::ApiGatewayV2::Model`, and the models of routes.

use std::collections::BTreeMap;

use serde_json::{Number, Value as Json};

use super::{
    Importer, Properties,
    draft::Keys,
    report::Report,
    resolve::Resolver,
    value::Value,
    yaml::{Form, Node, Style},
};
use crate::expression::{Expression, Use};

/// The draft that a model is of unless it says so itself, which is the only one that AWS has.
const DRAFT: &str = "http://json-schema.org/draft-04/schema#";
const SELECTION: &str = "ModelSelectionExpression";
/// What follows where a route loses its models.
const UNCHECKED: &str = "messages of the route are not checked";

/// JSON Schemas as texts, by the names of their models and by their logical ids.
pub(super) type Models = BTreeMap<String, String>;

/// What a template says of a schema, or the line and the reason why it is not known.
pub(super) type Schema = Result<Json, (usize, String)>;

impl Importer {
    /// The models of the API.
    pub(super) fn read_models(&mut self) -> Models {
        let mut models = Models::new();
        for mut model in self.take_of_api("AWS::ApiGatewayV2::Model") {
            let path = model.properties.path("Schema");
            model.properties.pass_over(&["Description", "Schema"]);
            let content = model.properties.get("ContentType").and_then(Value::literal);
            if content.as_deref() == Some("application/json") {
                model.properties.pass_over(&["ContentType"]);
            }
            let name = model.properties.text("Name", &mut self.report);
            let schema = model.schema.take().unwrap_or_else(|| {
                Err((model.line, "a model without a schema fits nothing".to_owned()))
            });
            match schema.and_then(|schema| readable(schema).map_err(|why| (model.line, why))) {
                Ok(schema) => {
                    models.extend(name.map(|name| (name, schema.clone())));
                    models.insert(model.id.clone(), schema);
                }
                Err((line, reason)) => self.report.omit(line, path, reason),
            }
            model.properties.finish(&mut self.report, |_| "messages are JSON");
        }
        models
    }
}

/// The schema as a text for the configuration, if it is one.
fn readable(mut schema: Json) -> Result<String, String> {
    if let Some(object) = schema.as_object_mut() {
        object.entry("$schema").or_insert_with(|| DRAFT.into());
    }
    jsonschema::validator_for(&schema).map_err(|error| format!("it is no JSON Schema: {error}"))?;
    let text = schema.to_string();
    if text.contains("${env:") {
        return Err("${env:…} is gatewire's own and cannot be written".to_owned());
    }
    Ok(text)
}

/// `ModelSelectionExpression` and `RequestModels` of a route. Without one of its models a route has
/// none: messages that it is for would all be refused.
pub(super) fn read(
    route: &mut Properties,
    key: &str,
    models: &Models,
    report: &mut Report,
) -> Keys {
    let at = route.path(SELECTION);
    let written = route.get(SELECTION).map(|value| value.line);
    let selection = route.text(SELECTION, report);
    let Some(chosen) = route.table("RequestModels") else {
        if let Some(line) = written {
            report.omit(line, at, "without RequestModels there is nothing to choose from");
        }
        return Keys::default();
    };
    let parsed = selection.as_ref().map(|text| Expression::parse(text, Use::Model));
    let (path, reason) = match parsed {
        _ if matches!(key, "$connect" | "$disconnect") => (at, "this is no message".to_owned()),
        None if written.is_some() => (at, UNCHECKED.to_owned()), // and why has been said
        None => (chosen.path, format!("without {SELECTION} {UNCHECKED}, as on AWS")),
        Some(Err(error)) => (at, format!("{error}; {UNCHECKED}")),
        Some(Ok(_)) => return keys(selection, chosen, models, report),
    };
    report.omit(written.unwrap_or(chosen.line), path, reason);
    Keys::default()
}

fn keys(
    selection: Option<String>,
    chosen: Properties,
    models: &Models,
    report: &mut Report,
) -> Keys {
    let path = chosen.path.clone();
    let mut table = toml::Table::new();
    for (name, value) in chosen.into_entries() {
        let model = value.resource().map(str::to_owned).or_else(|| value.literal());
        let Some(schema) = model.and_then(|model| models.get(&model)) else {
            let reason = format!("this model is not carried over, and {UNCHECKED}");
            report.omit(value.line, format!("{path}.{name}"), reason);
            return Keys::default();
        };
        table.insert(name, schema.clone().into());
    }
    let mut keys = Keys::default();
    keys.maybe("model_selection_expression", selection);
    keys.table("models", table);
    keys
}

/// A schema: JSON in a text, or spelled out in the template.
pub(super) fn schema(node: &Node, resolver: &Resolver<'_>) -> Schema {
    match json(node, resolver)? {
        Json::String(text) => serde_json::from_str(&text)
            .map_err(|error| (node.line, format!("its schema is not JSON: {error}"))),
        spelled_out => Ok(spelled_out),
    }
}

/// A part of a template as JSON: what is without quotation marks may be a number or a truth value.
fn json(node: &Node, resolver: &Resolver<'_>) -> Schema {
    match &node.form {
        Form::Scalar(text, Style::Quoted) => Ok(text.clone().into()),
        Form::Scalar(text, Style::Plain) => Ok(match text.as_str() {
            "true" | "True" | "TRUE" => true.into(),
            "false" | "False" | "FALSE" => false.into(),
            other => match other.parse::<Number>() {
                Ok(number) => Json::Number(number),
                Err(_) => other.into(),
            },
        }),
        Form::List(items) => items.iter().map(|item| json(item, resolver)).collect(),
        Form::Map(entries) => match entries.as_slice() {
            [(name, _)] if name == "Ref" || name.starts_with("Fn::") => {
                resolver.literal(node).map(Json::from).map_err(|reason| (node.line, reason))
            }
            entries => {
                let member =
                    |(name, node): &(String, Node)| Ok((name.clone(), json(node, resolver)?));
                entries.iter().map(member).collect()
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::import::{parameters::Parameters, yaml};

    fn schema_of(text: &str) -> Schema {
        let (root, given) = (yaml::parse("Resources: {A: {}}").unwrap(), BTreeMap::new());
        let parameters = Parameters::of(&root, &given).unwrap();
        schema(&yaml::parse(text).unwrap(), &Resolver::of(&root, &parameters))
    }

    #[test]
    fn a_schema_is_json_in_either_form() {
        let expected = json!({ "minLength": 1, "enum": ["1", true, 1.5, "a", "us-east-1"] });
        let yaml = "minLength: 1\nenum: ['1', true, 1.5, a, !Ref AWS::Region]";
        assert_eq!(schema_of(yaml), Ok(expected.clone()));
        let text = expected.to_string();
        assert_eq!(schema_of(&text), Ok(expected.clone()));
        assert_eq!(schema_of(&format!("'{text}'")), Ok(expected));
    }

    #[test]
    fn what_is_not_known_has_its_line() {
        assert_eq!(schema_of("a: 1\nb: !Ref A").unwrap_err().0, 2);
        assert!(schema_of("'{'").unwrap_err().1.contains("is not JSON"));
    }

    #[test]
    fn a_model_is_of_draft_4_unless_it_says_so() {
        let schema = readable(json!({ "minimum": 1, "exclusiveMinimum": true })).unwrap();
        assert!(schema.contains("draft-04"), "{schema}");
        assert!(readable(json!({ "type": "text" })).is_err());
    }
}
