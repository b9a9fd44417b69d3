//! Samples in `tests/fixtures/import`: a template, the configuration it makes, and what that lacks.

use std::{collections::BTreeMap, fmt::Write, fs, path::PathBuf};

use super::{ImportError, Imported};
use crate::config::Config;

/// With the defaults of its parameters.
fn import(text: &str) -> Result<Imported, ImportError> {
    super::import(text, &BTreeMap::new())
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/import")
}

/// The sample makes the files beside it, and the first is a configuration without mistakes. With
/// `GATEWIRE_BLESS` in the environment, they are written.
fn sample(template: &str) -> Config {
    let name = template.split('.').next().unwrap_or(template);
    let imported = import(&fs::read_to_string(folder().join(template)).unwrap()).unwrap();
    let mut omissions = String::new();
    for omission in &imported.omissions {
        writeln!(omissions, "{omission}").unwrap();
    }
    for (file, text) in
        [(format!("{name}.toml"), &imported.toml), (format!("{name}.txt"), &omissions)]
    {
        let file = folder().join(file);
        if std::env::var_os("GATEWIRE_BLESS").is_some() {
            fs::write(&file, text).unwrap();
        }
        assert_eq!(*text, fs::read_to_string(&file).unwrap(), "{}", file.display());
    }
    let path = folder().join(format!("{name}.toml"));
    Config::from_toml(&imported.toml, &path, &BTreeMap::new())
        .unwrap_or_else(|mistakes| panic!("{mistakes}"))
}

#[test]
fn a_chat_with_the_websocket_api_of_sam() {
    let config = sample("sam.yaml");
    assert_eq!(config.functions.len(), 2);
    assert!(config.routes["sendmessage"].reply);
    assert!(config.routes["$connect"].request_parameters[0].required);
}

#[test]
fn a_chat_with_plain_resources_in_json() {
    let config = sample("plain.json");
    assert_eq!(config.integrations["Send"].target(), "chat-send");
    assert_eq!(config.integrations["Backend"].target(), "POST http://127.0.0.1:3000/messages");
    assert_eq!(config.stages["dev"].base_path.as_deref(), Some("chat"));
}

#[test]
fn messages_for_a_fifo_queue_and_its_worker() {
    let config = sample("queue.yaml");
    assert_eq!(config.integrations["Send"].target(), "jobs.fifo");
    assert_eq!(config.queues["jobs.fifo"].max_receive_count, 3);
}

#[test]
fn what_cannot_be_carried_over_is_listed() {
    let config = sample("refused.yaml");
    assert_eq!(config.functions.len(), 0);
    assert_eq!(config.routes.keys().collect::<Vec<_>>(), ["$connect", "join", "leave"]);
}

#[test]
fn a_text_that_is_no_template_of_a_websocket_api_is_an_error() {
    assert_eq!(import("A: 1"), Err(ImportError::NoTemplate));
    assert_eq!(import("Resources: {A: {Type: AWS::SQS::Queue}}"), Err(ImportError::NoApi));
    assert!(matches!(import("A: [\n"), Err(ImportError::Syntax { .. })));
}
