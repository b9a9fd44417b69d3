//! Integers of 64 bits, which JavaScript's numbers do not hold.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

macro_rules! integer {
    ($(#[$docs:meta])* $name:ident $inner:ident $format:literal $pattern:literal) => {
        $(#[$docs])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub $inner);

        impl From<$inner> for $name {
            fn from(value: $inner) -> Self {
                Self(value)
            }
        }

        impl From<$name> for $inner {
            fn from(value: $name) -> Self {
                value.0
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
                let value: Option<$inner> = text.parse().ok();
                // One number has one text: no `+1`, no `007`.
                let value = value.filter(|value| value.to_string() == text);
                let expected = "expected an integer of 64 bits in a string";
                value.map(Self).ok_or_else(|| D::Error::custom(expected))
            }
        }

        #[cfg(feature = "schema")]
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "type": "string",
                    "description": "An integer of 64 bits.",
                    "format": $format,
                    "pattern": $pattern,
                })
            }
        }
    };
}

integer! {
    /// An integer of 64 bits; on the wire a decimal string, in TypeScript a `bigint`.
    Int64 i64 "int64"
    // Digit by digit of 2^63: what a validator that knows no `format` goes by.
    "^(0|-?([1-9][0-9]{0,17}|[1-8][0-9]{18}|9[0-1][0-9]{17}|92[0-1][0-9]{16}|922[0-2][0-9]{15}|9223[0-2][0-9]{14}|92233[0-6][0-9]{13}|922337[0-1][0-9]{12}|92233720[0-2][0-9]{10}|922337203[0-5][0-9]{9}|9223372036[0-7][0-9]{8}|92233720368[0-4][0-9]{7}|922337203685[0-3][0-9]{6}|9223372036854[0-6][0-9]{5}|92233720368547[0-6][0-9]{4}|922337203685477[0-4][0-9]{3}|9223372036854775[0-7][0-9]{2}|922337203685477580[0-6]|9223372036854775807)|-9223372036854775808)$"
}

integer! {
    /// An integer of 64 bits without a sign; on the wire a decimal string, in TypeScript a `bigint`.
    Uint64 u64 "uint64" "^(0|[1-9][0-9]{0,18}|1[0-7][0-9]{18}|18[0-3][0-9]{17}|184[0-3][0-9]{16}|1844[0-5][0-9]{15}|18446[0-6][0-9]{14}|184467[0-3][0-9]{13}|1844674[0-3][0-9]{12}|184467440[0-6][0-9]{10}|1844674407[0-2][0-9]{9}|18446744073[0-6][0-9]{8}|1844674407370[0-8][0-9]{6}|18446744073709[0-4][0-9]{5}|184467440737095[0-4][0-9]{4}|18446744073709550[0-9]{3}|18446744073709551[0-5][0-9]{2}|1844674407370955160[0-9]|1844674407370955161[0-4]|18446744073709551615)$"
}

#[cfg(test)]
mod tests {
    use super::{Int64, Uint64};

    #[test]
    fn every_integer_comes_back() {
        for value in [i64::MIN, -1, 0, i64::MAX] {
            let text = serde_json::to_string(&Int64(value)).unwrap();
            assert_eq!(text, format!("\"{value}\""));
            assert_eq!(serde_json::from_str::<Int64>(&text).unwrap(), Int64(value));
        }
        for text in ["1", "\"\"", "\"+1\"", "\"01\"", "\"-0\"", "\"9223372036854775808\""] {
            assert!(serde_json::from_str::<Int64>(text).is_err(), "{text}");
        }
        assert!(serde_json::from_str::<Uint64>("\"-1\"").is_err());
        assert_eq!(serde_json::from_str::<Uint64>("\"18446744073709551615\"").unwrap().0, u64::MAX);
    }
}
