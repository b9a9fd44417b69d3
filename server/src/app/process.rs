//! The process of `gatewire serve`: its listener, its reloads, its end.

use std::{
    convert::Infallible,
    error::Error as _,
    fmt::{self, Write as _},
    future::Future,
    io,
    net::SocketAddr,
    path::Path,
};

use tokio::{net::TcpListener, sync::Mutex};

use super::{App, ServeError, certificate::Shown, trust};
use crate::{
    config::{Config, Effect, changes},
    drain::serve_all,
    tls::TlsListener,
};

/// Everything that a file says, listening.
pub struct Process {
    app: App,
    listener: Mutex<Option<TcpListener>>,
    /// Where Prometheus comes.
    metrics: Mutex<Option<TcpListener>>,
    shown: Option<Shown>,
    config: Mutex<Config>,
    /// What is told when it has started.
    summary: String,
}

impl Process {
    /// Gets the certificate, listens, and starts the [`App`].
    pub async fn start(mut config: Config) -> Result<Self, ServeError> {
        let shown = Shown::start(&config)?;
        // Port 0 is any that is free, and functions are told which.
        let listener;
        (listener, config.server.listen) = bind(config.server.listen).await?;
        let mut metrics_listener = None;
        if let Some(metrics) = &mut config.metrics {
            let (listener, bound) = bind(metrics.listen).await?;
            (metrics_listener, metrics.listen) = (Some(listener), bound);
        }
        let authority = shown.as_ref().and_then(|shown| shown.certificate.authority());
        let summary = summary(&config, authority.as_deref());
        let trusted = authority.as_deref().map(trust::bundle).transpose();
        let app = App::start(config.clone(), trusted.map_err(ServeError::Trust)?)?;
        let (listener, metrics) = (Mutex::new(Some(listener)), Mutex::new(metrics_listener));
        let config = Mutex::new(config);
        Ok(Self { app, listener, metrics, shown, config, summary })
    }

    /// Serves until `shutdown` resolves, then drains: sockets first, then queues and functions.
    pub async fn serve(&self, shutdown: impl Future<Output = ()> + Send) -> io::Result<()> {
        let Some(listener) = self.listener.lock().await.take() else {
            return Err(io::Error::other("it is served already"));
        };
        let gateways: Vec<_> = self.app.stages().values().cloned().collect();
        let router = self.app.router();
        let api = async {
            match &self.shown {
                Some(Shown { certificate, .. }) => {
                    let listener = TlsListener::new(listener, certificate);
                    serve_all(listener, router, &gateways, shutdown).await
                }
                None => serve_all(listener, router, &gateways, shutdown).await,
            }
        };
        tokio::select! {
            served = api => served?,
            never = self.serve_metrics() => match never? {},
            never = self.keep_certificate() => match never {},
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

    /// Renews the certificate until the API has drained; never ends.
    async fn keep_certificate(&self) -> Infallible {
        match &self.shown {
            Some(shown) => shown.certificate.keep().await,
            None => std::future::pending().await,
        }
    }

    /// Takes over what can change, and says in the log what has to wait for a restart.
    pub async fn reload(&self, config: Config) {
        let mut current = self.config.lock().await;
        match self.adopt(&config).await {
            Ok(()) => {
                let changes = changes(&current, &config);
                let (now, later): (Vec<_>, Vec<_>) =
                    changes.iter().partition(|change| change.effect == Effect::Reload);
                for change in &later {
                    tracing::warn!(key = change.key, "takes a restart to change");
                }
                tracing::info!(changed = now.len(), "the file is taken over");
                *current = config;
            }
            Err(error) => {
                let source = error.source();
                tracing::error!(%error, source, "the file is not taken over");
            }
        }
    }

    /// Nothing changes when any of it is wrong.
    async fn adopt(&self, config: &Config) -> Result<(), ServeError> {
        let changed = self.shown.as_ref().map(|shown| shown.changed(config)).transpose()?;
        self.app.reload(config.clone()).await?;
        if let (Some(shown), Some(certificate)) = (&self.shown, changed.flatten()) {
            shown.certificate.adopt(&certificate);
        }
        Ok(())
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
