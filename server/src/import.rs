//! Templates of SAM and `CloudFormation` as a configuration: what `gatewire import` does.
//!
//! Text in, text out. Whatever a template says that the configuration does not have is in the list
//! of omissions, with its line; `docs/import.md` has the whole of it for operators.

mod api;
mod draft;
mod functions;
mod integrations;
mod models;
mod parameters;
mod queues;
mod report;
mod resolve;
mod routes;
mod sam;
mod sqs;
mod template;
mod value;
mod yaml;

use std::collections::BTreeMap;

use draft::Draft;
use functions::Callee;
use parameters::Parameters;
use report::{Properties, Report};
use template::Resource;
use value::{Part, Text};

pub use report::Omission;

/// A template as a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Imported {
    /// A `gateway.toml`; its paths are relative to the folder of the template.
    pub toml: String,
    /// What it does not have, by line.
    pub omissions: Vec<Omission>,
}

/// There is nothing to import.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The text is no YAML and no JSON, or has what `CloudFormation` refuses.
    #[error("line {line}: {problem}")]
    Syntax {
        /// From 1.
        line: usize,
        /// What is wrong there.
        problem: String,
    },
    /// There are no `Resources`.
    #[error("this is no template of SAM or CloudFormation: it has no Resources")]
    NoTemplate,
    /// None of the resources is a WebSocket API.
    #[error(
        "the template has no WebSocket API (AWS::Serverless::WebSocketApi or AWS::ApiGatewayV2::Api)"
    )]
    NoApi,
    /// Values were given that the parameters of the template do not take, or for parameters that it
    /// has not.
    #[error("{}", .0.join("\n"))]
    Parameters(Vec<String>),
}

/// Makes a configuration of the text of a template.
///
/// Parameters have these values, else their defaults; the account and the region are those of
/// `[api]`. Of several WebSocket APIs the first is taken.
pub fn import(text: &str, parameters: &BTreeMap<String, String>) -> Result<Imported, ImportError> {
    let root = yaml::parse(text)?;
    if root.get("Resources").is_none() {
        return Err(ImportError::NoTemplate);
    }
    let parameters = Parameters::of(&root, parameters)?;
    let mut report = Report::default();
    let resources = template::resources(&root, &parameters, &mut report);
    let names = resources.iter().map(|(id, resource)| (id.clone(), resource.name())).collect();
    let importer = Importer {
        resources,
        names,
        report,
        draft: Draft::default(),
        callees: BTreeMap::new(),
        queues: BTreeMap::new(),
        deliveries: BTreeMap::new(),
        api: String::new(),
    };
    importer.run()
}

/// What is known while a template is read.
struct Importer {
    /// Those that nobody took yet.
    resources: BTreeMap<String, Resource>,
    /// What each resource is called when it is deployed, as far as that is known.
    names: BTreeMap<String, String>,
    report: Report,
    draft: Draft,
    /// Functions that something calls, by logical id.
    callees: BTreeMap<String, Callee>,
    /// Names of queues that are carried over, by logical id; none for one that cannot be.
    queues: BTreeMap<String, Option<String>>,
    /// Who takes the messages of which queue, as `deliver_to` has it.
    deliveries: BTreeMap<String, (&'static str, String)>,
    /// The logical id of the API.
    api: String,
}

impl Importer {
    fn run(mut self) -> Result<Imported, ImportError> {
        self.read_api()?;
        for resource in std::mem::take(&mut self.resources).into_values() {
            if let Some(reason) = resource.left() {
                self.report.omit(resource.line, resource.id, reason);
            }
        }
        Ok(Imported { toml: self.draft.to_string(), omissions: self.report.into_sorted() })
    }

    /// Takes the resources of a type that belong to the API.
    fn take_of_api(&mut self, kind: &str) -> Vec<Resource> {
        let belongs = |resource: &Resource| {
            let api = resource.properties.get("ApiId");
            resource.kind == kind && api.and_then(|api| api.resource()) == Some(self.api.as_str())
        };
        let ids: Vec<String> = self
            .resources
            .values()
            .filter(|resource| belongs(resource))
            .map(|resource| resource.id.clone())
            .collect();
        let mut taken: Vec<Resource> =
            ids.iter().filter_map(|id| self.resources.remove(id)).collect();
        taken.sort_by_key(|resource| resource.line);
        for resource in &mut taken {
            resource.properties.pass_over(&["ApiId"]);
        }
        taken
    }

    /// A text with the names of the resources in it. Those that stand for what is not deployed are
    /// listed.
    fn render(&mut self, line: usize, path: &str, text: &Text) -> Option<String> {
        let mut rendered = String::new();
        for part in &text.0 {
            match part {
                Part::Literal(literal) => rendered.push_str(literal),
                Part::Resource { id, attribute } => {
                    let name = self.names.get(id).unwrap_or(id).clone();
                    match attribute.as_deref() {
                        None | Some("QueueName" | "TableName" | "TopicName") => {
                            rendered.push_str(&name);
                        }
                        Some("Arn") if self.is_function(id) => {
                            let (region, account) = (resolve::REGION, resolve::ACCOUNT);
                            let arn = format!("arn:aws:lambda:{region}:{account}:function:{name}");
                            rendered.push_str(&arn);
                        }
                        Some(attribute) => {
                            let reason = format!("only a deployment knows {id}.{attribute}");
                            self.report.omit(line, path, reason);
                            return None;
                        }
                    }
                }
            }
        }
        Some(rendered)
    }
}

#[cfg(test)]
mod tests;
