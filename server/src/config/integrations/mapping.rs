//! What is made of a request before the integration has it, and of its answer.

use std::collections::BTreeMap;

use super::super::{
    Located,
    reader::{Choice, Table},
    texts::Compiled,
};

/// An integration of type `mock`: templates alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mock {
    /// Everything may be absent: then every request is answered with status 200 and nothing.
    pub mapping: Mapping,
}

/// What is made of a request before the integration has it, and of its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// Templates of the request, chosen by the result of `template_selection_expression`, else
    /// `$default`.
    pub request_templates: BTreeMap<String, Located<String>>,
    /// Chooses the template of the request. `\$default` unless the file says otherwise.
    pub template_selection_expression: Located<String>,
    /// What becomes of a request that no template fits.
    pub passthrough: Passthrough,
    /// What is made of the answer; in the order of the file, and the first that fits is taken.
    pub responses: Vec<ResponseMapping>,
}

/// What becomes of a request that no template fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passthrough {
    /// Its body goes on as it is.
    WhenNoMatch,
    /// Its body goes on as it is if there are no templates at all, else it is refused.
    WhenNoTemplates,
    /// It is refused.
    Never,
}

/// What is made of one kind of answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResponseMapping {
    /// `$default`, or `/…/` with a regular expression for the status code.
    pub key: Located<String>,
    /// Templates of the answer, chosen by the result of `template_selection_expression`, else
    /// `$default`.
    pub templates: BTreeMap<String, Located<String>>,
    /// Chooses the template of the answer. `\$default` unless the file says otherwise.
    pub template_selection_expression: Located<String>,
    /// Whether the body becomes base64 first.
    pub convert_to_text: bool,
}

impl Mock {
    pub(super) fn read(table: &mut Table<'_>) -> Self {
        Self { mapping: Mapping::read(table) }
    }
}

const TO_TEXT: Choice<()> = Choice(&[("CONVERT_TO_TEXT", ())]);

/// What selects a template unless the file says otherwise: the result `$default`.
const ALWAYS: &str = "\\$default";

impl Mapping {
    /// Whether a table has something to map.
    pub(super) fn is_in(table: &Table<'_>) -> bool {
        let keys =
            ["request_templates", "template_selection_expression", "passthrough", "responses"];
        keys.iter().any(|key| table.has(key))
    }

    pub(super) fn read(table: &mut Table<'_>) -> Self {
        const PASSTHROUGH: Choice<Passthrough> = Choice(&[
            ("WHEN_NO_MATCH", Passthrough::WhenNoMatch),
            ("WHEN_NO_TEMPLATES", Passthrough::WhenNoTemplates),
            ("NEVER", Passthrough::Never),
        ]);
        table.variant("templates");
        let selection = Compiled::TemplateSelection;
        Self {
            request_templates: table.map("request_templates", Compiled::RequestTemplate),
            template_selection_expression: table.or(
                "template_selection_expression",
                ALWAYS,
                selection,
            ),
            passthrough: table.or("passthrough", "WHEN_NO_MATCH", PASSTHROUGH).into_value(),
            responses: read_responses(table),
        }
    }
}

fn read_responses(table: &mut Table<'_>) -> Vec<ResponseMapping> {
    let mut responses: Vec<ResponseMapping> = Vec::new();
    for mut table in table.array("responses") {
        let key = table.required("key", Compiled::ResponseKey);
        let templates = table.map("templates", Compiled::ResponseTemplate);
        let selection = Compiled::ResponseTemplateSelection;
        let template_selection_expression =
            table.or("template_selection_expression", ALWAYS, selection);
        let convert_to_text = table.optional("content_handling", TO_TEXT).is_some();
        if let Some(key) = key {
            if responses.iter().any(|other| other.key == key) {
                table.mistake_at(&key, "another response has this key already");
            }
            responses.push(ResponseMapping {
                key,
                templates,
                template_selection_expression,
                convert_to_text,
            });
        }
        table.finish();
    }
    responses
}
