//! The way from the root of a file to a key.

use super::OVERRIDE;

/// The way from the root to a key or table.
#[derive(Clone, Debug)]
pub(in crate::config) struct Path {
    segments: Vec<String>,
}

impl Path {
    pub(in crate::config) fn root() -> Self {
        Self { segments: Vec::new() }
    }

    pub(super) fn is_root(&self) -> bool {
        self.segments.is_empty()
    }

    pub(in crate::config) fn join(&self, segment: &str) -> Self {
        let mut segments = self.segments.clone();
        segments.push(segment.to_owned());
        Self { segments }
    }

    /// As TOML writes it: `routes."$connect".integration`. Indices of arrays are numbers.
    pub(in crate::config) fn text(&self) -> String {
        let quoted = self.segments.iter().map(|segment| quoted(segment));
        quoted.collect::<Vec<_>>().join(".")
    }

    /// The variable that overrides it: segments in capitals, what is neither letter nor digit as `_`.
    pub(super) fn variable(&self) -> String {
        let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
        let segments = self.segments.iter().map(|segment| segment.chars().map(plain).collect());
        OVERRIDE.to_owned() + &segments.collect::<Vec<String>>().join("__")
    }
}

/// A key as TOML writes it.
fn quoted(key: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if !key.is_empty() && key.chars().all(bare) { key.to_owned() } else { format!("{key:?}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_written_as_toml_does_and_as_a_variable() {
        let path = Path::root().join("routes").join("$connect").join("integration");
        assert_eq!(path.text(), r#"routes."$connect".integration"#);
        assert_eq!(path.variable(), "GATEWIRE__ROUTES___CONNECT__INTEGRATION");
        assert_eq!(Path::root().join("a b").join("").text(), r#""a b"."""#);
        let path = Path::root().join("functions").join("my-worker").join("memory");
        assert_eq!(path.variable(), "GATEWIRE__FUNCTIONS__MY_WORKER__MEMORY");
    }
}
