//! The form that AWS's samples send to SQS, as an integration of type `queue`.

use percent_encoding::percent_decode_str;

use super::draft::Keys;
use crate::expression::{Expression, Use};

/// What stands for the whole message in `MessageBody`.
const BODIES: [&str; 4] = [
    "$util.urlEncode($input.json('$'))",
    "$util.urlEncode($input.body)",
    "$input.json('$')",
    "$input.body",
];

/// What a template sends, without the queue. Else why it is none that can be carried over.
pub(super) fn form(template: &str) -> Result<Keys, String> {
    let mut group = None;
    let mut deduplication = None;
    let mut body = None;
    let mut action = None;
    let mut attributes: Vec<Attribute> = Vec::new();
    for field in template.split('&') {
        let (name, value) = field.split_once('=').ok_or("the template is no form")?;
        let (name, value) = (name.trim(), value.trim());
        match name {
            "Action" => action = Some(value),
            "MessageGroupId" => group = Some(text(value)?),
            "MessageDeduplicationId" => deduplication = Some(text(value)?),
            "MessageBody" => body = Some(value),
            "Version" | "QueueUrl" => {}
            _ => attribute(&mut attributes, name, value)?,
        }
    }
    if action != Some("SendMessage") {
        return Err("of SQS, only Action=SendMessage is carried over".to_owned());
    }
    let body: String = body.unwrap_or_default().replace('"', "'").split_whitespace().collect();
    if !BODIES.contains(&body.as_str()) {
        return Err("a queue takes the whole message; MessageBody makes something of it".to_owned());
    }
    let mut keys = Keys::default();
    keys.maybe("message_group_id", group.clone());
    keys.maybe("message_deduplication_id", deduplication);
    let mut table = toml::Table::new();
    for attribute in attributes {
        table.insert(attribute.name, attribute.value.into());
    }
    // Absent, there would be two that the template does not send.
    keys.set("message_attributes", table);
    if group.is_some() {
        keys.set("on_missing_group", "reject"); // as SQS does
    }
    Ok(keys)
}

/// `MessageAttribute.N`
#[derive(Debug, Default)]
struct Attribute {
    number: String,
    name: String,
    value: String,
}

fn attribute(list: &mut Vec<Attribute>, field: &str, value: &str) -> Result<(), String> {
    let unknown = || format!("the field {field} is not carried over");
    let rest = field.strip_prefix("MessageAttribute.").ok_or_else(unknown)?;
    let (number, member) = rest.split_once('.').ok_or_else(unknown)?;
    if !list.iter().any(|attribute| attribute.number == number) {
        list.push(Attribute { number: number.to_owned(), ..Attribute::default() });
    }
    let attribute = list.iter_mut().find(|attribute| attribute.number == number);
    let attribute = attribute.ok_or_else(unknown)?;
    match member {
        "Name" => value.clone_into(&mut attribute.name),
        "Value.StringValue" => attribute.value = text(value)?,
        "Value.DataType" if value == "String" => {}
        _ => return Err(unknown()),
    }
    Ok(())
}

/// A value of the form as a text with variables: `$input.path('$.a')` is `${request.body.a}`.
fn text(value: &str) -> Result<String, String> {
    let refused = || format!("{value} is no single variable of the message");
    let inner = value
        .strip_prefix("$util.urlEncode(")
        .and_then(|rest| rest.strip_suffix(')'))
        .unwrap_or(value)
        .trim();
    let path = inner.strip_prefix("$input.path(").and_then(|rest| rest.strip_suffix(')'));
    let text = if let Some(path) = path {
        let path = path.trim().trim_matches(['\'', '"']);
        format!("${{request.body{}}}", path.strip_prefix('$').ok_or_else(refused)?)
    } else if let Some(variable) = inner.strip_prefix('$') {
        let variable = variable.trim_matches(['{', '}']);
        let known = variable.starts_with("context.") || variable.starts_with("stageVariables.");
        if !known {
            return Err(refused());
        }
        format!("${{{variable}}}")
    } else {
        percent_decode_str(inner).decode_utf8_lossy().into_owned()
    };
    match Expression::parse(&text, Use::Value) {
        Ok(_) => Ok(text),
        Err(error) => Err(format!("{value}: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_the_form_become_texts_with_variables() {
        assert_eq!(text("$input.path('$.a.b')").unwrap(), "${request.body.a.b}");
        assert_eq!(text("$util.urlEncode($input.path(\"$.a\"))").unwrap(), "${request.body.a}");
        assert_eq!(text("$context.requestId").unwrap(), "${context.requestId}");
        assert_eq!(text("all%20rooms").unwrap(), "all rooms");
        assert!(text("$util.escapeJavaScript($input.body)").is_err());
    }

    #[test]
    fn a_form_that_does_something_else_is_refused_with_its_reason() {
        for (template, reason) in [
            ("{\"a\": 1}", "no form"),
            ("Action=DeleteMessage&MessageBody=$input.body", "SendMessage"),
            ("Action=SendMessage&MessageBody=hello", "MessageBody"),
            ("Action=SendMessage&DelaySeconds=5&MessageBody=$input.body", "DelaySeconds"),
        ] {
            let problem = form(template).unwrap_err();
            assert!(problem.contains(reason), "{template}: {problem}");
        }
    }
}
