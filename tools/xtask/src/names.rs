//! Short names for what the wasm imports from its glue and exports to it.
//!
//! wasm-bindgen names these with a hash. Each name stands in both files and does not compress, and no
//! minifier may touch it, since it would have to change both.

use std::collections::HashMap;

use walrus::Module;

/// The old and the new names, by the side that declares them.
#[derive(Debug, Default)]
pub(crate) struct Names {
    imports: HashMap<String, String>,
    exports: HashMap<String, String>,
}

impl Names {
    /// Renames what `module` imports from the glue and all it exports, but for the memory.
    pub(crate) fn shorten(module: &mut Module, glue: &str) -> Self {
        let mut names = Self::default();
        for import in module
            .imports
            .iter_mut()
            .filter(|import| import.module == glue)
        {
            import.name = rename(&mut names.imports, &import.name);
        }
        for export in module
            .exports
            .iter_mut()
            .filter(|export| export.name != "memory")
        {
            export.name = rename(&mut names.exports, &export.name);
        }
        names
    }

    /// Puts the new names into the text of the glue or of its types: an export is read as `wasm.name` and
    /// declared as `readonly name`, an import is a key, `name:`.
    pub(crate) fn replace(&self, text: &str) -> String {
        let mut result = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find(is_word) {
            let (before, from) = rest.split_at(start);
            result.push_str(before);
            let (word, after) = from.split_at(from.find(|c| !is_word(c)).unwrap_or(from.len()));
            let exported = result.ends_with("wasm.") || result.ends_with("readonly ");
            let new = if exported {
                self.exports.get(word)
            } else {
                self.imports.get(word).filter(|_| after.starts_with(':'))
            };
            result.push_str(new.map_or(word, String::as_str));
            rest = after;
        }
        result + rest
    }
}

/// Gives `old` the next free name of `names`: a, b, … z, a1, b1, …
fn rename(names: &mut HashMap<String, String>, old: &str) -> String {
    const LETTERS: &[u8; 26] = b"abcdefghijklmnopqrstuvwxyz";
    let count = names.len();
    let letter = char::from(LETTERS[count % LETTERS.len()]);
    let new = match count / LETTERS.len() {
        0 => letter.to_string(),
        round => format!("{letter}{round}"),
    };
    names.insert(old.to_owned(), new.clone());
    new
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        let mut names = Names::default();
        rename(&mut names.imports, "__wbg_log_29d8");
        rename(&mut names.exports, "__wbindgen_export");
        rename(&mut names.exports, "__wbindgen_export2");
        names
    }

    #[test]
    fn a_name_that_begins_another_is_not_mistaken_for_it() {
        assert_eq!(
            names().replace("wasm.__wbindgen_export2(wasm.__wbindgen_export)"),
            "wasm.b(wasm.a)"
        );
    }

    #[test]
    fn an_import_is_renamed_where_it_is_a_key() {
        assert_eq!(
            names().replace("{ __wbg_log_29d8: function(a) {} }"),
            "{ a: function(a) {} }"
        );
    }

    #[test]
    fn other_uses_of_the_same_word_stay() {
        let text = "call(__wbg_log_29d8, other.__wbindgen_export)";
        assert_eq!(names().replace(text), text);
    }

    #[test]
    fn names_go_on_after_z() {
        let mut names = HashMap::new();
        let last = (0..28)
            .map(|count| rename(&mut names, &format!("old{count}")))
            .last();
        assert_eq!(last.as_deref(), Some("b1"));
    }
}
