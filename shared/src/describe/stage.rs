//! What the code that tsify's derive writes needs around it: the names it uses, and nothing behind
//! them. Only the declaration is wanted, a text; the glue for wasm-bindgen beside it is dropped.
//!
//! The names are those of the exact version of `tsify-macros` that the workspace asks for.

/// Stands for the crate `tsify`.
pub mod tsify {
    pub use tsify_macros::Tsify;

    /// Holds the declaration.
    pub trait Tsify {
        /// The type's shadow in JavaScript; none here.
        type JsType;
        /// The TypeScript declaration.
        const DECL: &'static str;
        /// How values would be converted; none are.
        const SERIALIZATION_CONFIG: SerializationConfig;
    }

    /// How values would be converted.
    #[derive(Debug)]
    pub struct SerializationConfig {
        /// `None` as `null`.
        pub missing_as_null: bool,
        /// Maps as objects.
        pub hashmap_as_object: bool,
        /// 64-bit integers as `bigint`.
        pub large_number_types_as_bigints: bool,
    }
}

/// Stands for the crate `wasm_bindgen`.
pub mod wasm_bindgen {
    /// Stands for the traits of conversion, none of which is implemented.
    pub mod convert {
        pub use super::Unused as FromWasmAbi;
        pub use super::Unused as IntoWasmAbi;
        pub use super::Unused as OptionFromWasmAbi;
        pub use super::Unused as OptionIntoWasmAbi;
        pub use super::Unused as RefFromWasmAbi;
        pub use super::Unused as VectorFromWasmAbi;
        pub use super::Unused as VectorIntoWasmAbi;
    }

    /// Stands for the traits of description, none of which is implemented.
    pub mod describe {
        pub use super::Unused as WasmDescribe;
        pub use super::Unused as WasmDescribeVector;
    }

    /// The attribute.
    pub mod prelude {
        pub use gatewire_derive::without_glue as wasm_bindgen;
    }

    /// A name that is imported and never used.
    pub trait Unused {}
}
