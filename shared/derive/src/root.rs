//! The name under which the user's crate knows gatewire.

use proc_macro_crate::{FoundCrate, crate_name};
use proc_macro2::{Group, Ident, Literal, TokenStream, TokenTree};

/// What the macros call gatewire in the code they write.
const NAME: &str = "gatewire";

/// Says `::gw::…` wherever the macros wrote `::gatewire::…`, for a crate whose `Cargo.toml` has
/// `gw = { package = "gatewire", … }`.
pub(crate) fn renamed(tokens: TokenStream) -> TokenStream {
    match crate_name(NAME) {
        Ok(FoundCrate::Name(name)) if name != NAME => rename(tokens, &name),
        // Gatewire's own tests, or a crate that has gatewire from another one: as it is written.
        Ok(_) | Err(_) => tokens,
    }
}

fn rename(tokens: TokenStream, name: &str) -> TokenStream {
    let tokens: Vec<_> = tokens.into_iter().collect();
    let renamed = tokens.iter().enumerate().map(|(at, token)| match token {
        TokenTree::Ident(ident) if ident == NAME && is_root(&tokens[..at]) => {
            TokenTree::Ident(Ident::new(name, ident.span()))
        }
        TokenTree::Group(group) => {
            let mut renamed = Group::new(group.delimiter(), rename(group.stream(), name));
            renamed.set_span(group.span());
            TokenTree::Group(renamed)
        }
        TokenTree::Literal(literal) => TokenTree::Literal(path_in_text(literal.clone(), name)),
        other => other.clone(),
    });
    renamed.collect()
}

/// Whether a path begins behind these tokens: `::`, and not as the middle of `a::b`.
fn is_root(before: &[TokenTree]) -> bool {
    let punct = |token: &TokenTree| match token {
        TokenTree::Punct(punct) => Some(punct.as_char()),
        TokenTree::Group(_) | TokenTree::Ident(_) | TokenTree::Literal(_) => None,
    };
    let [rest @ .., first, second] = before else { return false };
    if punct(first) != Some(':') || punct(second) != Some(':') {
        return false;
    }
    match rest.last() {
        Some(TokenTree::Ident(ident)) => is_keyword(&ident.to_string()),
        _ => true,
    }
}

/// Whether a word can stand before a path and is no part of it.
fn is_keyword(word: &str) -> bool {
    !matches!(word, "crate" | "self" | "super" | "Self") && syn::parse_str::<Ident>(word).is_err()
}

/// serde and schemars take the path of a crate as a text.
fn path_in_text(literal: Literal, name: &str) -> Literal {
    let text = literal.to_string();
    match text.strip_prefix("\"::gatewire::").and_then(|rest| rest.strip_suffix('"')) {
        Some(rest) => {
            let mut renamed = Literal::string(&format!("::{name}::{rest}"));
            renamed.set_span(literal.span());
            renamed
        }
        None => literal,
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::rename;

    #[test]
    fn a_path_from_the_root_is_renamed_and_nothing_else() {
        let tokens = quote! {
            #[serde(crate = "::gatewire::__private::serde", rename = "gatewire")]
            impl ::gatewire::Contract for a::gatewire {
                fn f(gatewire: [::gatewire::X; 1]) -> ::gatewire::Y { crate::gatewire::z() }
            }
        };
        let renamed = quote! {
            #[serde(crate = "::gw::__private::serde", rename = "gatewire")]
            impl ::gw::Contract for a::gatewire {
                fn f(gatewire: [::gw::X; 1]) -> ::gw::Y { crate::gatewire::z() }
            }
        };
        assert_eq!(rename(tokens, "gw").to_string(), renamed.to_string());
    }
}
