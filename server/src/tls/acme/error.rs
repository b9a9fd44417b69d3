//! Why an attempt to get a certificate failed.

use std::{fmt, time::Duration};

use instant_acme::Problem;

use crate::tls::CertificateError;

/// Why there is no new certificate. What the server says is in it as it says it: the detail, and the
/// type in brackets.
#[derive(Debug, thiserror::Error)]
pub(super) enum AcmeError {
    /// The server refuses, or cannot be asked.
    #[error(transparent)]
    Client(#[from] instant_acme::Error),
    /// The file of the server's authorities cannot be used, or no client can be made.
    #[error("{0} cannot be asked: {1}")]
    Unreachable(String, String),
    /// The server could not see for itself whose the names are.
    #[error("the server did not find us at {}", Listed(.0))]
    Unproven(Vec<(String, Problem)>),
    /// It wants another proof.
    #[error("for {0} the server takes no proof by TLS-ALPN-01")]
    NoChallenge(String),
    /// It does not say why.
    #[error("the server rejects the order")]
    Rejected,
    /// It is still not done.
    #[error("there is no certificate after {} seconds", .0.as_secs())]
    Late(Duration),
    /// It gave another certificate than it was asked for.
    #[error("the certificate that came is not for {}", .0.join(", "))]
    OtherNames(Vec<String>),
    /// The certificate for the proof cannot be made.
    #[error("no proof can be made")]
    Answer(#[source] rcgen::Error),
    /// Its key cannot be used.
    #[error("no proof can be made")]
    AnswerKey(#[source] rustls::Error),
    /// The account cannot be kept, or what came is no certificate.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
}

impl AcmeError {
    /// Whether the server does not know the account: it was deleted, or the server began anew.
    pub(super) fn is_account_gone(&self) -> bool {
        const GONE: &str = "urn:ietf:params:acme:error:accountDoesNotExist";
        matches!(self, Self::Client(instant_acme::Error::Api(problem))
            if problem.r#type.as_deref() == Some(GONE))
    }
}

/// What the server found at each name.
struct Listed<'a>(&'a [(String, Problem)]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (name, problem)) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            let detail = problem.detail.as_deref().unwrap_or("no reason given");
            let kind = problem.r#type.as_deref().unwrap_or("no type");
            write!(f, "{separator}{name}: {detail} ({kind})")?;
        }
        Ok(())
    }
}
