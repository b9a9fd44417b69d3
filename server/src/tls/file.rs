//! Certificates and keys on disk.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use rustls::{
    Error, InconsistentKeys,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    sign::CertifiedKey,
};

use super::{CertificateError, provider};

/// A certificate chain with its key, both PEM; they may be one file.
pub(super) fn load(certificate: &Path, key: &Path) -> Result<CertifiedKey, CertificateError> {
    certified((certificate, &read(certificate)?), (key, &read(key)?))
}

/// The same from texts, with the files that they are or will be in.
pub(super) fn certified(
    (certificate, chain): (&Path, &[u8]),
    (key, secret): (&Path, &[u8]),
) -> Result<CertifiedKey, CertificateError> {
    let chain: Vec<_> = CertificateDer::pem_slice_iter(chain)
        .collect::<Result<_, _>>()
        .map_err(|source| CertificateError::Pem { file: certificate.into(), source })?;
    if chain.is_empty() {
        return Err(CertificateError::NoCertificate(certificate.into()));
    }
    let secret = PrivateKeyDer::from_pem_slice(secret).map_err(|error| match error {
        rustls::pki_types::pem::Error::NoItemsFound => CertificateError::NoKey(key.into()),
        source => CertificateError::Pem { file: key.into(), source },
    })?;
    CertifiedKey::from_der(chain, secret, &provider()).map_err(|error| match error {
        Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
            CertificateError::Mismatch { certificate: certificate.into(), key: key.into() }
        }
        Error::InvalidCertificate(_) => {
            CertificateError::Unusable { file: certificate.into(), source: error }
        }
        source => CertificateError::Unusable { file: key.into(), source },
    })
}

fn read(file: &Path) -> Result<Vec<u8>, CertificateError> {
    fs::read(file).map_err(|source| CertificateError::Read { file: file.into(), source })
}

/// Who may read a file that is written.
#[derive(Clone, Copy, Debug)]
pub(super) enum Readers {
    /// Its owner alone (mode 0600).
    Owner,
    /// Whoever the process's umask lets.
    Anyone,
}

/// Writes a file in one step, so that nobody ever reads half of it.
pub(super) fn write(file: &Path, content: &[u8], readers: Readers) -> Result<(), CertificateError> {
    let failed = |source| CertificateError::Write { file: file.into(), source };
    let unfinished = unfinished(file);
    match fs::remove_file(&unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    create(&unfinished, content, readers).map_err(failed)?;
    fs::rename(&unfinished, file).map_err(failed)
}

/// A folder that only its owner enters.
pub(super) fn create_folder(folder: &Path) -> Result<(), CertificateError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let failed = |source| CertificateError::Write { file: folder.into(), source };
    builder.create(folder).map_err(failed)
}

fn unfinished(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".new");
    name.into()
}

fn create(file: &Path, content: &[u8], readers: Readers) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if let Readers::Owner = readers {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    #[cfg(not(unix))]
    let _ = readers; // the folder's permissions are inherited
    let mut file = options.open(file)?;
    io::Write::write_all(&mut file, content)?;
    file.sync_all()
}
