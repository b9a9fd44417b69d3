//! A schema of JSON Schema 2020-12 in the dialect that AsyncAPI has by itself, which every one of
//! its tools reads: draft 7 with a few additions.

use serde_json::{Map, Value, json};

/// The same schema, as AsyncAPI spells it.
pub(super) fn of(schema: &Value) -> Value {
    let Value::Object(keywords) = schema else { return schema.clone() };
    let mut spelled = Map::new();
    for (keyword, value) in keywords {
        match (keyword.as_str(), value) {
            ("$ref", Value::String(target)) => {
                let target = target.replacen("#/$defs/", "#/components/schemas/", 1);
                spelled.insert(keyword.clone(), target.into());
            }
            ("prefixItems", Value::Array(places)) => {
                spelled.insert("items".to_owned(), places.iter().map(of).collect());
            }
            // Draft 7 calls what follows the places by another name.
            ("items", rest) if keywords.contains_key("prefixItems") => {
                spelled.insert("additionalItems".to_owned(), of(rest));
            }
            ("properties" | "patternProperties", Value::Object(named)) => {
                let named = named.iter().map(|(name, schema)| (name.clone(), of(schema)));
                spelled.insert(keyword.clone(), named.collect());
            }
            ("oneOf" | "anyOf" | "allOf", Value::Array(schemas)) => {
                spelled.insert(keyword.clone(), schemas.iter().map(of).collect());
            }
            ("items" | "additionalProperties" | "propertyNames" | "not", schema) => {
                spelled.insert(keyword.clone(), of(schema));
            }
            _ => {
                spelled.insert(keyword.clone(), value.clone());
            }
        }
    }
    beside_reference(spelled)
}

/// Draft 7 ignores what stands beside a `$ref`, so the reference moves into an `allOf`.
fn beside_reference(mut schema: Map<String, Value>) -> Value {
    if schema.len() > 1
        && let Some(target) = schema.remove("$ref")
    {
        let all = schema.entry("allOf").or_insert_with(|| json!([]));
        if let Value::Array(all) = all {
            all.push(json!({"$ref": target}));
        }
    }
    Value::Object(schema)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::of;

    #[test]
    fn what_draft_7_spells_differently_is_spelled_so() {
        assert_eq!(
            of(&json!({"$ref": "#/$defs/A", "description": "A."})),
            json!({"allOf": [{"$ref": "#/components/schemas/A"}], "description": "A."})
        );
        assert_eq!(
            of(&json!({"prefixItems": [{"$ref": "#/$defs/A"}, true], "items": false})),
            json!({"items": [{"$ref": "#/components/schemas/A"}, true], "additionalItems": false})
        );
        let field = json!({"properties": {"prefixItems": {"type": "string"}}});
        assert_eq!(of(&field), field);
    }
}
