//! `#[derive(JsonSchema)]`.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{
    Attribute, Data, DeriveInput, Fields, TypePath,
    visit_mut::{self, VisitMut},
};

use crate::{attributes, constraints, mistakes::Mistakes};

/// Has schemars's derive write the implementation of `JsonSchema`.
///
/// That derive takes names for granted: of the prelude, of serde and of schemars. So it is given a
/// copy of the type in a block that has them, and the copy is gone once the derive has read it, see
/// [`gone`]. What the derive wrote remains, and is about the type itself.
pub(crate) fn expand(mut input: DeriveInput) -> TokenStream {
    let mut mistakes = Mistakes::default();
    let names = names(&input);
    constraints::hand_over(&mut input, &mut mistakes);
    let errors = mistakes.into_compile_errors();
    let content = attributes::text_of(&input.attrs, "serde", "content")
        .map(|content| quote!(#[schemars(extend("x-gatewire-content" = #content))]));
    let krate = (!attributes::says(&input.attrs, "schemars", "crate"))
        .then(|| quote!(#[schemars(crate = "::gatewire::__private::schemars")]));
    keep_what_bears_on_the_schema(&mut input);
    quote! {
        #errors
        ::gatewire::__schema! {
            const _: () = {
                #names
                #[derive(::gatewire::__private::schemars::JsonSchema)]
                #krate
                #content
                #[::gatewire::__private::gone]
                #input
            };
        }
    }
}

/// What becomes of the copy of a type that other derives have read.
pub(crate) fn gone() -> TokenStream {
    TokenStream::new()
}

/// Imports the names that schemars's derive takes for granted. Traits come without a name. A name
/// that the type uses is its own, and then only what cannot be mistaken for a type is imported.
fn names(input: &DeriveInput) -> TokenStream {
    let first_words = first_words(input);
    let is_free = |name: &str| first_words.iter().all(|word| word != name);
    let some = if is_free("Some") {
        quote!(::core::option::Option::Some)
    } else {
        quote!(::gatewire::__private::some as Some)
    };
    let imports = [
        Some(some),
        is_free("None").then(|| quote!(::core::option::Option::None)),
        is_free("serde").then(|| quote!(::gatewire::__private::serde)),
    ];
    let imports = imports.iter().flatten();
    quote! {
        #[allow(unused_imports)]
        use ::gatewire::__private::prelude::{
            Default as _, From as _, Into as _, IntoIterator as _, Iterator as _, ToOwned as _,
            ToString as _,
        };
        #(
            #[allow(unused_imports)]
            use #imports;
        )*
    }
}

/// The name of the type, and the words that the paths of its fields' types begin with.
fn first_words(input: &DeriveInput) -> Vec<Ident> {
    struct Find(Vec<Ident>);
    impl VisitMut for Find {
        fn visit_type_path_mut(&mut self, path: &mut TypePath) {
            if let (None, Some(first)) = (path.path.leading_colon, path.path.segments.first()) {
                self.0.push(first.ident.clone());
            }
            visit_mut::visit_type_path_mut(self, path);
        }
    }
    let mut find = Find(vec![input.ident.clone()]);
    find.visit_data_mut(&mut input.data.clone());
    find.0
}

/// Leaves out the attributes of everyone but serde and schemars.
fn keep_what_bears_on_the_schema(input: &mut DeriveInput) {
    let keep = |attributes: &mut Vec<Attribute>| {
        let kept = ["serde", "schemars", "doc", "deprecated"];
        attributes.retain(|it| kept.iter().any(|name| it.path().is_ident(name)));
    };
    let keep_of_fields = |fields: &mut Fields| fields.iter_mut().for_each(|it| keep(&mut it.attrs));
    keep(&mut input.attrs);
    match &mut input.data {
        Data::Struct(data) => keep_of_fields(&mut data.fields),
        Data::Enum(data) => {
            for variant in &mut data.variants {
                keep(&mut variant.attrs);
                keep_of_fields(&mut variant.fields);
            }
        }
        Data::Union(_) => {}
    }
}
