//! What a template is once it is read.

use regex::Regex;
use serde_json::Number;

use super::functions::Function;
use crate::expression::Path;

/// A piece of a template.
#[derive(Clone, Debug)]
pub(super) enum Node {
    /// Text, printed as it is.
    Text(String),
    /// A reference, printed as what it is worth.
    Print(Reference),
    /// `#set($variable = value)`
    Set { variable: String, value: Expression },
    /// `#if(…)` and its `#elseif(…)`: the first whose condition holds; `#else`: none did.
    If { branches: Vec<(Expression, Vec<Self>)>, otherwise: Vec<Self> },
    /// `#foreach($variable in list)`
    Foreach { variable: String, list: Expression, body: Vec<Self> },
}

/// What has a value.
#[derive(Clone, Debug)]
pub(super) enum Expression {
    /// A quoted text without references.
    Text(String),
    /// A text in double quotes, with references: only `Text` and `Print`.
    Interpolated(Vec<Node>),
    Number(Number),
    Bool(bool),
    Reference(Reference),
    Not(Box<Self>),
    /// All of them hold.
    All(Vec<Self>),
    /// One of them holds.
    Any(Vec<Self>),
    Compare(Box<Self>, Comparison, Box<Self>),
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// `$root.access.access`
#[derive(Clone, Debug)]
pub(super) struct Reference {
    pub(super) root: Root,
    pub(super) accesses: Vec<Access>,
}

/// Where a reference starts.
#[derive(Clone, Debug)]
pub(super) enum Root {
    /// A variable of the template.
    Variable(String),
    /// `$context.path`; the path with its dots.
    Context(String),
    /// `$stageVariables.name`
    StageVariable(String),
    /// `$input.body`
    Body,
    /// `$input.json('$.a')`: JSON text.
    Json(Path),
    /// `$input.path('$.a')`: the value itself.
    Path(Path),
    /// `$input.params()`
    Params,
    /// `$input.params('name')`
    Param(String),
    /// `$util.function(argument)`
    Util(Function, Box<Expression>),
    /// `$foreach.index`
    LoopIndex,
    /// `$foreach.hasNext`
    LoopHasNext,
}

/// A step from one value to another.
#[derive(Clone, Debug)]
pub(super) enum Access {
    /// `.name`
    Member(String),
    /// `[0]`
    Index(usize),
    /// `.size()`
    Size,
    /// `.replaceAll('pattern', 'replacement')`; the replacement is in the notation of [`Regex`].
    ReplaceAll { pattern: Regex, replacement: String },
}
