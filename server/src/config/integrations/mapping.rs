//! What is made of a request before the integration has it, and of its answer.

use std::collections::BTreeMap;

use super::super::Located;

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
}
