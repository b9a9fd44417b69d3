//! `#[derive(Contract)]`.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{DeriveInput, Ident, LitStr, Type, parse_quote, spanned::Spanned as _};

use crate::{
    described, docs, exported,
    mistakes::Mistakes,
    names,
    variants::{self, Variant},
};

/// Writes the implementations of `Contract`, `ServedBy` and `Describe` for the enum, and those of
/// `Action` and `From` for each payload.
pub(crate) fn expand(input: &DeriveInput) -> TokenStream {
    let mut mistakes = Mistakes::default();
    let options = Options::read(input, &mut mistakes);
    let Some(variants) = variants::read(input, "Contract", &mut mistakes) else {
        return mistakes.into_compile_errors().unwrap_or_default();
    };
    let errors = mistakes.into_compile_errors();

    let ident = &input.ident;
    let contract = implement_contract(ident, &options, &variants);
    let served_by = implement_served_by(ident, &variants);
    let describe = implement_describe(input, &options, &variants);
    let actions = variants.iter().filter_map(|variant| implement_action(ident, variant));
    quote! {
        #errors
        #contract
        #served_by
        #(#actions)*
        #describe
    }
}

/// What `#[contract(…)]` says on the enum.
struct Options {
    name: String,
    events: Type,
}

impl Options {
    fn read(input: &DeriveInput, mistakes: &mut Mistakes) -> Self {
        let (mut name, mut events) = (None, None);
        let allowed = ["events", "rename"];
        variants::keys(&input.attrs, &allowed, mistakes, |key, meta| {
            match key {
                "events" => events = Some(meta.value()?.parse()?),
                _ => name = Some(meta.value()?.parse::<LitStr>()?.value()),
            }
            Ok(())
        });
        if events.is_none() {
            let message = "say what the server may push: `#[contract(events = …)]` names an enum \
                           that derives `Events`, or is `()` for none";
            mistakes.at(&input.ident, message);
        }
        let name = name.unwrap_or_else(|| names::lower_camel(&input.ident));
        if !names::names_a_const(&name) {
            let message = format!(
                "`{name}` cannot name the contract in JavaScript: `#[contract(rename = \"…\")]` \
                 gives it another name"
            );
            mistakes.at(&input.ident, message);
        }
        let events = events.unwrap_or_else(|| parse_quote!(()));
        Self { name, events }
    }
}

fn implement_contract(ident: &Ident, options: &Options, variants: &[Variant]) -> TokenStream {
    let Options { name, events } = options;
    let exported = exported::fingerprint(name).into_iter();
    let routes = variants.iter().map(|variant| &variant.name);
    let decode = variants.iter().filter_map(|variant| {
        let (ident, name, payload) = (&variant.ident, &variant.name, variant.payload.as_ref()?);
        Some(quote! {
            #name => ::gatewire::contract::decode::<#payload>(payload).map(Self::#ident),
        })
    });
    let route = variants.iter().map(|variant| {
        let (ident, name) = (&variant.ident, &variant.name);
        quote!(Self::#ident { .. } => #name,)
    });
    let route = or_never(&route.collect::<Vec<_>>(), &quote!(*self));
    quote! {
        #[automatically_derived]
        impl ::gatewire::Contract for #ident {
            type Events = #events;
            const NAME: &'static ::core::primitive::str = #name;
            const ROUTES: &'static [&'static ::core::primitive::str] = &[#(#routes),*];

            ::gatewire::__schema! {
                fn check(
                    route: &::core::primitive::str,
                    payload: &::gatewire::__private::RawValue,
                ) -> ::gatewire::Result<()> {
                    static SHAPES: ::gatewire::shape::Lazy = ::gatewire::shape::Lazy::new();
                    SHAPES.check::<Self>(route, payload.get())
                }
            }

            ::gatewire::__fingerprint! { #name #(#exported)* }

            fn decode(
                route: &::core::primitive::str,
                payload: &::gatewire::__private::RawValue,
            ) -> ::gatewire::Result<Self> {
                match route {
                    #(#decode)*
                    _ => ::gatewire::contract::unknown_action(route),
                }
            }

            fn route(&self) -> &'static ::core::primitive::str {
                #route
            }
        }
    }
}

/// The bound is flat, one `Handle` per action, so that rustc names the one that is missing.
fn implement_served_by(ident: &Ident, variants: &[Variant]) -> TokenStream {
    let bounds = variants.iter().filter_map(|variant| {
        let payload = variant.payload.as_ref()?;
        let span = variant.ident.span();
        Some(quote_spanned!(span=> H: ::gatewire::Handle<#payload>,))
    });
    let arms = variants.iter().map(|variant| {
        let ident = &variant.ident;
        if variant.payload.is_some() {
            quote!(Self::#ident(action) => ::gatewire::handle::answer(app, action, cx).await,)
        } else {
            quote!(Self::#ident { .. } => ::core::unreachable!(),)
        }
    });
    let serve = or_never(&arms.collect::<Vec<_>>(), &quote!(self));
    quote! {
        #[automatically_derived]
        impl<H> ::gatewire::ServedBy<H> for #ident
        where
            H: ::core::marker::Sync,
            #(#bounds)*
        {
            async fn serve(
                self,
                app: &H,
                cx: ::gatewire::Context<Self>,
            ) -> ::gatewire::Result<::gatewire::__private::Box<::gatewire::__private::RawValue>> {
                #serve
            }
        }
    }
}

fn implement_action(contract: &Ident, variant: &Variant) -> Option<TokenStream> {
    let Variant { ident, name, .. } = variant;
    let payload = variant.payload.as_ref()?;
    let reply = reply(variant);
    // An error about the payload, such as of one that has a contract already, is told there.
    let span = Span::call_site().located_at(payload.span());
    Some(quote_spanned! {span=>
        #[automatically_derived]
        impl ::gatewire::Action for #payload {
            type Contract = #contract;
            type Reply = #reply;
            const ROUTE: &'static ::core::primitive::str = #name;
        }

        #[automatically_derived]
        impl ::core::convert::From<#payload> for #contract {
            fn from(action: #payload) -> Self {
                Self::#ident(action)
            }
        }
    })
}

fn implement_describe(input: &DeriveInput, options: &Options, variants: &[Variant]) -> TokenStream {
    let Options { name, events } = options;
    let ident = &input.ident;
    let type_name = names::in_typescript(ident);
    let docs = docs::text(&input.attrs);
    let actions = variants.iter().filter_map(|variant| {
        let Variant { name, docs, .. } = variant;
        let (data, reply) = (variant.payload.as_ref()?, reply(variant));
        let data_name = described::reference(data);
        let reply_name = described::reference(&reply);
        Some(quote! {
            let data = #data_name;
            let reply = #reply_name;
            description.action::<#data, #reply>(#name, #docs, data, reply);
        })
    });
    quote! {
        ::gatewire::__schema! {
            #[automatically_derived]
            impl ::gatewire::describe::Describe for #ident {
                fn describe() -> ::gatewire::describe::Description {
                    let mut description = ::gatewire::describe::Description::new(
                        ::core::env!("CARGO_PKG_NAME"),
                        #type_name,
                        #name,
                        #docs,
                    );
                    #(#actions)*
                    <#events as ::gatewire::describe::DescribeEvents>::describe(&mut description);
                    description
                }
            }
        }
    }
}

fn reply(variant: &Variant) -> Type {
    variant.reply.clone().unwrap_or_else(|| parse_quote!(()))
}

/// A match on `self`; on an enum without variants, one that says that there is none.
fn or_never(arms: &[TokenStream], never: &TokenStream) -> TokenStream {
    if arms.is_empty() { quote!(match #never {}) } else { quote!(match self { #(#arms)* }) }
}
