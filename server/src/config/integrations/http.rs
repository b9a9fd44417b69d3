//! Integrations of type `http`.

use std::{collections::BTreeMap, time::Duration};

use super::{
    super::{
        Located,
        reader::{Choice, Table, TextLike, Url},
        texts::Compiled,
    },
    Mapping, timeout,
};
use crate::{
    expression::{Expression, Use},
    lambda::name::{self, NameError},
};

/// A URL that is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Http {
    /// Where to; may have `${stageVariables.x}` in it.
    pub url: Located<String>,
    /// `POST`, or another method in upper case.
    pub method: String,
    /// How long it may take: 50 ms to 29 s.
    pub timeout: Duration,
    /// From `integration.request.…` to what it is made of.
    pub request_parameters: BTreeMap<String, Located<String>>,
    /// Whether bodies are base64 that is decoded before it goes there.
    pub convert_to_binary: bool,
    /// Absent: the body goes there and the answer back as they are (`HTTP_PROXY`).
    pub mapping: Option<Mapping>,
}

impl Http {
    pub(super) fn read(table: &mut Table<'_>) -> Option<Self> {
        table.variant("type = \"http\"");
        let url = table.required("url", Url);
        let method = table.or("method", "POST", METHOD).into_value();
        let timeout = timeout(table);
        let request_parameters = table.map("request_parameters", Compiled::ParameterSource);
        for (target, source) in &request_parameters {
            if !is_target(target) {
                let rule = "a parameter goes to integration.request.header.NAME, \
                            integration.request.querystring.NAME or integration.request.path.NAME";
                table.mistake_at(source, rule);
            }
        }
        let conversion = table.optional("content_handling", TO_BINARY);
        let mapped = Mapping::is_in(table);
        let mapping = Mapping::read(table);
        let mapping = mapped.then_some(mapping);
        Some(Self {
            url: url?,
            method,
            timeout,
            request_parameters,
            convert_to_binary: conversion.is_some(),
            mapping,
        })
    }
}

impl Http {
    /// Whether the variables of a stage make it an address.
    pub(super) fn check(&self, variables: &BTreeMap<String, String>) -> Result<(), String> {
        Expression::parse(&self.url, Use::Uri).map_err(|error| error.to_string())?;
        match name::resolve(&self.url, variables) {
            Err(error @ NameError::Variable(_)) => Err(error.to_string()),
            Ok(_) | Err(_) => Ok(()),
        }
    }
}

fn is_target(target: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b"._$-".contains(&byte);
    ["header.", "querystring.", "path."].iter().any(|place| {
        let name =
            target.strip_prefix("integration.request.").and_then(|rest| rest.strip_prefix(place));
        name.is_some_and(|name| !name.is_empty() && name.bytes().all(known))
    })
}

const TO_BINARY: Choice<()> = Choice(&[("CONVERT_TO_BINARY", ())]);

const METHOD: TextLike = TextLike {
    form: "a method in capitals, such as \"POST\"",
    fits: |text| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_uppercase()),
};
