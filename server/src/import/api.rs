//! The API itself, its stages and its domains.

use super::{
    ImportError, Importer, Properties, draft::Keys, report::Report, routes::Known, sam,
    template::Resource, value::Value,
};
use crate::{
    config::check_access_log,
    expression::{Expression, Use},
};

const PLAIN: &str = "AWS::ApiGatewayV2::Api";

impl Importer {
    /// The first WebSocket API, and everything that belongs to it.
    pub(super) fn read_api(&mut self) -> Result<(), ImportError> {
        let is_api = |resource: &&Resource| {
            let protocol = resource.properties.get("ProtocolType").and_then(Value::literal);
            resource.kind == sam::API
                || (resource.kind == PLAIN && protocol.as_deref() == Some("WEBSOCKET"))
        };
        let first = self.resources.values().filter(is_api).min_by_key(|resource| resource.line);
        let id = first.map(|resource| resource.id.clone()).ok_or(ImportError::NoApi)?;
        let Some(mut api) = self.resources.remove(&id) else { return Err(ImportError::NoApi) };
        // The id that `[api]` has unless it is changed.
        self.names.insert(id.clone(), "local00000".to_owned());
        self.api = id;
        let silent = ["Name", "Description", "ProtocolType", "Tags", "PropagateTags"];
        api.properties.pass_over(&silent);
        // It is about deploying models, not about messages.
        api.properties.pass_over(&["DisableSchemaValidation"]);
        self.read_route_selection(&mut api.properties);
        let mut known =
            Known { models: self.read_models(), responses: self.read_responses_of_routes() };
        if api.kind == sam::API {
            let auth = api.properties.get("Auth").and_then(|auth| auth.get("AuthType"));
            if auth.and_then(Value::literal).as_deref() == Some("NONE") {
                api.properties.pass_over(&["Auth"]);
            }
            self.read_sam_stage(&mut api.properties);
            self.read_sam_routes(&mut api.properties, &mut known);
        }
        self.read_stages(api.line);
        self.read_mappings();
        self.read_integrations(&mut known);
        for (line, id) in known.responses.into_values() {
            self.report.omit(line, id, "its route is not carried over");
        }
        api.properties.finish(&mut self.report, unknown);
        Ok(())
    }

    fn read_route_selection(&mut self, api: &mut Properties) {
        let line = api.get("RouteSelectionExpression").map_or(api.line, |value| value.line);
        let Some(text) = api.text("RouteSelectionExpression", &mut self.report) else { return };
        match Expression::parse(&text, Use::Route) {
            Ok(_) if text == "$request.body.action" => {}
            Ok(_) => self.draft.api.set("route_selection_expression", text),
            Err(error) => {
                self.report.omit(line, api.path("RouteSelectionExpression"), error.to_string());
            }
        }
    }

    fn read_sam_stage(&mut self, api: &mut Properties) {
        let name = api.text("StageName", &mut self.report);
        let mut keys = Keys::default();
        if let Some(mut domain) = api.table("Domain") {
            let paths = domain.take("BasePath");
            let paths: Vec<&Value> = paths
                .iter()
                .flat_map(|paths| match paths.items() {
                    [] => vec![paths],
                    items => items.iter().collect(),
                })
                .collect();
            let name = domain.text("DomainName", &mut self.report);
            keys.maybe("domains", name.map(|name| vec![name]));
            for (index, path) in paths.into_iter().enumerate() {
                let at = domain.path("BasePath");
                if index > 0 {
                    self.report.omit(path.line, at, "a stage has one base path");
                } else if let Some(path) = self.report.literal(&at, path) {
                    set_base_path(&mut keys, &path);
                }
            }
            domain.finish(&mut self.report, domain_reason);
        }
        let name = name.unwrap_or_else(|| "default".to_owned());
        read_stage(api, &mut keys, &mut self.report);
        self.draft.stages.push((name, keys));
    }

    fn read_stages(&mut self, line: usize) {
        for mut stage in self.take_of_api("AWS::ApiGatewayV2::Stage") {
            let properties = &mut stage.properties;
            let mut keys = Keys::default();
            properties.pass_over(&["AutoDeploy", "DeploymentId", "Description", "Tags"]);
            read_stage(properties, &mut keys, &mut self.report);
            if let Some(name) = properties.text("StageName", &mut self.report) {
                self.names.insert(stage.id, name.clone());
                self.draft.stages.push((name, keys));
            }
            stage.properties.finish(&mut self.report, unknown);
        }
        if self.draft.stages.is_empty() {
            let reason = "the template has no stage of it; [stages.default] is made up";
            self.report.omit(line, self.api.clone(), reason);
            self.draft.stages.push(("default".to_owned(), Keys::default()));
        }
    }

    /// Custom domains.
    fn read_mappings(&mut self) {
        let mut served = Vec::new();
        for mut mapping in self.take_of_api("AWS::ApiGatewayV2::ApiMapping") {
            let (line, path) = (mapping.line, mapping.id.clone());
            let properties = &mut mapping.properties;
            let stage = properties.take("Stage");
            let domain = properties.take("DomainName");
            let base = properties.text("ApiMappingKey", &mut self.report);
            let stage = stage.and_then(|stage| match stage.resource() {
                Some(id) => self.names.get(id).cloned(),
                None => stage.literal(),
            });
            let domain = domain.and_then(|domain| self.read_domain(&domain));
            mapping.properties.finish(&mut self.report, unknown);
            let keys = stage
                .and_then(|stage| self.draft.stages.iter_mut().find(|(name, _)| *name == stage));
            match (keys, domain) {
                (Some((stage, _)), Some(_)) if served.contains(stage) => {
                    self.report.omit(line, path, "a stage has one domain with one base path");
                }
                (Some((stage, keys)), Some(domain)) => {
                    served.push(stage.clone());
                    keys.set("domains", vec![domain]);
                    if let Some(base) = base {
                        set_base_path(keys, &base);
                    }
                }
                _ => self.report.omit(line, path, "its stage or its domain is not known"),
            }
        }
    }

    /// The name of a domain that a mapping is for.
    fn read_domain(&mut self, domain: &Value) -> Option<String> {
        let Some(id) = domain.resource() else { return domain.literal() };
        if let Some(mut resource) = self.resources.remove(id) {
            let name = resource.properties.text("DomainName", &mut self.report);
            resource.properties.pass_over(&["Tags"]);
            resource.properties.finish(&mut self.report, domain_reason);
            self.names.insert(id.to_owned(), name?);
        }
        self.names.get(id).cloned()
    }
}

fn set_base_path(keys: &mut Keys, path: &str) {
    if !matches!(path, "" | "/") {
        keys.set("base_path", path.trim_start_matches('/'));
    }
}

/// What SAM's API and a plain stage have in common.
fn read_stage(properties: &mut Properties, keys: &mut Keys, report: &mut Report) {
    if let Some(variables) = properties.table("StageVariables") {
        let path = variables.path.clone();
        let mut table = toml::Table::new();
        for (name, value) in variables.into_entries() {
            if let Some(text) = report.literal(&format!("{path}.{name}"), &value) {
                table.insert(name, text.into());
            }
        }
        keys.table("variables", table);
    }
    if let Some(mut log) = properties.table("AccessLogSettings") {
        let line = log.line;
        if let Some(format) = log.text("Format", report) {
            let format = format.split_whitespace().collect::<Vec<_>>().join(" ");
            match check_access_log(&format) {
                Ok(()) => {
                    let table = toml::Table::from_iter([("format".to_owned(), format.into())]);
                    keys.set("access_log", table);
                }
                Err(error) => report.omit(line, log.path("Format"), error),
            }
        }
        log.finish(report, |_| "the access log goes to standard output, or to access_log.file");
    }
    if let Some(settings) = properties.table("DefaultRouteSettings") {
        settings.finish(report, setting);
    }
}

fn setting(key: &str) -> &'static str {
    match key {
        "ThrottlingBurstLimit" | "ThrottlingRateLimit" => "there is no throttling",
        "LoggingLevel" | "DataTraceEnabled" => "what is logged is set by RUST_LOG",
        "DetailedMetricsEnabled" => "metrics are a section of their own, [metrics]",
        _ => "gatewire has nothing like it",
    }
}

fn domain_reason(key: &str) -> &'static str {
    match key {
        "CertificateArn"
        | "DomainNameConfigurations"
        | "EndpointConfiguration"
        | "SecurityPolicy"
        | "MutualTlsAuthentication"
        | "OwnershipVerificationCertificateArn" => "certificates are set up in [server.tls]",
        "Route53" => "the name has to be made to lead here",
        _ => "gatewire has nothing like it",
    }
}

fn unknown(key: &str) -> &'static str {
    match key {
        "Auth" => "there are no authorizers of API Gateway: everybody may connect",
        "ApiKeySelectionExpression" => "there are no API keys: everybody may connect",
        "RouteSettings" => "there is no throttling, and no setting of a route alone",
        "DisableExecuteApiEndpoint" => "a stage is always reached by its name in the path too",
        _ => "gatewire has nothing like it",
    }
}
