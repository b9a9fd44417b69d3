//! Why something failed, down to its first cause.

use std::error::Error;

/// An error and what lies under it, in one line.
pub(crate) fn reasons(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |&error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
