//! `docs/configuration.md` says what the reader does.

use std::collections::BTreeSet;

use super::{
    super::reader::{Key, Need},
    *,
};

const PAGE: &str = include_str!("../../../../docs/configuration.md");

/// A file with every kind of table, so that reading it asks for every key there is.
const EVERY_TABLE: &str = "
    [stages.NAME.access_log]
    [routes.KEY.request_parameters.NAME]
    [integrations]
    a.type = 'mock'
    b.type = 'http'
    b.responses = [{}]
    c.type = 'lambda'
    c.credentials = {}
    d.type = 'queue'
    [functions.NAME]
    [queues.NAME.deliver_to]
    [management]
    credentials = [{}]
    [metrics]
    [traces]
    [server.tls]
    mode = ";

/// Every key that the reader knows, as a row of the documentation.
fn known() -> BTreeSet<Row> {
    let modes = ["development", "files", "acme"];
    let asked = modes.into_iter().flat_map(|mode| {
        let text = format!("{EVERY_TABLE} '{mode}'");
        let (_, _, keys) =
            reader::read(&text, Path::new("gateway.toml"), &BTreeMap::new(), Config::read);
        keys
    });
    asked.map(Row::from).collect()
}

/// One row: the table, the key, what may be written there, and what holds if nothing is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    table: String,
    key: String,
    kind: String,
    default: String,
}

impl From<Key> for Row {
    fn from(Key { table, name, kind, need }: Key) -> Self {
        let default = match need {
            Need::Required => "required".to_owned(),
            Need::Optional => String::new(),
            Need::Default(default) => default.to_owned(),
        };
        Self { table, key: name.to_owned(), kind, default }
    }
}

/// The rows of all tables of the page, each under a heading such as ``## `[server.tls]` ``.
fn documented() -> BTreeSet<Row> {
    let mut table = None;
    let mut rows = BTreeSet::new();
    for line in PAGE.lines() {
        if line.starts_with('#') {
            table = table_of_heading(line);
        } else if let (Some(table), Some(row)) = (&table, line.strip_prefix("| `")) {
            let cells = row.split('|').map(|cell| cell.replace('`', "").trim().to_owned());
            let cells: Vec<String> = cells.collect();
            let [key, kind, default, meaning, _] = &*cells else { panic!("four columns: {line}") };
            assert!(meaning.len() > 10, "what it means: {line}");
            let (table, key) = (table.clone(), key.clone());
            let row = Row { table, key, kind: kind.clone(), default: default.clone() };
            assert!(rows.insert(row), "twice: {line}");
        }
    }
    rows
}

/// ``### `[server.tls]` (`mode = "files"`)`` is about the table `server.tls (mode = "files")`.
fn table_of_heading(line: &str) -> Option<String> {
    let heading = line.trim_start_matches('#').trim().replace('`', "");
    let heading = heading.replace("[[", "[").replace("]]", "]");
    let (table, variant) = heading.strip_prefix('[')?.split_once(']')?;
    Some(format!("{table}{variant}"))
}

#[test]
fn the_page_and_the_reader_know_the_same_keys_kinds_and_defaults() {
    let known: BTreeSet<Row> =
        known().into_iter().map(|row| Row { kind: row.kind.replace('`', ""), ..row }).collect();
    let documented = documented();
    let missing: Vec<&Row> = known.difference(&documented).collect();
    let invented: Vec<&Row> = documented.difference(&known).collect();
    assert!(
        missing.is_empty() && invented.is_empty(),
        "missing {missing:#?}\ninvented {invented:#?}"
    );
}

#[test]
fn the_examples_of_the_page_are_right() {
    let folder = Folder::new();
    let examples: Vec<&str> =
        PAGE.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert!(examples.len() > 10, "{}", examples.len());
    // One certificate is enough for one file.
    let (acme, others): (Vec<&str>, Vec<&str>) =
        examples.into_iter().partition(|example| example.contains("mode = \"acme\""));
    let all = others.concat();
    let environment = [
        ("CHAT_SECRET", "a"),
        ("AWS_ACCESS_KEY_ID", "b"),
        ("AWS_SECRET_ACCESS_KEY", "c"),
        ("COLLECTOR_TOKEN", "d"),
    ];
    match folder.read(&all, &environment) {
        Ok(_) => {}
        Err(mistakes) if cfg!(not(feature = "otel")) => {
            let only = mistakes.to_string();
            assert!(only.trim_end().ends_with("build it with the feature otel"), "{only}");
        }
        Err(mistakes) => panic!("{mistakes}\n{all}"),
    }
    let [acme] = *acme else { panic!("one is for ACME") };
    fs::write(folder.0.path().join("ca.pem"), "").unwrap();
    let read = folder.read(&format!("[stages.prod]\n{acme}"), &[]);
    assert_eq!(read.is_ok(), cfg!(feature = "acme"), "{read:?}");
}
