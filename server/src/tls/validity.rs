//! From when until when a certificate holds, and for which names.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustls::{
    CertificateError, Error, RootCertStore,
    client::{verify_server_cert_signed_by_trust_anchor, verify_server_name},
    pki_types::{CertificateDer, ServerName, UnixTime},
    server::ParsedCertificate,
};

use super::provider;

/// From when until when a certificate holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// The first moment.
    pub from: SystemTime,
    /// The last moment.
    pub until: SystemTime,
}

impl Validity {
    /// Reads it from the certificate: rustls' verifier, asked about the year 1970 and about one far
    /// away, names both ends in its two refusals. It looks at the time before anything else.
    pub(super) fn of(certificate: &CertificateDer<'_>) -> Result<Self, Error> {
        let parsed = ParsedCertificate::try_from(certificate)?;
        let verdict = |at: Duration| {
            let nobody = RootCertStore::empty();
            let at = UnixTime::since_unix_epoch(at);
            let algorithms = provider().signature_verification_algorithms.all;
            verify_server_cert_signed_by_trust_anchor(&parsed, &nobody, &[], at, algorithms)
        };
        let from = match verdict(Duration::ZERO) {
            Err(Error::InvalidCertificate(CertificateError::NotValidYetContext {
                not_before,
                ..
            })) => not_before.as_secs(),
            _ => 0,
        };
        match verdict(FAR_AWAY) {
            Err(Error::InvalidCertificate(CertificateError::ExpiredContext {
                not_after, ..
            })) => Ok(Self { from: moment(from), until: moment(not_after.as_secs()) }),
            Err(other) => Err(other),
            Ok(()) => Err(Error::General("the certificate never ends".into())),
        }
    }

    /// The whole life.
    #[must_use]
    pub fn life(&self) -> Duration {
        self.until.duration_since(self.from).unwrap_or_default()
    }
}

/// After the year 9999, the last that a certificate can name.
const FAR_AWAY: Duration = Duration::from_mins(5_000_000_000);

fn moment(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

/// Whether the certificate is good for all these names.
pub(super) fn covers(certificate: &CertificateDer<'_>, names: &[String]) -> bool {
    let Ok(parsed) = ParsedCertificate::try_from(certificate) else {
        return false;
    };
    names.iter().all(|name| {
        ServerName::try_from(name.as_str())
            .is_ok_and(|name| verify_server_name(&parsed, &name).is_ok())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_are_read_from_the_certificate() {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(["a.example".to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(2001, 9, 9);
        params.not_after = rcgen::date_time_ymd(2033, 5, 18);
        let certificate = params.self_signed(&key).unwrap();
        let validity = Validity::of(certificate.der()).unwrap();
        assert_eq!(validity.from, moment(999_993_600));
        assert_eq!(validity.until, moment(1_999_987_200));
        assert_eq!(validity.life(), Duration::from_hours(277_776));
        assert!(covers(certificate.der(), &["A.example".into()]));
        assert!(!covers(certificate.der(), &["a.example".into(), "b.example".into()]));
    }

    #[test]
    fn what_is_no_certificate_has_no_validity() {
        Validity::of(&CertificateDer::from(vec![1, 2, 3])).unwrap_err();
    }
}
