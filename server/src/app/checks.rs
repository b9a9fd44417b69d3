//! What a route looks at before its integration does: models of messages, and the parameters that
//! a handshake has to have.

use std::collections::BTreeMap;

use gatewire::{Error, Result};
use jsonschema::Validator;
use serde_json::Value;

use super::ServeError;
use crate::{
    config::{Models, ParameterSource, RequestParameter},
    event::Event,
    expression::{Expression, Use},
    integration::Call,
};

/// The model that is taken when the selection names none.
const DEFAULT_MODEL: &str = "$default";

/// The models of a route: JSON Schemas, and the expression that chooses between them.
pub(super) struct Model {
    selection: Expression,
    by_name: BTreeMap<String, Validator>,
}

impl Model {
    /// Compiles the schemas.
    pub(super) fn read(models: &Models) -> Result<Self, ServeError> {
        let selection = Expression::parse(&models.selection, Use::Model)
            .map_err(|error| ServeError::at(&models.selection, error))?;
        let mut by_name = BTreeMap::new();
        for (name, schema) in &models.schemas {
            let compiled = jsonschema::validator_for(&schema.json);
            let compiled = compiled.map_err(|error| ServeError::at(schema, error))?;
            by_name.insert(name.clone(), compiled);
        }
        Ok(Self { selection, by_name })
    }

    /// Whether a message fits its model. One that no model is for does not.
    pub(super) fn check(&self, call: &Call) -> Result<()> {
        let chosen = self.selection.resolve(&call.scope());
        let model = self.by_name.get(&chosen).or_else(|| self.by_name.get(DEFAULT_MODEL));
        let model = model.ok_or_else(|| invalid(format!("no model is called {chosen:?}")))?;
        let body: Value = serde_json::from_str(&call.body())
            .map_err(|error| invalid(format!("not JSON: {error}")))?;
        let found = model.iter_errors(&body).next();
        found.map_or(Ok(()), |error| {
            Err(invalid(format!("{}: {}", error.instance_path(), error.masked())))
        })
    }
}

/// Whether a handshake has the parameters that its route requires.
pub(super) fn check_parameters(required: &[RequestParameter], call: &Call) -> Result<()> {
    let Event::Connect(handshake) = &call.event else { return Ok(()) };
    for RequestParameter { source, name, .. } in required.iter().filter(|one| one.required) {
        let is_there = match source {
            ParameterSource::Querystring => handshake.query_parameter(name).is_some(),
            ParameterSource::Header => handshake.headers.contains_key(name.as_str()),
        };
        if !is_there {
            return Err(invalid(format!("the parameter {name} is required")));
        }
    }
    Ok(())
}

fn invalid(message: String) -> Error {
    Error::new(Error::INVALID, message)
}
