//! TLS in front of the gateway: a [`Certificate`], and the [`TlsListener`] that serves with it.
//!
//! TLS 1.2 and 1.3 with aws-lc-rs, which a listener is given and takes from nowhere else. The
//! only protocol offered is HTTP/1.1, because a WebSocket begins with its upgrade; an ACME server gets
//! to see the proof that it asked for, and nothing more.

#[cfg(feature = "acme")]
mod acme;
mod certificate;
mod development;
mod file;
mod listener;
mod resolver;
mod validity;

use std::sync::Arc;

use rustls::crypto::{CryptoProvider, aws_lc_rs};

#[cfg(feature = "acme")]
pub use acme::AcmeSettings;
pub use certificate::{Certificate, CertificateError};
pub use listener::TlsListener;
pub use validity::Validity;

/// What does the cryptography.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

/// Installs it for the whole process, from where HTTP clients take it. Another one that is there
/// already will do.
pub(crate) fn install_provider() {
    let _installed = aws_lc_rs::default_provider().install_default();
}

#[cfg(test)]
mod tests;
