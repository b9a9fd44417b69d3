//! Integrations of type `lambda`.

use std::time::Duration;

use super::super::{Located, Secret};

/// A function that is called with the event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lambda {
    /// One that we host.
    Function {
        /// The name of one of the functions.
        function: Located<String>,
        /// How long a call may take: 50 ms to 29 s.
        timeout: Duration,
    },
    /// One behind Lambda's Invoke API.
    Invoke(Invoke),
}

/// A function behind Lambda's Invoke API, ours or somebody else's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invoke {
    /// The function's ARN, or the invocation URI that API Gateway has for it; may have
    /// `${stageVariables.x}` in it.
    pub uri: Located<String>,
    /// Who is asked, such as `http://127.0.0.1:3001`; absent: AWS, in the region of the ARN.
    pub endpoint: Option<String>,
    /// What calls are signed with; absent: they are not signed.
    pub credentials: Option<Credentials>,
    /// How long a call may take: 50 ms to 29 s.
    pub timeout: Duration,
}

/// What calls to AWS are signed with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// The public half.
    pub access_key_id: String,
    /// The secret half.
    pub secret_access_key: Secret,
    /// Of temporary credentials.
    pub session_token: Option<Secret>,
}
