//! Functions, and how they are started here.

use super::{
    Importer, Properties,
    draft::Keys,
    resolve::{ACCOUNT, REGION},
    template::Resource,
    value::{Form, Value},
};

/// Where `sam local start-lambda` listens: who has the functions that are not started here.
pub(super) const SAM_LOCAL: &str = "http://127.0.0.1:3001";
const KINDS: [&str; 2] = ["AWS::Serverless::Function", "AWS::Lambda::Function"];

/// A function that something calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Callee {
    /// The name of one in `[functions]`.
    Hosted(String),
    /// The logical id of one that is not started here.
    Elsewhere(String),
}

/// The integration that calls a function.
pub(super) struct Call {
    /// A name for it.
    pub(super) name: String,
    pub(super) keys: Keys,
}

impl Importer {
    /// What calls the function that a value names: by its resource, its ARN or an invocation URI.
    pub(super) fn call(&mut self, function: &Value, path: &str) -> Option<Call> {
        let mut keys = Keys::default();
        keys.set("type", "lambda");
        let Some(id) = function.resource() else {
            let uri = self.report.literal(path, function)?;
            if !uri.starts_with("arn:") || !uri.contains(":lambda:") {
                self.report.omit(function.line, path, format!("{uri:?} is no function"));
                return None;
            }
            let after = uri.split(":function:").nth(1).unwrap_or_default();
            let name: String = after.chars().take_while(char::is_ascii_alphanumeric).collect();
            let name = if name.is_empty() { "function".to_owned() } else { name };
            keys.set("uri", uri);
            return Some(Call { name, keys });
        };
        let callee = self.callee(id);
        let Some(callee) = callee else {
            self.report.omit(function.line, path, format!("{id} is no function"));
            return None;
        };
        if function.text().is_some_and(|text| text.outline().contains("${stageVariables.")) {
            let reason =
                "all stages have the one version of a function that is beside the template";
            self.report.omit(function.line, path, reason);
        }
        let name = match callee {
            Callee::Hosted(name) => {
                keys.set("function", name.clone());
                name
            }
            Callee::Elsewhere(id) => {
                keys.set("uri", format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{id}"));
                keys.set("endpoint", SAM_LOCAL);
                id
            }
        };
        Some(Call { name, keys })
    }

    /// A function by its logical id, or by that of its alias or version.
    pub(super) fn callee(&mut self, id: &str) -> Option<Callee> {
        if let Some(callee) = self.callees.get(id) {
            return Some(callee.clone());
        }
        let mut resource = self.resources.remove(id)?;
        let callee = match resource.kind.as_str() {
            "AWS::Lambda::Alias" | "AWS::Lambda::Version" => {
                let function = resource.properties.take("FunctionName")?;
                self.callee(function.resource()?)?
            }
            kind if KINDS.contains(&kind) => self.read_function(resource),
            _ => {
                self.resources.insert(id.to_owned(), resource);
                return None;
            }
        };
        self.callees.insert(id.to_owned(), callee.clone());
        Some(callee)
    }

    pub(super) fn is_function(&self, id: &str) -> bool {
        let kind = self.resources.get(id).map(|resource| resource.kind.as_str());
        self.callees.contains_key(id) || kind.is_some_and(|kind| KINDS.contains(&kind))
    }

    fn read_function(&mut self, mut resource: Resource) -> Callee {
        let id = resource.id.clone();
        // Its own variables may name it.
        self.callees.insert(id.clone(), Callee::Elsewhere(id.clone()));
        let properties = &mut resource.properties;
        properties.pass_over(&["Description", "Tags", "PropagateTags", "FunctionName"]);
        let events = properties.table("Events");
        let started = self.read_code(properties, resource.build.as_deref());
        let settings = self.read_settings(properties);
        let callee = match started {
            Ok(mut keys) => {
                let name = self.names.get(&id).cloned().unwrap_or_else(|| id.clone());
                let name: String = name.chars().take(64).collect();
                keys.extend(settings);
                self.draft.functions.push((name.clone(), keys));
                Callee::Hosted(name)
            }
            Err(Problem { line, path, reason }) => {
                let reason = format!(
                    "{reason}; it is called at {SAM_LOCAL}, where `sam local start-lambda` has it"
                );
                self.report.omit(line, path, reason);
                Callee::Elsewhere(id.clone())
            }
        };
        self.callees.insert(id.clone(), callee.clone());
        resource.properties.finish(&mut self.report, function_reason);
        if let Some(events) = events {
            self.read_events(&callee, events);
        }
        callee
    }

    /// What is run, and where.
    fn read_code(
        &mut self,
        properties: &mut Properties,
        build: Option<&str>,
    ) -> Result<Keys, Problem> {
        let line = properties.line;
        let problem = |line, path: String, reason: String| Problem { line, path, reason };
        let handler = properties.text("Handler", &mut self.report);
        let runtime_line = properties.get("Runtime").map_or(line, |value| value.line);
        let runtime = properties.text("Runtime", &mut self.report);
        let package = properties.take("PackageType").and_then(|value| value.literal());
        let code = properties.take("CodeUri").or_else(|| properties.take("Code"));
        let inline = properties.take("InlineCode");
        if package.as_deref() == Some("Image") {
            properties.pass_over(&["ImageUri", "ImageConfig"]);
            return Err(problem(line, properties.path("PackageType"), "images are not run".into()));
        }
        let directory = match (code, inline) {
            (_, Some(inline)) => {
                let reason = "code in the template is in no file".to_owned();
                return Err(problem(inline.line, properties.path("InlineCode"), reason));
            }
            (None, None) => ".".to_owned(),
            (Some(code), None) => match (&code.form, code.literal()) {
                (Form::Text(_), Some(text)) if !text.starts_with("s3://") => text,
                _ => {
                    let reason = "the code is not beside the template".to_owned();
                    return Err(problem(code.line, properties.path("CodeUri"), reason));
                }
            },
        };
        if let Some(method) = build {
            let reason = format!(
                "SAM builds it first ({method}): build it, and let directory be the folder of the result"
            );
            self.report.omit(line, properties.path.clone(), reason);
        }
        let runtime = runtime.unwrap_or_default();
        let entry = || handler.clone().unwrap_or_default();
        let command = if runtime.starts_with("python3") {
            vec!["python3".to_owned(), "-m".to_owned(), "awslambdaric".to_owned(), entry()]
        } else if runtime.starts_with("nodejs") {
            vec!["npx".to_owned(), "aws-lambda-ric".to_owned(), entry()]
        } else if runtime.starts_with("provided") {
            vec!["./bootstrap".to_owned()]
        } else {
            let reason = format!("the runtime {runtime:?} is not started by gatewire");
            return Err(problem(runtime_line, properties.path("Runtime"), reason));
        };
        if command.iter().any(String::is_empty) {
            let reason = "a function needs a handler".to_owned();
            return Err(problem(line, properties.path("Handler"), reason));
        }
        let mut keys = Keys::default();
        keys.set("command", command);
        keys.set("directory", directory);
        keys.maybe("handler", handler);
        Ok(keys)
    }

    fn read_settings(&mut self, properties: &mut Properties) -> Keys {
        let mut keys = Keys::default();
        let timeout = properties.number("Timeout", &mut self.report);
        keys.maybe("timeout", timeout.map(|seconds| format!("{seconds}s")));
        keys.maybe("memory", properties.number("MemorySize", &mut self.report));
        let concurrency_line = properties.get("ReservedConcurrentExecutions").map(|v| v.line);
        match properties.number("ReservedConcurrentExecutions", &mut self.report) {
            Some(0) => {
                let path = properties.path("ReservedConcurrentExecutions");
                let line = concurrency_line.unwrap_or(properties.line);
                self.report.omit(line, path, "a function is not switched off");
            }
            count => keys.maybe("concurrency", count),
        }
        if let Some(mut environment) = properties.table("Environment") {
            let variables = environment.table("Variables");
            environment.finish(&mut self.report, |_| "gatewire has nothing like it");
            if let Some(variables) = variables {
                keys.table("environment", self.read_variables(variables));
            }
        }
        keys
    }

    fn read_variables(&mut self, variables: Properties) -> toml::Table {
        let path = variables.path.clone();
        let mut table = toml::Table::new();
        for (name, value) in variables.into_entries() {
            let path = format!("{path}.{name}");
            let text = match value.text() {
                Some(text) => self.render(value.line, &path, text),
                None => self.report.literal(&path, &value),
            };
            let Some(text) = text else { continue };
            if text.contains(".execute-api.") {
                let reason = "this is the address of an API on AWS, carried over as it is; let it be \
                              that of gatewire, or use the event's domainName and stage";
                self.report.omit(value.line, path.clone(), reason);
            } else if let Some(id) = value.resource().filter(|id| !self.is_function(id)) {
                let reason = format!("{id} is not deployed by gatewire; its name is carried over");
                self.report.omit(value.line, path.clone(), reason);
            }
            if text.contains("${env:") {
                let reason = "${env:…} is gatewire's own and cannot be written";
                self.report.omit(value.line, path, reason);
                continue;
            }
            table.insert(name, text.into());
        }
        table
    }
}

/// Why a function is not started here.
struct Problem {
    line: usize,
    path: String,
    reason: String,
}

fn function_reason(key: &str) -> &'static str {
    match key {
        "Role" | "Policies" | "PermissionsBoundary" | "AssumeRolePolicyDocument" => {
            "what functions may do is not enforced; they run with the rights of gatewire"
        }
        "Layers" => "layers are not unpacked; install what is in them beside the function",
        "VpcConfig" => "a function is in the network of gatewire",
        "Architectures" => "a function runs on the processor of this machine",
        "Tracing" | "TracingConfig" => "there are no traces of X-Ray",
        "DeadLetterQueue" | "DeadLetterConfig" | "EventInvokeConfig" => {
            "nothing calls a function without waiting for it"
        }
        _ => "gatewire has nothing like it",
    }
}
