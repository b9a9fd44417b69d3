//! Reads a TOML file key by key, and remembers everything that is wrong with it.
//!
//! serde ends at its first error, and the crate `config`, which has environment overrides, loses the
//! lines. So this walks the tree of `toml`, in which every key and value has its place: a section
//! takes its keys from a [`Table`], each with a [`Kind`]; what does not fit is noted and reading goes
//! on; what nobody took is an unknown key.
//!
//! The environment has two ways in. `${env:NAME}` in a text is replaced by the variable, and a
//! variable with the name of a scalar key, `GATEWIRE__SERVER__LISTEN` for `server.listen`, overrides
//! it.

mod kind;
mod path;
mod scalar;
mod suggest;
mod table;
mod units;

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    path::Path as FilePath,
};

use toml::de::DeTable;

pub(super) use kind::{
    Address, Choice, Directory, Duration, ExistingFile, File, Flag, Hidden, Kind, Name, Number,
    Part, Size, Text, TextLike, Url,
};
pub(super) use path::Path;
pub(super) use scalar::Scalar;
pub(super) use suggest::did_you_mean;
pub(super) use table::Table;

use super::{
    Place,
    mistakes::{Mistake, Mistakes},
};

/// Variables of the environment, by name.
pub(super) type Environment = BTreeMap<String, String>;

/// What overrides begin with.
const OVERRIDE: &str = "GATEWIRE__";

/// A key that the reader was asked for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    /// Its table, with `NAME` for a name that the file chooses: `stages.NAME`.
    pub(super) table: String,
    pub(super) name: &'static str,
    /// What may be written there, in words.
    pub(super) kind: String,
    pub(super) need: Need,
}

/// What holds if a key is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Need {
    Required,
    Optional,
    /// As it would be written in the file, without quotes.
    Default(&'static str),
}

/// One reading of one file.
pub(super) struct Reading<'a> {
    /// Where each line begins, in bytes.
    lines: Vec<usize>,
    /// What paths are relative to.
    folder: &'a FilePath,
    environment: &'a Environment,
    /// Where the file is not TOML. What seems to be missing may just not have been understood.
    damaged: BTreeSet<Place>,
    notes: RefCell<Notes>,
}

/// What a reading has found out.
struct Notes {
    mistakes: Mistakes,
    keys: Vec<Key>,
    /// The variables that keys of the file could be overridden with.
    variables: BTreeSet<String>,
    /// Beginnings of variables that cannot be judged, because their table could not be read.
    unjudged: Vec<String>,
}

/// Reads a text: `read` takes what it knows from the root. Its result is worth nothing if there are
/// mistakes. Beside it and them, all keys that were asked for.
pub(super) fn read<T>(
    text: &str,
    file: &FilePath,
    environment: &Environment,
    read: impl FnOnce(Table<'_>) -> T,
) -> (T, Mistakes, Vec<Key>) {
    let (tree, errors) = DeTable::parse_recoverable(text);
    let mut reading = Reading::new(text, file, environment);
    for error in &errors {
        let place = error.span().map_or(Place::Line(1), |span| reading.place(&span));
        let problem = format!("this is not TOML: {}", error.message());
        reading.note(place.clone(), String::new(), problem);
        // More on the same line would be its consequences.
        reading.damaged.insert(place);
    }
    let result = read(Table::root(&reading, tree.get_ref()));
    reading.note_unknown_variables();
    let notes = reading.notes.into_inner();
    (result, notes.mistakes, notes.keys)
}

impl<'a> Reading<'a> {
    fn new(text: &str, file: &'a FilePath, environment: &'a Environment) -> Self {
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        Self {
            lines: std::iter::once(0)
                .chain(text.match_indices('\n').map(|(at, _)| at + 1))
                .collect(),
            folder: folder.unwrap_or(FilePath::new(".")),
            environment,
            damaged: BTreeSet::new(),
            notes: RefCell::new(Notes {
                mistakes: Mistakes::new(file),
                keys: Vec::new(),
                variables: BTreeSet::new(),
                unjudged: Vec::new(),
            }),
        }
    }

    fn place(&self, span: &Range<usize>) -> Place {
        Place::Line(self.lines.partition_point(|start| *start <= span.start))
    }

    fn note(&self, place: Place, key: String, problem: impl Into<String>) {
        if self.damaged.contains(&place) {
            return;
        }
        let mistake = Mistake { place, key, problem: problem.into() };
        self.notes.borrow_mut().mistakes.push(mistake);
    }

    /// The variable that overrides this key, if it is set.
    fn overriding(&self, path: &Path) -> Option<(String, &str)> {
        let name = path.variable();
        let value = self.environment.get(&name).map(String::as_str);
        self.notes.borrow_mut().variables.insert(name.clone());
        Some((name, value?))
    }

    /// Whether a variable overrides something in this table.
    fn overrides_in(&self, path: &Path) -> bool {
        let prefix = path.variable() + "__";
        let mut after = self.environment.range(prefix.clone()..);
        after.next().is_some_and(|(name, _)| name.starts_with(&prefix))
    }

    fn note_unknown_variables(&self) {
        let (known, unjudged) = {
            let mut notes = self.notes.borrow_mut();
            (std::mem::take(&mut notes.variables), std::mem::take(&mut notes.unjudged))
        };
        for name in self.environment.keys() {
            let judged = !unjudged.iter().any(|prefix| name.starts_with(prefix));
            if name.starts_with(OVERRIDE)
                && judged
                && self.damaged.is_empty()
                && !known.contains(name)
            {
                let hint = did_you_mean(name, known.iter().map(String::as_str), str::to_owned);
                let problem = format!("no key of the file has this name{hint}");
                self.note(Place::Variable(name.clone()), String::new(), problem);
            }
        }
    }
}
