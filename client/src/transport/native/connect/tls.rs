//! rustls with aws-lc-rs, the platform's root certificates, and those that the application adds.

use std::{fmt::Display, io, sync::Arc};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, pem::PemObject},
};
use tokio::{sync::OnceCell, task::spawn_blocking};
use tokio_tungstenite::{
    Connector as Agreed, connect_async_tls_with_config,
    tungstenite::{client::uri_mode, handshake::client::Request, stream::Mode},
};

use super::{Failure, Stream};

/// Whose certificates count beside those that the platform trusts; or why that cannot be said.
#[derive(Clone)]
pub(crate) struct Trust(Result<Vec<CertificateDer<'static>>, String>);

impl Default for Trust {
    fn default() -> Self {
        Self(Ok(Vec::new()))
    }
}

impl Trust {
    pub(crate) fn add(&mut self, pem: &[u8]) {
        if let Ok(roots) = &mut self.0 {
            match certificates(pem) {
                Ok(more) => roots.extend(more),
                Err(reason) => self.0 = Err(reason),
            }
        }
    }

    fn roots(&self) -> Result<RootCertStore, String> {
        let mut roots = RootCertStore::empty();
        for root in self.0.clone()? {
            roots.add(root).map_err(|error| unusable(&error))?;
        }
        let platform = rustls_native_certs::load_native_certs();
        roots.add_parsable_certificates(platform.certs);
        if roots.is_empty() {
            let reasons = platform.errors;
            return Err(format!("the platform has no root certificates: {reasons:?}"));
        }
        Ok(roots)
    }
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let certificates = certificates.map_err(|error| unusable(&error))?;
    if certificates.is_empty() {
        return Err(unusable(&"it is no certificate in PEM"));
    }
    Ok(certificates)
}

/// Opens sockets over TCP or TLS.
#[derive(Clone)]
pub(crate) struct Connector {
    trust: Trust,
    /// Made for the first `wss://`: it reads the platform's files.
    config: Arc<OnceCell<Arc<ClientConfig>>>,
}

impl Connector {
    pub(crate) fn new(trust: Trust) -> Self {
        Self { trust, config: Arc::default() }
    }

    /// Why nothing can ever be trusted, if so.
    pub(crate) fn check(&self) -> Result<(), String> {
        self.trust.0.as_ref().map(drop).map_err(String::clone)
    }

    pub(crate) async fn connect(&self, request: Request) -> Result<Stream, Failure> {
        let agreed = match uri_mode(request.uri())? {
            Mode::Plain => Agreed::Plain,
            Mode::Tls => Agreed::Rustls(self.config().await.map_err(Failure::Tls)?),
        };
        let opened = connect_async_tls_with_config(request, None, true, Some(agreed)).await?;
        Ok(opened.0)
    }

    async fn config(&self) -> Result<Arc<ClientConfig>, String> {
        let config = self.config.get_or_try_init(async || {
            let trust = self.trust.clone();
            let reading = spawn_blocking(move || trust.roots());
            let roots = reading.await.map_err(|error| error.to_string())??;
            let provider = Arc::new(aws_lc_rs::default_provider());
            let config = ClientConfig::builder_with_provider(provider)
                .with_safe_default_protocol_versions()
                .map_err(|error| error.to_string())?
                .with_root_certificates(roots)
                .with_no_client_auth();
            Ok(Arc::new(config))
        });
        config.await.cloned()
    }
}

/// Whether rustls gave up, and not the network.
pub(super) fn is_about(error: &io::Error) -> bool {
    error.get_ref().and_then(|source| source.downcast_ref::<rustls::Error>()).is_some()
}

fn unusable(reason: &dyn Display) -> String {
    format!("a root certificate cannot be used: {reason}")
}
