//! The client that all integrations share, with its pool of connections.

use std::time::Duration;

/// How long a connection that nobody uses stays open.
const IDLE: Duration = Duration::from_mins(1);

/// A client as a gateway needs it: it follows no redirects and asks no proxy, because what answers
/// is said by the configuration and by nothing else.
pub fn http_client() -> Result<reqwest::Client, reqwest::Error> {
    // TLS needs a provider for the whole process; another one that is there already will do.
    let _installed = rustls::crypto::aws_lc_rs::default_provider().install_default();
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .no_proxy()
        .pool_idle_timeout(IDLE)
        .build()
}
