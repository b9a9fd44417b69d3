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
    /// What an ACME server is shown instead, by the name that it looks at.
    #[cfg(feature = "acme")]
    answers: dashmap::DashMap<String, Arc<CertifiedKey>>,
}

impl Resolver {
    pub(super) fn current(&self) -> Option<Arc<CertifiedKey>> {
        self.current.load_full()
    }

    pub(super) fn replace(&self, certified: Arc<CertifiedKey>) {
        self.current.store(Some(certified));
    }
}

#[cfg(feature = "acme")]
impl Resolver {
    /// Shows this certificate to an ACME server that looks at the name, until what is returned is
    /// dropped.
    pub(super) fn answer(&self, name: String, certified: CertifiedKey) -> Answering<'_> {
        self.answers.insert(name.clone(), Arc::new(certified));
        Answering { resolver: self, name }
    }

    fn answer_at(&self, name: &str) -> Option<Arc<CertifiedKey>> {
        self.answers.get(&name.to_ascii_lowercase()).map(|answer| answer.clone())
    }
}

/// An ACME server may look at this name.
#[cfg(feature = "acme")]
pub(super) struct Answering<'a> {
    resolver: &'a Resolver,
    name: String,
}

#[cfg(feature = "acme")]
impl Drop for Answering<'_> {
    fn drop(&mut self) {
        self.resolver.answers.remove(&self.name);
    }
}

impl ResolvesServerCert for Resolver {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        #[cfg(feature = "acme")]
        if super::acme::challenge::is_asked_for(&hello) {
            return hello.server_name().and_then(|name| self.answer_at(name));
        }
        // One certificate, whatever name the client asks for.
        let _ = hello;
        self.current()
    }
}
