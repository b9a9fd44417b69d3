//! What may be written at a key.

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    ops::RangeInclusive,
    path::{Path, PathBuf},
    time,
};

use super::{scalar::Scalar, suggest::did_you_mean, units};
use crate::config::Secret;

/// What may be written at a key, and what is made of it.
pub(in crate::config) trait Kind {
    type Value;

    /// What may be written, in the words of the documentation.
    fn name(&self) -> String;

    /// The value, or what is wrong and what would be right.
    fn read(&self, scalar: &Scalar) -> Result<Self::Value, String>;
}

/// Any text but the empty one.
pub(in crate::config) struct Text;

impl Kind for Text {
    type Value = String;

    fn name(&self) -> String {
        "text".to_owned()
    }

    fn read(&self, scalar: &Scalar) -> Result<String, String> {
        let text = scalar.text("a text")?;
        if text.is_empty() { Err("the text is empty".to_owned()) } else { Ok(text.to_owned()) }
    }
}

/// A text with a form.
pub(in crate::config) struct TextLike {
    /// Its form in words, as in "expected …".
    pub(in crate::config) form: &'static str,
    pub(in crate::config) fits: fn(&str) -> bool,
}

impl Kind for TextLike {
    type Value = String;

    fn name(&self) -> String {
        self.form.to_owned()
    }

    fn read(&self, scalar: &Scalar) -> Result<String, String> {
        let text = scalar.text(self.form)?;
        let wrong = || format!("expected {}, not {text:?}", self.form);
        (self.fits)(text).then(|| text.to_owned()).ok_or_else(wrong)
    }
}

/// A text that is never shown.
pub(in crate::config) struct Hidden;

impl Kind for Hidden {
    type Value = Secret;

    fn name(&self) -> String {
        "text".to_owned()
    }

    fn read(&self, scalar: &Scalar) -> Result<Secret, String> {
        Text.read(scalar).map(Secret::from)
    }
}

/// One of a few words.
pub(in crate::config) struct Choice<T: 'static>(pub(in crate::config) &'static [(&'static str, T)]);

impl<T: Copy> Kind for Choice<T> {
    type Value = T;

    fn name(&self) -> String {
        let words: Vec<String> = self.0.iter().map(|(word, _)| format!("{word:?}")).collect();
        words.join(" or ")
    }

    fn read(&self, scalar: &Scalar) -> Result<T, String> {
        let expected = self.name();
        let text = scalar.text(&expected)?;
        let found = self.0.iter().find(|(word, _)| *word == text);
        found.map(|(_, value)| *value).ok_or_else(|| format!("expected {expected}, not {text:?}"))
    }
}

/// `true` or `false`.
pub(in crate::config) struct Flag;

impl Kind for Flag {
    type Value = bool;

    fn name(&self) -> String {
        "true or false".to_owned()
    }

    fn read(&self, scalar: &Scalar) -> Result<bool, String> {
        match scalar {
            Scalar::Boolean(boolean) => Ok(*boolean),
            Scalar::Variable(text) => text.parse().map_err(|_| "expected true or false".to_owned()),
            Scalar::Text(_) | Scalar::Integer(_) | Scalar::Float(_) | Scalar::Other(_) => {
                Err(format!("expected true or false, not {}", scalar.article()))
            }
        }
    }
}

/// A whole number within bounds.
pub(in crate::config) struct Number(pub(in crate::config) RangeInclusive<u32>);

impl Kind for Number {
    type Value = u32;

    fn name(&self) -> String {
        format!("integer, {} to {}", self.0.start(), self.0.end())
    }

    fn read(&self, scalar: &Scalar) -> Result<u32, String> {
        let number = scalar
            .integer()
            .ok_or_else(|| format!("expected an {}, not {}", self.name(), scalar.article()))?;
        let within = u32::try_from(number).ok().filter(|number| self.0.contains(number));
        within.ok_or_else(|| {
            format!("{number} is out of range; it may be {} to {}", self.0.start(), self.0.end())
        })
    }
}

/// A part of a whole.
pub(in crate::config) struct Part;

impl Kind for Part {
    type Value = f64;

    fn name(&self) -> String {
        "number, 0 to 1".to_owned()
    }

    fn read(&self, scalar: &Scalar) -> Result<f64, String> {
        let number = scalar
            .number()
            .ok_or_else(|| format!("expected a {}, not {}", self.name(), scalar.article()))?;
        let within = (0.0..=1.0).contains(&number);
        within
            .then_some(number)
            .ok_or_else(|| format!("{number} is out of range; it may be 0 to 1"))
    }
}

/// A time within bounds, with its unit.
pub(in crate::config) struct Duration(pub(in crate::config) RangeInclusive<time::Duration>);

impl Kind for Duration {
    type Value = time::Duration;

    fn name(&self) -> String {
        let [least, most] = [self.0.start(), self.0.end()].map(|end| units::show_duration(*end));
        format!("duration, {least} to {most}")
    }

    fn read(&self, scalar: &Scalar) -> Result<time::Duration, String> {
        let text = scalar.text("a text such as \"29s\"")?;
        let duration = units::duration(text).ok_or_else(|| {
            format!("{text:?} is no duration; it is written \"50ms\", \"29s\", \"10m\", \"1h30m\" or \"4d\"")
        })?;
        let [least, most] = [self.0.start(), self.0.end()].map(|end| units::show_duration(*end));
        let wrong = || format!("{text} is out of range; it may be {least} to {most}");
        self.0.contains(&duration).then_some(duration).ok_or_else(wrong)
    }
}

/// A number of bytes within bounds.
pub(in crate::config) struct Size(pub(in crate::config) RangeInclusive<usize>);

impl Kind for Size {
    type Value = usize;

    fn name(&self) -> String {
        let [least, most] = self.ends();
        format!("size, {least} to {most}")
    }

    fn read(&self, scalar: &Scalar) -> Result<usize, String> {
        let bytes = if let Some(number) = scalar.integer() {
            u64::try_from(number).map_err(|_| format!("{number} is no size"))?
        } else {
            let text = scalar.text("bytes, or a text such as \"128KiB\"")?;
            units::size(text).ok_or_else(|| {
                format!("{text:?} is no size; it is written 131072, \"128KiB\" or \"1MiB\"")
            })?
        };
        let [least, most] = self.ends();
        let within = usize::try_from(bytes).ok().filter(|bytes| self.0.contains(bytes));
        within.ok_or_else(|| {
            format!("{} is out of range; it may be {least} to {most}", units::show_size(bytes))
        })
    }
}

impl Size {
    fn ends(&self) -> [String; 2] {
        [self.0.start(), self.0.end()].map(|end| units::show_size(*end as u64))
    }
}

/// Where to listen.
pub(in crate::config) struct Address;

impl Kind for Address {
    type Value = SocketAddr;

    fn name(&self) -> String {
        "address".to_owned()
    }

    fn read(&self, scalar: &Scalar) -> Result<SocketAddr, String> {
        let expected = "an IP address and a port, such as \"127.0.0.1:8080\"";
        let text = scalar.text(expected)?;
        text.parse().map_err(|_| format!("expected {expected}, not {text:?}"))
    }
}

/// An `http:` or `https:` URL; the rest may still be an expression.
pub(in crate::config) struct Url;

impl Kind for Url {
    type Value = String;

    fn name(&self) -> String {
        "URL".to_owned()
    }

    fn read(&self, scalar: &Scalar) -> Result<String, String> {
        let expected = "a URL such as \"http://127.0.0.1:3000/messages\"";
        let text = scalar.text(expected)?;
        let host = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
        let fits = host.is_some_and(|host| !host.is_empty() && !host.contains(char::is_whitespace));
        fits.then(|| text.to_owned()).ok_or_else(|| format!("expected {expected}, not {text:?}"))
    }
}

/// The name of something that the file has.
pub(in crate::config) struct Name<'a> {
    /// What it names, in the singular of its table: `integration`.
    pub(in crate::config) what: &'static str,
    pub(in crate::config) names: &'a BTreeSet<String>,
    /// Whether these are all names.
    pub(in crate::config) all: bool,
}

impl Kind for Name<'_> {
    type Value = String;

    fn name(&self) -> String {
        format!("name of one of `[{}s]`", self.what)
    }

    fn read(&self, scalar: &Scalar) -> Result<String, String> {
        let Self { what, names, all } = self;
        let text = scalar.text(&format!("the name of one of [{what}s]"))?;
        if names.contains(text) || !all {
            return Ok(text.to_owned());
        }
        let hint = did_you_mean(text, names.iter().map(String::as_str), |name| format!("{name:?}"));
        let hint = if hint.is_empty() { format!("; write a table [{what}s.{text}]") } else { hint };
        Err(format!("no {what} is called {text:?}{hint}"))
    }
}

/// A path that need not exist, relative to the file.
pub(in crate::config) struct File<'a>(pub(in crate::config) &'a Path);

impl Kind for File<'_> {
    type Value = PathBuf;

    fn name(&self) -> String {
        "path".to_owned()
    }

    fn read(&self, scalar: &Scalar) -> Result<PathBuf, String> {
        Text.read(scalar).map(|text| self.0.join(text))
    }
}

/// A file that exists, relative to the file.
pub(in crate::config) struct ExistingFile<'a>(pub(in crate::config) &'a Path);

impl Kind for ExistingFile<'_> {
    type Value = PathBuf;

    fn name(&self) -> String {
        "path of a file".to_owned()
    }

    fn read(&self, scalar: &Scalar) -> Result<PathBuf, String> {
        let path = File(self.0).read(scalar)?;
        let wrong = || format!("there is no file {}", path.display());
        path.is_file().then(|| path.clone()).ok_or_else(wrong)
    }
}

/// A folder that exists, relative to the file.
pub(in crate::config) struct Directory<'a>(pub(in crate::config) &'a Path);

impl Kind for Directory<'_> {
    type Value = PathBuf;

    fn name(&self) -> String {
        "path of a folder".to_owned()
    }

    fn read(&self, scalar: &Scalar) -> Result<PathBuf, String> {
        let path = File(self.0).read(scalar)?;
        let wrong = || format!("there is no folder {}", path.display());
        path.is_dir().then(|| path.clone()).ok_or_else(wrong)
    }
}
