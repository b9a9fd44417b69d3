//! What is kept on disk of an ACME server: the account there, and the newest certificate.
//!
//! ```text
//! HOST-DIGEST/          the server's host, and of its directory's URL a digest
//!   account.json        contact and key of the account
//!   certificate.pem     the certificate's key, then its chain
//! ```
//!
//! Key and chain are one file, so that one never comes with another's half.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use rustls::sign::CertifiedKey;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::tls::{
    CertificateError,
    file::{self, Readers},
};

/// The folder of one server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Kept {
    folder: PathBuf,
}

/// An account, as it is kept.
#[derive(Deserialize, Serialize)]
pub(super) struct KeptAccount {
    /// What the server was told.
    pub(super) contact: Vec<String>,
    /// Its URL and its private key, as `instant_acme::AccountCredentials` spells them.
    pub(super) credentials: serde_json::Value,
}

impl Kept {
    /// What is kept of the server with this directory, in a folder of its own below this one.
    pub(super) fn of(folder: &Path, directory: &str) -> Self {
        let host = directory.split("://").nth(1).unwrap_or_default();
        let host = host.split('/').next().unwrap_or_default().replace(':', "-");
        let [a, b, c, d, ..]: [u8; 32] = Sha256::digest(directory.as_bytes()).into();
        let digest = u32::from_be_bytes([a, b, c, d]);
        Self { folder: folder.join(format!("{host}-{digest:08x}")) }
    }

    /// The account, if there is one. One that cannot be read is none: another costs nothing.
    pub(super) fn account(&self) -> Option<KeptAccount> {
        let text = fs::read(self.account_file()).ok()?;
        let read = serde_json::from_slice(&text);
        read.inspect_err(|_| {
            tracing::warn!(file = %self.account_file().display(), "is damaged; making a new account");
        })
        .ok()
    }

    pub(super) fn keep_account(&self, account: &KeptAccount) -> Result<(), CertificateError> {
        let text = serde_json::to_vec(account).expect("texts and JSON are JSON");
        self.write(&self.account_file(), &text)
    }

    /// The next order makes a new account.
    pub(super) fn forget_account(&self) -> Result<(), CertificateError> {
        let file = self.account_file();
        match fs::remove_file(&file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed.map_err(|source| CertificateError::Write { file, source }),
        }
    }

    /// The certificate, if there is one. One that cannot be used is none.
    pub(super) fn certificate(&self) -> Option<CertifiedKey> {
        let file = self.certificate_file();
        match file::load(&file, &file) {
            Ok(certified) => Some(certified),
            Err(CertificateError::Read { source, .. })
                if source.kind() == io::ErrorKind::NotFound =>
            {
                None
            }
            Err(error) => {
                let source = std::error::Error::source(&error);
                tracing::warn!(%error, source, "the certificate that was kept cannot be used");
                None
            }
        }
    }

    /// `pem`: the key and the chain.
    pub(super) fn keep_certificate(&self, pem: &str) -> Result<(), CertificateError> {
        self.write(&self.certificate_file(), pem.as_bytes())
    }

    pub(super) fn certificate_file(&self) -> PathBuf {
        self.folder.join("certificate.pem")
    }

    fn account_file(&self) -> PathBuf {
        self.folder.join("account.json")
    }

    fn write(&self, file: &Path, content: &[u8]) -> Result<(), CertificateError> {
        file::create_folder(&self.folder)?;
        file::write(file, content, Readers::Owner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIRECTORY: &str = "https://acme.example:14000/dir";

    fn pem(name: &str) -> String {
        let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
        made.signing_key.serialize_pem() + &made.cert.pem()
    }

    #[test]
    fn each_directory_has_its_own_folder_named_by_its_host() {
        let name = |directory: &str| Kept::of(Path::new("acme"), directory).folder;
        assert_eq!(name(DIRECTORY), Path::new("acme/acme.example-14000-55dde73c"));
        assert_ne!(name(DIRECTORY), name("https://acme.example:14000/other"));
    }

    #[test]
    fn a_certificate_and_its_key_are_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let kept = Kept::of(folder.path(), DIRECTORY);
        assert!(kept.certificate().is_none());
        for name in ["a.example", "b.example"] {
            kept.keep_certificate(&pem(name)).unwrap();
            let certified = kept.certificate().unwrap();
            assert!(crate::tls::validity::covers(&certified.cert[0], &[name.to_owned()]));
        }
        fs::write(kept.certificate_file(), pem("a.example").replace("BEGIN PRIVATE", "BEGIN"))
            .unwrap();
        assert!(kept.certificate().is_none(), "without its key it is none");
    }

    #[test]
    fn an_account_is_found_again_until_it_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let kept = Kept::of(folder.path(), DIRECTORY);
        kept.forget_account().unwrap();
        let contact = vec!["mailto:a@example".to_owned()];
        let credentials = serde_json::json!({ "id": "1" });
        kept.keep_account(&KeptAccount { contact: contact.clone(), credentials }).unwrap();
        let account = kept.account().unwrap();
        assert_eq!((account.contact, &account.credentials["id"]), (contact, &"1".into()));
        kept.forget_account().unwrap();
        assert!(kept.account().is_none());
        fs::write(kept.account_file(), "{").unwrap();
        assert!(kept.account().is_none(), "half of one is none");
    }

    #[cfg(unix)]
    #[test]
    fn both_are_for_their_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let kept = Kept::of(&folder.path().join("tls/acme"), DIRECTORY);
        kept.keep_certificate(&pem("a.example")).unwrap();
        let credentials = serde_json::Value::Null;
        kept.keep_account(&KeptAccount { contact: Vec::new(), credentials }).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&kept.folder), 0o700);
        assert_eq!(mode(&kept.certificate_file()), 0o600);
        assert_eq!(mode(&kept.account_file()), 0o600);
        let files: Vec<_> = fs::read_dir(&kept.folder).unwrap().collect();
        assert_eq!(files.len(), 2, "nothing unfinished is left: {files:?}");
    }
}
