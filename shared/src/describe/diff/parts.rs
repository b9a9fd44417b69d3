//! What arrays and objects hold, as their schemas say it.

use serde_json::{Map, Value};

type Keywords = Map<String, Value>;

/// What an array holds: by place, and after the last place.
pub(super) struct Items<'a> {
    pub(super) places: &'a [Value],
    pub(super) rest: &'a Value,
    /// How many there are at most.
    pub(super) most: usize,
}

impl<'a> Items<'a> {
    pub(super) fn of(keywords: &'a Keywords) -> Self {
        let places = keywords.get("prefixItems").and_then(Value::as_array);
        let most = keywords.get("maxItems").and_then(Value::as_u64);
        Self {
            places: places.map_or(&[], Vec::as_slice),
            rest: keywords.get("items").unwrap_or(&Value::Bool(true)),
            most: most.and_then(|most| usize::try_from(most).ok()).unwrap_or(usize::MAX),
        }
    }

    pub(super) fn at(&self, place: usize) -> &'a Value {
        self.places.get(place).unwrap_or(self.rest)
    }
}

/// What an object holds.
pub(super) struct Fields<'a> {
    properties: Option<&'a Keywords>,
    required: &'a [Value],
    pub(super) others: Others<'a>,
}

/// What becomes of a field that the schema does not name.
#[derive(Clone, Copy)]
pub(super) enum Others<'a> {
    Ignored,
    Denied,
    /// It is the entry of a map.
    Each(&'a Value),
}

impl<'a> Fields<'a> {
    pub(super) fn of(keywords: &'a Keywords) -> Self {
        let rest = ["additionalProperties", "unevaluatedProperties"];
        let others = match rest.iter().find_map(|keyword| keywords.get(*keyword)) {
            None => Others::Ignored,
            Some(Value::Bool(false)) => Others::Denied,
            Some(each) => Others::Each(each),
        };
        let required = keywords.get("required").and_then(Value::as_array);
        Self {
            properties: keywords.get("properties").and_then(Value::as_object),
            required: required.map_or(&[], Vec::as_slice),
            others,
        }
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &'a String> {
        self.properties.into_iter().flat_map(Map::keys)
    }

    pub(super) fn get(&self, name: &str) -> Option<&'a Value> {
        self.properties?.get(name)
    }

    pub(super) fn requires(&self, name: &str) -> bool {
        self.required.iter().any(|it| it == name)
    }
}
