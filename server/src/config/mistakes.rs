//! Everything that is wrong with a file, at once.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use super::{Located, Place};

/// Everything that is wrong with a file, by line; displayed with one line for each.
///
/// ```text
/// gateway.toml:12: routes.sendmessage.integration: no integration is called "chta"; did you mean "chat"?
/// ```
///
/// What an environment variable got wrong has its name instead of file and line. Secrets are in
/// none of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistakes {
    file: PathBuf,
    list: Vec<Mistake>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mistake {
    /// Where.
    pub place: Place,
    /// The whole key; empty where there is none, as in a line that is not TOML.
    pub key: String,
    /// What is wrong, and what would be right.
    pub problem: String,
}

impl Mistakes {
    /// None yet, in this file.
    #[must_use]
    pub fn new(file: &Path) -> Self {
        Self { file: file.to_owned(), list: Vec::new() }
    }

    /// Adds what was found out about a value after the file was read.
    pub fn add<T>(&mut self, value: &Located<T>, problem: impl Into<String>) {
        let (place, key) = (value.place().clone(), value.key().to_owned());
        self.push(Mistake { place, key, problem: problem.into() });
    }

    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Each, by line.
    pub fn iter(&self) -> impl Iterator<Item = &Mistake> {
        self.list.iter()
    }

    pub(super) fn push(&mut self, mistake: Mistake) {
        let at = self.list.partition_point(|other| *other <= mistake);
        if at == 0 || self.list[at - 1] != mistake {
            self.list.insert(at, mistake);
        }
    }
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, mistake) in self.list.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            match &mistake.place {
                Place::Line(line) => write!(f, "{}:{line}: ", self.file.display())?,
                Place::Variable(name) => write!(f, "{name}: ")?,
            }
            if !mistake.key.is_empty() {
                write!(f, "{}: ", mistake.key)?;
            }
            f.write_str(&mistake.problem)?;
        }
        Ok(())
    }
}

impl std::error::Error for Mistakes {}
