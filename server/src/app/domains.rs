//! Which stage a request means: by its host and the beginning of its path.
//!
//! On any host the first segment of the path is the stage, as on API Gateway's default host. On a
//! custom domain the stage does not appear; a base path may stand in its place (Developer Guide,
//! "Set up custom domain names").

use std::collections::BTreeMap;

/// The stages and the domains that lead to them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Domains {
    stages: Vec<String>,
    /// By host, in lower case and without a port: base paths (empty for none) and their stages.
    mappings: BTreeMap<String, BTreeMap<String, String>>,
}

/// What a request means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination<'a> {
    /// The stage.
    pub stage: &'a str,
    /// The base path by which it was found; empty on the default host.
    pub base_path: &'a str,
    /// What is left of the path: empty, or with a leading slash.
    pub rest: &'a str,
}

/// Why a request leads nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Nowhere {
    /// No stage is called so: 403 on API Gateway.
    #[error("Forbidden")]
    NoStage,
    /// The domain is ours and maps nothing there: 404 on API Gateway.
    #[error("No method found matching route")]
    NoMapping,
}

impl Domains {
    /// Adds a stage, found by its name on every host, and at these domains.
    pub fn add(&mut self, stage: &str, domains: &[String], base_path: Option<&str>) {
        self.stages.push(stage.to_owned());
        for domain in domains {
            let mappings = self.mappings.entry(crate::host::host(domain)).or_default();
            mappings.insert(base_path.unwrap_or_default().to_owned(), stage.to_owned());
        }
    }

    /// The stage that this host and path mean. A stage's own name works on a custom domain, too,
    /// and a lone stage needs no name for `/@connections`: handlers are written in either way.
    pub fn find<'a>(&'a self, host: &str, path: &'a str) -> Result<Destination<'a>, Nowhere> {
        let (first, rest) = first_segment(path);
        let host = crate::host::host(host);
        let mappings = self.mappings.get(&host);
        if let Some((base_path, stage)) = mappings.and_then(|it| it.get_key_value(first))
            && !first.is_empty()
        {
            return Ok(Destination { stage, base_path, rest });
        }
        if let Some(stage) = self.stages.iter().find(|stage| *stage == first) {
            return Ok(Destination { stage, base_path: "", rest });
        }
        let management = first.starts_with('@') || first.starts_with("%40");
        if let Some(stage) = mappings.and_then(|it| it.get(""))
            && (first.is_empty() || management)
        {
            return Ok(Destination { stage, base_path: "", rest: without_slash(path) });
        }
        match (mappings, &*self.stages) {
            (None, [stage]) if management => Ok(Destination { stage, base_path: "", rest: path }),
            (Some(_), _) => Err(Nowhere::NoMapping),
            (None, _) => Err(Nowhere::NoStage),
        }
    }
}

/// The first segment of a path, and what follows it. A lone slash behind it is nothing.
fn first_segment(path: &str) -> (&str, &str) {
    let path = path.strip_prefix('/').unwrap_or(path);
    let (first, rest) = path.split_at(path.find('/').unwrap_or(path.len()));
    (first, without_slash(rest))
}

fn without_slash(path: &str) -> &str {
    if path == "/" { "" } else { path }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn domains() -> Domains {
        let mut domains = Domains::default();
        domains.add("prod", &["Chat.example".to_owned()], None);
        domains.add("beta", &["chat.example".to_owned()], Some("next"));
        domains.add("test", &[], None);
        domains
    }

    fn found(host: &str, path: &str) -> Result<(String, String), Nowhere> {
        let domains = domains();
        domains.find(host, path).map(|it| (it.stage.to_owned(), it.rest.to_owned()))
    }

    /// The stage of this name, and what is left.
    fn at(stage: &str, rest: &str) -> (String, String) {
        (stage.to_owned(), rest.to_owned())
    }

    #[test]
    fn the_first_segment_is_the_stage_on_any_host() {
        for host in ["localhost:8080", "", "[::1]:8080", "chat.example"] {
            assert_eq!(found(host, "/test"), Ok(at("test", "")), "{host}");
            assert_eq!(found(host, "/test/"), Ok(at("test", "")), "{host}");
            assert_eq!(
                found(host, "/test/@connections/a%3D"),
                Ok(at("test", "/@connections/a%3D"))
            );
        }
        assert_eq!(found("localhost", "/nope"), Err(Nowhere::NoStage));
        assert_eq!(found("localhost", "/"), Err(Nowhere::NoStage));
        assert_eq!(found("localhost", "/testing"), Err(Nowhere::NoStage));
    }

    #[test]
    fn a_custom_domain_means_its_stage_whatever_its_case_and_port() {
        for host in ["chat.example", "CHAT.example:443"] {
            assert_eq!(found(host, "/"), Ok(at("prod", "")));
            assert_eq!(found(host, ""), Ok(at("prod", "")));
            assert_eq!(found(host, "/@connections/x"), Ok(at("prod", "/@connections/x")));
            assert_eq!(found(host, "/next"), Ok(at("beta", "")));
            assert_eq!(found(host, "/next/%40connections/x"), Ok(at("beta", "/%40connections/x")));
            assert_eq!(found(host, "/elsewhere"), Err(Nowhere::NoMapping));
        }
    }

    #[test]
    fn a_lone_stage_needs_no_name_to_be_posted_to() {
        let mut lone = Domains::default();
        lone.add("prod", &[], None);
        let found = lone.find("localhost", "/@connections/x").unwrap();
        assert_eq!((found.stage, found.rest), ("prod", "/@connections/x"));
        assert_eq!(lone.find("localhost", "/"), Err(Nowhere::NoStage));
        assert_eq!(domains().find("localhost", "/@connections/x"), Err(Nowhere::NoStage));
    }

    proptest! {
        #[test]
        fn what_is_left_is_the_end_of_the_path(host in "\\PC{0,20}", path in "(/[a-z@%]{0,12}){0,4}") {
            let domains = domains();
            if let Ok(found) = domains.find(&host, &path) {
                let is_end = path.ends_with(found.rest) || path == format!("{}/", found.rest);
                prop_assert!(is_end, "{} of {}", found.rest, path);
                prop_assert!(found.rest.is_empty() || found.rest.starts_with('/'));
            }
        }
    }
}
