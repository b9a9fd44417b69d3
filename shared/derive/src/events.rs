//! `#[derive(Events)]`.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Data, DeriveInput, Ident, spanned::Spanned as _};

use crate::{
    described,
    mistakes::Mistakes,
    variants::{self, Variant},
};

/// Writes the implementations of `Events` and `DescribeEvents` for the enum, and those of
/// `EventOf` and `From` for each payload.
pub(crate) fn expand(input: &DeriveInput) -> TokenStream {
    let mut mistakes = Mistakes::default();
    let Some(variants) = variants::read(input, "Events", &mut mistakes) else {
        return mistakes.into_compile_errors().unwrap_or_default();
    };
    refuse_what_is_for_actions(input, &mut mistakes);
    let errors = mistakes.into_compile_errors();

    let ident = &input.ident;
    let names = variants.iter().map(|variant| &variant.name);
    let events = variants.iter().filter_map(|variant| implement_event(ident, variant));
    let describe = implement_describe(ident, &variants);
    quote! {
        #errors

        #[automatically_derived]
        impl ::gatewire::Events for #ident {
            const NAMES: &'static [&'static ::core::primitive::str] = &[#(#names),*];
        }

        #(#events)*
        #describe
    }
}

/// An event is answered by nobody, and the enum has no name on the wire.
fn refuse_what_is_for_actions(input: &DeriveInput, mistakes: &mut Mistakes) {
    for attribute in input.attrs.iter().filter(|it| it.path().is_ident("contract")) {
        let message = "`#[contract(…)]` is for the contract, and for the variants of its events";
        mistakes.at(attribute, message);
    }
    let Data::Enum(data) = &input.data else { return };
    for attribute in data.variants.iter().flat_map(|variant| &variant.attrs) {
        if attribute.path().is_ident("reply") {
            let message = "an event has no reply: make it an action, or remove this";
            mistakes.at(attribute, message);
        }
    }
}

fn implement_event(events: &Ident, variant: &Variant) -> Option<TokenStream> {
    let Variant { ident, name, .. } = variant;
    let payload = variant.payload.as_ref()?;
    // An error about the payload, such as of one that has a contract already, is told there.
    let span = Span::call_site().located_at(payload.span());
    Some(quote_spanned! {span=>
        #[automatically_derived]
        impl ::gatewire::EventOf<#events> for #payload {
            const NAME: &'static ::core::primitive::str = #name;
        }

        #[automatically_derived]
        impl ::core::convert::From<#payload> for #events {
            fn from(event: #payload) -> Self {
                Self::#ident(event)
            }
        }
    })
}

fn implement_describe(ident: &Ident, variants: &[Variant]) -> TokenStream {
    let events = variants.iter().filter_map(|variant| {
        let Variant { name, docs, .. } = variant;
        let data = variant.payload.as_ref()?;
        let data_name = described::reference(data);
        Some(quote! {
            let data = #data_name;
            description.event::<#data>(#name, #docs, data);
        })
    });
    quote! {
        ::gatewire::__schema! {
            #[automatically_derived]
            impl ::gatewire::describe::DescribeEvents for #ident {
                fn describe(description: &mut ::gatewire::describe::Description) {
                    #(#events)*
                }
            }
        }
    }
}
