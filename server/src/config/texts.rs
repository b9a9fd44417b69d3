//! Texts that are compiled: expressions, templates, patterns. Checked when the file is read, so that
//! nothing is wrong with them later.

use super::reader::{Kind, Scalar, did_you_mean};
use crate::{
    expression::{Expression, ResponseKey, Use},
    mapping::check_source,
    observe::variables,
    template::Template,
};

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
            Self::RouteSelection => expression(text, Use::Route),
            Self::ModelSelection => expression(text, Use::Model),
            Self::TemplateSelection => expression(text, Use::Template),
            Self::ResponseTemplateSelection => expression(text, Use::ResponseTemplate),
            // Empty, it is a text like others: it comes out empty.
            Self::QueueText if text.is_empty() => Ok(()),
            Self::QueueText => expression(text, Use::Value),
            Self::RequestTemplate | Self::ResponseTemplate => wrong(Template::parse(text)),
            Self::ResponseKey => wrong(text.parse::<ResponseKey>()),
            Self::ParameterSource => wrong(check_source(text)),
            Self::LambdaUri if !(text.starts_with("arn:") && text.contains(":lambda:")) => {
                Err(format!("expected the ARN of a function, or its invocation URI, not {text:?}"))
            }
            Self::AccessLog if text != "json" => check_access_log(text),
            Self::LambdaUri | Self::AccessLog => Ok(()),
        }
    }
}

/// What is wrong with a format of the access log, if anything is.
pub(crate) fn check_access_log(format: &str) -> Result<(), String> {
    if format.contains(['\n', '\r']) {
        return Err("a format of the access log is one line".to_owned());
    }
    let parsed = Expression::parse(format, Use::AccessLog).map_err(|error| error.to_string())?;
    let Some(unknown) = parsed.context().find(|name| !variables::is_known(name)) else {
        return Ok(());
    };
    let hint = did_you_mean(unknown, variables::all(), |name| format!("$context.{name}"));
    Err(format!("there is no $context.{unknown}{hint}"))
}

fn expression(text: &str, usage: Use) -> Result<(), String> {
    wrong(Expression::parse(text, usage))
}

fn wrong<T>(compiled: Result<T, impl ToString>) -> Result<(), String> {
    compiled.map(drop).map_err(|error| error.to_string())
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
            (Compiled::ModelSelection, "$request.body.action"),
            (Compiled::TemplateSelection, r"\$default"),
            (Compiled::ResponseTemplateSelection, "${integration.response.statuscode}"),
            (Compiled::QueueText, "${request.body.room}/${context.stage}"),
            (Compiled::RequestTemplate, "#if($input.path('$.a'))$context.stage#end"),
            (Compiled::AccessLog, "json"),
            (Compiled::AccessLog, "$context.requestId $context.status"),
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
            (Compiled::ModelSelection, "$context.stage"),
            (Compiled::TemplateSelection, "$default"),
            (Compiled::ResponseTemplateSelection, "$context.stage"),
            (Compiled::QueueText, "$request.header.x"),
            (Compiled::ResponseTemplate, "#if(true)"),
            (Compiled::AccessLog, "$request.body"),
            (Compiled::LambdaUri, "x"),
            (Compiled::AccessLog, "a\nb"),
            (Compiled::AccessLog, "$context.requestId $context.nothing"),
        ];
        for (kind, text) in wrong {
            assert!(kind.check(text).is_err(), "{text}");
        }
        let problem = Compiled::AccessLog.check("$context.requestID").unwrap_err();
        assert_eq!(problem, "there is no $context.requestID; did you mean $context.requestId?");
        let problem = Compiled::ResponseKey.check("/(/").unwrap_err();
        assert_eq!(problem, "/(/ is no regular expression: unclosed group");
    }
}
