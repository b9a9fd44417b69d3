//! TLS-ALPN-01 (RFC 8737): whoever can answer a TLS handshake at a name has it.
//!
//! The server opens a connection that speaks nothing but `acme-tls/1` and looks at the certificate it
//! is shown: self-signed, for this name alone, with a digest that only the account's owner can make.

use rcgen::{CertificateParams, CustomExtension, DistinguishedName, KeyPair};
use rustls::{pki_types::PrivatePkcs8KeyDer, server::ClientHello, sign::CertifiedKey};

use super::AcmeError;
use crate::tls::provider;

/// The protocol of such a connection, in the handshake (section 6.2).
pub(in crate::tls) const PROTOCOL: &[u8] = b"acme-tls/1";

/// Whether a client wants to see the answer: it offers this protocol and no other (section 3).
pub(in crate::tls) fn is_asked_for(hello: &ClientHello<'_>) -> bool {
    hello.alpn().is_some_and(|offered| offered.eq([PROTOCOL]))
}

/// The certificate that answers for a name: the SHA-256 digest of the key authorization is in it as
/// the critical extension `acmeIdentifier`.
pub(super) fn answer(name: &str, digest: &[u8; 32]) -> Result<CertifiedKey, AcmeError> {
    let key = KeyPair::generate().map_err(AcmeError::Answer)?;
    let mut params = CertificateParams::new([name.to_owned()]).map_err(AcmeError::Answer)?;
    params.distinguished_name = DistinguishedName::new();
    params.custom_extensions = vec![CustomExtension::new_acme_identifier(digest)];
    let made = params.self_signed(&key).map_err(AcmeError::Answer)?;
    let secret = PrivatePkcs8KeyDer::from(key.serialize_der());
    let signing = provider().key_provider.load_private_key(secret.into());
    let signing = signing.map_err(AcmeError::AnswerKey)?;
    // rustls' own check that they are a pair does not know the critical extension.
    Ok(CertifiedKey::new(vec![made.der().clone()], signing))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether one is somewhere in the other.
    fn has(bytes: &[u8], part: &[u8]) -> bool {
        bytes.windows(part.len()).any(|window| window == part)
    }

    #[test]
    fn the_answer_has_the_digest_as_a_critical_extension() {
        let digest: [u8; 32] = std::array::from_fn(|index| u8::try_from(index).unwrap());
        let answer = answer("chat.example", &digest).unwrap();
        assert_eq!(answer.cert.len(), 1);
        // Extension ::= SEQUENCE { 1.3.6.1.5.5.7.1.31, critical TRUE, OCTET STRING { OCTET STRING } }
        let mut extension = vec![0x30, 0x31, 0x06, 0x08, 0x2b, 6, 1, 5, 5, 7, 1, 31];
        extension.extend([0x01, 0x01, 0xff, 0x04, 0x22, 0x04, 0x20]);
        extension.extend(digest);
        assert!(has(&answer.cert[0], &extension), "{:x?}", answer.cert[0]);
        // GeneralNames ::= SEQUENCE { [2] dNSName }, and nothing else.
        let mut name = vec![0x30, 0x0e, 0x82, 0x0c];
        name.extend(b"chat.example");
        assert!(has(&answer.cert[0], &name));
    }
}
