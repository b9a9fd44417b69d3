//! What the attributes of other derives say. A mistake in one is for the derive it belongs to.

use proc_macro2::TokenStream;
use syn::{
    Attribute, Expr, ExprLit, Lit, Token, meta::ParseNestedMeta, parenthesized, token::Paren,
};

/// Whether one of the attributes called `name` has the key.
pub(crate) fn says(attributes: &[Attribute], name: &str, key: &str) -> bool {
    let mut found = false;
    each(attributes, name, |meta, _| found |= meta.path.is_ident(key));
    found
}

/// Whether one of the attributes called `name` gives the key several values: `rename(serialize = "a",
/// deserialize = "b")`.
pub(crate) fn lists(attributes: &[Attribute], name: &str, key: &str) -> bool {
    let mut found = false;
    each(attributes, name, |meta, value| {
        found |= meta.path.is_ident(key) && matches!(value, Some(Value::List));
    });
    found
}

/// The text that one of the attributes called `name` gives the key: `content = "c"`.
pub(crate) fn text_of(attributes: &[Attribute], name: &str, key: &str) -> Option<String> {
    let mut found = None;
    each(attributes, name, |meta, value| {
        if let Some(Value::One(Expr::Lit(ExprLit { lit: Lit::Str(text), .. }))) = value
            && meta.path.is_ident(key)
        {
            found = Some(text.value());
        }
    });
    found
}

/// What comes after a key.
enum Value {
    /// `= …`
    One(Expr),
    /// `(…)`
    List,
}

/// Reads each key of the attributes called `name`, with its value if it has one.
fn each(
    attributes: &[Attribute],
    name: &str,
    mut read: impl FnMut(&ParseNestedMeta<'_>, Option<&Value>),
) {
    for attribute in attributes.iter().filter(|it| it.path().is_ident(name)) {
        let _ = attribute.parse_nested_meta(|meta| {
            let mut value = None;
            if meta.input.peek(Token![=]) {
                value = Some(Value::One(meta.value()?.parse()?));
            } else if meta.input.peek(Paren) {
                let list;
                parenthesized!(list in meta.input);
                list.parse::<TokenStream>()?;
                value = Some(Value::List);
            }
            read(&meta, value.as_ref());
            Ok(())
        });
    }
}
