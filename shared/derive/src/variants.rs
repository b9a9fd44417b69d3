//! What a contract and its events have in common: an enum of named newtype variants.

use quote::ToTokens;
use syn::{
    Attribute, Data, DeriveInput, Fields, Ident, LitStr, Token, Type, Variant as SynVariant,
    meta::ParseNestedMeta,
};

use crate::{docs, mistakes::Mistakes, names};

/// A variant and its payload.
pub(crate) struct Variant {
    pub(crate) ident: Ident,
    /// The one unnamed field. `None` after a mistake, so that a `match` can still be exhaustive.
    pub(crate) payload: Option<Type>,
    /// The route key or the event's name.
    pub(crate) name: String,
    /// The type in `#[reply(…)]`.
    pub(crate) reply: Option<Type>,
    pub(crate) docs: String,
}

/// The variants of the enum. A mistake leaves a variant without its payload; `None` when this is
/// no such enum at all.
pub(crate) fn read(
    input: &DeriveInput,
    derive: &str,
    mistakes: &mut Mistakes,
) -> Option<Vec<Variant>> {
    if !input.generics.params.is_empty() {
        let message = format!(
            "`{derive}` is derived for an enum without parameters: its payloads are whole types \
             that own what they hold"
        );
        mistakes.at(&input.generics, message);
        return None;
    }
    let Data::Enum(data) = &input.data else {
        let message = format!("`{derive}` is derived for an enum with one variant per payload");
        mistakes.at(&input.ident, message);
        return None;
    };
    refuse_serde(&input.attrs, mistakes);
    let mut variants: Vec<Variant> = Vec::new();
    for variant in &data.variants {
        let mut variant = read_one(variant, mistakes);
        if repeats(&variant, &variants, mistakes) {
            variant.payload = None;
        }
        variants.push(variant);
    }
    Some(variants)
}

fn read_one(variant: &SynVariant, mistakes: &mut Mistakes) -> Variant {
    refuse_serde(&variant.attrs, mistakes);
    let rename = rename(&variant.attrs, mistakes);
    let name = rename.map_or_else(|| names::lower_camel(&variant.ident), |name| name.value());
    Variant {
        ident: variant.ident.clone(),
        payload: payload(variant, mistakes),
        name,
        reply: reply(&variant.attrs, mistakes),
        docs: docs::text(&variant.attrs),
    }
}

fn payload(variant: &SynVariant, mistakes: &mut Mistakes) -> Option<Type> {
    if let Fields::Unnamed(fields) = &variant.fields
        && fields.unnamed.len() == 1
    {
        return Some(fields.unnamed[0].ty.clone());
    }
    let ident = &variant.ident;
    let message = format!("a variant holds its payload and nothing else: `{ident}({ident})`");
    mistakes.at(variant, message);
    None
}

/// Whether an earlier variant has the same name or the same payload.
fn repeats(variant: &Variant, earlier: &[Variant], mistakes: &mut Mistakes) -> bool {
    let same_name = earlier.iter().find(|other| other.name == variant.name);
    if let Some(other) = same_name {
        let (name, other) = (&variant.name, &other.ident);
        mistakes.at(&variant.ident, format!("`{other}` is called `{name}` too"));
    }
    let Some(payload) = &variant.payload else {
        return same_name.is_some();
    };
    let same_payload = earlier.iter().find(|other| other.payload.as_ref() == Some(payload));
    if let Some(other) = same_payload {
        let (text, other) = (payload.to_token_stream(), &other.ident);
        let message = format!(
            "`{text}` is the payload of `{other}` already: each variant has a type of its own"
        );
        mistakes.at(payload, message);
    }
    same_name.is_some() || same_payload.is_some()
}

/// The type in `#[reply(…)]`.
fn reply(attributes: &[Attribute], mistakes: &mut Mistakes) -> Option<Type> {
    let mut found = None;
    for attribute in attributes {
        if !attribute.path().is_ident("reply") {
            continue;
        }
        match attribute.parse_args::<Type>() {
            Ok(_) if found.is_some() => mistakes.at(attribute, "an action has one reply"),
            Ok(reply) => found = Some(reply),
            Err(_) => mistakes.at(
                attribute,
                "an action has one reply, a type: `#[reply(Posted)]`; without, it is `()`",
            ),
        }
    }
    found
}

/// The enum never travels as a whole, so serde is not asked about it.
fn refuse_serde(attributes: &[Attribute], mistakes: &mut Mistakes) {
    for attribute in attributes.iter().filter(|it| it.path().is_ident("serde")) {
        let message = "serde reads the payloads, not this enum: `#[contract(rename = \"…\")]` \
                       changes a name";
        mistakes.at(attribute, message);
    }
}

/// The name in `#[contract(rename = "…")]`, the only key a variant may have.
fn rename(attributes: &[Attribute], mistakes: &mut Mistakes) -> Option<LitStr> {
    let mut name = None;
    keys(attributes, &["rename"], mistakes, |_, meta| {
        name = Some(meta.value()?.parse::<LitStr>()?);
        Ok(())
    });
    if let Some(name) = &name {
        names::check(name, mistakes);
    }
    name
}

/// Reads each key of `#[contract(…)]` that is among those allowed, and reports the others.
pub(crate) fn keys(
    attributes: &[Attribute],
    allowed: &[&str],
    mistakes: &mut Mistakes,
    mut read: impl FnMut(&str, ParseNestedMeta) -> syn::Result<()>,
) {
    let mut said = Vec::new();
    for attribute in attributes {
        if !attribute.path().is_ident("contract") {
            continue;
        }
        let parsed = attribute.parse_nested_meta(|meta| {
            if let Some(key) = allowed.iter().find(|key| meta.path.is_ident(key)) {
                if said.contains(key) {
                    mistakes.at(&meta.path, format!("`{key}` is said twice"));
                }
                said.push(key);
                return read(key, meta);
            }
            let known = allowed.join("`, `");
            mistakes.at(&meta.path, format!("unknown key; known here: `{known}`"));
            if meta.input.peek(Token![=]) {
                meta.value()?.parse::<syn::Expr>()?;
            }
            Ok(())
        });
        if let Err(error) = parsed {
            mistakes.add(error);
        }
    }
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::{Mistakes, read};

    #[test]
    fn a_variant_is_read_with_its_attributes() {
        let mut mistakes = Mistakes::default();
        let variants = read(
            &parse_quote! {
                enum Chat {
                    /// Post.
                    #[reply(Posted)]
                    #[contract(rename = "send")]
                    SendMessage(SendMessage),
                }
            },
            "Contract",
            &mut mistakes,
        )
        .unwrap();
        assert!(mistakes.into_compile_errors().is_none());
        let [variant] = variants.as_slice() else { panic!("one variant") };
        assert_eq!(variant.name, "send");
        assert_eq!(variant.docs, "Post.");
        assert_eq!(variant.reply, Some(parse_quote!(Posted)));
    }

    #[test]
    fn every_mistake_is_found() {
        let mut mistakes = Mistakes::default();
        read(
            &parse_quote! {
                enum Chat {
                    Typing,
                    #[contract(rename = "$default", colour = 1)]
                    Leave(Leave),
                    #[contract(rename = "typing")]
                    Write(Leave),
                }
            },
            "Contract",
            &mut mistakes,
        );
        let errors = mistakes.into_compile_errors().unwrap().to_string();
        assert_eq!(errors.matches("compile_error").count(), 5, "{errors}");
    }
}
