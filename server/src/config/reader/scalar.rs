//! One value of the file, or of the variable that overrides it.

use toml::de::DeValue;

use super::Environment;

/// One value, before it is known what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::config) enum Scalar {
    Text(String),
    Integer(i64),
    Boolean(bool),
    /// A number with a fraction, as it is written.
    Float(String),
    /// From the environment, where everything is a text.
    Variable(String),
    /// Nothing that a key of ours can be; in words, with its article.
    Other(&'static str),
}

impl Scalar {
    /// Reads a value; an error is a problem with `${env:NAME}` in a text.
    pub(super) fn of(value: &DeValue<'_>, environment: &Environment) -> Result<Self, String> {
        Ok(match value {
            DeValue::String(text) => Self::Text(expand(text, environment)?),
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
                .map_or(Self::Other("an integer beyond 64 bits"), Self::Integer),
            DeValue::Boolean(boolean) => Self::Boolean(*boolean),
            DeValue::Float(number) => Self::Float(number.as_str().to_owned()),
            DeValue::Datetime(_) => Self::Other("a date"),
            DeValue::Array(_) => Self::Other("an array"),
            DeValue::Table(_) => Self::Other("a table"),
        })
    }

    /// The text; an error says what was expected.
    pub(in crate::config) fn text(&self, expected: &str) -> Result<&str, String> {
        match self {
            Self::Text(text) | Self::Variable(text) => Ok(text),
            Self::Integer(_) | Self::Boolean(_) | Self::Float(_) | Self::Other(_) => {
                Err(format!("expected {expected}, not {}", self.article()))
            }
        }
    }

    /// The number, if it is one.
    pub(super) fn integer(&self) -> Option<i64> {
        match self {
            Self::Integer(number) => Some(*number),
            Self::Variable(text) => text.parse().ok(),
            Self::Text(_) | Self::Boolean(_) | Self::Float(_) | Self::Other(_) => None,
        }
    }

    /// The number, whole or not, if it is one.
    pub(super) fn number(&self) -> Option<f64> {
        match self {
            Self::Integer(number) => i32::try_from(*number).ok().map(f64::from),
            Self::Float(text) | Self::Variable(text) => text.parse().ok(),
            Self::Text(_) | Self::Boolean(_) | Self::Other(_) => None,
        }
    }

    /// What it is, with its article.
    pub(super) fn article(&self) -> &'static str {
        match self {
            Self::Text(_) | Self::Variable(_) => "a text",
            Self::Integer(_) => "an integer",
            Self::Boolean(_) => "a boolean",
            Self::Float(_) => "a float",
            Self::Other(what) => what,
        }
    }
}

/// Replaces every `${env:NAME}`, once: what a variable says is not looked at again.
fn expand(text: &str, environment: &Environment) -> Result<String, String> {
    const OPEN: &str = "${env:";
    let mut result = String::new();
    let mut rest = text;
    while let Some((before, variable)) = rest.split_once(OPEN) {
        result.push_str(before);
        let (name, after) =
            variable.split_once('}').ok_or("`${env:` is never closed; write ${env:NAME}")?;
        let value = environment.get(name);
        result.push_str(value.ok_or_else(|| format!("the environment has no variable {name}"))?);
        rest = after;
    }
    result.push_str(rest);
    Ok(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_replaced_once_and_have_to_exist() {
        let pair = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        let environment = [("A", "1"), ("B", "${env:A}")].map(pair).into();
        let expand = |text| expand(text, &environment);
        assert_eq!(expand("x${env:A}y${env:A}").unwrap(), "x1y1");
        assert_eq!(expand("${env:B}").unwrap(), "${env:A}");
        assert_eq!(expand("${stageVariables.x} $env:A").unwrap(), "${stageVariables.x} $env:A");
        assert!(expand("${env:C}").unwrap_err().ends_with("no variable C"));
        assert!(expand("${env:A").is_err());
    }
}
