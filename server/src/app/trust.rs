//! The certificates that hosted functions trust when ours come from an authority of our own.
//!
//! What they are given replaces what they would trust otherwise (`AWS_CA_BUNDLE`, `SSL_CERT_FILE`),
//! so it has the machine's authorities in it, too: functions still reach everybody else.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};

/// Writes our authority and the machine's into one file beside ours, and returns where it is.
pub(super) fn bundle(authority: &Path) -> io::Result<PathBuf> {
    let mut text = fs::read_to_string(authority)?;
    let machine = rustls_native_certs::load_native_certs();
    for error in &machine.errors {
        tracing::warn!(%error, "some of the machine's authorities are not trusted by functions");
    }
    for certificate in &machine.certs {
        text.push_str(&pem(certificate));
    }
    let file = authority.with_file_name("trusted.pem");
    fs::write(&file, text)?;
    fs::canonicalize(file) // functions run in folders of their own
}

/// A certificate as RFC 7468 spells it: lines of 64 characters.
fn pem(certificate: &[u8]) -> String {
    let encoded = BASE64_STANDARD.encode(certificate);
    let lines = encoded.as_bytes().chunks(64).map(String::from_utf8_lossy);
    let body: Vec<_> = lines.collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", body.join("\n"))
}

#[cfg(test)]
mod tests {
    use rustls::pki_types::{CertificateDer, pem::PemObject};

    use super::*;
    use crate::tls::Certificate;

    #[test]
    fn ours_and_the_machines_are_in_one_file() {
        let folder = tempfile::tempdir().unwrap();
        let certificate = Certificate::development(folder.path(), ["chat.example"]).unwrap();
        let authority = certificate.authority().unwrap();
        let trusted = bundle(&authority).unwrap();
        assert!(trusted.is_absolute());
        let read = |file: &Path| -> Vec<_> {
            CertificateDer::pem_file_iter(file).unwrap().map(Result::unwrap).collect()
        };
        let (ours, all) = (read(&authority), read(&trusted));
        assert_eq!(all[..1], ours);
        assert_eq!(all.len() - 1, rustls_native_certs::load_native_certs().certs.len());
    }
}
