//! Routes: SAM's, and plain ones.

use std::collections::BTreeMap;

use super::{
    Importer, Properties,
    draft::Keys,
    models::{self, Models},
    report::Report,
    sam,
    value::Value,
};

const SELECTION: &str = "RouteResponseSelectionExpression";
/// The one key of a response that there is.
const DEFAULT: Option<&str> = Some("$default");
const ONE_KEY: &str = "$default is the only one that there is";

/// What routes refer to.
pub(super) struct Known {
    pub(super) models: Models,
    /// The responses that nobody took yet, by the logical ids of their routes: line and logical id.
    pub(super) responses: BTreeMap<String, (usize, String)>,
}

impl Importer {
    /// `Routes` of SAM's API: each has its function, and the integration goes without saying.
    pub(super) fn read_sam_routes(&mut self, api: &mut Properties, known: &mut Known) {
        let Some(routes) = api.table("Routes") else { return };
        let path = routes.path.clone();
        for (key, route) in routes.into_entries() {
            let mut route = Properties::new(format!("{path}.{key}"), route);
            let (line, at) = (route.line, route.path.clone());
            let function = route.take("FunctionArn");
            let timeout = route.number("IntegrationTimeout", &mut self.report);
            let id = sam::route_id(&self.api, &key);
            let keys = read_route(&mut route, &id, &key, known, &mut self.report);
            route.finish(&mut self.report, route_reason);
            let called = function.and_then(|function| self.call(&function, &at));
            let Some(mut integration) = called else {
                self.report.omit(line, at, lost(&key, "function"));
                continue;
            };
            integration.keys.maybe("timeout", timeout.map(|timeout| format!("{timeout}ms")));
            let name = self.sam_integration(integration.name, integration.keys);
            self.push_route(key, name, keys);
        }
    }

    /// The name of an integration with these keys; routes that want the same share one.
    fn sam_integration(&mut self, name: String, keys: Keys) -> String {
        for count in 1.. {
            let candidate = if count == 1 { name.clone() } else { format!("{name}-{count}") };
            match self.draft.integrations.iter().find(|(other, _)| *other == candidate) {
                Some((_, other)) if *other == keys => return candidate,
                Some(_) => {}
                None => {
                    self.draft.integrations.push((candidate.clone(), keys));
                    return candidate;
                }
            }
        }
        name
    }

    /// `AWS::ApiGatewayV2::Route`. `carried`: which integrations there are, by logical id.
    pub(super) fn read_routes(&mut self, carried: &BTreeMap<String, String>, known: &mut Known) {
        for mut route in self.take_of_api("AWS::ApiGatewayV2::Route") {
            let properties = &mut route.properties;
            let target = properties.take("Target");
            let Some(key) = properties.text("RouteKey", &mut self.report) else { continue };
            let keys = read_route(properties, &route.id, &key, known, &mut self.report);
            route.properties.finish(&mut self.report, route_reason);
            let integration = target.as_ref().and_then(Value::resource);
            let name = integration.and_then(|id| carried.get(id));
            if let Some(name) = name {
                self.push_route(key, name.clone(), keys);
            } else {
                let path = format!("{} ({key})", route.id);
                self.report.omit(route.line, path, lost(&key, "integration"));
            }
        }
    }

    fn push_route(&mut self, key: String, integration: String, rest: Keys) {
        let mut keys = Keys::default();
        keys.set("integration", integration);
        keys.extend(rest);
        self.draft.routes.push((key, keys));
    }

    /// `AWS::ApiGatewayV2::RouteResponse`
    pub(super) fn read_responses_of_routes(&mut self) -> BTreeMap<String, (usize, String)> {
        let mut responses = BTreeMap::new();
        for mut response in self.take_of_api("AWS::ApiGatewayV2::RouteResponse") {
            let properties = &mut response.properties;
            let route = properties.take("RouteId");
            match route.as_ref().and_then(Value::resource) {
                Some(route) => {
                    responses.insert(route.to_owned(), (response.line, response.id.clone()));
                }
                None => self.report.omit(response.line, response.id, "its route is not known"),
            }
            if properties.get("RouteResponseKey").and_then(Value::literal).as_deref() == DEFAULT {
                properties.pass_over(&["RouteResponseKey"]);
            }
            response.properties.finish(&mut self.report, |key| match key {
                "RouteResponseKey" => ONE_KEY,
                _ => "answers of routes are neither checked nor mapped, but by their integration",
            });
        }
        responses
    }
}

/// What all kinds of route have in common.
fn read_route(
    route: &mut Properties,
    id: &str,
    key: &str,
    known: &mut Known,
    report: &mut Report,
) -> Keys {
    let mut keys = Keys::default();
    route.pass_over(&["OperationName"]);
    if route.get("AuthorizationType").and_then(Value::literal).as_deref() == Some("NONE") {
        route.pass_over(&["AuthorizationType"]);
    }
    if route.get("ApiKeyRequired").is_some_and(|value| !value.is_true()) {
        route.pass_over(&["ApiKeyRequired"]);
    }
    if is_two_way(route, id, key, known, report) {
        keys.set("reply", true);
    }
    keys.extend(models::read(route, key, &known.models, report));
    if let Some(parameters) = route.table("RequestParameters") {
        let path = parameters.path.clone();
        let mut table = toml::Table::new();
        for (name, value) in parameters.into_entries() {
            let required = value.get("Required").or_else(|| value.get("required"));
            let required = required.unwrap_or(&value).is_true();
            let known = ["route.request.querystring.", "route.request.header."];
            if key == "$connect" && known.iter().any(|prefix| name.starts_with(prefix)) {
                let required = toml::Table::from_iter([("required".to_owned(), required.into())]);
                table.insert(name, required.into());
            } else {
                let reason = "only a handshake has parameters, in its query and its headers";
                report.omit(value.line, format!("{path}.{name}"), reason);
            }
        }
        keys.table("request_parameters", table);
    }
    keys
}

/// Whether the client is sent what the integration answers. It takes both, a response and the
/// expression that selects it, as on AWS; SAM makes no response of the expression.
fn is_two_way(
    route: &mut Properties,
    id: &str,
    key: &str,
    known: &mut Known,
    report: &mut Report,
) -> bool {
    let path = route.path(SELECTION);
    let selection = route.take(SELECTION);
    let line = selection.as_ref().map_or(route.line, |selection| selection.line);
    let selects = selection.as_ref().map(|text| text.literal().as_deref() == DEFAULT);
    let reason = match (known.responses.remove(id), selects) {
        (None, None) => return false,
        (Some((line, response)), None) => {
            let reason = format!("without {SELECTION}: $default its route sends nothing");
            report.omit(line, response, reason);
            return false;
        }
        _ if matches!(key, "$connect" | "$disconnect") => {
            "a handshake is answered by its integration, and a farewell is not"
        }
        (_, Some(false)) => ONE_KEY,
        (Some(_), Some(true)) => return true,
        (None, Some(true)) => {
            "without an AWS::ApiGatewayV2::RouteResponse the client is sent nothing, as on AWS"
        }
    };
    report.omit(line, path, reason);
    false
}

/// What becomes of a route that has nothing to lead to.
fn lost(key: &str, without: &str) -> String {
    let then = if key == "$connect" { ", and everybody may connect" } else { "" };
    format!("without its {without} there is no route{then}")
}

fn route_reason(key: &str) -> &'static str {
    match key {
        "AuthorizationType" | "AuthorizerId" | "AuthorizationScopes" => {
            "there are no authorizers of API Gateway: everybody may connect"
        }
        "ApiKeyRequired" => "there are no API keys: everybody may connect",
        _ => "gatewire has nothing like it",
    }
}
