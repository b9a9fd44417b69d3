//! `[server.tls]`: where the certificate comes from.

use std::{collections::BTreeMap, net::IpAddr, path::PathBuf};

use super::{
    Located, Stage,
    reader::{Choice, ExistingFile, Flag, Kind, Need, Scalar, Table, TextLike},
    stages::DOMAIN,
};
use crate::host::host;

/// `[server.tls]`: where the certificate comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tls {
    /// A self-signed one, made on first start and kept in the data folder.
    Development,
    /// From files, in PEM.
    Files {
        /// The chain, the server's own certificate first.
        certificate: PathBuf,
        /// Its private key.
        key: PathBuf,
    },
    /// From an ACME server, whose terms of service are agreed to.
    Acme(Acme),
}

/// `[server.tls]` with `mode = "acme"`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acme {
    /// What the certificate is for, in lower case; empty: the hosts that the file has elsewhere, of
    /// which there is at least one.
    pub domains: Vec<String>,
    /// `mailto:` URLs that the server may write to.
    pub contact: Vec<String>,
    /// The URL of the server's directory.
    pub directory: String,
    /// Who vouches for that server, in PEM; absent: those that the machine trusts.
    pub directory_ca: Option<PathBuf>,
}

impl Acme {
    /// What the certificate is for, given the [`hosts`] of the file.
    pub(crate) fn names(&self, hosts: &[String]) -> Vec<String> {
        let names = if self.domains.is_empty() { hosts } else { &self.domains };
        names.iter().filter(|name| !is_address(name)).cloned().collect()
    }
}

/// The hosts that clients and functions will ask for: the one that handlers are told, and those of
/// stages.
pub(crate) fn hosts(domain_name: Option<&str>, stages: &BTreeMap<String, Stage>) -> Vec<String> {
    let own = stages.values().flat_map(|stage| stage.domains.iter().map(String::as_str));
    unique(domain_name.into_iter().chain(own).map(host))
}

#[derive(Clone, Copy)]
enum Mode {
    Development,
    Files,
    Acme,
}

impl Tls {
    /// `hosts`: what the file calls us elsewhere.
    pub(super) fn read(mut table: Table<'_>, hosts: &[String]) -> Option<Self> {
        const MODES: Choice<Mode> = Choice(&[
            ("development", Mode::Development),
            ("files", Mode::Files),
            ("acme", Mode::Acme),
        ]);
        let Some(mode) = table.required("mode", MODES) else {
            table.abandon();
            return None;
        };
        let tls = match mode.value() {
            Mode::Development => Some(Self::Development),
            Mode::Files => Self::read_files(&mut table),
            Mode::Acme => {
                if cfg!(not(feature = "acme")) {
                    table.mistake_at(&mode, WITHOUT_ACME);
                }
                Some(Self::Acme(Acme::read(&mut table, hosts)))
            }
        };
        table.finish();
        tls
    }

    fn read_files(table: &mut Table<'_>) -> Option<Self> {
        table.variant("mode = \"files\"");
        let certificate = table.required("certificate", ExistingFile(table.folder()));
        let key = table.required("key", ExistingFile(table.folder()));
        Some(Self::Files { certificate: certificate?.into_value(), key: key?.into_value() })
    }
}

/// What is wrong with an order for ACME where it cannot be had.
pub(crate) const WITHOUT_ACME: &str =
    "this gatewire was built without ACME, the cargo feature \"acme\"";

impl Acme {
    fn read(table: &mut Table<'_>, hosts: &[String]) -> Self {
        table.variant("mode = \"acme\"");
        let domains = table.list("domains", Need::Optional, NAME);
        let contact = table.list("contact", Need::Optional, MAIL);
        let _agreed = table.required("terms_agreed", Agreement);
        let acme = Self {
            domains: unique(domains.into_iter().map(|name| host(&name))),
            contact: contact.into_iter().map(Located::into_value).collect(),
            directory: table.or("directory", LETS_ENCRYPT, DIRECTORY).into_value(),
            directory_ca: table
                .optional("directory_ca", ExistingFile(table.folder()))
                .map(Located::into_value),
        };
        if acme.names(hosts).is_empty() {
            let problem = "no host is named, neither here nor by domain_name or a stage's domains";
            table.mistake("domains", problem);
        }
        acme
    }
}

/// <https://letsencrypt.org/docs/acme-protocol-updates/>
const LETS_ENCRYPT: &str = "https://acme-v02.api.letsencrypt.org/directory";

/// A host that a certificate can be had for. No `*.example.com`: the proof by TLS-ALPN-01 is for
/// single names (RFC 8737, section 3).
const NAME: TextLike =
    TextLike { form: DOMAIN.form, fits: |text| (DOMAIN.fits)(text) && !is_address(text) };

const MAIL: TextLike = TextLike {
    form: "a mail address such as \"mailto:admin@example.com\"",
    fits: |text| {
        // RFC 8555, section 7.3: one address, no header fields.
        let address = text.strip_prefix("mailto:").and_then(|address| address.split_once('@'));
        let known = |part: &str| {
            !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || "@,?".contains(c))
        };
        address.is_some_and(|(who, host)| known(who) && known(host))
    },
};

const DIRECTORY: TextLike = TextLike {
    form: "a URL that begins with \"https://\"",
    fits: |text| {
        let rest = text.strip_prefix("https://");
        rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(char::is_whitespace))
    },
};

/// `true`, and nothing else: nobody can agree for the operator.
struct Agreement;

impl Kind for Agreement {
    type Value = ();

    fn name(&self) -> String {
        "true, which says that you have read the server's terms of service \
         (those of Let's Encrypt: https://letsencrypt.org/repository/)"
            .to_owned()
    }

    fn read(&self, scalar: &Scalar) -> Result<(), String> {
        let agreed = Flag.read(scalar)?;
        if agreed { Ok(()) } else { Err(format!("expected {}", self.name())) }
    }
}

fn is_address(host: &str) -> bool {
    host.parse::<IpAddr>().is_ok()
}

fn unique(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut unique = Vec::new();
    for name in names {
        if !unique.contains(&name) {
            unique.push(name);
        }
    }
    unique
}
