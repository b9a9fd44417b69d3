//! Message ids: random UUIDs (RFC 9562, version 4).

use super::super::QueueError;

/// A number nobody can guess.
pub(super) fn random() -> Result<u64, QueueError> {
    getrandom::u64().map_err(|error| QueueError::Backend(Box::new(error)))
}

/// A new message id.
pub(super) fn message_id() -> Result<u128, QueueError> {
    let bits = (u128::from(random()?) << 64) | u128::from(random()?);
    let version = 0x4 << 76;
    let variant = 0b10 << 62;
    Ok((bits & !(0xf << 76) & !(0b11 << 62)) | version | variant)
}

/// A message id as it travels: in the form of a UUID.
pub(super) fn message_id_text(id: u128) -> String {
    let hex = format!("{id:032x}");
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

#[cfg(test)]
mod tests {
    use super::{message_id, message_id_text};

    #[test]
    fn an_id_has_the_form_of_a_random_uuid() {
        let text = message_id_text(message_id().unwrap());
        let lengths: Vec<usize> = text.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        assert_eq!(&text[14..15], "4", "{text}");
        assert!(matches!(&text[19..20], "8" | "9" | "a" | "b"), "{text}");
    }
}
