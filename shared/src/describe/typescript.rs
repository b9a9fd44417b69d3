//! The TypeScript of a contract: a declaration file, and the names that the client reads.

use std::fmt::Write as _;

use super::{Description, EventDescription, Fingerprint, NotCarried, fingerprint, schema};
use crate::shape;

/// The two files of a contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeScript {
    /// `chat.js`: the value that `connect` is given.
    pub js: String,
    /// `chat.d.ts`: its type, and the types of all that travels.
    pub d_ts: String,
}

/// Two types would have the same name in TypeScript. One of them may be Rust's own: a `Path` or a
/// `Duration` would be declared as if it were that of the standard library.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("two types are called `{0}`, of which one may be Rust's own: rename the other")]
pub struct NameTaken(pub String);

/// A contract cannot be written as TypeScript.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotTypeScript {
    /// Two types have one name.
    #[error(transparent)]
    NameTaken(#[from] NameTaken),
    /// A type cannot travel.
    #[error(transparent)]
    NotCarried(#[from] NotCarried),
}

/// Writes the TypeScript of a contract. The same contract always gives the same text.
pub fn typescript(description: &Description) -> Result<TypeScript, NotTypeScript> {
    check_names(description)?;
    let schema = schema(description)?;
    let shapes = shape::compile(&schema)?;
    let js = js(description, &fingerprint(&schema), shapes.as_str());
    Ok(TypeScript { js, d_ts: d_ts(description) })
}

/// The names this module writes itself, and those of TypeScript that its declarations use.
fn check_names(description: &Description) -> Result<(), NameTaken> {
    let Description { type_name, types, .. } = description;
    let own = [
        "Contract".to_owned(),
        "Record".to_owned(),
        format!("{type_name}Actions"),
        format!("{type_name}Events"),
    ];
    let clash = types.clashes.first().map(|name| (*name).to_owned());
    let taken = own.into_iter().find(|name| types.declarations.contains_key(name.as_str()));
    match clash.or(taken) {
        Some(name) => Err(NameTaken(name)),
        None => Ok(()),
    }
}

fn js(description: &Description, fingerprint: &Fingerprint, shapes: &str) -> String {
    let Description { name, actions, events, .. } = description;
    let actions = list(actions.iter().map(|action| action.name));
    let events = list(events.iter().map(|event| event.name));
    let shapes = shapes.replace('\\', r"\\").replace('\'', r"\'"); // JSON is full of the other quotes
    format!(
        "{}export const {name} = {{\n  \
           name: {name:?},\n  \
           fingerprint: \"{fingerprint}\",\n  \
           actions: [{actions}],\n  \
           events: [{events}],\n  \
           shapes: '{shapes}',\n\
         }};\n",
        header(description)
    )
}

fn d_ts(description: &Description) -> String {
    let Description { type_name, name, docs, actions, events, types, .. } = description;
    let mut text = header(description);
    text.push_str("import type { Contract } from \"gatewire\";\n\n");
    for declaration in types.declarations.values() {
        text.push_str(declaration);
        text.push_str("\n\n");
    }
    let actions = actions.iter().map(|action| {
        let value = format!("{{ data: {}; reply: {} }}", action.data, action.reply);
        (action.name, action.docs, value)
    });
    interface(&mut text, &format!("{type_name}Actions"), actions);
    let events = events
        .iter()
        .map(|EventDescription { name, docs, data, .. }| (*name, *docs, (*data).to_owned()));
    interface(&mut text, &format!("{type_name}Events"), events);
    comment(&mut text, "", docs);
    let shape = format!("{{ actions: {type_name}Actions; events: {type_name}Events }}");
    push(&mut text, format_args!("export declare const {name}: Contract<{shape}>;\n"));
    text
}

fn header(description: &Description) -> String {
    let Description { package, type_name, .. } = description;
    format!(
        "// Generated from the contract `{type_name}`. Do not edit; write it anew with\n\
         // {}\n\n",
        super::check::bless_command(package)
    )
}

/// An interface with a member per action or event: name, docs, type.
fn interface(
    text: &mut String,
    name: &str,
    members: impl Iterator<Item = (&'static str, &'static str, String)>,
) {
    push(text, format_args!("export interface {name} {{\n"));
    for (name, docs, value) in members {
        comment(text, "    ", docs);
        push(text, format_args!("    {}: {value};\n", key(name)));
    }
    text.push_str("}\n\n");
}

/// A doc comment, when there are docs; `*/` in them does not end it.
fn comment(text: &mut String, indent: &str, docs: &str) {
    if docs.is_empty() {
        return;
    }
    push(text, format_args!("{indent}/**\n"));
    for line in docs.replace("*/", "*\\/").lines() {
        push(text, format_args!("{indent}{}\n", format!(" * {line}").trim_end()));
    }
    push(text, format_args!("{indent} */\n"));
}

/// A member's name, in quotes where TypeScript wants them.
fn key(name: &str) -> String {
    let mut characters = name.chars();
    let first = |c: char| c.is_ascii_alphabetic() || c == '_';
    let identifier =
        characters.next().is_some_and(first) && characters.all(|c| first(c) || c.is_ascii_digit());
    if identifier { name.to_owned() } else { quoted(name) }
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(quoted).collect::<Vec<_>>().join(", ")
}

/// The name as a JavaScript string; JSON strings are that.
fn quoted(name: &str) -> String {
    serde_json::Value::from(name).to_string()
}

fn push(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    text.write_fmt(arguments).expect("writing to a String cannot fail");
}

#[cfg(test)]
mod tests {
    use super::{Description, NameTaken, key, typescript};

    #[test]
    fn only_names_that_need_quotes_get_them() {
        assert_eq!(key("sendMessage"), "sendMessage");
        assert_eq!(key("send-message"), "\"send-message\"");
        assert_eq!(key("2fa"), "\"2fa\"");
        assert_eq!(key("say \"hi\""), r#""say \"hi\"""#);
    }

    #[test]
    fn a_name_has_one_meaning() {
        let mut twice = Description::new("chat-contract", "Chat", "chat", "");
        twice.types.add("Item", "export type Item = string;");
        assert!(!twice.types.add("Item", "export type Item = string;"));
        assert!(typescript(&twice).is_ok());
        twice.types.add("Item", "export type Item = number;");
        assert_eq!(typescript(&twice), Err(NameTaken("Item".to_owned()).into()));

        let mut own = Description::new("chat-contract", "Chat", "chat", "");
        own.types.add("ChatEvents", "export type ChatEvents = string;");
        assert_eq!(typescript(&own), Err(NameTaken("ChatEvents".to_owned()).into()));
    }
}
