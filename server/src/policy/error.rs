//! Why a policy document is not taken.

/// A policy document cannot be read, or says something that would not be checked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{at}: {problem}")]
pub struct PolicyError {
    /// Where, such as `Statement[1].Action`.
    pub at: String,
    /// What.
    pub problem: Problem,
}

/// What is wrong with a part of a policy document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// It is not of the kind that belongs there.
    #[error("expected {0}")]
    Expected(&'static str),
    /// An element that is not one of a policy attached to a caller.
    #[error("unknown element `{0}`")]
    Unknown(String),
    /// An element that has to be there.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// Two elements of which a statement has one.
    #[error("`{0}` and `Not{0}` exclude each other")]
    Both(&'static str),
    /// A list without anything in it.
    #[error("the list is empty")]
    Empty,
    /// Not an action, such as `execute-api:ManageConnections`.
    #[error("{0:?} is no action; one is `execute-api:ManageConnections`, or `*`")]
    Action(String),
    /// Not an ARN.
    #[error("{0:?} is no resource; one is an ARN, or `*`")]
    Resource(String),
    /// A variable, which would have to be filled in.
    #[error("{0:?} has a policy variable, and those are not supported")]
    Variable(String),
    /// A condition operator that is not supported.
    #[error(
        "the condition `{0}` is not supported; supported are IpAddress, NotIpAddress, \
         StringEquals, StringNotEquals, StringLike and StringNotLike"
    )]
    Operator(String),
    /// A key that this condition cannot be about.
    #[error("the condition `{operator}` on {key:?} is not supported")]
    Key {
        /// The operator.
        operator: String,
        /// The key.
        key: String,
    },
    /// Not a range of addresses.
    #[error("{0:?} is no address and no range of addresses, such as 203.0.113.0/24")]
    Range(String),
}

impl Problem {
    pub(super) fn at(self, at: impl Into<String>) -> PolicyError {
        PolicyError { at: at.into(), problem: self }
    }
}
