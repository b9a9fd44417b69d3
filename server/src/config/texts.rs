//! Texts that are compiled: expressions, templates, patterns. Checked when the file is read, so that
//! nothing is wrong with them later.

use regex::Regex;

use super::reader::{Kind, Scalar};
use crate::expression::Expression;

/// What kind of text it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compiled {
    /// Which route a message takes.
    RouteSelection,
    /// Which model a message has to fit.
    ModelSelection,
    /// Which template makes the request.
    TemplateSelection,
    /// Which template makes the answer.
    ResponseTemplateSelection,
    RequestTemplate,
    ResponseTemplate,
    /// `$default` or `/regex/`.
    ResponseKey,
    /// What a parameter of a request is made of.
    ParameterSource,
    /// A group, an id or an attribute of a queued message.
    QueueText,
    /// A function's ARN or invocation URI.
    LambdaUri,
    /// The format of an access log; `json` is the whole event.
    AccessLog,
}

impl Compiled {
    /// What is wrong with such a text, if anything is.
    fn check(self, text: &str) -> Result<(), String> {
        match self {
            Self::RouteSelection => {
                text.parse::<Expression>().map(drop).map_err(|error| error.to_string())
            }
            Self::ResponseKey => check_response_key(text),
            Self::ParameterSource => check_source(text),
            Self::LambdaUri if !(text.starts_with("arn:") && text.contains(":lambda:")) => {
                Err(format!("expected the ARN of a function, or its invocation URI, not {text:?}"))
            }
            Self::AccessLog if text.contains(['\n', '\r']) => {
                Err("a format of the access log is one line".to_owned())
            }
            Self::ModelSelection
            | Self::TemplateSelection
            | Self::ResponseTemplateSelection
            | Self::RequestTemplate
            | Self::ResponseTemplate
            | Self::QueueText
            | Self::LambdaUri
            | Self::AccessLog => Ok(()),
        }
    }
}

impl Kind for Compiled {
    type Value = String;

    fn name(&self) -> String {
        let name = match self {
            Self::RouteSelection
            | Self::ModelSelection
            | Self::TemplateSelection
            | Self::ResponseTemplateSelection => "selection expression",
            Self::RequestTemplate | Self::ResponseTemplate => "template",
            Self::ResponseKey => "`$default` or `/regex/`",
            Self::ParameterSource => "parameter source",
            Self::QueueText => "text with variables",
            Self::LambdaUri => "ARN or invocation URI",
            Self::AccessLog => "`json`, or text with `$context` variables",
        };
        name.to_owned()
    }

    fn read(&self, scalar: &Scalar) -> Result<String, String> {
        let empty =
            matches!(self, Self::RequestTemplate | Self::ResponseTemplate | Self::QueueText);
        let text = scalar.text("a text")?;
        if text.is_empty() && !empty {
            return Err("the text is empty".to_owned());
        }
        self.check(text)?;
        Ok(text.to_owned())
    }
}

fn check_response_key(text: &str) -> Result<(), String> {
    if text == "$default" {
        return Ok(());
    }
    let pattern = text.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'));
    let pattern =
        pattern.ok_or_else(|| format!("expected \"$default\" or \"/regex/\", not {text:?}"))?;
    match Regex::new(pattern) {
        Ok(_) => Ok(()),
        // The last line of the message is the reason; those before draw an arrow.
        Err(error) => Err(format!(
            "{text} is no regular expression: {}",
            error.to_string().lines().last().unwrap_or_default().trim_start_matches("error: ")
        )),
    }
}

fn check_source(text: &str) -> Result<(), String> {
    const SOURCES: [&str; 7] = [
        "route.request.querystring.",
        "route.request.header.",
        "route.request.multivaluequerystring.",
        "route.request.multivalueheader.",
        "route.request.body",
        "context.",
        "stageVariables.",
    ];
    let quoted = text.len() >= 2 && text.starts_with('\'') && text.ends_with('\'');
    if quoted || SOURCES.iter().any(|source| text.starts_with(source)) {
        return Ok(());
    }
    Err(format!(
        "expected context.NAME, stageVariables.NAME, route.request.body.PATH (on $connect \
         route.request.header.NAME or route.request.querystring.NAME) or 'a constant', not {text:?}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_text_has_its_grammar() {
        let right = [
            (Compiled::RouteSelection, "$request.body.action"),
            (Compiled::ResponseKey, "$default"),
            (Compiled::ResponseKey, r"/4\d\d/"),
            (Compiled::ParameterSource, "context.connectionId"),
            (Compiled::ParameterSource, "'constant'"),
            (Compiled::LambdaUri, "arn:aws:lambda:us-east-1:000000000000:function:x"),
        ];
        for (kind, text) in right {
            assert_eq!(kind.check(text), Ok(()), "{text}");
        }
        let wrong = [
            (Compiled::RouteSelection, "$context.stage"),
            (Compiled::ResponseKey, "4.."),
            (Compiled::ResponseKey, "/(/"),
            (Compiled::ParameterSource, "connectionId"),
            (Compiled::ParameterSource, "'"),
            (Compiled::LambdaUri, "x"),
            (Compiled::AccessLog, "a\nb"),
        ];
        for (kind, text) in wrong {
            assert!(kind.check(text).is_err(), "{text}");
        }
        let problem = Compiled::ResponseKey.check("/(/").unwrap_err();
        assert_eq!(problem, "/(/ is no regular expression: unclosed group");
    }
}
