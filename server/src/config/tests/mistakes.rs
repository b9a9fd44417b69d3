//! What is wrong with a file, and where.

use super::*;

/// The mistakes of a text, without the file's name.
fn mistakes(text: &str, environment: &[(&str, &str)]) -> Vec<String> {
    let folder = Folder::new();
    let Err(mistakes) = folder.read(text, environment) else { return Vec::new() };
    let file = format!("{}:", folder.path().display());
    let inside = format!("{}/", folder.0.path().display());
    let lines = mistakes.to_string();
    let lines =
        lines.lines().map(|line| line.strip_prefix(&file).unwrap_or(line).replace(&inside, ""));
    lines.collect()
}

/// Asserts the mistakes of a text that begins with a stage in its first line.
#[track_caller]
pub(super) fn assert_mistakes(text: &str, expected: &[&str]) {
    assert_eq!(mistakes(&format!("[stages.prod]\n{text}"), &[]), expected);
}

#[test]
fn names_have_to_exist_and_the_nearest_is_suggested() {
    assert_mistakes(
        "[routes.a]\nintegration = \"chta\"\n[routes.b]\nintegration = 'other'\n\
         [integrations.chat]\ntype = 'lambda'\nfunction = 'f'\n\
         [integrations.jobs]\ntype = 'queue'\nqueue = 'q'",
        &[
            r#"3: routes.a.integration: no integration is called "chta"; did you mean "chat"?"#,
            r#"5: routes.b.integration: no integration is called "other"; write a table [integrations.other]"#,
            r#"8: integrations.chat.function: no function is called "f"; write a table [functions.f]"#,
            r#"11: integrations.jobs.queue: no queue is called "q"; write a table [queues.q]"#,
        ],
    );
}

#[test]
fn a_broken_table_still_has_its_name() {
    assert_mistakes(
        "[routes.a]\nintegration = 'chat'\n[integrations.chat]\ntype = 'lamda'\nfunktion = 3",
        &[
            r#"5: integrations.chat.type: expected "mock" or "lambda" or "http" or "queue", not "lamda""#,
        ],
    );
}

#[test]
fn unknown_keys_are_named_with_what_was_meant() {
    assert_mistakes(
        "domain = ['x']\n[server]\nlitsen = 1\n[sever]\n[functions.f]\ncommand = ['x']\nhandle = 'a'\n\
         zzzz = 1\n[server.tls]\nmode = 'development'\ncertificate = 'cert.pem'",
        &[
            r#"2: stages.prod.domain: unknown key; did you mean "domains"?"#,
            r#"4: server.litsen: unknown key; did you mean "listen"?"#,
            r#"5: sever: unknown key; did you mean "server"?"#,
            r#"8: functions.f.handle: unknown key; did you mean "handler"?"#,
            "9: functions.f.zzzz: unknown key; here may be command, concurrency, directory, \
             environment, handler, memory, timeout",
            "12: server.tls.certificate: unknown key; here may be mode",
        ],
    );
}

#[test]
fn types_and_ranges() {
    assert_mistakes(
        "[server]\nlisten = 'localhost:1'\ndrain = 10\ndomain_name = 'https://x'\n[api]\nid = 'Local'\n\
         max_message = '128KB'\nmax_frame = 1\nerror_detail = 'yes'\nlifetime = '2 hours'\naccount = 1.5\n\
         [integrations.a]\ntype = 'http'\nurl = 'ftp://x'\ntimeout = '30s'\nmethod = 'post'\n\
         [functions.f]\ncommand = []\nconcurrency = 0\n[queues]\nq = 1",
        &[
            r#"3: server.listen: expected an IP address and a port, such as "127.0.0.1:8080", not "localhost:1""#,
            r#"4: server.drain: expected a text such as "29s", not an integer"#,
            r#"5: server.domain_name: expected a host such as "chat.example.com" or "localhost:8080", not "https://x""#,
            r#"7: api.id: expected 10 lower-case letters and digits, not "Local""#,
            r#"8: api.max_message: "128KB" is no size; it is written 131072, "128KiB" or "1MiB""#,
            "9: api.max_frame: 1B is out of range; it may be 1KiB to 64MiB",
            "10: api.error_detail: expected true or false, not a text",
            r#"11: api.lifetime: "2 hours" is no duration; it is written "50ms", "29s", "10m", "1h30m" or "4d""#,
            "12: api.account: expected 12 digits, not a float",
            r#"15: integrations.a.url: expected a URL such as "http://127.0.0.1:3000/messages", not "ftp://x""#,
            "16: integrations.a.timeout: 30s is out of range; it may be 50ms to 29s",
            r#"17: integrations.a.method: expected a method in capitals, such as "POST", not "post""#,
            "19: functions.f.command: the array is empty",
            "20: functions.f.concurrency: 0 is out of range; it may be 1 to 1000",
            "22: queues.q: expected a table, [queues.q]",
        ],
    );
}

#[test]
fn what_is_missing_is_said_where_it_should_be() {
    assert_mistakes(
        "[routes.a]\n[integrations.b]\n[integrations.c]\ntype = 'lambda'\n[functions.f]\n[queues.q]\n\
         [server.tls]\nmode = 'files'\n[metrics]\n[management]\naccess = 'signed'",
        &[
            "2: routes.a.integration: is missing; expected: name of one of `[integrations]`",
            r#"3: integrations.b.type: is missing; expected: "mock" or "lambda" or "http" or "queue""#,
            "4: integrations.c.function: is missing; expected: the name of one of [functions], or a key uri",
            "6: functions.f.command: is missing; expected: an array: text",
            r#"7: queues.q.deliver_to: is missing; expected: { function = "…" } or { url = "…" }: nobody takes the messages"#,
            "8: server.tls.certificate: is missing; expected: path of a file",
            "8: server.tls.key: is missing; expected: path of a file",
            "10: metrics.listen: is missing; expected: address",
            "11: management.credentials: is missing; expected: at least one: write [[management.credentials]]",
        ],
    );
    let none = mistakes("", &[]);
    assert_eq!(none, ["1: stages: is missing; expected: at least one stage: write [stages.prod]"]);
}

#[test]
fn names_and_variables_of_stages_have_aws_s_rules() {
    let long = "x".repeat(129);
    assert_eq!(
        mistakes(
            &format!(
                "[stages.\"$default\"]\n[stages.{long}]\n[stages.a]\nbase_path = 'ping'\ndomains = ['d', 'd e']\n\
                 [stages.a.variables]\n'a-b' = 'x'\nok = 'a b'\n[stages.b]\ndomains = ['D']\n[stages.c]\nbase_path = 'v1'\n\
                 [stages.d]\ndomains = ['D']\naccess_log.format = \"a\\nb\""
            ),
            &[]
        ),
        [
            r#"1: stages."$default": a stage's name has 1 to 128 letters, digits, - and _"#.to_owned(),
            format!("2: stages.{long}: a stage's name has 1 to 128 letters, digits, - and _"),
            r#"4: stages.a.base_path: expected text of 1 to 300 letters, digits and $-_.+!*'(), and neither "ping" nor "sping", not "ping""#.to_owned(),
            r#"5: stages.a.domains: expected a host name such as "chat.example.com", not "d e""#.to_owned(),
            "7: stages.a.variables.a-b: the name of a variable has 1 to 64 letters, digits and _".to_owned(),
            r#"8: stages.a.variables.ok: expected text of 1 to 512 letters, digits and -._~:/?#&=,, not "a b""#.to_owned(),
            r#"10: stages.b.domains: stages.a.domains has "D" already, with the same base_path"#.to_owned(),
            r#"12: stages.c.base_path: is for domains of the stage's own, and it has none; write domains = ["…"]"#.to_owned(),
            r#"14: stages.d.domains: stages.b.domains has "D" already, with the same base_path"#.to_owned(),
            "15: stages.d.access_log.format: a format of the access log is one line".to_owned(),
        ]
    );
}

#[test]
fn what_means_nothing_on_a_route() {
    assert_mistakes(
        "[integrations]\nm.type = 'mock'\n[routes.'$connect']\nintegration = 'm'\nreply = true\norder = 'none'\n\
         [routes.'$disconnect']\nintegration = 'm'\nmodel = 'send.schema.json'\n\
         [routes.'$other']\nintegration = 'm'\nrequest_parameters = { 'route.request.header.x' = {} }\n\
         [routes.two]\nintegration = 'm'\nmodel = 'send.schema.json'\nmodels = { a = 'gone.json' }\n\
         [routes.three]\nintegration = 'm'\nmodels = { a = 'list.json' }\n\
         [routes.four]\nintegration = 'm'\nmodel_selection_expression = '$request.body.v'\n\
         [routes.five]\nintegration = 'm'\nmodel = '{'\n\
         [routes.six]\nintegration = 'm'\nmodel = '{\"required\": 1}'",
        &[
            r#"6: routes."$connect".reply: means nothing on $connect, which is no message"#,
            r#"7: routes."$connect".order: means nothing on $connect, which is no message"#,
            r#"10: routes."$disconnect".model: means nothing on $disconnect, which is no message"#,
            r#"11: routes."$other": only $connect, $disconnect and $default begin with $, and no key is empty"#,
            r#"13: routes."$other".request_parameters: is for $connect alone: no other route has a query or headers"#,
            "16: routes.two.model: is for a route with one model; for several write model_selection_expression and models",
            "17: routes.two.models.a: there is no file gone.json",
            "18: routes.three.model_selection_expression: is missing; expected: an expression that chooses among models",
            "20: routes.three.models.a: list.json is no JSON Schema: [] is not of types \"boolean\", \"object\"",
            "21: routes.four.models: is missing; expected: a table such as { v1 = \"v1.schema.json\" }",
            "26: routes.five.model: the schema is not JSON: EOF while parsing an object at line 1 column 1",
            "29: routes.six.model: the schema is no JSON Schema: 1 is not of type \"array\"",
        ],
    );
    assert_mistakes(
        "[integrations]\nm.type = 'mock'\n[routes.'$connect']\nintegration = 'm'\n\
         request_parameters = { token = { required = true } }",
        &[
            r#"6: routes."$connect".request_parameters.token: expected route.request.querystring.NAME or route.request.header.NAME"#,
        ],
    );
}

#[test]
fn values_that_contradict() {
    assert_mistakes(
        "[server]\nlisten = '127.0.0.1:1'\n[api]\nmax_message = '1KiB'\nmax_frame = '2KiB'\n\
         route_selection_expression = '$context.stage'\n\
         [integrations.a]\ntype = 'lambda'\nfunction = 'f'\nuri = 'arn:aws:lambda:r:1:function:f'\n\
         [integrations.b]\ntype = 'lambda'\nfunction = 'f'\nendpoint = 'http://x'\n\
         [integrations.c]\ntype = 'http'\nurl = 'http://x'\nrequest_parameters = { header = 'context.stage' }\n\
         responses = [{ key = '$default' }, { key = '$default' }]\n\
         [functions.f]\ncommand = ['x']\nenvironment = { 'A=B' = 'x' }\n\
         [queues.q]\ndead_letter = 'q'\ndeliver_to = { function = 'f', url = 'http://x' }\n\
         [management]\n[[management.credentials]]\naccess_key_id = 'A'\nsecret_access_key = 'b'\n\
         [[management.credentials]]\naccess_key_id = 'A'\nsecret_access_key = 'b'\npolicy = { Effect = 'Allow' }\n\
         [metrics]\nlisten = '127.0.0.1:1'",
        &[
            "6: api.max_frame: a frame cannot be larger than max_message",
            "7: api.route_selection_expression: at character 1 of the selection expression: a route selection \
             expression reads `request.body` and nothing else",
            "11: integrations.a.uri: a function is either one of ours or one with a uri; write one of both",
            "15: integrations.b.endpoint: is for a function with a uri; this one is ours",
            "19: integrations.c.request_parameters.header: a parameter goes to integration.request.header.NAME, \
             integration.request.querystring.NAME or integration.request.path.NAME",
            "20: integrations.c.responses.1.key: another response has this key already",
            "23: functions.f.environment.\"A=B\": this cannot be the name of an environment variable",
            "25: queues.q.dead_letter: a queue cannot be its own dead letter",
            "26: queues.q.deliver_to.url: messages go to a function or to a URL; write one of both",
            r#"28: management.credentials: are not used while access is "loopback"; write access = "signed""#,
            "32: management.credentials.1.access_key_id: another of the credentials has it already",
            "34: management.credentials.1.policy: is no IAM policy document that can be used: the policy: unknown element `Effect`",
            "36: metrics.listen: server.listen has this address already",
        ],
    );
}

#[test]
fn an_address_has_to_be_one_in_every_stage() {
    assert_mistakes(
        "variables = { a = 'x' }\n[stages.test]\n[integrations.f]\ntype = 'lambda'\n\
         uri = 'arn:aws:lambda:us-east-1:000000000000:function:${stageVariables.a}'\nendpoint = 'http://e'\n\
         [integrations.g]\ntype = 'lambda'\nuri = 'arn:aws:lambda:x'\nendpoint = 'http://e'\n\
         [integrations.h]\ntype = 'http'\nurl = 'http://${stageVariables.a}/${context.stage}'",
        &[
            "6: integrations.f.uri: in the stage test: the stage has no variable `a`",
            "10: integrations.g.uri: in the stage prod: `arn:aws:lambda:x` is neither a function's name, \
             nor its ARN, nor an integration's URI",
            "14: integrations.h.url: in the stage prod: at character 28 of the selection expression: \
             an address reads `stageVariables` and nothing else",
        ],
    );
}

#[test]
fn files_have_to_exist() {
    assert_mistakes(
        "[server.tls]\nmode = 'files'\ncertificate = 'chat'\nkey = 'gone.pem'\n\
         [functions.f]\ncommand = ['x']\ndirectory = 'cert.pem'",
        &[
            "4: server.tls.certificate: there is no file chat",
            "5: server.tls.key: there is no file gone.pem",
            "8: functions.f.directory: there is no folder cert.pem",
        ],
    );
}

#[test]
fn the_environment_has_its_own_mistakes() {
    assert_eq!(
        mistakes(
            "[stages.prod]\nvariables = { a = '${env:GONE}' }\n[metrics]\nlisten = '${env:OPEN'\n\
             [integrations.a]\ntype = 'mok'",
            &[
                ("GATEWIRE__SERVER__LISTEN", "x"),
                ("GATEWIRE__API__LEGACY_NULLS", "yes"),
                ("GATEWIRE__SERVER__DRIAN", "1s"),
                ("GATEWIRE__INTEGRATIONS__A__URL", "nobody can tell"),
            ],
        ),
        [
            "2: stages.prod.variables.a: the environment has no variable GONE",
            "4: metrics.listen: `${env:` is never closed; write ${env:NAME}",
            r#"6: integrations.a.type: expected "mock" or "lambda" or "http" or "queue", not "mok""#,
            "GATEWIRE__API__LEGACY_NULLS: api.legacy_nulls: expected true or false",
            "GATEWIRE__SERVER__DRIAN: no key of the file has this name; did you mean GATEWIRE__SERVER__DRAIN?",
            r#"GATEWIRE__SERVER__LISTEN: server.listen: expected an IP address and a port, such as "127.0.0.1:8080", not "x""#,
        ]
    );
}

#[test]
fn what_is_not_toml_has_its_line_and_the_rest_is_still_read() {
    assert_mistakes(
        "[server]\nlisten = 127.0.0.1:8080\ndrain = 5\n[server]\ndata = 'x'\n[api]\nid = 'x'\nid = 'y'",
        &[
            "3: this is not TOML: invalid float, expected nothing",
            r#"4: server.drain: expected a text such as "29s", not an integer"#,
            "5: this is not TOML: duplicate key",
            r#"8: api.id: expected 10 lower-case letters and digits, not "x""#,
            "9: this is not TOML: duplicate key",
        ],
    );
    // What an error has swallowed is not missing.
    assert_eq!(
        mistakes("[stages.prod\n[routes.a]\nintegration = 'b'\n[queues.q\ndeliver_to = 1", &[]),
        [
            "1: this is not TOML: unclosed table, expected `]`",
            "4: this is not TOML: unclosed table, expected `]`",
        ]
    );
}

#[test]
fn secrets_are_in_no_mistake() {
    let text = "[stages.prod]\n[management]\naccess = 'signed'\n[[management.credentials]]\naccess_key_id = 1\n\
                secret_access_key = 's3cret'\nsecret_acces_key = 's3cret'\n[[management.credentials]]\n\
                access_key_id = 'A'\nsecret_access_key = ['s3cret']\n[functions.f]\nenvironment = { A = 's3cret' }\n\
                [integrations.a]\ntype = 'lambda'\nuri = 'x'\ncredentials = { secret_access_key = 's3cret' }";
    let environment = [("GATEWIRE__MANAGEMENT__CREDENTIALS__2__SECRET_ACCESS_KEY", "s3cret")];
    let lines = mistakes(text, &environment);
    assert_eq!(lines.len(), 7, "{lines:#?}");
    assert!(!lines.concat().contains("s3cret"), "{lines:#?}");
}

#[test]
fn later_mistakes_find_their_place() {
    let folder = Folder::new();
    let config = folder.read("[api]\nroute_selection_expression = 'x'\n[stages.x]", &[]).unwrap();
    let mut mistakes = Mistakes::new(Path::new("gateway.toml"));
    assert!(mistakes.is_empty());
    mistakes.add(&config.api.route_selection_expression, "is too simple");
    assert_eq!(mistakes.len(), 1);
    assert_eq!(
        mistakes.to_string(),
        "gateway.toml:2: api.route_selection_expression: is too simple"
    );
}
