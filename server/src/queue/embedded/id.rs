//! Message ids: random UUIDs (RFC 9562, version 4).

use super::super::QueueError;
use crate::id;

/// A number nobody can guess.
pub(super) fn random() -> Result<u64, QueueError> {
    getrandom::u64().map_err(|error| QueueError::Backend(Box::new(error)))
}

/// A new message id.
pub(super) fn message_id() -> Result<u128, QueueError> {
    let bits = (u128::from(random()?) << 64) | u128::from(random()?);
    Ok(id::uuid_of(bits))
}

/// A message id as it travels: in the form of a UUID.
pub(super) fn message_id_text(id: u128) -> String {
    id::uuid_text(id)
}
