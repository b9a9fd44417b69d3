//! `#[message]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Item, Path, Token, punctuated::Punctuated};

use crate::mistakes::Mistakes;

/// Puts the derives of a payload before the item.
pub(crate) fn expand(arguments: TokenStream, item: &TokenStream) -> TokenStream {
    let mut mistakes = Mistakes::default();
    if !arguments.is_empty() {
        mistakes.at(arguments, "`#[message]` takes no arguments");
    }
    let attributes = match syn::parse2(item.clone()) {
        Ok(Item::Struct(item)) => item.attrs,
        Ok(Item::Enum(item)) => item.attrs,
        _ => {
            mistakes.at(item, "a message is a struct or an enum");
            let errors = mistakes.into_compile_errors();
            return quote!(#errors #item);
        }
    };
    let mut derives = vec![
        ("Serialize", quote!(::gatewire::__private::serde::Serialize)),
        ("Deserialize", quote!(::gatewire::__private::serde::Deserialize)),
        ("Described", quote!(::gatewire::Described)),
        ("JsonSchema", quote!(::gatewire::JsonSchema)),
    ];
    for derived in derived(&attributes) {
        let before = derives.len();
        derives.retain(|(name, _)| !ends_in(&derived, name));
        if derives.len() < before {
            mistakes.at(derived, "`#[message]` derives this already: remove it here");
        }
    }
    let errors = mistakes.into_compile_errors();
    let derives = derives.into_iter().map(|(_, path)| path);
    quote! {
        #errors
        #[derive(#(#derives),*)]
        #[serde(crate = "::gatewire::__private::serde")]
        #item
    }
}

/// What the attributes below this one derive.
fn derived(attributes: &[Attribute]) -> Vec<Path> {
    let derives = attributes.iter().filter(|it| it.path().is_ident("derive"));
    let paths = derives
        .filter_map(|it| it.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated).ok());
    paths.flatten().collect()
}

fn ends_in(path: &Path, name: &str) -> bool {
    path.segments.last().is_some_and(|segment| segment.ident == name)
}
