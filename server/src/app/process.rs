//! The process of `gatewire serve`: its listener, its reloads, its end.

use std::{
    convert::Infallible,
    fmt::{self, Write as _},
    future::Future,
    io,
    net::SocketAddr,
    path::Path,
};

use tokio::{net::TcpListener, sync::Mutex};

use super::{App, ServeError, trust};
use crate::{
    config::{self, Config, changes},
    drain::serve_all,
    tls::{Certificate, TlsListener},
};

/// Everything that a file says, listening.
pub struct Process {
    app: App,
    listener: Mutex<Option<TcpListener>>,
    /// Where Prometheus comes.
    metrics: Mutex<Option<TcpListener>>,
    certificate: Option<Certificate>,
    config: Mutex<Config>,
    /// What is told when it has started.
    summary: String,
}

impl Process {
    /// Gets the certificate, listens, and starts the [`App`].
    pub async fn start(mut config: Config) -> Result<Self, ServeError> {
        let certificate =
            config.server.tls.as_ref().map(|of| certificate(&config, of)).transpose()?;
        // Port 0 is any that is free, and functions are told which.
        let listener;
        (listener, config.server.listen) = bind(config.server.listen).await?;
        let mut metrics_listener = None;
        if let Some(metrics) = &mut config.metrics {
            let (listener, bound) = bind(metrics.listen).await?;
            (metrics_listener, metrics.listen) = (Some(listener), bound);
        }
        let authority = certificate.as_ref().and_then(Certificate::authority);
        let summary = summary(&config, authority.as_deref());
        let trusted = authority.as_deref().map(trust::bundle).transpose();
        let app = App::start(config.clone(), trusted.map_err(ServeError::Trust)?)?;
        let (listener, metrics) = (Mutex::new(Some(listener)), Mutex::new(metrics_listener));
        let config = Mutex::new(config);
        Ok(Self { app, listener, metrics, certificate, config, summary })
    }

    /// Serves until `shutdown` resolves, then drains: sockets first, then queues and functions.
    pub async fn serve(&self, shutdown: impl Future<Output = ()> + Send) -> io::Result<()> {
        let Some(listener) = self.listener.lock().await.take() else {
            return Err(io::Error::other("it is served already"));
        };
        let gateways: Vec<_> = self.app.stages().values().cloned().collect();
        let router = self.app.router();
        let api = async {
            match &self.certificate {
                Some(certificate) => {
                    let listener = TlsListener::new(listener, certificate);
                    serve_all(listener, router, &gateways, shutdown).await
                }
                None => serve_all(listener, router, &gateways, shutdown).await,
            }
        };
        tokio::select! {
            served = api => served?,
            never = self.serve_metrics() => match never? {},
        }
        self.app.finish().await;
        Ok(())
    }

    /// Answers Prometheus until the API has drained; never ends.
    async fn serve_metrics(&self) -> io::Result<Infallible> {
        let listener = self.metrics.lock().await.take();
        if let (Some(listener), Some(router)) = (listener, self.app.metrics().await) {
            axum::serve(listener, router).await?;
        }
        std::future::pending().await
    }

    /// Takes over what can change, and says in the log what has to wait for a restart.
    pub async fn reload(&self, config: Config) {
        let mut current = self.config.lock().await;
        let changes = changes(&current, &config);
        if let Some(certificate) = &self.certificate
            && let Err(error) = certificate.reload()
        {
            tracing::error!(%error, "the certificate stays as it is");
        }
        let (now, later): (Vec<_>, Vec<_>) =
            changes.iter().partition(|change| change.effect == config::Effect::Reload);
        for change in &later {
            tracing::warn!(key = change.key, "takes a restart to change");
        }
        match self.app.reload(config.clone()).await {
            Ok(()) => {
                tracing::info!(changed = now.len(), "the file is taken over");
                *current = config;
            }
            Err(error) => tracing::error!(%error, "the file is not taken over"),
        }
    }
}

impl fmt::Display for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.summary)
    }
}

impl fmt::Debug for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Process").field("app", &self.app).finish_non_exhaustive()
    }
}

async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), ServeError> {
    let failed = |source| ServeError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}

/// The certificate that the file asks for.
fn certificate(config: &Config, of: &config::Tls) -> Result<Certificate, ServeError> {
    let folder = config.server.data.join("tls");
    let made = match of {
        config::Tls::Files { certificate, key } => Certificate::files(certificate, key),
        config::Tls::Development => Certificate::development(&folder, names(config)),
    };
    made.map_err(ServeError::Certificate)
}

/// The hosts that clients and functions will ask for.
fn names(config: &Config) -> Vec<String> {
    let advertised = config.server.domain_name.iter();
    let advertised = advertised.map(|name| name.split(':').next().unwrap_or(name).to_owned());
    let own = config.stages.values().flat_map(|stage| stage.domains.iter().cloned());
    advertised.chain(own).collect()
}

/// Where everything is, a line each.
fn summary(config: &Config, authority: Option<&Path>) -> String {
    let address = config.server.listen;
    let tls = if config.server.tls.is_some() { "s" } else { "" };
    let mut text = String::new();
    for name in config.stages.keys() {
        let _infallible = writeln!(text, "stage {name}");
        let _infallible = writeln!(text, "  clients     ws{tls}://{address}/{name}");
        let _infallible =
            writeln!(text, "  management  http{tls}://{address}/{name}/@connections/");
    }
    if let Some(metrics) = &config.metrics {
        let _infallible = writeln!(text, "metrics       http://{}/metrics", metrics.listen);
    }
    if let Some(authority) = authority {
        let _infallible = writeln!(
            text,
            "certificates are our own; trust {} (AWS_CA_BUNDLE, NODE_EXTRA_CA_CERTS, curl --cacert)",
            authority.display()
        );
    }
    text.truncate(text.trim_end().len());
    text
}
