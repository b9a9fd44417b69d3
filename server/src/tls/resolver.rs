//! Which certificate a handshake gets: the newest.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use rustls::{
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};

/// The certificate in use. Replacing it concerns the handshakes that follow; open connections keep
/// what they have.
#[derive(Debug, Default)]
pub(super) struct Resolver {
    /// Nothing until the first one is loaded.
    current: ArcSwapOption<CertifiedKey>,
}

impl Resolver {
    pub(super) fn current(&self) -> Option<Arc<CertifiedKey>> {
        self.current.load_full()
    }

    pub(super) fn replace(&self, certified: Arc<CertifiedKey>) {
        self.current.store(Some(certified));
    }
}

impl ResolvesServerCert for Resolver {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        // One certificate, whatever name the client asks for.
        self.current()
    }
}
