//! From a template and a request to a text.

use std::{collections::HashMap, rc::Rc};

use super::{
    LOOP_LIMIT, OUTPUT_LIMIT, RenderError,
    ast::{Access, Expression, Node, Reference, Root},
    functions::{MISSING_JSON, compact},
    value::Value,
};
use crate::expression::{Scope, named, named_exactly};

/// What one rendering may cost, in bytes read and written; a step costs [`STEP`] of them. Memory
/// is bounded by it as well as time. Arbitrary: some tenths of a second.
const WORK_LIMIT: usize = 32 << 20;
const STEP: usize = 16;

type Result<T> = std::result::Result<T, RenderError>;

/// Renders the nodes of a template.
pub(super) fn render(nodes: &[Node], scope: &dyn Scope) -> Result<String> {
    let mut renderer = Renderer {
        scope,
        // A template of a response reads the response.
        input: scope.response_body().or_else(|| scope.body()).unwrap_or_default(),
        tree: None,
        variables: HashMap::new(),
        loops: Vec::new(),
        work: WORK_LIMIT,
    };
    let mut output = String::new();
    renderer.nodes(nodes, &mut output)?;
    Ok(output)
}

struct Renderer<'a> {
    scope: &'a dyn Scope,
    input: &'a str,
    /// The input as values, once somebody asked.
    tree: Option<Value>,
    variables: HashMap<&'a str, Value>,
    /// The loops around this place, the innermost last.
    loops: Vec<Loop>,
    /// How much is left of [`WORK_LIMIT`].
    work: usize,
}

#[derive(Clone, Copy)]
struct Loop {
    index: usize,
    length: usize,
}

impl<'a> Renderer<'a> {
    fn nodes(&mut self, nodes: &'a [Node], output: &mut String) -> Result<()> {
        nodes.iter().try_for_each(|node| self.node(node, output))
    }

    fn node(&mut self, node: &'a Node, output: &mut String) -> Result<()> {
        self.charge(STEP)?;
        match node {
            Node::Text(text) => self.write(text, output),
            Node::Print(reference) => {
                let text = self.reference(reference)?.print();
                self.write(&text, output)
            }
            Node::Set { variable, value } => {
                let value = self.value(value)?;
                self.variables.insert(variable, value);
                Ok(())
            }
            Node::If { branches, otherwise } => {
                for (condition, body) in branches {
                    if self.value(condition)?.holds() {
                        return self.nodes(body, output);
                    }
                }
                self.nodes(otherwise, output)
            }
            Node::Foreach { variable, list, body } => {
                let items = self.value(list)?.items();
                if items.len() > LOOP_LIMIT {
                    return Err(RenderError::Loop);
                }
                let length = items.len();
                for (index, item) in items.into_iter().enumerate() {
                    self.charge(STEP)?;
                    self.variables.insert(variable, item);
                    self.loops.push(Loop { index, length });
                    self.nodes(body, output)?;
                    self.loops.pop();
                }
                Ok(())
            }
        }
    }

    fn value(&mut self, expression: &'a Expression) -> Result<Value> {
        self.charge(STEP)?;
        Ok(match expression {
            Expression::Text(text) => self.text(text)?,
            Expression::Interpolated(nodes) => {
                let mut text = String::new();
                self.nodes(nodes, &mut text)?;
                Value::Text(text.into())
            }
            Expression::Number(number) => Value::Number(number.clone()),
            Expression::Bool(value) => Value::Bool(*value),
            Expression::Reference(reference) => self.reference(reference)?,
            Expression::Not(inner) => Value::Bool(!self.value(inner)?.holds()),
            Expression::All(all) => Value::Bool(!self.any(all, false)?),
            Expression::Any(any) => Value::Bool(self.any(any, true)?),
            Expression::Compare(left, how, right) => {
                let (left, right) = (self.value(left)?, self.value(right)?);
                self.charge(left.print().len() + right.print().len())?;
                Value::Bool(left.compare(*how, &right))
            }
        })
    }

    /// Whether one of them holds, or does not; the rest is not looked at.
    fn any(&mut self, expressions: &'a [Expression], sought: bool) -> Result<bool> {
        for expression in expressions {
            if self.value(expression)?.holds() == sought {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn reference(&mut self, reference: &'a Reference) -> Result<Value> {
        let mut value = self.root(&reference.root)?;
        for access in &reference.accesses {
            self.charge(STEP)?;
            value = match access {
                Access::Member(name) => {
                    if let Value::Object(members) = &value {
                        self.charge(members.len())?;
                    }
                    value.member(name)
                }
                Access::Index(index) => value.item(*index),
                Access::Size => value.size(),
                Access::ReplaceAll { pattern, replacement } => {
                    let text = value.print();
                    self.charge(text.len())?;
                    let replaced = pattern.replace_all(&text, replacement.as_str());
                    self.text(&replaced)?
                }
            };
        }
        Ok(value)
    }

    fn root(&mut self, root: &'a Root) -> Result<Value> {
        let scope = self.scope;
        Ok(match root {
            Root::Variable(name) => self.variables.get(name.as_str()).cloned().unwrap_or_default(),
            Root::Context(path) => scope.context(path).map(Value::from).unwrap_or_default(),
            Root::StageVariable(name) => {
                scope.stage_variable(name).map(Value::from).unwrap_or_default()
            }
            Root::Body => self.text(self.input)?,
            Root::Json(path) => {
                self.charge(self.input.len())?;
                let json = path.find(self.input).map(compact);
                self.text(json.as_deref().unwrap_or(MISSING_JSON))?
            }
            Root::Path(path) => {
                // Members are looked for one by one, which is quicker than reading them.
                self.charge(self.input.len() / 64)?;
                self.tree()?.at(path)
            }
            Root::Params => self.params()?,
            Root::Param(name) => named_exactly(scope.query(), name)
                .next_back()
                .or_else(|| named(scope.headers(), name).next_back())
                .map(Value::from)
                .unwrap_or_default(),
            Root::Util(function, argument) => {
                let text = self.value(argument)?.print();
                self.charge(text.len())?;
                let value = function.apply(&text)?;
                if let Value::Text(text) = &value {
                    self.charge(text.len())?;
                }
                value
            }
            Root::LoopIndex => self.innermost(|this| Value::Number(this.index.into())),
            Root::LoopHasNext => self.innermost(|this| Value::Bool(this.index + 1 < this.length)),
        })
    }

    fn innermost(&self, read: impl FnOnce(Loop) -> Value) -> Value {
        self.loops.last().copied().map(read).unwrap_or_default()
    }

    fn tree(&mut self) -> Result<Value> {
        if let Some(tree) = &self.tree {
            return Ok(tree.clone());
        }
        self.charge(self.input.len())?;
        let tree: Value = serde_json::from_str(self.input).unwrap_or_default();
        self.tree = Some(tree.clone());
        Ok(tree)
    }

    /// The parameters of the handshake by their kind. A WebSocket API has none in its path.
    fn params(&mut self) -> Result<Value> {
        let scope = self.scope;
        let mut object = |pairs: &[(String, String)]| -> Result<Value> {
            self.charge(pairs.iter().map(|(name, value)| name.len() + value.len() + STEP).sum())?;
            let members =
                pairs.iter().map(|(name, value)| (name.as_str().into(), value.as_str().into()));
            Ok(Value::Object(members.collect()))
        };
        let path = object(&[])?;
        let query = object(scope.query())?;
        let header = object(scope.headers())?;
        let kinds: [(Rc<str>, Value); 3] =
            [("path".into(), path), ("querystring".into(), query), ("header".into(), header)];
        Ok(Value::Object(kinds.into()))
    }

    fn text(&mut self, text: &str) -> Result<Value> {
        self.charge(text.len())?;
        Ok(text.into())
    }

    fn write(&mut self, text: &str, output: &mut String) -> Result<()> {
        self.charge(text.len())?;
        if output.len() + text.len() > OUTPUT_LIMIT {
            return Err(RenderError::Output);
        }
        output.push_str(text);
        Ok(())
    }

    fn charge(&mut self, cost: usize) -> Result<()> {
        self.work = self.work.checked_sub(cost).ok_or(RenderError::Work)?;
        Ok(())
    }
}
