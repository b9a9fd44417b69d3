//! The parameters of a template, and the values that they are given.

use std::collections::BTreeMap;

use super::{
    ImportError,
    value::{Form, Text, Value},
    yaml::Node,
};

/// What a template declares, with the values that take the place of its defaults.
pub(super) struct Parameters<'a> {
    declared: &'a [(String, Node)],
    given: &'a BTreeMap<String, String>,
}

impl<'a> Parameters<'a> {
    /// The parameters of a template. Every given value has to be one that its parameter takes.
    pub(super) fn of(
        root: &'a Node,
        given: &'a BTreeMap<String, String>,
    ) -> Result<Self, ImportError> {
        let parameters =
            Self { declared: root.get("Parameters").map(Node::entries).unwrap_or_default(), given };
        let wrong = given.iter().filter_map(|(name, value)| {
            let problem = parameters.check(name, value).err()?;
            Some(format!("the parameter {name}: {problem}"))
        });
        let wrong: Vec<String> = wrong.collect();
        if wrong.is_empty() { Ok(parameters) } else { Err(ImportError::Parameters(wrong)) }
    }

    /// What a parameter says, or why nobody knows; nothing if there is no such parameter.
    pub(super) fn value(&self, name: &str) -> Option<Result<Form, String>> {
        let parameter = self.find(name)?;
        let given = self.given.get(name).map(String::as_str);
        if given.is_none() && kind(parameter).starts_with("AWS::SSM::") {
            return Some(Err(format!("the parameter {name} is kept by SSM; give it a value")));
        }
        let default = parameter.get("Default").and_then(Node::scalar);
        let Some(text) = given.or(default) else {
            return Some(Err(format!("the parameter {name} has no Default; give it a value")));
        };
        if !is_list(parameter) {
            return Some(Ok(Form::Text(Text::of(text))));
        }
        let item =
            |item: &str| Value { line: parameter.line, form: Form::Text(Text::of(item.trim())) };
        Some(Ok(Form::List(text.split(',').map(item).collect())))
    }

    fn find(&self, name: &str) -> Option<&'a Node> {
        self.declared.iter().find(|(other, _)| other == name).map(|(_, node)| node)
    }

    /// Errors say what would be right, not what was given: that may be a secret.
    fn check(&self, name: &str, value: &str) -> Result<(), String> {
        let Some(parameter) = self.find(name) else {
            let names: Vec<&str> = self.declared.iter().map(|(name, _)| name.as_str()).collect();
            return Err(match names.as_slice() {
                [] => "the template has no parameters".to_owned(),
                names => format!("the template has only {}", names.join(", ")),
            });
        };
        let items: Vec<&str> = if is_list(parameter) {
            value.split(',').map(str::trim).collect()
        } else {
            vec![value]
        };
        let numbers = matches!(kind(parameter), "Number" | "List<Number>");
        if numbers && items.iter().any(|item| item.parse::<f64>().is_err()) {
            return Err("a number was expected".to_owned());
        }
        let allowed = parameter.get("AllowedValues").map(Node::items).unwrap_or_default();
        let allowed: Vec<&str> = allowed.iter().filter_map(Node::scalar).collect();
        if !allowed.is_empty() && items.iter().any(|item| !allowed.contains(item)) {
            return Err(format!("it may be {}", allowed.join(", ")));
        }
        Ok(())
    }
}

fn kind(parameter: &Node) -> &str {
    parameter.get("Type").and_then(Node::scalar).unwrap_or_default()
}

fn is_list(parameter: &Node) -> bool {
    let kind = kind(parameter);
    kind.contains("CommaDelimitedList") || kind.contains("List<")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::yaml;

    const TEMPLATE: &str = "
Parameters:
  Stage: { Type: String, Default: dev, AllowedValues: [dev, prod] }
  Rooms: { Type: CommaDelimitedList, AllowedValues: [a, b] }
  Timeout: { Type: Number, Default: 3 }
  Secret: { Type: AWS::SSM::Parameter::Value<String>, Default: /chat/secret }
";

    fn given(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_given_value_takes_the_place_of_the_default() {
        let root = yaml::parse(TEMPLATE).unwrap();
        let given =
            given(&[("Stage", "prod"), ("Rooms", "a, b"), ("Timeout", "5"), ("Secret", "x")]);
        let parameters = Parameters::of(&root, &given).unwrap();
        let text = |name: &str| Text::of(given[name].as_str());
        for name in ["Stage", "Timeout", "Secret"] {
            assert_eq!(parameters.value(name), Some(Ok(Form::Text(text(name)))), "{name}");
        }
        let Some(Ok(Form::List(rooms))) = parameters.value("Rooms") else { panic!("no list") };
        assert_eq!(rooms[1].literal().as_deref(), Some("b"));
        assert_eq!(parameters.value("Rest"), None);
    }

    #[test]
    fn what_has_no_value_says_so() {
        let (root, given) = (yaml::parse(TEMPLATE).unwrap(), BTreeMap::new());
        let parameters = Parameters::of(&root, &given).unwrap();
        assert_eq!(parameters.value("Stage"), Some(Ok(Form::Text(Text::of("dev")))));
        for (name, reason) in [("Rooms", "has no Default"), ("Secret", "is kept by SSM")] {
            let Some(Err(problem)) = parameters.value(name) else { panic!("{name} has a value") };
            assert!(problem.contains(reason), "{problem}");
        }
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once_and_values_are_not() {
        let root = yaml::parse(TEMPLATE).unwrap();
        let given =
            given(&[("Room", "a"), ("Rooms", "a,c"), ("Stage", "s3cret"), ("Timeout", "5s")]);
        let error = Parameters::of(&root, &given).err().unwrap().to_string();
        assert_eq!(
            error.lines().collect::<Vec<_>>(),
            [
                "the parameter Room: the template has only Stage, Rooms, Timeout, Secret",
                "the parameter Rooms: it may be a, b",
                "the parameter Stage: it may be dev, prod",
                "the parameter Timeout: a number was expected",
            ]
        );
    }
}
