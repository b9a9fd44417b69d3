//! The wasm as text in a JavaScript module, so that the package is one file.
//!
//! base64 shifts the bytes against the letters and so hides from gzip what repeats: it costs 31 % on the
//! measured module. Here a byte below 89 is one printable letter, any other is a mark and a letter, and
//! gzip sees every repetition: 1.5 %. All of it is ASCII without quotes and backslashes, which no charset,
//! bundler or minifier changes.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// How many letters there are: from `#` to `|`, without the backslash.
const LETTERS: u8 = 89;
const FIRST_LETTER: u8 = b'#';
/// The marks for a byte from 89 on and for one from 178 on.
const MARKS: [char; 2] = ['}', '~'];

/// Reads the text of [`encode`]. 124 is the last letter, 92 the backslash that is left out.
const DECODE: &str = "\
export function bytes() {
  const result = new Uint8Array(LENGTH);
  let length = 0;
  let page = 0;
  for (let index = 0; index < TEXT.length; index++) {
    const code = TEXT.charCodeAt(index);
    if (code > 124) {
      page = code - 124;
    } else {
      result[length++] = code - (code > 92 ? 36 : 35) + page * 89;
      page = 0;
    }
  }
  return result;
}
";

const TYPES: &str = "\
/** The bytes of the module, decoded anew at each call. */
export declare function bytes(): Uint8Array<ArrayBuffer>;
";

/// Writes `wasm.js`, which exports `bytes()`, and its types into `folder`.
pub(crate) fn write(wasm: &[u8], folder: &Path) -> Result<()> {
    let module = folder.join("wasm.js");
    fs::write(&module, javascript(wasm))
        .with_context(|| format!("cannot write {}", module.display()))?;
    fs::write(folder.join("wasm.d.ts"), TYPES).context("cannot write wasm.d.ts")
}

fn javascript(wasm: &[u8]) -> String {
    format!("const LENGTH = {};\nconst TEXT = \"{}\";\n{DECODE}", wasm.len(), encode(wasm))
}

fn encode(wasm: &[u8]) -> String {
    let mut text = String::with_capacity(wasm.len() * 3 / 2);
    for byte in wasm {
        if let Some(mark) = (byte / LETTERS).checked_sub(1) {
            text.push(MARKS[usize::from(mark)]);
        }
        text.push(letter(byte % LETTERS));
    }
    text
}

fn letter(value: u8) -> char {
    let code = FIRST_LETTER + value;
    char::from(if code < b'\\' { code } else { code + 1 })
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;
    use crate::process;

    /// Every byte after every mark, and each first.
    fn every_byte() -> Vec<u8> {
        (0..=255).flat_map(|byte| [byte, 0, byte, 255]).collect()
    }

    #[test]
    fn the_text_is_printable_and_needs_no_escape() {
        let text = encode(&every_byte());
        assert!(
            text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\'),
            "{text}"
        );
    }

    #[test]
    fn javascript_reads_back_every_byte() {
        let script =
            format!("{}\nprocess.stdout.write(bytes().join());", javascript(&every_byte()));
        let printed =
            process::output(Command::new("node").args(["--input-type=module", "--eval", &script]))
                .unwrap();
        let expected: Vec<String> = every_byte().iter().map(u8::to_string).collect();
        assert_eq!(printed, expected.join(","));
    }
}
