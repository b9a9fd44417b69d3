//! What goes into a queue and what comes out, checked against the limits of SQS.
//!
//! Every backend keeps to SQS's limits, so that a program moves to SQS without surprises.

use std::{collections::BTreeMap, fmt, sync::Arc};

/// The name of a message group: 1 to 128 ASCII letters, digits and punctuation marks.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupId(Arc<str>);

impl GroupId {
    /// The longest name, in characters.
    pub const MAX: usize = 128;

    /// Checks the name against SQS's alphabet and length.
    pub fn new(name: impl Into<Arc<str>>) -> Result<Self, InvalidMessage> {
        let name = name.into();
        check_token("the group id", &name)?;
        Ok(Self(name))
    }

    /// The name of a group that was checked before it was stored.
    pub(crate) fn stored(name: &str) -> Self {
        Self(name.into())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for GroupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for GroupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GroupId({})", self.0)
    }
}

/// A message to send.
#[derive(Clone, PartialEq, Eq)]
pub struct NewMessage {
    body: Arc<str>,
    group: GroupId,
    deduplication_id: Arc<str>,
    attributes: BTreeMap<String, String>,
}

impl NewMessage {
    /// The largest message, in bytes of UTF-8, attributes included (SQS: 1 MiB).
    pub const MAX_BYTES: usize = 1024 * 1024;
    /// The longest deduplication id, in characters.
    pub const MAX_DEDUPLICATION_ID: usize = 128;
    /// How many attributes a message carries at most.
    pub const MAX_ATTRIBUTES: usize = 10;
    /// The longest name of an attribute, in characters.
    pub const MAX_ATTRIBUTE_NAME: usize = 256;

    /// A message for this group. Within five minutes, a second message with the same
    /// deduplication id is taken for a repetition of the first.
    pub fn new(
        body: impl Into<Arc<str>>,
        group: GroupId,
        deduplication_id: impl Into<Arc<str>>,
    ) -> Result<Self, InvalidMessage> {
        let message = Self {
            body: body.into(),
            group,
            deduplication_id: deduplication_id.into(),
            attributes: BTreeMap::new(),
        };
        check_token("the deduplication id", &message.deduplication_id)?;
        check_text("the body", &message.body)?;
        message.check_size()?;
        Ok(message)
    }

    /// The same message with these attributes: texts that travel beside the body.
    pub fn with_attributes(
        mut self,
        attributes: BTreeMap<String, String>,
    ) -> Result<Self, InvalidMessage> {
        if attributes.len() > Self::MAX_ATTRIBUTES {
            return Err(InvalidMessage::Attributes);
        }
        for (name, value) in &attributes {
            check_attribute_name(name)?;
            check_text("an attribute's value", value)?;
        }
        self.attributes = attributes;
        self.check_size()?;
        Ok(self)
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> &Arc<str> {
        &self.body
    }

    /// The group.
    #[must_use]
    pub fn group(&self) -> &GroupId {
        &self.group
    }

    /// The id that makes a repetition recognizable.
    #[must_use]
    pub fn deduplication_id(&self) -> &Arc<str> {
        &self.deduplication_id
    }

    /// The attributes.
    #[must_use]
    pub fn attributes(&self) -> &BTreeMap<String, String> {
        &self.attributes
    }

    fn check_size(&self) -> Result<(), InvalidMessage> {
        const TYPE: usize = "String".len(); // SQS counts an attribute's type name too
        let attributes = self.attributes.iter();
        let bytes = attributes
            .fold(self.body.len(), |sum, (name, value)| sum + name.len() + TYPE + value.len());
        if bytes > Self::MAX_BYTES {
            return Err(InvalidMessage::TooLarge { bytes });
        }
        Ok(())
    }
}

impl fmt::Debug for NewMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewMessage")
            .field("group", &self.group)
            .field("deduplication_id", &self.deduplication_id)
            .field("bytes", &self.body.len()) // bodies may be private: keep them out of logs
            .finish_non_exhaustive()
    }
}

/// What a queue answers to a send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The id of the message; of a duplicate, the id of the original.
    pub message_id: String,
    /// The message's place; of a duplicate, the place of the original.
    pub sequence_number: u64,
    /// Whether the queue had this message already, and took nothing in.
    pub duplicate: bool,
}

/// A message that a queue delivered.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// The id the queue gave; the same on every delivery.
    pub message_id: String,
    /// The place in the queue; grows within a group, with gaps, and is never used twice.
    pub sequence_number: u64,
    /// The group.
    pub group: GroupId,
    /// The body.
    pub body: Arc<str>,
    /// The texts beside the body.
    pub attributes: BTreeMap<String, String>,
    /// How often the message was delivered, this time included.
    pub receive_count: u32,
    /// When the queue took the message, in milliseconds since the Unix epoch.
    pub sent_at: u64,
    /// What deletes the message, or changes its visibility; new on each delivery.
    pub receipt: ReceiptHandle,
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("message_id", &self.message_id)
            .field("sequence_number", &self.sequence_number)
            .field("group", &self.group)
            .field("receive_count", &self.receive_count)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// What a receiver holds for a message in flight. Opaque; each backend writes its own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ReceiptHandle(pub(crate) String);

impl ReceiptHandle {
    /// The handle as it travels.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for ReceiptHandle {
    fn from(text: String) -> Self {
        Self(text)
    }
}

/// What is wrong with a message. It names the field and the limit, never the content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidMessage {
    /// A group id or a deduplication id outside its limits.
    #[error("{field} must be 1 to 128 ASCII letters, digits or punctuation marks")]
    Token {
        /// Which field.
        field: &'static str,
    },
    /// SQS knows no empty body and no empty attribute value.
    #[error("{field} must not be empty")]
    Empty {
        /// Which field.
        field: &'static str,
    },
    /// A character that SQS does not carry.
    #[error(
        "{field} contains U+{:04X}; allowed are tab, line feed, carriage return and U+0020 and above, \
         except U+FFFE and U+FFFF", u32::from(*.character)
    )]
    Character {
        /// Which field.
        field: &'static str,
        /// The first such character.
        character: char,
    },
    /// Body and attributes together.
    #[error("the message has {bytes} bytes with its attributes; at most 1,048,576 are allowed")]
    TooLarge {
        /// How large the message is.
        bytes: usize,
    },
    /// Too many attributes.
    #[error("a message carries at most 10 attributes")]
    Attributes,
    /// An attribute's name.
    #[error(
        "an attribute's name must be 1 to 256 ASCII letters, digits, `_`, `-` and `.`, without \
         `AWS.` or `Amazon.` before it and without a `.` at either end or after another"
    )]
    AttributeName,
}

fn check_token(field: &'static str, text: &str) -> Result<(), InvalidMessage> {
    let fits = (1..=GroupId::MAX).contains(&text.len());
    // SQS's list of punctuation marks is all of ASCII's.
    if fits && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(());
    }
    Err(InvalidMessage::Token { field })
}

fn check_text(field: &'static str, text: &str) -> Result<(), InvalidMessage> {
    if text.is_empty() {
        return Err(InvalidMessage::Empty { field });
    }
    match text.chars().find(|character| !is_carried(*character)) {
        Some(character) => Err(InvalidMessage::Character { field, character }),
        None => Ok(()),
    }
}

/// SQS's `SendMessage`: #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF.
fn is_carried(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | '\u{20}'..='\u{fffd}' | '\u{10000}'..)
}

fn check_attribute_name(name: &str) -> Result<(), InvalidMessage> {
    let fits = (1..=NewMessage::MAX_ATTRIBUTE_NAME).contains(&name.len());
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    let lower = name.to_ascii_lowercase();
    let reserved = lower.starts_with("aws.") || lower.starts_with("amazon.");
    let dots = name.starts_with('.') || name.ends_with('.') || name.contains("..");
    if fits && name.bytes().all(known) && !reserved && !dots {
        return Ok(());
    }
    Err(InvalidMessage::AttributeName)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{GroupId, InvalidMessage, NewMessage};

    fn message(body: &str) -> Result<NewMessage, InvalidMessage> {
        NewMessage::new(body, GroupId::new("g").unwrap(), "d")
    }

    #[test]
    fn a_group_takes_every_character_that_sqs_takes() {
        let all: String = ('!'..='~').collect();
        assert!(GroupId::new(all.as_str()).is_ok());
        assert!(GroupId::new("x".repeat(128)).is_ok());
        for name in ["", "a b", "é", "a\n", &"x".repeat(129)] {
            let error = GroupId::new(name).unwrap_err();
            assert_eq!(error, InvalidMessage::Token { field: "the group id" });
        }
    }

    #[test]
    fn a_body_is_text_of_at_most_one_mebibyte() {
        assert!(message(&"x".repeat(NewMessage::MAX_BYTES)).is_ok());
        assert_eq!(
            message(&"x".repeat(NewMessage::MAX_BYTES + 1)),
            Err(InvalidMessage::TooLarge { bytes: 1_048_577 })
        );
        assert_eq!(
            message("a\0").unwrap_err().to_string(),
            "the body contains U+0000; allowed are tab, line feed, carriage return and U+0020 \
             and above, except U+FFFE and U+FFFF"
        );
        assert!(message("\u{fffe}").is_err());
        assert!(message("").is_err());
        assert!(message("\t\r\n \u{7f}\u{fffd}\u{10ffff}").is_ok());
    }

    #[test]
    fn attributes_count_toward_the_size() {
        let attributes = BTreeMap::from([("n".to_owned(), "v".to_owned())]);
        let overhead = "n".len() + "String".len() + "v".len();
        let fits = message(&"x".repeat(NewMessage::MAX_BYTES - overhead)).unwrap();
        assert!(fits.with_attributes(attributes.clone()).is_ok());
        let full = message(&"x".repeat(NewMessage::MAX_BYTES)).unwrap();
        assert!(full.with_attributes(attributes).is_err());
    }

    #[test]
    fn attribute_names_follow_sqs() {
        for name in ["", "a b", ".a", "a.", "a..b", "AWS.x", "amazon.x"] {
            let attributes = BTreeMap::from([(name.to_owned(), "v".to_owned())]);
            let result = message("x").unwrap().with_attributes(attributes);
            assert_eq!(result, Err(InvalidMessage::AttributeName), "{name}");
        }
        let eleven = (0..11).map(|n| (format!("a{n}"), "v".to_owned())).collect();
        let result = message("x").unwrap().with_attributes(eleven);
        assert_eq!(result, Err(InvalidMessage::Attributes));
    }
}
