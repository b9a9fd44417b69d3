//! Moments.

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

/// A moment: milliseconds since 1970-01-01T00:00:00Z, as a number on the wire.
///
/// A number rather than RFC 3339 text, because it is what `Date.now()` gives and `new Date` takes,
/// has one form per moment, and is checked on both ends without a parser of dates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The last moment that JavaScript's `Date` has, in the year 275760; the first is as far from
    /// 1970 (ECMA-262, time values).
    pub const MAX: Self = Self(8_640_000_000_000_000);

    /// The moment this many milliseconds after 1970. `None` beyond what a `Date` holds.
    #[must_use]
    pub fn from_millis(millis: i64) -> Option<Self> {
        (-Self::MAX.0..=Self::MAX.0).contains(&millis).then_some(Self(millis))
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub fn as_millis(self) -> i64 {
        self.0
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let millis = i64::deserialize(deserializer)?;
        let expected = "expected milliseconds since 1970 that a `Date` holds";
        Self::from_millis(millis).ok_or_else(|| D::Error::custom(expected))
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Timestamp {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Timestamp".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "integer",
            "description": "A moment, in milliseconds since 1970 in UTC.",
            "minimum": -Self::MAX.0,
            "maximum": Self::MAX.0,
        })
    }
}
