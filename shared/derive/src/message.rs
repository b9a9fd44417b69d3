//! `#[message]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Item;

use crate::mistakes::Mistakes;

/// Puts the derives of a payload before the item.
pub(crate) fn expand(arguments: TokenStream, item: &TokenStream) -> TokenStream {
    let mut mistakes = Mistakes::default();
    if !arguments.is_empty() {
        mistakes.at(arguments, "`#[message]` takes no arguments");
    }
    if !matches!(syn::parse2(item.clone()), Ok(Item::Struct(_) | Item::Enum(_))) {
        mistakes.at(item, "a message is a struct or an enum");
        let errors = mistakes.into_compile_errors();
        return quote!(#errors #item);
    }
    let errors = mistakes.into_compile_errors();
    quote! {
        #errors
        #[derive(
            ::gatewire::__private::serde::Serialize,
            ::gatewire::__private::serde::Deserialize,
            ::gatewire::Described,
            ::gatewire::JsonSchema,
        )]
        #[serde(crate = "::gatewire::__private::serde")]
        #item
    }
}
