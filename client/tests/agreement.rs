//! The browser refuses what the server refuses, in the same words.
//!
//! The npm package reads the shape table in TypeScript, the server in Rust. Both are asked about the values
//! by which table, serde and JSON Schema are compared, as JavaScript writes them.

#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(dead_code, reason = "what another test compares is shared with it")]

#[path = "../../shared/tests/agreement/values.rs"]
mod values;
#[path = "../../shared/tests/agreement/zoo.rs"]
mod zoo;

use std::{
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
    thread,
};

use gatewire::{
    Contract as _,
    describe::{Describe, schema},
    shape::{Table, compile},
};
use serde_json::{Value, json};
use values::{Choices, mutate, value};
use zoo::Zoo;

/// How many values there are of each type.
const VALUES: u32 = 3_000;

#[test]
fn browser_and_server_refuse_the_same_with_the_same_words() {
    let document = schema(&Zoo::describe()).unwrap();
    let table = compile(&document).unwrap();
    let cases = cases(&document);
    let answers = ask_the_package(&table, &cases);
    assert_eq!(answers.len(), cases.len());
    assert!(cases.len() >= 100_000, "{} values", cases.len());
    let mut refused = 0;
    let mut disagreements = Vec::new();
    for ((route, _), (text, browser)) in cases.iter().zip(&answers) {
        let server = table.check_data(route, text).err();
        let server = server.as_ref().map(gatewire::Error::message);
        refused += u32::from(server.is_some());
        if server != browser.as_deref() {
            disagreements.push(format!("{text}\n  server  {server:?}\n  browser {browser:?}"));
        }
    }
    disagreements.sort_by_key(String::len);
    disagreements.truncate(20);
    assert!(disagreements.is_empty(), "{}", disagreements.join("\n"));
    assert!(refused > 10_000, "{refused} values are wrong");
}

/// An enum that holds itself twice: a text can make it try for ever.
#[test]
fn browser_and_server_give_up_together() {
    let half = |end: &str| {
        json!({
            "type": "object",
            "required": ["next", end],
            "properties": { "next": { "$ref": "#/$defs/Chain" }, end: { "type": "null" } },
        })
    };
    let chain = json!({ "anyOf": [half("x"), half("y"), { "type": "null" }] });
    let action = json!({ "data": { "$ref": "#/$defs/Chain" }, "reply": { "type": "boolean" } });
    let document = json!({ "actions": { "go": action }, "$defs": { "Chain": chain } });
    let table = compile(&document).unwrap();
    let chain = |length: usize| "{\"next\":".repeat(length) + "null" + &"}".repeat(length);
    let cases: Vec<_> = (0..90).map(|length| ("go", chain(length))).collect();
    let mut given_up = 0;
    for (text, browser) in ask_the_package(&table, &cases) {
        let server = table.check_data("go", &text).err();
        let server = server.as_ref().map(gatewire::Error::message);
        assert_eq!(server, browser.as_deref(), "{text}");
        given_up +=
            u32::from(server.is_some_and(|words| words.ends_with("too many variants to try")));
    }
    assert!((60..85).contains(&given_up), "{given_up} are too much");
}

/// Actions, and payloads that are right or almost right.
fn cases(document: &Value) -> Vec<(&'static str, String)> {
    let mut cases = Vec::new();
    for (number, route) in (0..).zip(Zoo::ROUTES) {
        let shape = &document["actions"][*route]["data"];
        for seed in 0..VALUES {
            let mut choices = Choices::new(u64::from(seed) << 8 | number);
            let mut value = value(shape, &document["$defs"], &mut choices, 0);
            if choices.below(3) > 0 {
                mutate(&mut value, &mut choices);
            }
            cases.push((*route, value.to_string()));
        }
    }
    cases
}

/// Each text as JavaScript writes it, and why the package refuses it.
fn ask_the_package(table: &Table, cases: &[(&str, String)]) -> Vec<(String, Option<String>)> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("npm/test/refusals.js");
    let mut node = Command::new("node")
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut questions = format!("{}\n", table.as_str());
    for (route, text) in cases {
        questions.push_str(&json!([route, text]).to_string());
        questions.push('\n');
    }
    let mut stdin = node.stdin.take().unwrap();
    let writer = thread::spawn(move || stdin.write_all(questions.as_bytes()).unwrap());
    let output = node.wait_with_output().unwrap();
    assert!(output.status.success(), "the tools from npm are needed: npm ci");
    writer.join().unwrap();
    let answers = String::from_utf8(output.stdout).unwrap();
    answers.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}
