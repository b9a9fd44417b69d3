//! `#[derive(Described)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Data, DeriveInput, Fields, Type, parse_quote, visit_mut::VisitMut};

use crate::{docs, variants};

/// Writes the implementation of `Described`: the type's own declaration, which tsify makes, and
/// those of the types it holds.
///
/// tsify's derive names `tsify` and `wasm_bindgen` as the crates around it must know them. It is
/// given a copy of the type in a block where those names lead through gatewire, so that a contract
/// needs neither as a dependency; and without the feature `export` there is nothing at all.
pub(crate) fn expand(input: &DeriveInput) -> TokenStream {
    let ident = &input.ident;
    let name = variants::type_name(ident);
    let copy = copy(input);
    let held = held_types(input);
    let (_, types, _) = input.generics.split_for_impl();
    let parameters: Vec<_> = input.generics.type_params().map(|it| &it.ident).collect();

    let mut generics = input.generics.clone();
    for parameter in generics.type_params_mut() {
        parameter
            .bounds
            .push(parse_quote!(::gatewire::describe::Described));
    }
    let (impl_generics, _, bounds) = generics.split_for_impl();
    quote! {
        ::gatewire::__export! {
            #[automatically_derived]
            impl #impl_generics ::gatewire::describe::Described for #ident #types #bounds {
                fn declare(types: &mut ::gatewire::describe::Types) {
                    #(<#parameters as ::gatewire::describe::Described>::declare(types);)*
                    let declaration = {
                        use ::gatewire::__private::{tsify, wasm_bindgen};
                        #[derive(tsify::Tsify)]
                        #[tsify(missing_as_null, hashmap_as_object)]
                        #[allow(dead_code)]
                        #copy
                        <#ident #types as tsify::Tsify>::DECL
                    };
                    if types.add(#name, declaration) {
                        #(<#held as ::gatewire::describe::Described>::declare(types);)*
                    }
                }
            }
        }
    }
}

/// The type with only the attributes that bear on its TypeScript.
fn copy(input: &DeriveInput) -> DeriveInput {
    struct Attributes;
    impl VisitMut for Attributes {
        fn visit_attributes_mut(&mut self, attributes: &mut Vec<Attribute>) {
            let docs = docs::text(attributes);
            attributes.retain(|attribute| {
                ["serde", "tsify"]
                    .iter()
                    .any(|name| attribute.path().is_ident(name))
            });
            // tsify copies the text of a doc comment as it stands.
            let lines = docs
                .lines()
                .map(|line| format!(" {line}").replace("*/", "*\\/"));
            attributes.extend(lines.map(|line| -> Attribute { parse_quote!(#[doc = #line]) }));
        }
    }
    let mut copy = input.clone();
    Attributes.visit_derive_input_mut(&mut copy);
    copy
}

/// The types of the fields, but for those that are skipped or whose TypeScript is written out.
fn held_types(input: &DeriveInput) -> Vec<&Type> {
    if says(&input.attrs, "tsify", "type") {
        return Vec::new();
    }
    let fields: Vec<&Fields> = match &input.data {
        Data::Struct(data) => vec![&data.fields],
        Data::Enum(data) => data.variants.iter().map(|it| &it.fields).collect(),
        Data::Union(_) => Vec::new(),
    };
    fields
        .into_iter()
        .flatten()
        .filter(|field| {
            !says(&field.attrs, "tsify", "type") && !says(&field.attrs, "serde", "skip")
        })
        .map(|field| &field.ty)
        .collect()
}

/// Whether one of the attributes called `name` has the key.
fn says(attributes: &[Attribute], name: &str, key: &str) -> bool {
    let mut found = false;
    for attribute in attributes.iter().filter(|it| it.path().is_ident(name)) {
        // A mistake in the attribute is for the derive it belongs to.
        let _ = attribute.parse_nested_meta(|meta| {
            found |= meta.path.is_ident(key);
            if meta.input.peek(syn::Token![=]) {
                meta.value()?.parse::<syn::Expr>()?;
            } else if meta.input.peek(syn::token::Paren) {
                meta.parse_nested_meta(|inner| {
                    inner.value()?.parse::<syn::Expr>()?;
                    Ok(())
                })?;
            }
            Ok(())
        });
    }
    found
}
