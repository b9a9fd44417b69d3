//! Which stage a host and a path mean.
//!
//! On any host the first segment of the path is the stage. On a custom domain the stage does not
//! appear; its base path does, if it has one (`apigateway-websocket` facts: AWS developer guide,
//! "Custom domain names for WebSocket APIs").

use std::collections::HashMap;

use percent_encoding::percent_decode_str;

/// The addresses of all stages.
#[derive(Clone, Debug, Default)]
pub struct Domains {
    stages: Vec<String>,
    custom: HashMap<String, Vec<Mapping>>,
}

#[derive(Clone, Debug)]
struct Mapping {
    base_path: Option<String>,
    stage: usize,
}

/// A stage that a request means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    /// The stage's name.
    pub stage: &'a str,
    /// What of the path follows, as the client wrote it: empty, or `/@connections/…`.
    pub rest: &'a str,
}

/// Why a request means no stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misplaced {
    /// There is no such stage: 403, `Forbidden`.
    #[error("Forbidden")]
    Forbidden,
    /// The custom domain has nothing at this path: 404, see [`Misplaced::message`].
    #[error("no method found")]
    NoMethod,
}

impl Misplaced {
    /// The HTTP status of the answer.
    pub fn status(self) -> u16 {
        match self {
            Self::Forbidden => 403,
            Self::NoMethod => 404,
        }
    }

    /// The `message` in the body of the answer, as API Gateway words it.
    pub fn message(self, method: &str, path: &str) -> String {
        match self {
            Self::Forbidden => "Forbidden".into(),
            Self::NoMethod => {
                let path = path.strip_prefix('/').unwrap_or(path);
                format!("No method found matching route {path} for http method {method}.")
            }
        }
    }
}

/// Why two addresses cannot be had together.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DomainError {
    /// Two stages at one address.
    #[error("`{domain}` has two stages at {}: `{first}` and `{second}`", match .base_path {
        Some(path) => format!("the base path `{path}`"),
        None => "its root".into(),
    })]
    Taken {
        /// The domain.
        domain: String,
        /// The base path, if any.
        base_path: Option<String>,
        /// The stage that has it.
        first: String,
        /// The stage that wants it too.
        second: String,
    },
    /// A base path is one segment.
    #[error("the base path `{0}` has more than one segment")]
    Segments(String),
}

impl Domains {
    /// Adds a stage with its custom domains and the base path it has on them.
    pub fn stage(
        mut self,
        name: &str,
        domains: &[impl AsRef<str>],
        base_path: Option<&str>,
    ) -> Result<Self, DomainError> {
        let base_path =
            base_path.map(|path| path.trim_matches('/')).filter(|path| !path.is_empty());
        if let Some(path) = base_path.filter(|path| path.contains('/')) {
            return Err(DomainError::Segments(path.into()));
        }
        self.stages.push(name.into());
        let stage = self.stages.len() - 1;
        for domain in domains {
            let domain = host(domain.as_ref());
            let mappings = self.custom.entry(domain.clone()).or_default();
            if let Some(taken) = mappings.iter().find(|one| one.base_path.as_deref() == base_path) {
                return Err(DomainError::Taken {
                    domain,
                    base_path: base_path.map(Into::into),
                    first: self.stages[taken.stage].clone(),
                    second: name.into(),
                });
            }
            mappings.push(Mapping { base_path: base_path.map(Into::into), stage });
        }
        Ok(self)
    }

    /// The stage that this `Host` (its port does not matter) and this path (without the query)
    /// mean. Beyond what AWS does, `/@connections` alone is taken where there is one stage, and
    /// `/{stage}` on a custom domain, so that handlers written for either form work.
    pub fn resolve<'a>(
        &'a self,
        requested: Option<&str>,
        path: &'a str,
    ) -> Result<Place<'a>, Misplaced> {
        match requested.and_then(|requested| self.custom.get(&host(requested))) {
            Some(mappings) => self.on_custom_domain(mappings, path).ok_or(Misplaced::NoMethod),
            None => self.on_any_host(path).ok_or(Misplaced::Forbidden),
        }
    }

    fn on_any_host<'a>(&'a self, path: &'a str) -> Option<Place<'a>> {
        let (first, rest) = split(path);
        if let Some(stage) = self.stages.iter().find(|stage| is(first, stage)) {
            return Some(Place { stage, rest });
        }
        match &self.stages[..] {
            [only] if is_management(path) => Some(Place { stage: only, rest: path }),
            _ => None,
        }
    }

    fn on_custom_domain<'a>(&'a self, mappings: &[Mapping], path: &'a str) -> Option<Place<'a>> {
        let (first, rest) = split(path);
        let place = |mapping: &Mapping, rest| Place { stage: &self.stages[mapping.stage], rest };
        let named = |mapping: &&Mapping| {
            mapping.base_path.as_ref().is_some_and(|base_path| is(first, base_path))
        };
        if let Some(mapping) = mappings.iter().find(named) {
            return Some(place(mapping, rest));
        }
        if let Some(mapping) = mappings.iter().find(|one| is(first, &self.stages[one.stage])) {
            return Some(place(mapping, rest));
        }
        let root = mappings.iter().find(|mapping| mapping.base_path.is_none());
        let path = if path == "/" { "" } else { path };
        match (root, mappings) {
            (Some(root), _) if path.is_empty() || is_management(path) => Some(place(root, path)),
            (None, [only]) if is_management(path) => Some(place(only, path)),
            _ => None,
        }
    }
}

/// The first segment, still encoded, and what follows it. One slash at the end is nothing.
fn split(path: &str) -> (&str, &str) {
    let path = path.strip_prefix('/').unwrap_or(path);
    let (first, rest) = path.split_at(path.find('/').unwrap_or(path.len()));
    (first, if rest == "/" { "" } else { rest })
}

/// Whether a segment is this name, percent-encoded or not.
fn is(segment: &str, name: &str) -> bool {
    percent_decode_str(segment).eq(name.bytes())
}

/// Whether a path begins the management API: `@connections` or `@groups`, `@` encoded or not.
fn is_management(path: &str) -> bool {
    let (first, _) = split(path);
    is(first, "@connections") || is(first, "@groups")
}

/// A host as it is compared: without port, without the dot of a full name, in lower case, and
/// without the brackets of an IPv6 address.
pub(crate) fn host(requested: &str) -> String {
    let name = match requested.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        // More than one colon is an IPv6 address without brackets, which has no port.
        None => match requested.split_once(':') {
            Some((name, port)) if !port.contains(':') => name,
            _ => requested,
        },
    };
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}

#[cfg(test)]
mod tests;
