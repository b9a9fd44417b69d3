//! Functions as configuration names them.
//!
//! A name (`chat`, `chat:live`), a partial or full ARN, or the URI that an API Gateway integration
//! has: `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{ARN}/invocations`. Any of
//! them may hold stage variables, which [`resolve`] replaces first.

use std::{collections::BTreeMap, fmt, str::FromStr};

use thiserror::Error;

const BEFORE_FUNCTION: &str = ":lambda:path/2015-03-31/functions/";
const AFTER_FUNCTION: &str = "/invocations";
const VARIABLE: &str = "stageVariables.";

/// What Lambda's Invoke API calls a function, and which version of it is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionName {
    name: String,
    qualifier: Option<String>,
    region: Option<String>,
}

/// Why a text names no function.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NameError {
    /// It has none of the forms.
    #[error("`{0}` is neither a function's name, nor its ARN, nor an integration's URI")]
    Form(String),
    /// It holds a variable that the stage does not have.
    #[error("the stage has no variable `{0}`")]
    Variable(String),
    /// It holds a `${…}` that is no stage variable or does not end.
    #[error("`{0}` holds a `${{…}}` that is not `${{stageVariables.name}}`")]
    Expression(String),
}

impl FunctionName {
    /// The name or ARN, without a qualifier.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The version or alias.
    #[must_use]
    pub fn qualifier(&self) -> Option<&str> {
        self.qualifier.as_deref()
    }

    /// The region, where the ARN says it.
    #[must_use]
    pub fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }
}

impl FromStr for FunctionName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        parse(function_of_uri(text)).ok_or_else(|| NameError::Form(text.to_owned()))
    }
}

impl fmt::Display for FunctionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        self.qualifier.iter().try_for_each(|qualifier| write!(f, ":{qualifier}"))
    }
}

/// Replaces every `${stageVariables.name}` in a text.
pub fn resolve(text: &str, variables: &BTreeMap<String, String>) -> Result<String, NameError> {
    let mut resolved = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let name = after.split_once('}').and_then(|(inner, after)| {
            rest = after;
            inner.strip_prefix(VARIABLE)
        });
        let name = name.ok_or_else(|| NameError::Expression(text.to_owned()))?;
        let value = variables.get(name).ok_or_else(|| NameError::Variable(name.to_owned()))?;
        resolved.push_str(before);
        resolved.push_str(value);
    }
    resolved.push_str(rest);
    Ok(resolved)
}

/// The function's part of an integration's URI; any other text as it is.
fn function_of_uri(text: &str) -> &str {
    let inner = text.split_once(BEFORE_FUNCTION).filter(|(service, _)| {
        let parts: Vec<&str> = service.split(':').collect();
        matches!(parts.as_slice(), ["arn", _, "apigateway", _])
    });
    inner.and_then(|(_, function)| function.strip_suffix(AFTER_FUNCTION)).unwrap_or(text)
}

fn parse(text: &str) -> Option<FunctionName> {
    let parts: Vec<&str> = text.split(':').collect();
    let (before, rest) = match parts.as_slice() {
        ["arn", partition, "lambda", region, account, "function", rest @ ..]
            if is_word(partition) && is_word(region) && is_account(account) =>
        {
            (&parts[..6], rest)
        }
        [account, "function", rest @ ..] if is_account(account) => (&parts[..2], rest),
        rest => (&parts[..0], rest),
    };
    let (name, qualifier) = match rest {
        [name] => (name, None),
        [name, qualifier] if is_word(qualifier.strip_prefix('$').unwrap_or(qualifier)) => {
            (name, Some((*qualifier).to_owned()))
        }
        _ => return None,
    };
    if !is_word(name) {
        return None;
    }
    let region = (before.len() == 6).then(|| before[3].to_owned());
    Some(FunctionName { name: parts[..=before.len()].join(":"), qualifier, region })
}

fn is_word(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    !text.is_empty() && text.bytes().all(allowed)
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ARN: &str = "arn:aws:lambda:eu-central-1:123456789012:function:chat";

    #[test]
    fn every_form_names_its_function() {
        let uri = |arn: &str| {
            format!(
                "arn:aws-cn:apigateway:eu-west-1:lambda:path/2015-03-31/functions/{arn}/invocations"
            )
        };
        let region = Some("eu-central-1");
        for (text, name, qualifier, region) in [
            ("chat".into(), "chat", None, None),
            ("chat:live".into(), "chat", Some("live"), None),
            ("chat:$LATEST".into(), "chat", Some("$LATEST"), None),
            ("123456789012:function:chat".into(), "123456789012:function:chat", None, None),
            (ARN.into(), ARN, None, region),
            (format!("{ARN}:7"), ARN, Some("7"), region),
            (uri(ARN), ARN, None, region),
            (uri(&format!("{ARN}:live")), ARN, Some("live"), region),
        ] {
            let parsed: FunctionName = text.parse().unwrap();
            let found = (parsed.name(), parsed.qualifier(), parsed.region());
            assert_eq!(found, (name, qualifier, region), "{text}");
        }
    }

    #[test]
    fn what_names_no_function_is_refused() {
        for text in [
            "",
            "a b",
            "a:b:c",
            "chat:",
            ":live",
            "arn:aws:lambda:eu-central-1:123:function:chat",
            "arn:aws:lambda:eu-central-1:123456789012:layer:chat",
            "arn:aws:apigateway:us-east-1:sqs:path/123456789012/queue.fifo",
            "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/chat",
            "chat/../../other",
        ] {
            assert_eq!(text.parse::<FunctionName>(), Err(NameError::Form(text.into())));
        }
    }

    #[test]
    fn stage_variables_are_replaced() {
        let variables =
            BTreeMap::from([("alias".into(), "live".into()), ("f".into(), "chat".into())]);
        assert_eq!(resolve("chat", &variables).as_deref(), Ok("chat"));
        let both = resolve("${stageVariables.f}:${stageVariables.alias}", &variables);
        assert_eq!(both.as_deref(), Ok("chat:live"));
        let missing = resolve("a${stageVariables.b}", &variables);
        assert_eq!(missing, Err(NameError::Variable("b".into())));
        for text in ["${stageVariables.alias", "${context.stage}", "${}"] {
            assert_eq!(resolve(text, &variables), Err(NameError::Expression(text.into())));
        }
    }

    proptest! {
        #[test]
        fn what_is_parsed_reads_back(text in "[a-z0-9:$-]{1,30}") {
            if let Ok(name) = text.parse::<FunctionName>() {
                prop_assert_eq!(name.to_string(), text);
            }
        }
    }
}
