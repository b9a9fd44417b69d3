//! `Ref`, `Fn::Sub` and the other functions of a template, worked out as far as a text can be.

use std::collections::BTreeSet;

use super::{
    parameters::Parameters,
    sam,
    value::{Form, Part, Text, Value},
    yaml::{self, Node},
};

/// What stands for the account and the region of a deployment: the defaults of `[api]`.
pub(super) const ACCOUNT: &str = "000000000000";
pub(super) const REGION: &str = "us-east-1";
/// How deep conditions may refer to one another; also ends circles.
const MAX_DEPTH: usize = 16;

/// The sections that functions refer to.
pub(super) struct Resolver<'a> {
    root: &'a Node,
    parameters: &'a Parameters<'a>,
    resources: BTreeSet<String>,
}

impl<'a> Resolver<'a> {
    pub(super) fn of(root: &'a Node, parameters: &'a Parameters<'a>) -> Self {
        let resources = root.get("Resources").map(Node::entries).unwrap_or_default();
        let mut ids: BTreeSet<String> = resources.iter().map(|(id, _)| id.clone()).collect();
        for (id, resource) in resources {
            if resource.get("Type").and_then(Node::scalar) == Some(sam::API) {
                let routes = resource.get("Properties").and_then(|all| all.get("Routes"));
                let routes = routes.map(Node::entries).unwrap_or_default();
                ids.extend(routes.iter().map(|(key, _)| sam::route_id(id, key)));
            }
        }
        Self { root, parameters, resources: ids }
    }

    /// What a node says; nothing for `AWS::NoValue`.
    pub(super) fn value(&self, node: &Node) -> Option<Value> {
        let form = match &node.form {
            yaml::Form::Scalar(text, _) => Form::Text(Text::of(text)),
            yaml::Form::List(items) => {
                Form::List(items.iter().filter_map(|item| self.value(item)).collect())
            }
            yaml::Form::Map(entries) => match entries.as_slice() {
                [(name, argument)] if name == "Ref" || name.starts_with("Fn::") => {
                    let form = self.call(name, argument);
                    form.unwrap_or_else(|reason| Some(Form::Unknown(reason)))?
                }
                entries => {
                    let value =
                        |(key, node): &(String, Node)| Some((key.clone(), self.value(node)?));
                    Form::Map(entries.iter().filter_map(value).collect())
                }
            },
        };
        Some(Value { line: node.line, form })
    }

    fn call(&self, name: &str, argument: &Node) -> Result<Option<Form>, String> {
        let arguments = argument.items();
        let form = match (name, arguments) {
            ("Ref", _) => {
                let id = argument.scalar().ok_or("Ref names nothing")?;
                if id == "AWS::NoValue" {
                    return Ok(None);
                }
                self.reference(id)?
            }
            ("Fn::GetAtt", _) => Form::Text(Text(vec![self.attribute(argument)?])),
            ("Fn::Sub", [template, values]) => Form::Text(self.substitute(template, Some(values))?),
            ("Fn::Sub", _) => Form::Text(self.substitute(argument, None)?),
            ("Fn::Join", [separator, list]) => Form::Text(self.join(separator, list)?),
            ("Fn::Select", [index, list]) => {
                let index: usize =
                    self.literal(index)?.parse().map_err(|_| "Fn::Select's index is no number")?;
                let item = self.list(list)?.into_iter().nth(index);
                item.ok_or("Fn::Select's list is too short")?.form
            }
            ("Fn::Split", [separator, text]) => {
                let (separator, whole) = (self.literal(separator)?, self.literal(text)?);
                let parts = whole
                    .split(separator.as_str())
                    .map(|part| Value { line: text.line, form: Form::Text(Text::of(part)) });
                Form::List(parts.collect())
            }
            ("Fn::If", [condition, yes, no]) => {
                let condition = condition.scalar().ok_or("Fn::If names no condition")?;
                let chosen = if self.condition(condition)? { yes } else { no };
                return Ok(self.value(chosen).map(|value| value.form));
            }
            ("Fn::FindInMap", [map, first, second, ..]) => {
                let (first, second) = (self.literal(first)?, self.literal(second)?);
                let map = self.literal(map)?;
                let found = self
                    .root
                    .get("Mappings")
                    .and_then(|maps| maps.get(&map)?.get(&first)?.get(&second));
                let found =
                    found.ok_or_else(|| format!("Mappings has no {map}.{first}.{second}"))?;
                constant(found)?
            }
            ("Fn::ImportValue", _) => return Err("Fn::ImportValue: another stack knows it".into()),
            (other, _) => return Err(format!("{other} is not worked out here")),
        };
        Ok(Some(form))
    }

    /// A parameter, what AWS knows of the deployment, or a resource.
    fn reference(&self, id: &str) -> Result<Form, String> {
        let pseudo = match id {
            "AWS::Region" => Some(REGION),
            "AWS::AccountId" => Some(ACCOUNT),
            "AWS::Partition" => Some("aws"),
            "AWS::URLSuffix" => Some("amazonaws.com"),
            "AWS::StackName" => Some("gatewire"),
            _ => None,
        };
        if let Some(text) = pseudo {
            return Ok(Form::Text(Text::of(text)));
        }
        if let Some(value) = self.parameters.value(id) {
            return value;
        }
        // SAM lets `Function.Alias` and such stand for what it makes of a resource.
        if self.resources.contains(id.split('.').next().unwrap_or(id)) {
            let part = Part::Resource { id: id.to_owned(), attribute: None };
            return Ok(Form::Text(Text(vec![part])));
        }
        Err(format!("{id} is no parameter and no resource"))
    }

    fn attribute(&self, argument: &Node) -> Result<Part, String> {
        let path = match argument.items() {
            [id, attribute] => format!("{}.{}", self.literal(id)?, self.literal(attribute)?),
            _ => argument.scalar().ok_or("Fn::GetAtt names nothing")?.to_owned(),
        };
        let (id, attribute) = path.split_once('.').ok_or("Fn::GetAtt names no attribute")?;
        if !self.resources.contains(id) {
            return Err(format!("{id} is no resource"));
        }
        Ok(Part::Resource { id: id.to_owned(), attribute: Some(attribute.to_owned()) })
    }

    fn substitute(&self, template: &Node, values: Option<&Node>) -> Result<Text, String> {
        let mut rest = template.scalar().ok_or("Fn::Sub has no text")?;
        let mut parts = Vec::new();
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after.split_once('}').ok_or("Fn::Sub has a ${ without its }")?;
            parts.push(Part::Literal(before.to_owned()));
            rest = after;
            let name = name.trim();
            if let Some(literal) = name.strip_prefix('!') {
                parts.push(Part::Literal(format!("${{{literal}}}")));
                continue;
            }
            let form = match values.and_then(|values| values.get(name)) {
                Some(value) => self.value(value).map(|value| value.form),
                None => Some(match self.reference(name) {
                    Ok(Form::Text(Text(found))) if name.contains('.') && is_resource(&found) => {
                        let (id, attribute) = name.split_once('.').unwrap_or((name, ""));
                        let attribute = Some(attribute.to_owned());
                        Form::Text(Text(vec![Part::Resource { id: id.to_owned(), attribute }]))
                    }
                    other => other?,
                }),
            };
            match form {
                Some(Form::Text(Text(found))) => parts.extend(found),
                Some(Form::Unknown(reason)) => return Err(reason),
                _ => return Err(format!("{name} is no text")),
            }
        }
        parts.push(Part::Literal(rest.to_owned()));
        Ok(Text(parts))
    }

    fn join(&self, separator: &Node, list: &Node) -> Result<Text, String> {
        let separator = self.literal(separator)?;
        let mut parts = Vec::new();
        for (index, item) in self.list(list)?.into_iter().enumerate() {
            if index > 0 {
                parts.push(Part::Literal(separator.clone()));
            }
            match item.form {
                Form::Text(Text(found)) => parts.extend(found),
                Form::Unknown(reason) => return Err(reason),
                Form::List(_) | Form::Map(_) => return Err("Fn::Join joins no texts".into()),
            }
        }
        Ok(Text(parts))
    }

    fn list(&self, node: &Node) -> Result<Vec<Value>, String> {
        match self.value(node).map(|value| value.form) {
            Some(Form::List(items)) => Ok(items),
            Some(Form::Unknown(reason)) => Err(reason),
            _ => Err("a list was expected".into()),
        }
    }

    /// A text that names no resource.
    pub(super) fn literal(&self, node: &Node) -> Result<String, String> {
        match self.value(node).map(|value| value.form) {
            Some(Form::Text(text)) => {
                text.literal().ok_or_else(|| "only a deployment knows it".into())
            }
            Some(Form::Unknown(reason)) => Err(reason),
            _ => Err("a text was expected".into()),
        }
    }

    /// Whether a condition holds, by the parameters.
    pub(super) fn condition(&self, name: &str) -> Result<bool, String> {
        self.named_condition(name, 0)
    }

    fn named_condition(&self, name: &str, depth: usize) -> Result<bool, String> {
        if depth > MAX_DEPTH {
            return Err(format!("the condition {name} refers to itself"));
        }
        let condition = self.root.get("Conditions").and_then(|all| all.get(name));
        let condition = condition.ok_or_else(|| format!("there is no condition {name}"))?;
        self.holds(condition, depth)
    }

    fn holds(&self, condition: &Node, depth: usize) -> Result<bool, String> {
        let [(name, argument)] = condition.entries() else {
            return Err("a condition is one function".into());
        };
        let mut each = argument.items().iter().map(|item| self.holds(item, depth + 1));
        match (name.as_str(), argument.items()) {
            ("Condition", _) => {
                let name = argument.scalar().ok_or("Condition names nothing")?;
                self.named_condition(name, depth + 1)
            }
            ("Fn::Equals", [left, right]) => Ok(self.literal(left)? == self.literal(right)?),
            ("Fn::Not", [only]) => Ok(!self.holds(only, depth + 1)?),
            ("Fn::And", _) => each.try_fold(true, |all, held| Ok(all && held?)),
            ("Fn::Or", _) => each.try_fold(false, |any, held| Ok(any || held?)),
            (other, _) => Err(format!("{other} is not worked out here")),
        }
    }
}

/// A value of `Mappings`, which has no functions in it.
fn constant(node: &Node) -> Result<Form, String> {
    let text = |node: &Node| Some(Form::Text(Text::of(node.scalar()?)));
    if let Some(text) = text(node) {
        return Ok(text);
    }
    let item = |node: &Node| Some(Value { line: node.line, form: text(node)? });
    let items: Option<Vec<Value>> = match &node.form {
        yaml::Form::List(items) => items.iter().map(item).collect(),
        yaml::Form::Scalar(..) | yaml::Form::Map(_) => None,
    };
    items.map(Form::List).ok_or_else(|| "Mappings has texts and lists of them".to_owned())
}

fn is_resource(parts: &[Part]) -> bool {
    matches!(parts, [Part::Resource { .. }])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::import::yaml;

    const TEMPLATE: &str = "
Parameters:
  Names: { Type: CommaDelimitedList, Default: 'c, d' }
  Gone: { Type: String }
Mappings:
  Map: { first: { second: found, circle: !FindInMap [Map, first, circle] } }
Conditions:
  Yes: !And [!Equals [a, a], !Not [!Condition No]]
  No: !Or [!Equals [a, b], !Equals [c, d]]
  Circle: !Not [!Condition Circle]
Resources:
  Queue: { Type: AWS::SQS::Queue }
";

    /// What a function is worth: a text, or why there is none.
    fn value(function: &str) -> Result<String, String> {
        let root = yaml::parse(TEMPLATE).unwrap();
        let given = BTreeMap::from([("Names".to_owned(), "a, b".to_owned())]);
        let parameters = Parameters::of(&root, &given).unwrap();
        let node = yaml::parse(function).unwrap();
        match Resolver::of(&root, &parameters).value(&node).map(|value| value.form) {
            Some(Form::Text(text)) => Ok(text.literal().unwrap_or_else(|| format!("{:?}", text.0))),
            Some(Form::Unknown(reason)) => Err(reason),
            other => Err(format!("{other:?}")),
        }
    }

    #[test]
    fn functions_are_worked_out() {
        for (function, expected) in [
            ("!Ref AWS::Region", "us-east-1"),
            ("!Select [1, !Ref Names]", "b"),
            ("!Select [0, !Split ['/', 'x/y']]", "x"),
            ("!Join ['-', [a, !Ref AWS::Partition]]", "a-aws"),
            ("!Sub ['${Name} ${!Name}', { Name: x }]", "x ${Name}"),
            ("!FindInMap [Map, first, second]", "found"),
            ("!If [Yes, yes, no]", "yes"),
            ("Fn::If: [No, yes, no]", "no"),
        ] {
            assert_eq!(value(function).as_deref(), Ok(expected), "{function}");
        }
        let queue = value("!Sub '${Queue.Arn}'").unwrap();
        assert!(queue.contains("Queue") && queue.contains("Arn"), "{queue}");
    }

    #[test]
    fn what_only_a_deployment_knows_has_its_reason() {
        for (function, reason) in [
            ("!Ref Gone", "no Default"),
            ("!Ref Nothing", "no parameter and no resource"),
            ("!ImportValue x", "another stack"),
            ("!Cidr [a, 1, 2]", "not worked out"),
            ("!Select [9, !Ref Names]", "too short"),
            ("!If [Circle, yes, no]", "refers to itself"),
            ("!FindInMap [Map, first, circle]", "Mappings has texts"),
            ("!Sub '${Gone'", "without its }"),
        ] {
            let found = value(function).unwrap_err();
            assert!(found.contains(reason), "{function}: {found}");
        }
    }
}
