//! The certificate of a process: as its file asks for it, and as a changed file does.

use std::{
    mem::{Discriminant, discriminant},
    path::PathBuf,
};

use super::ServeError;
#[cfg(feature = "acme")]
use crate::tls::AcmeSettings;
use crate::{
    config::{Config, Tls, hosts},
    tls::Certificate,
};

/// The certificate that is shown.
pub(super) struct Shown {
    pub(super) certificate: Certificate,
    began: Began,
}

/// What takes a restart to change, as it was when the process began.
struct Began {
    mode: Discriminant<Tls>,
    /// Where certificates are kept.
    folder: PathBuf,
    /// What handlers are told that we are called.
    domain_name: Option<String>,
}

impl Shown {
    /// Gets the certificate, if the file asks for one.
    pub(super) fn start(config: &Config) -> Result<Option<Self>, ServeError> {
        let Some(tls) = &config.server.tls else { return Ok(None) };
        let began = Began {
            mode: discriminant(tls),
            folder: config.server.data.join("tls"),
            domain_name: config.server.domain_name.clone(),
        };
        Ok(Some(Self { certificate: began.certificate(tls, config)?, began }))
    }

    /// The certificate of a changed file, to be [adopted](Certificate::adopt). None if it asks for
    /// another mode.
    pub(super) fn changed(&self, config: &Config) -> Result<Option<Certificate>, ServeError> {
        let tls = config.server.tls.as_ref().filter(|tls| discriminant(*tls) == self.began.mode);
        tls.map(|tls| self.began.certificate(tls, config)).transpose()
    }
}

impl Began {
    fn certificate(&self, tls: &Tls, config: &Config) -> Result<Certificate, ServeError> {
        let names = hosts(self.domain_name.as_deref(), &config.stages);
        let made = match tls {
            Tls::Files { certificate, key } => Certificate::files(certificate, key),
            Tls::Development => Certificate::development(&self.folder, names),
            #[cfg(feature = "acme")]
            Tls::Acme(acme) => Certificate::acme(self.acme(acme, &names)),
            #[cfg(not(feature = "acme"))]
            Tls::Acme(_) => {
                let problem = crate::config::WITHOUT_ACME.to_owned();
                return Err(ServeError::Value { key: "server.tls.mode".to_owned(), problem });
            }
        };
        made.map_err(ServeError::Certificate)
    }

    #[cfg(feature = "acme")]
    fn acme(&self, acme: &crate::config::Acme, names: &[String]) -> AcmeSettings {
        AcmeSettings {
            domains: acme.names(names),
            contact: acme.contact.clone(),
            directory: acme.directory.clone(),
            directory_ca: acme.directory_ca.clone(),
            folder: self.folder.join("acme"),
        }
    }
}
