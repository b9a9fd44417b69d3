//! The commands about the file of a gateway, from outside.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops where it is")]

use std::fs;

use assert_cmd::{Command, assert::Assert, cargo::cargo_bin_cmd};
use tempfile::TempDir;

const RIGHT: &str = r#"
[stages.prod]

[routes."$connect"]
integration = "accept"

[routes.send]
integration = "chat"
reply = true
model = "send.schema.json"

[routes."$default"]
integration = "backend"

[integrations.accept]
type = "mock"

[integrations.chat]
type = "lambda"
function = "chat"

[integrations.backend]
type = "http"
url = "http://127.0.0.1:3000/messages"

[functions.chat]
command = ["python3", "-m", "awslambdaric", "app.handler"]
"#;

/// Ten mistakes, each of another kind.
const WRONG: &str = r#"[server]
listen = "localhost"
drian = "10s"

[api]
id = "Local"
idle_timeout = "10 minutes"

[stages.prod]
variables = { table = "${env:GATEWIRE_TEST_GONE}" }

[routes.sendmessage]
integration = "chta"

[routes."$connect"]
integration = "chat"
reply = true

[integrations.chat]
type = "lambda"
function = "chat"
timeout = "1m"

[functions.chat]
directory = "gone"
"#;

/// A folder with this `gateway.toml`, and the command in it.
fn gatewire(text: &str) -> (TempDir, Command) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("gateway.toml"), text).unwrap();
    fs::write(folder.path().join("send.schema.json"), "{}").unwrap();
    let mut command = cargo_bin_cmd!("gatewire");
    command.current_dir(folder.path());
    (folder, command)
}

fn error(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stderr.clone()).unwrap()
}

#[test]
fn a_file_without_mistakes_is_summed_up() {
    let (_folder, mut command) = gatewire(RIGHT);
    command.arg("check").assert().success().stderr("").stdout(
        "gateway.toml: no mistakes; 1 stage, 3 routes, 3 integrations, 1 function, 0 queues\n",
    );
}

#[test]
fn ten_mistakes_are_ten_lines_each_with_its_number() {
    let (_folder, mut command) = gatewire(WRONG);
    let assert = command.arg("check").assert().code(1).stdout("");
    let error = error(&assert);
    let lines: Vec<&str> = error.lines().collect();
    let expected = [
        "gateway.toml:2: server.listen: expected an IP address and a port",
        r#"gateway.toml:3: server.drian: unknown key; did you mean "drain"?"#,
        "gateway.toml:6: api.id: expected 10 lower-case letters and digits",
        r#"gateway.toml:7: api.idle_timeout: "10 minutes" is no duration"#,
        "gateway.toml:10: stages.prod.variables.table: the environment has no variable GATEWIRE_TEST_GONE",
        r#"gateway.toml:13: routes.sendmessage.integration: no integration is called "chta"; did you mean "chat"?"#,
        r#"gateway.toml:17: routes."$connect".reply: means nothing on $connect"#,
        "gateway.toml:22: integrations.chat.timeout: 1m is out of range; it may be 50ms to 29s",
        "gateway.toml:24: functions.chat.command: is missing",
        "gateway.toml:25: functions.chat.directory: there is no folder",
    ];
    assert_eq!(lines.len(), expected.len(), "{error}");
    for (line, expected) in lines.iter().zip(expected) {
        assert!(line.starts_with(expected), "{line}\nis not\n{expected}");
    }
}

#[test]
fn certificates_by_acme_are_built_in_and_take_a_yes() {
    let acme = "[server.tls]\nmode = 'acme'\ndomains = ['chat.example']\n";
    let (_folder, mut command) = gatewire(&format!("{RIGHT}{acme}terms_agreed = true"));
    command.arg("check").assert().success();
    let (_folder, mut command) = gatewire(&format!("{RIGHT}{acme}terms_agreed = false"));
    let error = error(&command.arg("check").assert().code(1));
    let line = format!("{RIGHT}{acme}").lines().count() + 1;
    let expected =
        format!("gateway.toml:{line}: server.tls.terms_agreed: expected true, which says");
    assert!(error.starts_with(&expected), "{error}");
    assert!(error.contains("terms of service"), "{error}");
}

#[test]
fn an_overriding_variable_is_named_instead_of_a_line() {
    let (_folder, mut command) = gatewire(RIGHT);
    let assert = command.arg("check").env("GATEWIRE__SERVER__LISTEN", "x").assert().code(1);
    assert!(error(&assert).starts_with("GATEWIRE__SERVER__LISTEN: server.listen: expected"));
}

#[test]
fn a_file_that_is_not_there_is_no_file_with_mistakes() {
    let (_folder, mut command) = gatewire(RIGHT);
    let assert = command.args(["check", "gone.toml"]).assert().code(2);
    assert!(error(&assert).starts_with("error: gone.toml cannot be read: "));
}

#[test]
fn routes_are_a_table_of_where_they_lead() {
    let (_folder, mut command) = gatewire(RIGHT);
    command.args(["routes", "gateway.toml"]).assert().success().stderr("").stdout(
        "\
ROUTE     INTEGRATION  KIND    TARGET                               REPLY    MODEL
$connect  accept       mock    -                                    -        -
send      chat         lambda  chat                                 two-way  send.schema.json
$default  backend      http    POST http://127.0.0.1:3000/messages  -        -
",
    );
    let (_folder, mut command) = gatewire(WRONG);
    command.arg("routes").assert().code(1).stdout("");
}

const TEMPLATE: &str = r"Transform: AWS::Serverless-2016-10-31
Resources:
  Api:
    Type: AWS::Serverless::WebSocketApi
    Properties:
      StageName: prod
      Auth: { AuthType: AWS_IAM }
      Routes:
        $default: { FunctionArn: !GetAtt Chat.Arn }
  Chat:
    Type: AWS::Serverless::Function
    Properties: { CodeUri: ., Handler: app.handler, Runtime: python3.12 }
";

#[test]
fn a_template_is_imported_and_what_it_loses_is_listed() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("template.yaml"), TEMPLATE).unwrap();
    let run = |arguments: &[&str]| {
        let output = cargo_bin_cmd!("gatewire").current_dir(&folder).args(arguments).unwrap();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        (text(&output.stdout), text(&output.stderr))
    };
    let (toml, listed) = run(&["import", "template.yaml"]);
    assert!(toml.contains("[functions.Chat]"), "{toml}");
    assert!(listed.starts_with("template.yaml:7: Api.Auth: "), "{listed}");
    run(&["import", "template.yaml", "--output", "gateway.toml"]);
    assert_eq!(fs::read_to_string(folder.path().join("gateway.toml")).unwrap(), toml);
    assert_eq!(run(&["routes", "template.yaml"]).0, run(&["routes", "gateway.toml"]).0);
    let (checked, listed) = run(&["check", "template.yaml"]);
    assert!(checked.contains("1 stage, 1 route, 1 integration, 1 function"), "{checked}");
    assert!(listed.contains("everybody may connect"), "{listed}");
}

#[test]
fn parameters_of_a_template_can_be_given() {
    let folder = TempDir::new().unwrap();
    let template = TEMPLATE.replace("StageName: prod", "StageName: !Ref Stage");
    let parameters =
        "Parameters:\n  Stage: { Type: String, Default: dev, AllowedValues: [dev, qa] }\n";
    fs::write(folder.path().join("template.yaml"), format!("{parameters}{template}")).unwrap();
    fs::write(folder.path().join("gateway.toml"), "[stages.prod]").unwrap();
    let run = |command: &[&str]| {
        cargo_bin_cmd!("gatewire").current_dir(&folder).args(command).output().unwrap()
    };
    let import = |given: &[&str]| run(&[&["import", "template.yaml"], given].concat());
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    assert!(text(import(&[]).stdout).contains("[stages.dev]"));
    assert!(text(import(&["--parameter", "Stage=qa"]).stdout).contains("[stages.qa]"));
    let checked = run(&["check", "template.yaml", "--parameter", "Stage=qa"]);
    assert!(checked.status.success(), "{}", text(checked.stderr));
    let wrong = ["--parameter", "Stage=prod", "--parameter", "Room=a"];
    let told = "error: template.yaml: the parameter Room: the template has only Stage\n\
                the parameter Stage: it may be dev, qa\n";
    for command in ["import", "serve", "check", "routes"] {
        let refused = run(&[&[command, "template.yaml"], &wrong[..]].concat());
        assert_eq!((refused.status.code(), text(refused.stderr)), (Some(2), told.to_owned()));
    }
    let refused = run(&["check", "gateway.toml", "--parameter", "Stage=qa"]);
    assert!(text(refused.stderr).contains("gateway.toml is none"));
}

#[test]
fn a_file_that_is_no_template_says_so() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("other.yaml");
    fs::write(&file, "A: [\n").unwrap();
    let failed = cargo_bin_cmd!("gatewire").arg("import").arg(&file).assert().failure().code(2);
    let told = String::from_utf8(failed.get_output().stderr.clone()).unwrap();
    assert!(told.contains("other.yaml: line 2"), "{told}");
}
