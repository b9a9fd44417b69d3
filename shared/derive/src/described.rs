//! `#[derive(Described)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{
    Attribute, Data, DeriveInput, Field, Fields, Item, Type, Variant, Visibility, parse_quote,
    visit_mut::{self, VisitMut},
};

use crate::{attributes, docs, mistakes::Mistakes, names};

/// Writes the implementation of `Described`: the type's own declaration, which tsify makes, and
/// those of the types it holds.
pub(crate) fn expand(input: &DeriveInput) -> TokenStream {
    let mut mistakes = Mistakes::default();
    refuse_second_names(input, &mut mistakes);
    let errors = mistakes.into_compile_errors();
    let ident = &input.ident;
    let name = names::in_typescript(ident);
    let declaration = declaration(input);
    let held = held_types(input);
    let count = input.generics.type_params().count();
    let taken = names::is_rusts_own(&name, count).then(|| quote!(types.taken(#name);));
    let parameters: Vec<_> = input.generics.type_params().map(|it| &it.ident).collect();

    let mut generics = input.generics.clone();
    for parameter in generics.type_params_mut() {
        let bound = parse_quote!(::gatewire::describe::Described);
        parameter.bounds.push(bound);
    }
    let (impl_generics, types, bounds) = generics.split_for_impl();
    quote! {
        #errors
        ::gatewire::__export! {
            #[automatically_derived]
            impl #impl_generics ::gatewire::describe::Described for #ident #types #bounds {
                fn declare(types: &mut ::gatewire::describe::Types) {
                    #taken
                    #(<#parameters as ::gatewire::describe::Described>::declare(types);)*
                    if types.add(#name, #declaration) {
                        #(<#held as ::gatewire::describe::Described>::declare(types);)*
                    }
                }
            }
        }
    }
}

/// An expression: declares the type in `description` and gives TypeScript's reference to it.
///
/// It is what tsify makes of a newtype around the type, so that tsify alone knows how a Rust type
/// is written in TypeScript.
pub(crate) fn reference(target: &Type) -> TokenStream {
    let declaration = declaration(&parse_quote!(struct __Reference(#target);));
    quote! {
        ::gatewire::__reference!({
            <#target as ::gatewire::describe::Described>::declare(&mut description.types);
            ::gatewire::describe::right_side(#declaration)
        })
    }
}

/// An expression: the TypeScript declaration of a type.
///
/// tsify's derive writes paths that begin with `tsify` and `wasm_bindgen`. It is given a copy of
/// the type in a block where those names lead to gatewire's own, see [`without_glue`].
fn declaration(input: &DeriveInput) -> TokenStream {
    let copy = copy(input);
    let ident = &copy.ident;
    let (_, types, _) = copy.generics.split_for_impl();
    quote! {{
        use ::gatewire::__private::{tsify, wasm_bindgen};
        #[derive(tsify::Tsify)]
        #[tsify(missing_as_null, hashmap_as_object)]
        #[allow(dead_code)]
        #copy
        <#ident #types as tsify::Tsify>::DECL
    }}
}

/// What stands for `#[wasm_bindgen]` in the code that tsify's derive writes: only the type that
/// the code goes on to name is left of it.
///
/// The derive writes glue for wasm-bindgen beside each declaration. A contract is exported by a
/// native test that has no use for it; without the glue that test builds neither wasm-bindgen nor
/// js-sys, and the types of a contract may have any names, `From` included.
pub(crate) fn without_glue(item: TokenStream) -> TokenStream {
    match syn::parse2(item) {
        Ok(Item::ForeignMod(_)) => quote!(
            pub struct JsType;
        ),
        _ => TokenStream::new(),
    }
}

/// The type, private, with only the attributes that bear on its TypeScript.
fn copy(input: &DeriveInput) -> DeriveInput {
    struct Copy;
    impl VisitMut for Copy {
        fn visit_visibility_mut(&mut self, visibility: &mut Visibility) {
            *visibility = Visibility::Inherited;
        }

        fn visit_attributes_mut(&mut self, attributes: &mut Vec<Attribute>) {
            let docs = docs::text(attributes);
            attributes.retain(|it| it.path().is_ident("serde") || it.path().is_ident("tsify"));
            // tsify would let a `*/` in the text end the comment.
            let lines = docs.lines().map(|line| line.replace("*/", "*\\/"));
            let lines = lines.map(|line| if line.is_empty() { line } else { format!(" {line}") });
            attributes.extend(lines.map(|line| -> Attribute { parse_quote!(#[doc = #line]) }));
        }
    }
    let mut copy = input.clone();
    Copy.visit_derive_input_mut(&mut copy);
    copy
}

/// What serde reads under a name that no schema and no TypeScript has: both ends would disagree on
/// what a right message is.
fn refuse_second_names(input: &DeriveInput, mistakes: &mut Mistakes) {
    struct Find<'a>(&'a mut Mistakes);
    impl Find<'_> {
        fn refuse(&mut self, attributes: &[Attribute], alias: &str) {
            for attribute in attributes {
                let one = std::slice::from_ref(attribute);
                if attributes::says(one, "serde", "alias") {
                    self.0.at(attribute, alias);
                }
                if attributes::says(one, "serde", "other") {
                    self.0.at(attribute, OTHER);
                }
                for key in ["rename", "rename_all", "rename_all_fields"] {
                    if attributes::lists(one, "serde", key) {
                        let message = format!(
                            "what is written is read under the same name: write \
                             `#[serde({key} = \"…\")]`"
                        );
                        self.0.at(attribute, message);
                    }
                }
            }
        }
    }
    impl VisitMut for Find<'_> {
        fn visit_variant_mut(&mut self, variant: &mut Variant) {
            self.refuse(&variant.attrs, ALIAS_OF_A_VARIANT);
            visit_mut::visit_variant_mut(self, variant);
        }

        fn visit_field_mut(&mut self, field: &mut Field) {
            self.refuse(&field.attrs, ALIAS);
        }
    }
    let mut find = Find(mistakes);
    find.refuse(&input.attrs, ALIAS);
    find.visit_data_mut(&mut input.data.clone());
}

const ALIAS: &str = "a field has one name on the wire: `alias` is read by serde alone. Make it a \
                     field of its own with `#[serde(default)]`, or use `rename`";

const ALIAS_OF_A_VARIANT: &str = "a variant has one name on the wire: `alias` is read by serde \
                                  alone. Make it a variant of its own, or use `rename`";

const OTHER: &str = "a variant has one name on the wire: `other` is read by serde alone. Make the \
                     unknown a variant that holds it, in an untagged enum";

/// The types of the fields, but for those that are skipped or whose TypeScript is written out.
fn held_types(input: &DeriveInput) -> Vec<&Type> {
    if attributes::says(&input.attrs, "tsify", "type") {
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
            !attributes::says(&field.attrs, "tsify", "type")
                && !attributes::says(&field.attrs, "serde", "skip")
        })
        .map(|field| &field.ty)
        .collect()
}
