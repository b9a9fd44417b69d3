//! What things are called on the wire and in JavaScript.

use syn::{Ident, LitStr, ext::IdentExt};

use crate::mistakes::Mistakes;

/// The words that cannot name a `const` of a JavaScript module.
const RESERVED: [&str; 51] = [
    "arguments",
    "await",
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "debugger",
    "default",
    "delete",
    "do",
    "else",
    "enum",
    "eval",
    "export",
    "extends",
    "false",
    "finally",
    "for",
    "function",
    "if",
    "implements",
    "import",
    "in",
    "instanceof",
    "interface",
    "let",
    "new",
    "null",
    "package",
    "private",
    "protected",
    "public",
    "return",
    "static",
    "super",
    "switch",
    "this",
    "throw",
    "true",
    "try",
    "typeof",
    "undefined",
    "var",
    "void",
    "while",
    "with",
    "yield",
    "Infinity",
    "NaN",
];

/// `SendMessage` as `sendMessage`, as serde's `camelCase` has it.
pub(crate) fn lower_camel(ident: &Ident) -> String {
    let name = in_typescript(ident);
    let mut characters = name.chars();
    match characters.next() {
        Some(first) => first.to_lowercase().chain(characters).collect(),
        None => name,
    }
}

/// The name of a type as TypeScript writes it: without `r#`.
pub(crate) fn in_typescript(ident: &Ident) -> String {
    ident.unraw().to_string()
}

/// Whether tsify takes a type of this name, with so many type parameters, for the one that Rust has:
/// it goes by the last word of a path.
pub(crate) fn is_rusts_own(name: &str, parameters: usize) -> bool {
    match name {
        "u8" | "u16" | "u32" | "u64" | "u128" | "usize" | "i8" | "i16" | "i32" | "i64" | "i128"
        | "isize" | "f32" | "f64" | "bool" | "char" | "str" | "String" | "Path" | "PathBuf"
        | "ByteBuf" | "Duration" | "SystemTime" | "Fn" | "FnOnce" | "FnMut" => true,
        "Box" | "Cow" | "Rc" | "Arc" | "Cell" | "RefCell" | "Vec" | "VecDeque" | "LinkedList"
        | "HashSet" | "BTreeSet" | "Option" | "Range" | "RangeInclusive" => parameters == 1,
        "HashMap" | "BTreeMap" | "Result" => parameters == 2,
        _ => false,
    }
}

/// Checks the name of an action or an event. Those that begin with `$` are API Gateway's own:
/// `$connect`, `$disconnect`, `$default`.
pub(crate) fn check(name: &LitStr, mistakes: &mut Mistakes) {
    if name.value().is_empty() || name.value().starts_with('$') {
        mistakes.at(name, "a name is not empty and does not begin with `$`");
    }
}

/// Whether a JavaScript module can have a `const` of this name.
pub(crate) fn names_a_const(name: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    name.starts_with(|c: char| word(c) && !c.is_ascii_digit())
        && name.chars().all(word)
        && !RESERVED.contains(&name)
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::{lower_camel, names_a_const};

    #[test]
    fn names_are_lower_camel() {
        assert_eq!(lower_camel(&parse_quote!(SendMessage)), "sendMessage");
        assert_eq!(lower_camel(&parse_quote!(r#Move)), "move");
    }

    #[test]
    fn a_word_of_the_language_names_nothing() {
        for name in ["chat", "_chat", "chat2"] {
            assert!(names_a_const(name), "{name}");
        }
        for name in ["", "2chat", "my chat", "../chat", "class", "await"] {
            assert!(!names_a_const(name), "{name}");
        }
    }
}
