//! What was said: each room's messages, numbered from 1 without a hole.
//!
//! A message may be handled twice: the server can die after the message was stored and before the
//! queue learned of it. Its key is stored with it, in the same transaction, so that the second time
//! finds the first.

use chat_contract::{Message, Page};
use redb::{ReadTransaction, ReadableTable, TableDefinition, WriteTransaction};

/// Each message as JSON, by room and number.
const MESSAGES: TableDefinition<(&str, u32), &[u8]> = TableDefinition::new("chat.messages");

/// The number a message got, by room and key.
const NUMBERS: TableDefinition<(&str, &str), u32> = TableDefinition::new("chat.numbers");

/// The most that one answer carries.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// How many messages.
    pub(crate) messages: usize,
    /// How many bytes of JSON. One message is always carried, however large.
    pub(crate) bytes: usize,
}

impl Bounds {
    /// What a first visit shows: a few screens.
    pub(crate) const NEWEST: Self = Self { messages: 200, bytes: Self::BYTES };
    /// What catching up asks for at a time.
    pub(crate) const PAGE: Self = Self { messages: 1000, bytes: Self::BYTES };
    /// Three quarters of what one WebSocket message may hold, the rest for its envelope.
    const BYTES: usize = gatewire::Limits::MESSAGE / 4 * 3;
}

/// A message that has no number yet.
#[derive(Debug)]
pub(crate) struct Draft<'a> {
    pub(crate) room: &'a str,
    pub(crate) author: &'a str,
    pub(crate) text: &'a str,
    pub(crate) tag: Option<&'a str>,
    /// In milliseconds since the Unix epoch.
    pub(crate) sent_at: u64,
}

/// Makes the tables, so that a reader finds them before anything was said.
pub(crate) fn create(transaction: &WriteTransaction) -> Result<(), redb::Error> {
    transaction.open_table(MESSAGES)?;
    transaction.open_table(NUMBERS)?;
    Ok(())
}

/// Appends a message to its room. With a key that the room has seen, it returns what was stored
/// then and changes nothing.
pub(crate) fn append(
    transaction: &WriteTransaction,
    key: Option<&str>,
    draft: &Draft<'_>,
) -> Result<Message, redb::Error> {
    let mut messages = transaction.open_table(MESSAGES)?;
    let mut numbers = transaction.open_table(NUMBERS)?;
    if let Some(key) = key
        && let Some(number) = numbers.get((draft.room, key))?
    {
        let stored = messages.get((draft.room, number.value()))?;
        let stored = stored.ok_or_else(|| corrupted("a key names a message that is not there"))?;
        return parse(stored.value());
    }
    let last = last(&messages, draft.room)?;
    let number = last.checked_add(1).ok_or_else(|| corrupted("the numbers are used up"))?;
    let message = draft.numbered(number);
    let json = serde_json::to_vec(&message).expect("strings and numbers are always JSON");
    messages.insert((draft.room, message.number), json.as_slice())?;
    if let Some(key) = key {
        numbers.insert((draft.room, key), message.number)?;
    }
    Ok(message)
}

/// The messages that follow `number`, as far as the bounds allow.
pub(crate) fn after(
    transaction: &ReadTransaction,
    room: &str,
    number: u32,
    bounds: Bounds,
) -> Result<Page, redb::Error> {
    let messages = transaction.open_table(MESSAGES)?;
    let Some(first) = number.checked_add(1) else {
        return Ok(empty());
    };
    let rows = messages.range((room, first)..=(room, u32::MAX))?;
    take(rows.map(|row| row.map(|(_, json)| json)), bounds)
}

/// The messages that precede `number`, the nearest ones when the bounds allow no more.
pub(crate) fn before(
    transaction: &ReadTransaction,
    room: &str,
    number: u32,
    bounds: Bounds,
) -> Result<Page, redb::Error> {
    let messages = transaction.open_table(MESSAGES)?;
    let rows = messages.range((room, 0)..(room, number))?.rev();
    let mut page = take(rows.map(|row| row.map(|(_, json)| json)), bounds)?;
    page.messages.reverse();
    Ok(page)
}

/// The last messages of a room, with nothing after them.
pub(crate) fn newest(transaction: &ReadTransaction, room: &str) -> Result<Page, redb::Error> {
    let mut page = before(transaction, room, u32::MAX, Bounds::NEWEST)?;
    page.more = false; // what is more lies before them; the first number tells that
    Ok(page)
}

impl Draft<'_> {
    fn numbered(&self, number: u32) -> Message {
        Message {
            room: self.room.to_owned(),
            number,
            author: self.author.to_owned(),
            text: self.text.to_owned(),
            sent_at: self.sent_at,
            tag: self.tag.map(str::to_owned),
        }
    }
}

fn last(
    messages: &impl ReadableTable<(&'static str, u32), &'static [u8]>,
    room: &str,
) -> Result<u32, redb::Error> {
    let mut rows = messages.range((room, 0)..=(room, u32::MAX))?;
    let Some(row) = rows.next_back() else {
        return Ok(0);
    };
    Ok(row?.0.value().1)
}

fn take<'a>(
    rows: impl Iterator<Item = Result<redb::AccessGuard<'a, &'static [u8]>, redb::StorageError>>,
    bounds: Bounds,
) -> Result<Page, redb::Error> {
    let mut page = empty();
    let mut bytes = 0;
    for row in rows {
        let row = row?;
        bytes += row.value().len();
        let full = page.messages.len() >= bounds.messages || bytes > bounds.bytes;
        if full && !page.messages.is_empty() {
            page.more = true;
            break;
        }
        page.messages.push(parse(row.value())?);
    }
    Ok(page)
}

fn parse(json: &[u8]) -> Result<Message, redb::Error> {
    serde_json::from_slice(json).map_err(|error| corrupted(&error.to_string()))
}

/// The file does not hold what was written: the store's own kind of error, because any other
/// would be one more for each caller to tell apart, and there is nothing to do about either.
fn corrupted(what: &str) -> redb::Error {
    redb::Error::Corrupted(format!("chat history: {what}"))
}

fn empty() -> Page {
    Page { messages: Vec::new(), more: false }
}

#[cfg(test)]
mod tests {
    use redb::{Database, ReadableDatabase, backends::InMemoryBackend};

    use super::*;

    #[test]
    fn each_room_counts_from_one_without_a_hole() {
        let database = database();
        assert_eq!(say(&database, "lobby", None, "a").number, 1);
        assert_eq!(say(&database, "garden", None, "b").number, 1);
        assert_eq!(say(&database, "lobby", None, "c").number, 2);
        let page = after(&read(&database), "lobby", 0, Bounds::PAGE).unwrap();
        assert_eq!(texts(&page), ["a", "c"]);
    }

    #[test]
    fn a_message_handled_twice_is_stored_once() {
        let database = database();
        let first = say(&database, "lobby", Some("session/7"), "hello");
        say(&database, "lobby", Some("session/8"), "more");
        assert_eq!(say(&database, "lobby", Some("session/7"), "hello"), first);
        let page = after(&read(&database), "lobby", 0, Bounds::PAGE).unwrap();
        assert_eq!(texts(&page), ["hello", "more"]);
    }

    #[test]
    fn a_room_whose_name_begins_like_another_does_not_leak() {
        let database = database();
        say(&database, "a", None, "1");
        say(&database, "a\0", None, "2");
        say(&database, "aa", None, "3");
        for bounds in [Bounds::NEWEST, Bounds::PAGE] {
            let page = before(&read(&database), "a", u32::MAX, bounds).unwrap();
            assert_eq!(texts(&page), ["1"]);
        }
    }

    #[test]
    fn a_page_says_when_there_is_more_in_either_direction() {
        let database = database();
        for text in ["1", "2", "3", "4", "5"] {
            say(&database, "lobby", None, text);
        }
        let two = Bounds { messages: 2, bytes: usize::MAX };
        let read = read(&database);
        let page = after(&read, "lobby", 1, two).unwrap();
        assert_eq!((texts(&page), page.more), (vec!["2", "3"], true));
        let page = after(&read, "lobby", 3, two).unwrap();
        assert_eq!((texts(&page), page.more), (vec!["4", "5"], false));
        let page = before(&read, "lobby", 5, two).unwrap();
        assert_eq!((texts(&page), page.more), (vec!["3", "4"], true));
        let page = before(&read, "lobby", 3, two).unwrap();
        assert_eq!((texts(&page), page.more), (vec!["1", "2"], false));
    }

    #[test]
    fn a_first_visit_sees_the_newest_messages() {
        let database = database();
        for number in 1..=201 {
            say(&database, "lobby", None, &number.to_string());
        }
        let page = newest(&read(&database), "lobby").unwrap();
        assert_eq!((page.messages.len(), page.more), (200, false));
        assert_eq!(page.messages[0].number, 2);
    }

    #[test]
    fn a_page_fits_a_frame_and_still_moves_on() {
        let database = database();
        let long = "\u{1}".repeat(4000); // as JSON, six times as long
        for _ in 0..8 {
            say(&database, "lobby", None, &long);
        }
        let page = after(&read(&database), "lobby", 0, Bounds::PAGE).unwrap();
        assert!(page.more);
        let bytes = serde_json::to_string(&page).unwrap().len();
        assert!(bytes < gatewire::Limits::MESSAGE, "{bytes}");

        let nothing = Bounds { messages: 0, bytes: 0 };
        let page = after(&read(&database), "lobby", 3, nothing).unwrap();
        assert_eq!(page.messages[0].number, 4);
    }

    #[test]
    fn nothing_follows_the_last_possible_number() {
        let page = after(&read(&database()), "lobby", u32::MAX, Bounds::PAGE).unwrap();
        assert_eq!(page, empty());
    }

    fn database() -> Database {
        let backend = InMemoryBackend::new();
        let database = Database::builder().create_with_backend(backend).unwrap();
        let write = database.begin_write().unwrap();
        create(&write).unwrap();
        write.commit().unwrap();
        database
    }

    fn say(database: &Database, room: &str, key: Option<&str>, text: &str) -> Message {
        let write = database.begin_write().unwrap();
        let draft = Draft { room, author: "Ada", text, tag: None, sent_at: 1 };
        let message = append(&write, key, &draft).unwrap();
        write.commit().unwrap();
        message
    }

    fn read(database: &Database) -> ReadTransaction {
        database.begin_read().unwrap()
    }

    fn texts(page: &Page) -> Vec<&str> {
        page.messages.iter().map(|m| m.text.as_str()).collect()
    }
}
