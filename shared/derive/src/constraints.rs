//! The constraints on a field: what `#[garde(…)]`, or schemars's word for the same, says of it.
//!
//! They are handed to the schema as a note, `x-gatewire-constraints`, and become keywords there:
//! only the schema knows what the field's type is on the wire, and so whether it can take them. A
//! rule that neither end would check is a mistake.

mod rule;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{
    Attribute, Data, DeriveInput, Field, Fields, Ident, Token, parse_quote, punctuated::Punctuated,
};

use crate::{attributes, mistakes::Mistakes};
use rule::Rule;

/// Reads the constraints of every field, and puts in their place what schemars is to know of them.
pub(crate) fn hand_over(input: &mut DeriveInput, mistakes: &mut Mistakes) {
    refuse_on_container(&input.attrs, mistakes);
    let replaced = replaced(&input.attrs);
    match &mut input.data {
        Data::Struct(data) => of_fields(&mut data.fields, replaced, mistakes),
        Data::Enum(data) => {
            for variant in &mut data.variants {
                refuse_on_variant(&variant.attrs, mistakes);
                let why_not = replaced.or_else(|| replaced_variant(&variant.attrs));
                of_fields(&mut variant.fields, why_not, mistakes);
            }
        }
        Data::Union(_) => {}
    }
}

/// Why the schema of a type has none of its fields.
fn replaced(attributes: &[Attribute]) -> Option<&'static str> {
    let serde = |key| says(attributes, "serde", key);
    let schemars = |key| says(attributes, "schemars", key);
    let replaced =
        serde("from") || serde("try_from") || schemars("with") || schemars("schema_with");
    replaced.then_some(REPLACED)
}

const REPLACED: &str =
    "the schema is that of another type, which does not know this constraint: say it there";

/// Why the schema of a variant has none of its fields.
fn replaced_variant(attributes: &[Attribute]) -> Option<&'static str> {
    if says(attributes, "serde", "skip") || says(attributes, "serde", "skip_deserializing") {
        Some("nobody sends this variant, so nobody checks it: remove the constraint")
    } else if says(attributes, "serde", "with") {
        Some(REPLACED)
    } else {
        replaced(attributes)
    }
}

fn of_fields(fields: &mut Fields, why_not: Option<&str>, mistakes: &mut Mistakes) {
    for field in fields {
        let mut note = Note::default();
        let attributes = std::mem::take(&mut field.attrs);
        let kept = attributes.into_iter().filter_map(|it| note.read(it, mistakes)).collect();
        field.attrs = kept;
        let Some(first) = &note.first else { continue };
        if let Some(why_not) = why_not.or_else(|| absent(field)) {
            mistakes.at(first, why_not);
        }
        let constraints = note.constraints.values();
        field.attrs.push(parse_quote! {
            #[schemars(extend("x-gatewire-constraints" = { #(#constraints),* }))]
        });
    }
}

/// Why no schema has the field as it is written.
fn absent(field: &Field) -> Option<&'static str> {
    let serde = |key| says(&field.attrs, "serde", key);
    if serde("flatten") {
        Some("a flattened field is none on the wire: constrain the fields of its type")
    } else if serde("skip") || serde("skip_deserializing") {
        Some("nobody sends this field, so nobody checks it: remove the constraint")
    } else {
        None
    }
}

/// What the attributes of one field say.
#[derive(Default)]
struct Note {
    /// The first rule that constrains, for errors about all of them.
    first: Option<Ident>,
    constraints: rule::Constraints,
}

impl Note {
    /// Takes the constraints out of an attribute. Gives what schemars is to read of it.
    fn read(&mut self, attribute: Attribute, mistakes: &mut Mistakes) -> Option<Attribute> {
        let garde = attribute.path().is_ident("garde");
        if !garde && !attribute.path().is_ident("schemars") {
            return Some(attribute);
        }
        let rules = match attribute.parse_args_with(Punctuated::<Rule, Token![,]>::parse_terminated)
        {
            Ok(rules) => rules,
            // What is wrong with an attribute of its own, schemars says.
            Err(_) if !garde => return Some(attribute),
            Err(error) => {
                mistakes.add(error);
                return None;
            }
        };
        let mut rest: Vec<TokenStream> = Vec::new();
        for rule in rules {
            if !garde && !rule.is_constraint_of_schemars() {
                rest.push(quote!(#rule));
            } else if self.constraints.add(&rule, mistakes) {
                self.first.get_or_insert_with(|| rule.name().clone());
            }
        }
        (!rest.is_empty()).then(|| parse_quote!(#[schemars(#(#rest),*)]))
    }
}

/// On the type garde has settings of its own; a rule there is about all fields together.
fn refuse_on_container(attributes: &[Attribute], mistakes: &mut Mistakes) {
    for attribute in attributes.iter().filter(|it| it.path().is_ident("garde")) {
        let one = std::slice::from_ref(attribute);
        let settings = ["context", "allow_unvalidated", "transparent"];
        if !settings.iter().any(|key| says(one, "garde", key)) {
            let message = "a constraint is on a field; what is about several of them is checked \
                           by the handler";
            mistakes.at(attribute, message);
        }
    }
}

fn refuse_on_variant(attributes: &[Attribute], mistakes: &mut Mistakes) {
    for attribute in attributes.iter().filter(|it| it.path().is_ident("garde")) {
        mistakes.at(attribute, "a constraint is on a field: `Text(#[garde(…)] String)`");
    }
}

fn says(attributes: &[Attribute], name: &str, key: &str) -> bool {
    attributes::says(attributes, name, key)
}
