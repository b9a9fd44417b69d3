//! The command from outside.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops where it is")]

use std::{fs, path::Path};

use assert_cmd::{Command, cargo::cargo_bin_cmd};

const OLD: &str = r##"{
    "actions": {
        "say": {"data": {"$ref": "#/$defs/Say"}, "reply": {"$ref": "#/$defs/Said"}},
        "leave": {"data": {"type": "null"}, "reply": {"type": "null"}}
    },
    "events": {},
    "$defs": {
        "Say": {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]},
        "Said": {"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]}
    }
}"##;

fn gatewire() -> Command {
    cargo_bin_cmd!("gatewire")
}

/// Writes two schemas and compares them.
fn diff(old: &str, new: &str) -> assert_cmd::assert::Assert {
    let folder = tempfile::tempdir().unwrap();
    let (before, after) = (folder.path().join("old.json"), folder.path().join("new.json"));
    fs::write(&before, old).unwrap();
    fs::write(&after, new).unwrap();
    gatewire().args(["contract", "diff"]).args([before, after]).assert()
}

#[test]
fn safe_changes_exit_with_0() {
    let new = OLD.replace(
        r#"{"text": {"type": "string"}}"#,
        r#"{"text": {"type": "string"}, "tag": {"type": "string"}}"#,
    );
    diff(OLD, &new).success().stdout(
        "safe      actions.say.data.tag: a new optional field, which older clients do not send\n\
         0 breaking, 1 safe\n",
    );
    diff(OLD, OLD).success().stdout("0 breaking, 0 safe\n");
}

#[test]
fn breaking_changes_exit_with_1_and_come_first() {
    let new = OLD
        .replace(r#""leave""#, r#""exit""#)
        .replace(r#""properties": {"id": {"type": "integer"}}, "required": ["id"]"#, r#""x": 1"#);
    diff(OLD, &new).code(1).stdout(
        "breaking  actions.leave: the action is gone, and older clients may send it\n\
         breaking  actions.say.reply.id: a required field is gone, and older clients rely on it\n\
         safe      actions.exit: a new action, which older clients do not send\n\
         2 breaking, 1 safe\n",
    );
}

#[test]
fn a_file_that_cannot_be_compared_is_named_with_the_place() {
    let complaint = |assert: assert_cmd::assert::Assert| {
        String::from_utf8(assert.code(2).get_output().stderr.clone()).unwrap()
    };
    let error = complaint(diff("{\n  \"actions\": {},\n  nonsense\n}", OLD));
    assert!(error.contains("old.json is not JSON") && error.contains("line 3 column 3"), "{error}");
    let error = complaint(diff(OLD, r#"{"actions": {}}"#));
    assert!(error.contains("new.json is not the schema of a contract"), "{error}");
    let gone = gatewire().args(["contract", "diff", "gone.json", "gone.json"]).assert();
    let error = complaint(gone);
    assert!(error.contains("gone.json cannot be read"), "{error}");
}

#[test]
fn a_folder_that_is_no_crate_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let assert = gatewire().args(["contract", "export"]).arg(folder.path()).assert().code(2);
    let error = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    assert!(error.contains("has no Cargo.toml"), "{error}");
}

#[test]
fn a_new_contract_is_exported_and_then_current_until_it_changes() {
    let folder = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let new = |code: i32| {
        let shared = root.join("shared");
        let mut command = gatewire();
        command.args(["new", "contract", "parlour-contract", "--into"]).arg(folder.path());
        command.arg("--gatewire-path").arg(shared).assert().code(code);
    };
    new(0);
    new(2); // nothing is overwritten
    let contract = folder.path().join("parlour-contract");
    // The versions of this workspace are on this machine, whether there is a network or not.
    fs::copy(root.join("Cargo.lock"), contract.join("Cargo.lock")).unwrap();
    let run = |what: &str| {
        let mut command = gatewire();
        command.args(["contract", what]).arg(&contract);
        command.env("CARGO_NET_OFFLINE", "true").env_remove("GATEWIRE_BLESS");
        command.env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("contract"));
        command.assert()
    };

    run("check").code(1);
    run("export").success();
    run("check").success();
    for file in ["js", "d.ts", "schema.json", "asyncapi.json"] {
        assert!(contract.join(format!("parlour.{file}")).is_file(), "{file}");
    }
    assert!(contract.join("package.json").is_file());
    assert_eq!(fs::read_dir(contract.join("snapshots")).unwrap().count(), 1);

    let source = contract.join("src/lib.rs");
    let text = fs::read_to_string(&source).unwrap();
    let text = text.replace("pub text: String,", "pub text: Option<String>,");
    fs::write(&source, text).unwrap();
    run("check").code(1);
    run("export").success();
    run("check").success();
    assert_eq!(fs::read_dir(contract.join("snapshots")).unwrap().count(), 2);
}
