//! A certificate with its key, from where it comes, and its replacement while the server runs.

use std::{
    convert::Infallible,
    fmt, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

use rustls::{pki_types::pem, sign::CertifiedKey};
use tokio::sync::watch;

#[cfg(feature = "acme")]
use super::acme::{Acme, AcmeSettings};
use super::{development::Development, file, resolver::Resolver, validity::Validity};

/// The certificate a server shows. Clones are the same certificate: what one reloads, all have.
#[derive(Clone)]
pub struct Certificate {
    source: Arc<watch::Sender<Arc<Source>>>,
    pub(super) resolver: Arc<Resolver>,
}

/// Where it comes from.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Source {
    Files {
        certificate: PathBuf,
        key: PathBuf,
    },
    Development(Development),
    #[cfg(feature = "acme")]
    Acme(Acme),
}

impl Certificate {
    /// From two PEM files: the chain, the server's own certificate first, and its private key
    /// (PKCS #8, PKCS #1 or SEC 1). A certificate that has expired is shown all the same, with a
    /// warning in the log.
    pub fn files(
        certificate: impl Into<PathBuf>,
        key: impl Into<PathBuf>,
    ) -> Result<Self, CertificateError> {
        Self::load(Source::Files { certificate: certificate.into(), key: key.into() })
    }

    /// For development: signed by an authority that is made on the first start and kept in
    /// `folder`. It is good for `localhost`, `127.0.0.1`, `::1` and `names` (a port in them is
    /// ignored), and made anew when one of these is not in it or a third of its year is left.
    ///
    /// Clients trust it when they are given [`authority`](Self::authority).
    pub fn development(
        folder: impl Into<PathBuf>,
        names: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Result<Self, CertificateError> {
        Self::load(Source::Development(Development::new(folder.into(), names)))
    }

    /// From an ACME server: what was got before, and new ones as long as [`keep`](Self::keep) is
    /// polled, which asks for the first one, too. Until that is there, handshakes are refused.
    #[cfg(feature = "acme")]
    pub fn acme(settings: AcmeSettings) -> Result<Self, CertificateError> {
        Self::load(Source::Acme(Acme::new(settings)))
    }

    /// Takes the newest certificate from the source, for the handshakes that follow. When that one
    /// is bad, the present one stays.
    pub fn reload(&self) -> Result<(), CertificateError> {
        let certified = self.source.borrow().read(SystemTime::now())?;
        if let Some(certified) = certified {
            self.resolver.replace(certified.into());
        }
        Ok(())
    }

    /// Shows from now on what `other` shows, and takes it from where that one does.
    pub fn adopt(&self, other: &Self) {
        if let Some(certified) = other.resolver.current() {
            self.resolver.replace(certified);
        }
        let source = other.source.borrow().clone();
        self.source.send_if_modified(|present| {
            let is_other = *present != source;
            *present = source;
            is_other
        });
    }

    /// Renews it in time, as long as this is polled. Of files nothing is renewed: whoever replaces
    /// them says so by [`reload`](Self::reload).
    pub async fn keep(&self) -> Infallible {
        let mut sources = self.source.subscribe();
        loop {
            let source = sources.borrow_and_update().clone();
            tokio::select! {
                never = source.keep(&self.resolver) => match never {},
                changed = sources.changed() => changed.expect("the sender is in `self`"),
            }
        }
    }

    /// Of a development certificate, the PEM file of its authority. Clients get it by
    /// `AWS_CA_BUNDLE` (boto3, AWS CLI), `NODE_EXTRA_CA_CERTS` (Node), `SSL_CERT_FILE` or
    /// `curl --cacert`.
    #[must_use]
    pub fn authority(&self) -> Option<PathBuf> {
        match &**self.source.borrow() {
            Source::Development(development) => Some(development.authority()),
            Source::Files { .. } => None,
            #[cfg(feature = "acme")]
            Source::Acme(_) => None,
        }
    }

    pub(super) fn load(source: Source) -> Result<Self, CertificateError> {
        let source = watch::Sender::new(Arc::new(source));
        let certificate = Self { source: Arc::new(source), resolver: Arc::default() };
        certificate.reload()?;
        Ok(certificate)
    }
}

impl Source {
    /// What there is to be shown. Only of an ACME server there may be nothing yet.
    fn read(&self, now: SystemTime) -> Result<Option<CertifiedKey>, CertificateError> {
        match self {
            Self::Files { certificate, key } => {
                let certified = file::load(certificate, key)?;
                warn_if_expired(certificate, &certified, now)?;
                Ok(Some(certified))
            }
            Self::Development(development) => development.read(now).map(Some),
            #[cfg(feature = "acme")]
            Self::Acme(acme) => Ok(acme.read(now)),
        }
    }

    async fn keep(&self, resolver: &Resolver) -> Infallible {
        match self {
            Self::Files { .. } => std::future::pending().await,
            Self::Development(development) => development.keep(resolver).await,
            #[cfg(feature = "acme")]
            Self::Acme(acme) => acme.keep(resolver).await,
        }
    }
}

fn warn_if_expired(
    file: &Path,
    certified: &CertifiedKey,
    now: SystemTime,
) -> Result<(), CertificateError> {
    let validity = Validity::of(&certified.cert[0])
        .map_err(|source| CertificateError::Unusable { file: file.into(), source })?;
    if validity.until < now {
        tracing::warn!(certificate = %file.display(), "the certificate has expired");
    } else if now < validity.from {
        tracing::warn!(certificate = %file.display(), "the certificate is not valid yet");
    }
    Ok(())
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate").field("source", &self.source.borrow()).finish_non_exhaustive()
    }
}

/// Why there is no certificate. Names the file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// The file is missing or may not be read.
    #[error("{} cannot be read", .file.display())]
    Read {
        /// Which.
        file: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file or folder of ours cannot be written.
    #[error("{} cannot be written", .file.display())]
    Write {
        /// Which.
        file: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file is damaged.
    #[error("{} is no PEM file", .file.display())]
    Pem {
        /// Which.
        file: PathBuf,
        /// What is wrong with it.
        source: pem::Error,
    },
    /// The file has no `BEGIN CERTIFICATE`.
    #[error("{} has no certificate in it", .0.display())]
    NoCertificate(PathBuf),
    /// The file has no private key.
    #[error("{} has no private key in it", .0.display())]
    NoKey(PathBuf),
    /// Certificate and key are not a pair.
    #[error("the key in {} is not that of the certificate in {}", .key.display(), .certificate.display())]
    Mismatch {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
    },
    /// What the file has is of a kind that TLS cannot use.
    #[error("{} cannot be used", .file.display())]
    Unusable {
        /// Which.
        file: PathBuf,
        /// What TLS says.
        source: rustls::Error,
    },
    /// No certificate can be made for these names.
    #[error("no certificate can be made for {}", .names.join(", "))]
    Names {
        /// All that were asked for.
        names: Vec<String>,
        /// What is wrong.
        source: rcgen::Error,
    },
    /// The authority's key cannot sign.
    #[error("the key in {} cannot sign", .file.display())]
    Sign {
        /// The key's file.
        file: PathBuf,
        /// What is wrong.
        source: rcgen::Error,
    },
}
