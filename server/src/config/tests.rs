//! Whole files.

mod acme;
mod documentation;
mod mistakes;
mod traces;

use std::{
    collections::BTreeMap,
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use tempfile::TempDir;

use super::*;

/// A folder for a configuration, with the files that one may refer to.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for file in ["cert.pem", "key.pem"] {
            fs::write(folder.path().join(file), "").unwrap();
        }
        fs::write(folder.path().join("send.schema.json"), "{}").unwrap();
        fs::write(folder.path().join("list.json"), "[]").unwrap();
        fs::create_dir(folder.path().join("chat")).unwrap();
        Self(folder)
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("gateway.toml")
    }

    fn read(&self, text: &str, environment: &[(&str, &str)]) -> Result<Config, Mistakes> {
        Config::from_toml(text, &self.path(), &variables(environment))
    }
}

fn variables(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn read(text: &str, environment: &[(&str, &str)]) -> Result<Config, Mistakes> {
    Folder::new().read(text, environment)
}

#[test]
fn one_stage_is_a_configuration_and_the_rest_has_defaults() {
    let folder = Folder::new();
    let config = folder.read("[stages.prod]", &[]).unwrap();
    assert_eq!(config.server.listen, SocketAddr::from(([127, 0, 0, 1], 8080)));
    assert_eq!(config.server.data, folder.0.path().join(".gatewire"));
    assert_eq!(config.server.drain, Duration::from_secs(10));
    assert_eq!((config.server.tls, config.server.domain_name), (None, None));
    assert_eq!(config.api.id, "local00000");
    assert_eq!(config.api.route_selection_expression.value(), "$request.body.action");
    assert_eq!(config.api.idle_timeout, Duration::from_mins(10));
    assert_eq!(config.api.lifetime, Duration::from_hours(2));
    assert_eq!((config.api.max_message, config.api.max_frame), (128 * 1024, None));
    assert_eq!(config.api.lambda_null_response, NullResponse::Accept);
    assert_eq!(config.management.access, Access::Loopback);
    assert_eq!(config.management.clock_skew, Duration::from_mins(15));
    assert_eq!((config.metrics, config.stages.len()), (None, 1));
}

#[test]
fn a_file_without_a_folder_is_in_the_current_one() {
    let config = Config::from_toml("[stages.prod]", Path::new("gateway.toml"), &BTreeMap::new());
    assert_eq!(config.unwrap().server.data, Path::new("./.gatewire"));
}

#[test]
fn everything_can_be_said() {
    let folder = Folder::new();
    let config = folder
        .read(include_str!("tests/everything.toml"), &[("SECRET", "s3cret"), ("TOKEN", "t0ken")]);
    let config = config.unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let there = |file: &str| folder.0.path().join(file);

    assert_eq!(
        config.server.tls,
        Some(Tls::Files { certificate: there("cert.pem"), key: there("key.pem") })
    );
    assert_eq!(config.api.max_frame, Some(32 * 1024));
    let stage = &config.stages["prod"];
    assert_eq!(
        (&*stage.domains, stage.base_path.as_deref()),
        (&["chat.example.com".to_owned()][..], Some("v1"))
    );
    assert_eq!(stage.variables["table"], "chat");
    let log = stage.access_log.as_ref().unwrap();
    assert_eq!(log.file, Some(there("access.log")));
    assert!(matches!(&log.format, AccessLogFormat::Text(text) if text.contains("requestId")));

    let connect = &config.routes["$connect"];
    assert_eq!(
        connect.request_parameters,
        [RequestParameter {
            source: ParameterSource::Querystring,
            name: "token".to_owned(),
            required: true
        }]
    );
    let send = &config.routes["sendmessage"];
    assert!(send.reply);
    let models = send.models.as_ref().unwrap();
    assert_eq!(
        (&**models.selection, models.schemas["$default"].file.clone()),
        (r"\$default", Some(there("send.schema.json")))
    );
    let several = config.routes["several"].models.as_ref().unwrap();
    assert_eq!((several.selection.as_str(), several.schemas.len()), ("$request.body.version", 3));
    let inline = &several.schemas["v2"];
    assert_eq!((&inline.file, inline.json["required"][0].as_str()), (&None, Some("text")));
    assert_eq!(config.routes["several"].order, Order::None);

    let targets = config.integrations.iter().map(|(name, integration)| {
        format!("{name}: {} {}", integration.kind(), integration.target())
    });
    assert_eq!(
        targets.collect::<Vec<_>>(),
        [
            "auth: mock ",
            "backend: http POST http://127.0.0.1:3000/messages",
            "chat: lambda chat",
            "elsewhere: lambda arn:aws:lambda:eu-west-1:000000000000:function:x",
            "jobs: queue jobs",
        ]
    );
    let Integration::Lambda(Lambda::Invoke(invoke)) = &config.integrations["elsewhere"] else {
        panic!()
    };
    assert_eq!(invoke.credentials.as_ref().unwrap().secret_access_key.expose(), "s3cret");
    let Integration::Http(http) = &config.integrations["backend"] else { panic!() };
    let mapping = http.mapping.as_ref().unwrap();
    assert_eq!((mapping.responses.len(), mapping.passthrough), (2, Passthrough::Never));
    assert_eq!(mapping.responses[0].key.value(), r"/4\d\d/");

    let Integration::Http(http) = &config.integrations["backend"] else { panic!() };
    assert!(config.api.binary && http.convert_to_binary);
    assert!(http.mapping.as_ref().unwrap().responses[0].convert_to_text);

    let function = &config.functions["chat"];
    assert_eq!((function.directory.clone(), function.concurrency), (there("chat"), 4));
    assert_eq!(function.environment["TABLE"].expose(), "s3cret-table");
    assert_eq!(config.queues["jobs"].dead_letter.as_ref().unwrap().value(), "dead");
    assert_eq!(config.queues["dead"].deliver_to, None);
    let credential = &config.management.credentials[0];
    assert_eq!(credential.arn, "arn:aws:iam::123456789012:user/AKIDEXAMPLE");
    assert_eq!(credential.policy.as_ref().unwrap()["Statement"][0]["Effect"], "Allow");
    let token = config.management.credentials[1].session_token.as_ref();
    assert_eq!(token.map(Secret::expose), Some("t0ken"));
    assert_eq!(config.metrics.as_ref().unwrap().listen.port(), 9464);
    let shown = format!("{config:?}");
    assert!(!shown.contains("s3cret") && !shown.contains("t0ken"), "secrets are not shown");
}

#[test]
fn without_templates_http_passes_through_and_a_mock_has_nothing_to_say() {
    let text = "[stages.x]\n[integrations.a]\ntype = 'http'\nurl = 'http://h'\n[integrations.b]\ntype = 'mock'";
    let config = read(text, &[]).unwrap();
    let Integration::Http(http) = &config.integrations["a"] else { panic!() };
    assert_eq!((&http.mapping, http.timeout), (&None, Duration::from_secs(29)));
    let Integration::Mock(mock) = &config.integrations["b"] else { panic!() };
    assert!(mock.mapping.request_templates.is_empty() && mock.mapping.responses.is_empty());
    assert_eq!(mock.mapping.template_selection_expression.value(), r"\$default");
}

#[test]
fn a_queued_message_says_by_default_which_connection_sent_it() {
    let text = "[stages.x]\n[integrations.a]\ntype = 'queue'\nqueue = 'q'\n\
                [queues.q.deliver_to]\nurl = 'http://h'";
    let config = read(text, &[]).unwrap();
    let Integration::Queue(queueing) = &config.integrations["a"] else { panic!() };
    assert_eq!(queueing.message_group_id.value(), "${context.connectionId}");
    let attributes: Vec<&str> =
        queueing.message_attributes.values().map(|text| text.as_str()).collect();
    assert_eq!(attributes, ["${context.connectionId}", "${context.requestId}"]);
}

#[test]
fn calls_to_aws_are_signed_with_what_every_sdk_reads() {
    let uri = "[stages.x]\n[integrations.a]\ntype = 'lambda'\nuri = 'arn:aws:lambda:eu-west-1:000000000000:function:f'";
    let local = format!("{uri}\nendpoint = 'http://127.0.0.1:3001'");
    let keys = [("AWS_ACCESS_KEY_ID", "id"), ("AWS_SECRET_ACCESS_KEY", "s3cret")];
    let invoke = |text: &str, environment: &[(&str, &str)]| {
        let mut config = read(text, environment)?;
        match config.integrations.remove("a") {
            Some(Integration::Lambda(Lambda::Invoke(invoke))) => Ok(invoke),
            other => panic!("{other:?}"),
        }
    };
    let signed: Result<Invoke, Mistakes> = invoke(uri, &keys);
    assert_eq!(signed.unwrap().credentials.unwrap().access_key_id, "id");
    assert_eq!(invoke(&local, &[]).unwrap().credentials, None);
    let problem = invoke(uri, &[]).unwrap_err().to_string();
    assert!(problem.contains(":4: integrations.a.uri: calls to AWS are signed"), "{problem}");
}

#[test]
fn the_environment_overrides_every_scalar_and_makes_a_table() {
    let text = "[server]\nlisten = '127.0.0.1:1'\n[stages.prod.variables]\ntable = 'a'\n\
                [functions.my-worker]\ncommand = ['x']\n\
                [routes.'$connect']\nintegration = 'a'\n[integrations]\na.type = 'mock'\nb.type = 'mock'\n\
                [management]\naccess = 'signed'\n[[management.credentials]]\n\
                access_key_id = 'A'\nsecret_access_key = 'b'";
    let config = read(
        text,
        &[
            ("GATEWIRE__SERVER__LISTEN", "0.0.0.0:2"),
            ("GATEWIRE__STAGES__PROD__VARIABLES__TABLE", "b"),
            ("GATEWIRE__FUNCTIONS__MY_WORKER__MEMORY", "512"),
            ("GATEWIRE__ROUTES___CONNECT__INTEGRATION", "b"),
            ("GATEWIRE__API__ERROR_DETAIL", "true"),
            ("GATEWIRE__API__MAX_MESSAGE", "65536"),
            ("GATEWIRE__METRICS__LISTEN", "127.0.0.1:3"),
            ("GATEWIRE__MANAGEMENT__CREDENTIALS__0__SECRET_ACCESS_KEY", "c"),
            ("GATEWIRE_OTHER", "not ours"),
        ],
    );
    let config = config.unwrap_or_else(|mistakes| panic!("{mistakes}"));
    assert_eq!(config.server.listen.to_string(), "0.0.0.0:2");
    assert_eq!(config.stages["prod"].variables["table"], "b");
    assert_eq!(config.functions["my-worker"].memory, 512);
    assert_eq!(config.routes["$connect"].integration.value(), "b");
    let place = Place::Variable("GATEWIRE__ROUTES___CONNECT__INTEGRATION".to_owned());
    assert_eq!(config.routes["$connect"].integration.place(), &place);
    assert_eq!((config.api.error_detail, config.api.max_message), (true, 65_536));
    assert_eq!(config.metrics.unwrap().listen.port(), 3);
    assert_eq!(config.management.credentials[0].secret_access_key.expose(), "c");
}

#[test]
fn a_value_that_moved_is_the_same_value() {
    let one =
        read("[stages.x]\n[api]\nroute_selection_expression = '$request.body.a'", &[]).unwrap();
    let two =
        read("\n\n[stages.x]\n[api]\nroute_selection_expression = '$request.body.a'", &[]).unwrap();
    assert_eq!(one.api, two.api);
    assert_ne!(
        one.api.route_selection_expression.place(),
        two.api.route_selection_expression.place()
    );
}

#[test]
fn a_schema_that_changed_in_its_file_is_a_change() {
    let folder = Folder::new();
    let text = "[stages.prod]\n[integrations]\nm.type = 'mock'\n[routes]\n\
                a = { integration = 'm', model = 'send.schema.json' }\nb.integration = 'm'";
    let old = folder.read(text, &[]).unwrap();
    fs::write(folder.0.path().join("send.schema.json"), r#"{"required": ["text"]}"#).unwrap();
    let changes = changes(&old, &folder.read(text, &[]).unwrap());
    assert_eq!(changes.iter().map(|change| &*change.key).collect::<Vec<_>>(), ["routes.a"]);
}
