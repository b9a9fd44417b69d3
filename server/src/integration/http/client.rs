//! The client that all integrations share, with its pool of connections.

use std::time::Duration;

use crate::tls::install_provider;

/// How long a connection that nobody uses stays open.
const IDLE: Duration = Duration::from_mins(1);

/// A client as a gateway needs it: it follows no redirects and asks no proxy, because what answers
/// is said by the configuration and by nothing else.
pub fn http_client() -> Result<reqwest::Client, reqwest::Error> {
    install_provider();
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .no_proxy()
        .pool_idle_timeout(IDLE)
        .build()
}
