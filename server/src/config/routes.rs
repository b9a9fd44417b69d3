//! `[routes.KEY]`: what answers which message.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use super::{
    Located,
    names::Names,
    reader::{Choice, ExistingFile, Flag, Kind, Scalar, Table, Text},
    texts::Compiled,
};

/// The keys that are no messages, and the one for those that fit no other.
const CONNECT: &str = "$connect";
const DISCONNECT: &str = "$disconnect";
const DEFAULT: &str = "$default";

/// One route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The name of one of the integrations.
    pub integration: Located<String>,
    /// Whether the client is sent what the integration answers: a two-way route.
    pub reply: bool,
    /// In which order the messages of one connection are handled.
    pub order: Order,
    /// What bodies have to look like.
    pub models: Option<Models>,
    /// What the handshake has to bring; empty except on `$connect`.
    pub request_parameters: Vec<RequestParameter>,
}

/// In which order the messages of one connection are handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// One after another.
    Connection,
    /// At the same time, as on AWS.
    None,
}

/// Which JSON Schema a body has to fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Models {
    /// Its result names one of `schemas`, else `$default` is taken. The key `model` alone makes it
    /// `\$default`.
    pub selection: Located<String>,
    /// The models, by name.
    pub schemas: BTreeMap<String, Located<Schema>>,
}

/// A JSON Schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schema {
    /// Where it was read; nothing if it is in the configuration itself.
    pub file: Option<PathBuf>,
    /// What it says.
    pub json: Value,
}

/// One parameter of a handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestParameter {
    /// Where it is.
    pub source: ParameterSource,
    /// What it is called there.
    pub name: String,
    /// Whether a handshake without it is refused.
    pub required: bool,
}

/// Where a parameter of a handshake is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterSource {
    /// `route.request.querystring.NAME`
    Querystring,
    /// `route.request.header.NAME`
    Header,
}

/// All routes of the file.
pub(super) fn read(root: &mut Table<'_>, names: &Names) -> BTreeMap<String, Route> {
    let tables = root.section("routes").tables();
    let routes = tables.into_iter().filter_map(|(key, table)| {
        let predefined = [CONNECT, DISCONNECT, DEFAULT].contains(&key.as_str());
        if key.is_empty() || (key.starts_with('$') && !predefined) {
            let rule = "only $connect, $disconnect and $default begin with $, and no key is empty";
            table.mistake_at(&key, rule);
        }
        Some((key.value().clone(), Route::read(table, &key, names)?))
    });
    routes.collect()
}

impl Route {
    fn read(mut table: Table<'_>, key: &str, names: &Names) -> Option<Self> {
        const ORDERS: Choice<Order> =
            Choice(&[("connection", Order::Connection), ("none", Order::None)]);
        if matches!(key, CONNECT | DISCONNECT) {
            for absurd in ["reply", "order", "model", "models", "model_selection_expression"] {
                if table.has(absurd) {
                    table.mistake(absurd, format!("means nothing on {key}, which is no message"));
                }
            }
        }
        if key != CONNECT && table.has("request_parameters") {
            let problem = "is for $connect alone: no other route has a query or headers";
            table.mistake("request_parameters", problem);
        }
        let integration = table.required("integration", names.integration());
        let reply = table.or("reply", "false", Flag).into_value();
        let order = table.or("order", "connection", ORDERS).into_value();
        let models = Models::read(&mut table);
        let request_parameters = read_parameters(&mut table);
        table.finish();
        Some(Self { integration: integration?, reply, order, models, request_parameters })
    }
}

impl Models {
    fn read(table: &mut Table<'_>) -> Option<Self> {
        let single = table.optional("model", SchemaKind(table.folder()));
        let selection = table.optional("model_selection_expression", Compiled::ModelSelection);
        let schemas = table.map("models", SchemaKind(table.folder()));
        if single.is_some() && (selection.is_some() || table.has("models")) {
            let problem = "is for a route with one model; for several write model_selection_expression and models";
            table.mistake("model", problem);
        }
        match (single, selection) {
            (Some(model), _) => Some(Self {
                selection: model.with("\\$default".to_owned()),
                schemas: BTreeMap::from([(DEFAULT.to_owned(), model)]),
            }),
            (None, Some(selection)) => {
                if !table.has("models") {
                    table.missing("models", "a table such as { v1 = \"v1.schema.json\" }");
                }
                Some(Self { selection, schemas })
            }
            (None, None) => {
                if table.has("models") && !table.has("model_selection_expression") {
                    let expected = "an expression that chooses among models";
                    table.missing("model_selection_expression", expected);
                }
                None
            }
        }
    }
}

/// `"route.request.querystring.token" = { required = true }`
fn read_parameters(table: &mut Table<'_>) -> Vec<RequestParameter> {
    let Some(mut parameters) = table.table("request_parameters") else { return Vec::new() };
    let read = |(key, mut table): (Located<String>, Table<'_>)| {
        let sources = [
            ("route.request.querystring.", ParameterSource::Querystring),
            ("route.request.header.", ParameterSource::Header),
        ];
        let found = sources.into_iter().find_map(|(prefix, source)| {
            let name = key.strip_prefix(prefix).filter(|name| !name.is_empty())?;
            Some((source, name.to_owned()))
        });
        if found.is_none() {
            let rule = "expected route.request.querystring.NAME or route.request.header.NAME";
            table.mistake_at(&key, rule);
        }
        let required = table.or("required", "false", Flag).into_value();
        table.finish();
        let (source, name) = found?;
        Some(RequestParameter { source, name, required })
    };
    parameters.tables().into_iter().filter_map(read).collect()
}

/// A JSON Schema: the path of its file, or what it says.
struct SchemaKind<'a>(&'a Path);

impl Kind for SchemaKind<'_> {
    type Value = Schema;

    fn name(&self) -> String {
        "path of a JSON Schema, or the schema".to_owned()
    }

    fn read(&self, scalar: &Scalar) -> Result<Schema, String> {
        let written = Text.read(scalar)?;
        if written.trim_start().starts_with('{') {
            return Ok(Schema { file: None, json: parse(&written, "the schema")? });
        }
        let path = ExistingFile(self.0).read(scalar)?;
        let text = fs::read_to_string(&path)
            .map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
        let json = parse(&text, &path.display().to_string())?;
        Ok(Schema { file: Some(path), json })
    }
}

fn parse(text: &str, what: &str) -> Result<Value, String> {
    let json =
        serde_json::from_str(text).map_err(|error| format!("{what} is not JSON: {error}"))?;
    jsonschema::validator_for(&json)
        .map_err(|error| format!("{what} is no JSON Schema: {error}"))?;
    Ok(json)
}
