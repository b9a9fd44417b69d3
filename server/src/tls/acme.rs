//! Certificates by ACME (RFC 8555), such as Let's Encrypt's.
//!
//! | module | does |
//! |---|---|
//! | here | asks for a certificate when one is due, and shows it |
//! | `schedule` | when one is due, and when to ask again after a failure |
//! | `account` | who asks |
//! | `order` | from names to a certificate |
//! | `challenge` | the proof that the names are ours: TLS-ALPN-01 (RFC 8737) |
//! | `http` | the requests |
//! | `store` | what is kept on disk |

mod account;
pub(super) mod challenge;
mod error;
mod http;
mod order;
mod schedule;
mod store;

use std::{
    convert::Infallible,
    error::Error as _,
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use rustls::sign::CertifiedKey;

use super::{CertificateError, Validity, file, resolver::Resolver, validity::covers};
use crate::{id::random_within, reasons::reasons};
use error::AcmeError;
use http::Http;
use schedule::{SCHEDULE, Schedule};
use store::Kept;

/// How long it may take to get a certificate. Ours: a busy server takes a minute.
const ATTEMPT: Duration = Duration::from_mins(5);
/// For how long the clock is not looked at. A machine that slept is late by this much.
const LOOK: Duration = Duration::from_hours(1);

/// Whom to ask for a certificate, and for which names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcmeSettings {
    /// The names that the certificate is for, all in one.
    pub domains: Vec<String>,
    /// Where the server writes to when something is wrong with an account: `mailto:` URLs.
    pub contact: Vec<String>,
    /// The URL of the server's directory. Whoever asks there agrees to its terms of service.
    pub directory: String,
    /// A PEM file with the authorities that the server's own certificate may come from. Absent:
    /// those that the machine trusts.
    pub directory_ca: Option<PathBuf>,
    /// Where accounts and certificates are kept, in a folder for each directory.
    pub folder: PathBuf,
}

/// A certificate that a server gives.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Acme {
    settings: AcmeSettings,
    schedule: Schedule,
    kept: Kept,
}

impl Acme {
    pub(super) fn new(settings: AcmeSettings) -> Self {
        Self::with_schedule(settings, SCHEDULE)
    }

    pub(super) fn with_schedule(settings: AcmeSettings, schedule: Schedule) -> Self {
        let kept = Kept::of(&settings.folder, &settings.directory);
        Self { settings, schedule, kept }
    }

    /// What was got before, if that has not ended.
    pub(super) fn read(&self, now: SystemTime) -> Option<CertifiedKey> {
        let (kept, _) = self.kept_at(now)?;
        Some(kept)
    }

    fn kept_at(&self, now: SystemTime) -> Option<(CertifiedKey, Validity)> {
        let kept = self.kept.certificate()?;
        let validity = Validity::of(&kept.cert[0]).ok()?;
        (now < validity.until).then_some((kept, validity))
    }

    /// Gets a certificate whenever one is due, and shows it.
    pub(super) async fn keep(&self, resolver: &Resolver) -> Infallible {
        let mut due = self.first_due(SystemTime::now());
        let mut failures: u32 = 0;
        loop {
            wait_until(due).await;
            due = match self.attempt(resolver).await {
                Ok(validity) => {
                    failures = 0;
                    self.schedule.after_success(SystemTime::now(), validity)
                }
                Err((error, asked)) => {
                    failures = failures.saturating_add(1);
                    let pause = self.schedule.after_failure(failures, asked, random_within);
                    self.tell(&error, failures, pause);
                    SystemTime::now() + pause
                }
            };
        }
    }

    /// When the certificate that is kept is to be renewed; at once, if it is not for all names.
    fn first_due(&self, now: SystemTime) -> SystemTime {
        let names = &self.settings.domains;
        let why = match self.kept_at(now) {
            Some((kept, validity)) if covers(&kept.cert[0], names) => {
                return schedule::renewal(validity);
            }
            Some(_) => "the certificate is not for all names; asking for one that is",
            None => {
                "there is no certificate yet; asking for one and refusing handshakes until then"
            }
        };
        tracing::info!(directory = self.settings.directory, domains = names.join(" "), "{why}");
        now
    }

    /// One attempt; where it fails, with how long the server wants to be left alone.
    async fn attempt(
        &self,
        resolver: &Resolver,
    ) -> Result<Validity, (AcmeError, Option<Duration>)> {
        let http = self.http().map_err(|error| (error, None))?;
        let attempt = tokio::time::timeout(ATTEMPT, self.renew(resolver, http.clone()));
        let done = attempt.await.unwrap_or(Err(AcmeError::Late(ATTEMPT)));
        done.map_err(|error| (error, http.asked()))
    }

    fn http(&self) -> Result<Http, AcmeError> {
        let file = self.settings.directory_ca.as_deref();
        let read = |file: &Path| {
            fs::read(file).map_err(|source| CertificateError::Read { file: file.into(), source })
        };
        let authorities = file.map(read).transpose()?;
        Http::new(authorities.as_deref()).map_err(|error| {
            AcmeError::Unreachable(self.settings.directory.clone(), reasons(&error))
        })
    }

    async fn renew(&self, resolver: &Resolver, http: Http) -> Result<Validity, AcmeError> {
        let names = &self.settings.domains;
        let account = account::account(&self.settings, &self.kept, http).await?;
        let pem = match order::order(&account, names, resolver).await {
            Err(error) if error.is_account_gone() => {
                self.kept.forget_account()?;
                return Err(error);
            }
            ordered => ordered?,
        };
        let place = self.kept.certificate_file();
        let certified = file::certified((&place, pem.as_bytes()), (&place, pem.as_bytes()))?;
        let validity = Validity::of(&certified.cert[0])
            .map_err(|source| CertificateError::Unusable { file: place, source })?;
        if !covers(&certified.cert[0], names) {
            return Err(AcmeError::OtherNames(names.clone()));
        }
        if let Err(error) = self.kept.keep_certificate(&pem) {
            let source = error.source();
            tracing::error!(%error, source, "the certificate is used, and gone with a restart");
        }
        resolver.replace(certified.into());
        let until = jiff::Timestamp::try_from(validity.until).unwrap_or(jiff::Timestamp::MAX);
        tracing::info!(domains = names.join(" "), %until, "there is a new certificate");
        Ok(validity)
    }

    fn tell(&self, error: &AcmeError, failures: u32, pause: Duration) {
        tracing::error!(
            %error,
            source = error.source(),
            directory = self.settings.directory,
            failures,
            next_attempt_in = ?Duration::from_secs(pause.as_secs()),
            "no certificate by ACME"
        );
    }
}

/// Waits by the clock on the wall, which goes on while a machine sleeps. The timers' clock may not,
/// so no timer is trusted with more than [`LOOK`].
async fn wait_until(due: SystemTime) {
    while let Ok(rest) = due.duration_since(SystemTime::now()) {
        if rest.is_zero() {
            return;
        }
        tokio::time::sleep(rest.min(LOOK)).await;
    }
}

#[cfg(test)]
mod tests;
