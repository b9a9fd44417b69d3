//! What the files beside a contract say of it.

use std::{env, fs, path::PathBuf};

/// How many characters of base64url a fingerprint has.
const LENGTH: usize = 16;

/// The fingerprint that `chat.js` has, if the crate has that file. A client that is built without
/// descriptions knows its contract by it; a test of the crate says when the file is out of date.
pub(crate) fn fingerprint(contract: &str) -> Option<String> {
    let folder = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR")?);
    let text = fs::read_to_string(folder.join(format!("{contract}.js"))).ok()?;
    in_javascript(&text).map(str::to_owned)
}

fn in_javascript(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("\n  fingerprint: \"")?;
    let (fingerprint, _) = rest.split_once('"')?;
    let is_one = fingerprint.len() == LENGTH
        && fingerprint.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    is_one.then_some(fingerprint)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::in_javascript;

    #[test]
    fn a_generated_file_has_one_whose_snapshot_is_beside_it() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/typescript");
        let text = std::fs::read_to_string(folder.join("board.js")).unwrap();
        let fingerprint = in_javascript(&text).unwrap();
        assert!(folder.join(format!("snapshots/{fingerprint}.schema.json")).exists());
    }

    #[test]
    fn any_other_file_has_none() {
        for text in
            ["", "export {}", "\n  fingerprint: \"short\"", "\n  fingerprint: \"ohXsWdg2TsKJg6Hs"]
        {
            assert_eq!(in_javascript(text), None, "{text}");
        }
    }
}
