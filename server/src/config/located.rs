//! A value that knows where it was written.

use std::{fmt, ops::Deref};

/// Where a value was written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A line of the file, from 1.
    Line(usize),
    /// An environment variable, which overrides the file.
    Variable(String),
}

/// A value, with its key and its place in the file, so that what is found out about it later (an
/// expression that cannot be compiled, a schema that is none) can still name them.
///
/// Two are equal when their values are: a line that moved is no change.
#[derive(Clone)]
pub struct Located<T> {
    value: T,
    key: String,
    place: Place,
}

impl<T> Located<T> {
    pub(super) fn new(value: T, key: String, place: Place) -> Self {
        Self { value, key, place }
    }

    /// The value.
    pub fn value(&self) -> &T {
        &self.value
    }

    /// The value, without its place.
    pub fn into_value(self) -> T {
        self.value
    }

    /// The whole key, `routes."$connect".integration`.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Where it was written.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Another value from the same place.
    pub(super) fn with<U>(&self, value: U) -> Located<U> {
        Located { value, key: self.key.clone(), place: self.place.clone() }
    }
}

impl<T> Deref for Located<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: PartialEq> PartialEq for Located<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Eq> Eq for Located<T> {}

impl<T: fmt::Debug> fmt::Debug for Located<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}
