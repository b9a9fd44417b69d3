//! What a request is about, as its path says.

use gatewire::ConnectionId;

use super::Problem;

/// A connection or a group.
pub(super) trait Target: Sized + Send {
    /// The path above its name, in ARNs.
    #[cfg(feature = "serve")]
    const FOLDER: &str;
    /// What stands for its name in API Gateway's texts.
    #[cfg(feature = "serve")]
    const PLACEHOLDER: &str;

    /// `name` is decoded.
    fn parse(name: &str) -> Result<Self, Problem>;
}

impl Target for ConnectionId {
    #[cfg(feature = "serve")]
    const FOLDER: &str = "@connections";
    #[cfg(feature = "serve")]
    const PLACEHOLDER: &str = "{connectionId}";

    fn parse(name: &str) -> Result<Self, Problem> {
        name.parse().map_err(|_| Problem::BadId(name.to_owned()))
    }
}

/// The name of a group: any text.
pub(super) struct Group(pub(super) String);

impl Target for Group {
    #[cfg(feature = "serve")]
    const FOLDER: &str = "@groups";
    #[cfg(feature = "serve")]
    const PLACEHOLDER: &str = "{group}";

    fn parse(name: &str) -> Result<Self, Problem> {
        Ok(Self(name.to_owned()))
    }
}
