//! What a request is about, as its path says.

use gatewire::ConnectionId;

use super::Problem;

/// A connection or a group.
pub(super) trait Target: Sized + Send {
    /// The path above its name.
    const FOLDER: &str;
    /// What stands for its name in API Gateway's texts.
    const PLACEHOLDER: &str;

    /// `name` is decoded.
    fn parse(name: &str) -> Result<Self, Problem>;
}

impl Target for ConnectionId {
    const FOLDER: &str = "@connections";
    const PLACEHOLDER: &str = "{connectionId}";

    fn parse(name: &str) -> Result<Self, Problem> {
        name.parse().map_err(|_| Problem::BadId(name.to_owned()))
    }
}

/// The name of a group: any text.
pub(super) struct Group(pub(super) String);

impl Target for Group {
    const FOLDER: &str = "@groups";
    const PLACEHOLDER: &str = "{group}";

    fn parse(name: &str) -> Result<Self, Problem> {
        Ok(Self(name.to_owned()))
    }
}
