//! `[stages.NAME]`: what a deployment of the API is called.

use std::{collections::BTreeMap, path::PathBuf};

use super::{
    Located,
    reader::{File, Need, Table, TextLike},
    texts::Compiled,
};

/// One stage, reached at `/NAME` and at its own domains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// The stage variables.
    pub variables: BTreeMap<String, String>,
    /// Hosts, in lower case and without a port, at which the path does not name the stage.
    pub domains: Vec<String>,
    /// The first segment of the path at these domains; absent: none. No slash in it.
    pub base_path: Option<String>,
    /// Absent: no access log.
    pub access_log: Option<AccessLog>,
}

/// `[stages.NAME.access_log]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessLog {
    /// What a line looks like.
    pub format: AccessLogFormat,
    /// The file that lines are added to; absent: standard output.
    pub file: Option<PathBuf>,
}

/// What a line of the access log looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccessLogFormat {
    /// One JSON object with everything there is.
    Json,
    /// A text with `$context` variables, on one line.
    Text(Located<String>),
}

/// A host name, without a port.
pub(super) const DOMAIN: TextLike = TextLike {
    form: "a host name such as \"chat.example.com\"",
    fits: |text| {
        let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
        !text.is_empty() && text.len() <= 253 && text.bytes().all(known)
    },
};

/// All stages of the file. Notes that there is none, and who claims what another has.
pub(super) fn read(root: &mut Table<'_>) -> BTreeMap<String, Stage> {
    let mut table = root.section("stages");
    let mut stages = BTreeMap::new();
    let mut claimed = BTreeMap::new();
    let tables = table.tables();
    if tables.is_empty() {
        root.missing("stages", "at least one stage: write [stages.prod]");
    }
    for (name, table) in tables {
        if !is_name(&name) {
            let rule = "a stage's name has 1 to 128 letters, digits, - and _";
            table.mistake_at(&name, rule);
        }
        let stage = Stage::read(table, &mut claimed);
        stages.insert(name.into_value(), stage);
    }
    stages
}

/// The rule for stages' names on AWS; `$default` is not among them for WebSockets.
fn is_name(name: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=128).contains(&name.len()) && name.bytes().all(known)
}

impl Stage {
    /// `claimed`: which stage has which path of which domain.
    fn read(
        mut table: Table<'_>,
        claimed: &mut BTreeMap<(String, Option<String>), String>,
    ) -> Self {
        let variables = table.map("variables", VARIABLE);
        if variables.len() > 100 {
            table.mistake("variables", format!("a stage has at most 100, not {}", variables.len()));
        }
        for (name, value) in &variables {
            if !is_variable(name) {
                let rule = "the name of a variable has 1 to 64 letters, digits and _";
                table.mistake_at(value, rule);
            }
        }
        let domains = table.list("domains", Need::Optional, DOMAIN);
        let base_path = table.optional("base_path", BASE_PATH);
        if let Some(path) = base_path.as_ref().filter(|_| !table.has("domains")) {
            table.mistake_at(
                path,
                "is for domains of the stage's own, and it has none; write domains = [\"…\"]",
            );
        }
        let base_path = base_path.map(Located::into_value);
        for domain in &domains {
            let claim = (domain.to_lowercase(), base_path.clone());
            let other = claimed.insert(claim, domain.key().to_owned());
            if let Some(other) = other {
                let problem =
                    format!("{other} has {:?} already, with the same base_path", domain.value());
                table.mistake_at(domain, problem);
            }
        }
        let stage = Self {
            variables: variables
                .into_iter()
                .map(|(name, value)| (name, value.into_value()))
                .collect(),
            domains: domains.into_iter().map(|domain| domain.to_lowercase()).collect(),
            base_path,
            access_log: table.table("access_log").and_then(AccessLog::read),
        };
        table.finish();
        stage
    }
}

impl AccessLog {
    fn read(mut table: Table<'_>) -> Option<Self> {
        let format = table.required("format", Compiled::AccessLog);
        let file = table.optional("file", File(table.folder())).map(Located::into_value);
        table.finish();
        let format = match format? {
            format if *format.value() == "json" => AccessLogFormat::Json,
            format => AccessLogFormat::Text(format),
        };
        Some(Self { format, file })
    }
}

fn is_variable(name: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    (1..=64).contains(&name.len()) && name.bytes().all(known)
}

/// The value of a stage variable, by AWS's rule.
const VARIABLE: TextLike = TextLike {
    form: "text of 1 to 512 letters, digits and -._~:/?#&=,",
    fits: |text| {
        let known = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#&=,".contains(&byte);
        (1..=512).contains(&text.len()) && text.bytes().all(known)
    },
};

/// AWS's rule for the key of an API mapping; `ping` and `sping` are its health checks.
const BASE_PATH: TextLike = TextLike {
    form: "text of 1 to 300 letters, digits and $-_.+!*'(), and neither \"ping\" nor \"sping\"",
    fits: |text| {
        let known = |byte: u8| byte.is_ascii_alphanumeric() || b"$-_.+!*'()".contains(&byte);
        let reserved = matches!(text, "ping" | "sping");
        (1..=300).contains(&text.len()) && text.bytes().all(known) && !reserved
    },
};
