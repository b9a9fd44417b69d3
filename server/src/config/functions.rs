//! `[functions.NAME]`: Lambda functions that we host.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use super::{
    Located, Secret,
    reader::{self, Directory, Hidden, Need, Number, Table, Text},
};

/// A Lambda function that we run and that fetches its events through the Runtime API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// The program and its arguments; at least the program.
    pub command: Vec<String>,
    /// Where it runs. It exists.
    pub directory: PathBuf,
    /// What the function is told as `_HANDLER`.
    pub handler: Option<String>,
    /// Environment variables beside those that every Lambda function has. They may be secret.
    pub environment: BTreeMap<String, Secret>,
    /// How many processes at most; they are started as needed. Each runs one event at a time.
    pub concurrency: u32,
    /// MiB; only told to the function.
    pub memory: u32,
    /// How long one event may take before its process is ended.
    pub timeout: Duration,
}

/// All functions of the file.
pub(super) fn read(root: &mut Table<'_>) -> BTreeMap<String, Function> {
    let tables = root.section("functions").tables().into_iter();
    let read = tables.map(|(name, table)| {
        if !is_name(&name) {
            table.mistake_at(&name, "a function's name has 1 to 64 letters, digits, - and _");
        }
        (name.into_value(), Function::read(table))
    });
    read.collect()
}

/// Lambda's rule.
fn is_name(name: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=64).contains(&name.len()) && name.bytes().all(known)
}

impl Function {
    fn read(mut table: Table<'_>) -> Self {
        let timeout = reader::Duration(Duration::from_millis(50)..=Duration::from_mins(15));
        let command = table.list("command", Need::Required, Text);
        let environment = table.map("environment", Hidden);
        for (name, value) in &environment {
            if name.is_empty() || name.contains(['=', '\0']) {
                table.mistake_at(value, "this cannot be the name of an environment variable");
            }
        }
        let function = Self {
            command: command.into_iter().map(Located::into_value).collect(),
            directory: table.or("directory", ".", Directory(table.folder())).into_value(),
            handler: table.optional("handler", Text).map(Located::into_value),
            environment: environment
                .into_iter()
                .map(|(name, value)| (name, value.into_value()))
                .collect(),
            concurrency: table.or("concurrency", "4", Number(1..=1000)).into_value(),
            memory: table.or("memory", "128", Number(128..=10_240)).into_value(),
            timeout: table.or("timeout", "3s", timeout).into_value(),
        };
        table.finish();
        function
    }
}
