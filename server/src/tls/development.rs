//! A certificate for development, and the authority that signs it.
//!
//! Both carry what strict verifiers ask for (RFC 5280; Python 3.13 checks it by default):
//! `basicConstraints`, `keyUsage`, and the key identifiers of subject and issuer.

use std::{
    convert::Infallible,
    fs,
    path::PathBuf,
    time::{Duration, SystemTime},
};

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose,
};
use rustls::{
    RootCertStore,
    client::verify_server_cert_signed_by_trust_anchor,
    pki_types::{CertificateDer, UnixTime, pem::PemObject},
    server::ParsedCertificate,
    sign::CertifiedKey,
};

use super::{
    CertificateError,
    file::{self, Readers},
    provider,
    resolver::Resolver,
    validity::covers,
};

const DAY: Duration = Duration::from_hours(24);
/// How long the authority lives. Ours: nobody wants to trust a new one often.
const AUTHORITY_LIFE: Duration = DAY.saturating_mul(3650);
/// How long a certificate lives: under the 398 days that browsers accept.
const LIFE: Duration = DAY.saturating_mul(397);
/// With how much of its life left a certificate is made anew. Ours: a third.
const RENEW: Duration = DAY.saturating_mul(132);
/// By how much a client's clock may be slow. Ours.
const SLOW_CLOCK: Duration = DAY;
/// How often it is looked whether the certificate will still do. Ours: a third of its life is left
/// then, and a machine that slept through the moment is not late.
const LOOK: Duration = Duration::from_hours(1);

/// The folder of the authority, and the names its certificate is for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Development {
    folder: PathBuf,
    names: Vec<String>,
}

impl Development {
    pub(super) fn new(folder: PathBuf, names: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        let mut all: Vec<String> = ["localhost", "127.0.0.1", "::1"].map(Into::into).into();
        for name in names {
            let name = crate::host::host(name.as_ref());
            if !all.contains(&name) {
                all.push(name);
            }
        }
        Self { folder, names: all }
    }

    pub(super) fn authority(&self) -> PathBuf {
        self.folder.join("authority.pem")
    }

    /// The certificate in the folder; a new one if there is none that will do.
    pub(super) fn read(&self, now: SystemTime) -> Result<CertifiedKey, CertificateError> {
        let (certificate, key) = (self.folder.join("certificate.pem"), self.folder.join("key.pem"));
        match file::load(&certificate, &key) {
            Ok(kept) if self.will_do(&kept, now) => return Ok(kept),
            _ => {}
        }
        file::create_folder(&self.folder)?;
        let issuer = self.issuer(now)?;
        let secret = KeyPair::generate().map_err(|source| self.names_error(source))?;
        let made = server_params(&self.names, now)
            .and_then(|params| params.signed_by(&secret, &issuer))
            .map_err(|source| self.names_error(source))?;
        file::write(&key, secret.serialize_pem().as_bytes(), Readers::Owner)?;
        file::write(&certificate, made.pem().as_bytes(), Readers::Anyone)?;
        tracing::info!(names = self.names.join(" "), "made a certificate for development");
        file::load(&certificate, &key)
    }

    /// Shows a new certificate when the present one will not do any more.
    pub(super) async fn keep(&self, resolver: &Resolver) -> Infallible {
        loop {
            tokio::time::sleep(LOOK).await;
            match self.read(SystemTime::now()) {
                Ok(certified) => resolver.replace(certified.into()),
                Err(error) => tracing::error!(
                    %error,
                    source = std::error::Error::source(&error),
                    "the development certificate cannot be renewed"
                ),
            }
        }
    }

    /// Whether a certificate has all names and comes from the authority, both good for a while yet.
    fn will_do(&self, kept: &CertifiedKey, now: SystemTime) -> bool {
        let then = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default() + RENEW;
        let Ok(authority) = CertificateDer::from_pem_file(self.authority()) else {
            return false;
        };
        covers(&kept.cert[0], &self.names) && signed_by(&kept.cert[0], authority, then)
    }

    /// The authority in the folder; a new one if there is none, or it ends before the next
    /// certificate would.
    fn issuer(&self, now: SystemTime) -> Result<Issuer<'static, KeyPair>, CertificateError> {
        let (certificate, key) = (self.authority(), self.folder.join("authority.key.pem"));
        let sign_error = |source| CertificateError::Sign { file: key.clone(), source };
        if let Ok(kept) = file::load(&certificate, &key)
            && super::Validity::of(&kept.cert[0]).is_ok_and(|kept| now + LIFE < kept.until)
        {
            let text = fs::read_to_string(&key)
                .map_err(|source| CertificateError::Read { file: key.clone(), source })?;
            let secret = KeyPair::from_pem(&text).map_err(sign_error)?;
            return Ok(Issuer::new(authority_params(now), secret));
        }
        let secret = KeyPair::generate().map_err(sign_error)?;
        let params = authority_params(now);
        let made = params.self_signed(&secret).map_err(sign_error)?;
        file::write(&key, secret.serialize_pem().as_bytes(), Readers::Owner)?;
        file::write(&certificate, made.pem().as_bytes(), Readers::Anyone)?;
        tracing::info!(authority = %certificate.display(), "made an authority for development");
        Ok(Issuer::new(params, secret))
    }

    fn names_error(&self, source: rcgen::Error) -> CertificateError {
        CertificateError::Names { names: self.names.clone(), source }
    }
}

/// Whether this authority has signed the certificate, and both still hold at `then` (since 1970).
fn signed_by(
    certificate: &CertificateDer<'_>,
    authority: CertificateDer<'_>,
    then: Duration,
) -> bool {
    let mut roots = RootCertStore::empty();
    let (Ok(parsed), Ok(())) = (ParsedCertificate::try_from(certificate), roots.add(authority))
    else {
        return false;
    };
    let then = UnixTime::since_unix_epoch(then);
    let algorithms = provider().signature_verification_algorithms.all;
    verify_server_cert_signed_by_trust_anchor(&parsed, &roots, &[], then, algorithms).is_ok()
}

/// The same whenever they are made, but for the time: a certificate names its issuer by them.
fn authority_params(now: SystemTime) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = named("gatewire development authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.not_before = (now - SLOW_CLOCK).into();
    params.not_after = (now + AUTHORITY_LIFE).into();
    params
}

fn server_params(names: &[String], now: SystemTime) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name = named("gatewire development");
    params.is_ca = IsCa::ExplicitNoCa;
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.not_before = (now - SLOW_CLOCK).into();
    params.not_after = (now + LIFE - SLOW_CLOCK).into();
    Ok(params)
}

fn named(name: &str) -> DistinguishedName {
    let mut names = DistinguishedName::new();
    names.push(DnType::CommonName, name);
    names
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn at(folder: &Path, names: &[&str]) -> Development {
        Development::new(folder.into(), names)
    }

    fn shown(development: &Development, now: SystemTime) -> CertificateDer<'static> {
        development.read(now).unwrap().cert[0].clone()
    }

    #[test]
    fn a_certificate_is_kept_until_its_names_or_its_time_ask_for_another() {
        let folder = tempfile::tempdir().unwrap();
        let now = SystemTime::now();
        let plain = at(folder.path(), &["LOCALHOST:8080", "api.example"]);
        assert_eq!(plain.names, ["localhost", "127.0.0.1", "::1", "api.example"]);
        let first = shown(&plain, now);
        assert_eq!(shown(&plain, now), first, "a restart keeps it");
        assert_eq!(shown(&at(folder.path(), &[]), now), first, "fewer names are no reason");
        let authority = fs::read(plain.authority()).unwrap();

        let more = at(folder.path(), &["api.example", "chat.example"]);
        let second = shown(&more, now);
        assert_ne!(second, first, "a name was missing");
        assert_eq!(shown(&more, now + LIFE - RENEW - 3 * DAY), second, "a third is left");
        let third = shown(&more, now + LIFE - RENEW);
        assert_ne!(third, second, "less than a third is left");
        assert_eq!(fs::read(plain.authority()).unwrap(), authority, "clients trust it already");

        shown(&more, now + AUTHORITY_LIFE - LIFE);
        assert_ne!(fs::read(plain.authority()).unwrap(), authority, "it ends too soon");
    }

    #[test]
    fn what_is_damaged_is_made_again() {
        let folder = tempfile::tempdir().unwrap();
        let development = at(folder.path(), &[]);
        let first = shown(&development, SystemTime::now());
        fs::write(folder.path().join("key.pem"), "half a k").unwrap();
        assert_ne!(shown(&development, SystemTime::now()), first);
        fs::remove_file(folder.path().join("authority.key.pem")).unwrap();
        fs::remove_file(folder.path().join("key.pem")).unwrap();
        let last = shown(&development, SystemTime::now());
        assert_eq!(shown(&development, SystemTime::now()), last, "it fits the new authority");
    }

    #[cfg(unix)]
    #[test]
    fn keys_are_their_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("made/by/us");
        shown(&at(&inner, &[]), SystemTime::now());
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&inner), 0o700);
        assert_eq!(mode(&inner.join("key.pem")), 0o600);
        assert_eq!(mode(&inner.join("authority.key.pem")), 0o600);
    }
}
