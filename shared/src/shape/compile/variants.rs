//! The shapes of enums.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Compiler, Object, Result, Shape, shapes::names, sorted, texts};

impl Compiler<'_> {
    /// `oneOf` and `anyOf`. They are read by what tells their variants apart: a tag, the only
    /// member, or nothing.
    pub(super) fn variants(
        &mut self,
        variants: &Value,
        whole: &Object,
        path: &str,
    ) -> Result<Shape> {
        if whole.contains_key("properties") || whole.contains_key("$ref") {
            self.merged(whole, path)?; // which says why not
        }
        let variants = variants.as_array().map(Vec::as_slice).unwrap_or_default();
        if let Some(tag) = self.tag(variants, path) {
            return self.tagged(&tag, variants, path);
        }
        let members: Option<BTreeMap<_, _>> =
            variants.iter().map(|it| only_member(it.as_object()?)).collect();
        if let Some(members) = members
            && members.len() == variants.len()
        {
            return self.keyed(members, path);
        }
        self.any_of(variants, path)
    }

    /// An enum whose variants are told apart by the only member.
    fn keyed(&mut self, members: BTreeMap<&String, &Value>, path: &str) -> Result<Shape> {
        let variants = members
            .into_iter()
            .map(|(name, value)| Ok((name.clone(), self.shape(value, &format!("{path}.{name}"))?)));
        variants.collect::<Result<_>>().map(Shape::Keyed)
    }

    /// An enum whose variants are tried one after the other, but for the strings and the objects
    /// with one member among them.
    fn any_of(&mut self, variants: &[Value], path: &str) -> Result<Shape> {
        let (mut words, mut keyed, mut shapes) = (Vec::new(), Vec::new(), Vec::new());
        for variant in variants {
            let object = variant.as_object();
            if let Some(names) = object.and_then(names) {
                words.extend(names);
            } else if object.and_then(only_member).is_some() {
                keyed.push(variant);
            } else {
                shapes.push(self.shape(variant, path)?);
            }
        }
        if !words.is_empty() {
            shapes.push(self.shape(&json!({ "type": "string", "enum": words }), path)?);
        }
        let one_key_each = keyed.len() < variants.len();
        if one_key_each && !keyed.is_empty() && distinct(&keyed) {
            shapes.push(self.shape(&json!({ "oneOf": keyed }), path)?);
        } else {
            for variant in keyed {
                shapes.push(self.shape(variant, path)?);
            }
        }
        Ok(Shape::AnyOf(shapes))
    }

    fn tagged(&mut self, tag: &str, variants: &[Value], path: &str) -> Result<Shape> {
        let mut shapes = Vec::new();
        for variant in variants {
            let Some(object) = variant.as_object() else { continue };
            let mut merged = self.merged(object, path)?;
            let Some(name) = constant(&merged, tag).map(str::to_owned) else { continue };
            merged["properties"][tag] = Value::Bool(true); // it has been read by then
            shapes.push((name, self.refer(Value::Object(merged), path)));
        }
        Ok(Shape::Tagged { tag: tag.to_owned(), variants: shapes })
    }

    /// The field that is a constant of its own in each variant.
    fn tag(&self, variants: &[Value], path: &str) -> Option<String> {
        let merge = |variant: &Value| self.merged(variant.as_object()?, path).ok();
        let objects = variants.iter().map(merge).collect::<Option<Vec<_>>>()?;
        let is_tag = |tag: &str| {
            let mut names: Vec<_> = objects.iter().filter_map(|it| constant(it, tag)).collect();
            names.sort_unstable();
            names.dedup();
            names.len() == objects.len()
        };
        sorted(objects.first()?.get("properties")?).into_keys().find(|tag| is_tag(tag)).cloned()
    }
}

/// The one text that a field has to be.
fn constant<'v>(object: &'v Object, field: &str) -> Option<&'v str> {
    let required = texts(object.get("required")).contains(&field);
    object.get("properties")?.get(field)?.get("const")?.as_str().filter(|_| required)
}

/// The member of an object that has one, which it has to have.
fn only_member(object: &Object) -> Option<(&String, &Value)> {
    let fields = object.get("properties")?.as_object()?;
    let required = texts(object.get("required"));
    let closed = object.get("additionalProperties") == Some(&Value::Bool(false));
    let (name, value) = fields.iter().next()?;
    (closed && fields.len() == 1 && required == [name.as_str()]).then_some((name, value))
}

/// Whether the objects with one member have different ones.
fn distinct(variants: &[&Value]) -> bool {
    let names = variants.iter().filter_map(|it| only_member(it.as_object()?));
    names.map(|(name, _)| name).collect::<std::collections::BTreeSet<_>>().len() == variants.len()
}
