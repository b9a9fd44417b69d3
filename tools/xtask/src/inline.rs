//! The wasm as text in a JavaScript module, so that the package is one file.
//!
//! base64 shifts the bytes against the letters and so hides from gzip what repeats: it costs 31 % on the
//! measured module. Here a byte below 90 is one printable letter, any other is a mark and a letter, and
//! gzip sees every repetition: 5 %, decoder included. All of it is ASCII, which no charset, bundler or
//! minifier changes.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// How many letters there are: from `#` to `|`.
const LETTERS: u8 = 90;
const FIRST_LETTER: u8 = b'#';
/// The marks for a byte from 90 on and for one from 180 on. They follow the last letter.
const MARKS: [char; 2] = ['}', '~'];

/// Reads the text of [`encode`]. Without a mark the place of its mark is -1, 35 is the first letter, and
/// 55 is 90 less: an array of bytes wraps around.
const DECODE: &str = "\
export const bytes = () =>
  Uint8Array.from(TEXT.match(/[}~]?./g), (byte) => byte.at(-1).charCodeAt() + 55 + 90 * \"}~\".indexOf(byte[0]));
";

const TYPES: &str = "\
/** The bytes of the module, decoded anew at each call. */
export declare function bytes(): Uint8Array<ArrayBuffer>;
";

/// Writes a module of this name, which exports `bytes()`, and its types into `folder`.
pub(crate) fn write(wasm: &[u8], folder: &Path, name: &str) -> Result<()> {
    for (extension, text) in [("js", javascript(wasm).as_str()), ("d.ts", TYPES)] {
        let path = folder.join(format!("{name}.{extension}"));
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

fn javascript(wasm: &[u8]) -> String {
    format!("const TEXT = \"{}\";\n{DECODE}", encode(wasm))
}

fn encode(wasm: &[u8]) -> String {
    let mut text = String::with_capacity(wasm.len() * 3 / 2);
    for byte in wasm {
        if let Some(mark) = (byte / LETTERS).checked_sub(1) {
            text.push(MARKS[usize::from(mark)]);
        }
        match char::from(FIRST_LETTER + byte % LETTERS) {
            '\\' => text.push_str("\\\\"),
            letter => text.push(letter),
        }
    }
    text
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
    fn the_text_is_printable() {
        let text = encode(&every_byte());
        assert!(text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"'), "{text}");
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
