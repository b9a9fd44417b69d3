//! What the browser and the chat say to each other.
//!
//! Messages of a room are numbered from 1 without a hole. A page keeps the number it has reached:
//! an event with the next number is shown, one with a number it has is dropped, and one further on
//! means that something was missed, which [`History`] brings. Nothing else is needed for every
//! message to arrive once and in order, whatever happened to the socket or the server in between.

use gatewire::prelude::*;

/// What a browser may ask. Whoever asks is known from the token, so no payload names its sender.
#[derive(Debug, Contract)]
#[contract(events = ChatEvent)]
pub enum Chat {
    /// Write to a room. The queue takes the message first: it is on disk before it is accepted.
    #[reply(Posted)]
    SendMessage(SendMessage),
    /// Enter a room and read what is there. Asking again, after a reconnect, is the same.
    #[reply(Joined)]
    Join(Join),
    /// Read what came after a message: how a page closes a gap.
    #[reply(Page)]
    History(History),
    /// Read what came before a message: how a page scrolls back.
    #[reply(Page)]
    Earlier(Earlier),
    /// Leave a room. Closing the socket does the same.
    Leave(Leave),
    /// Say that you are typing.
    Typing(Typing),
}

/// What the chat may tell a browser that has joined a room.
#[derive(Debug, Events)]
pub enum ChatEvent {
    /// Somebody wrote.
    MessagePosted(Message),
    /// Somebody came or left.
    Presence(Presence),
    /// Somebody is typing.
    Typing(Typist),
}

/// Text for a room.
#[message]
#[derive(Clone, Debug, PartialEq)]
pub struct SendMessage {
    /// The room's name: 1 to 64 characters.
    pub room: String,
    /// What to say: 1 to 4,000 characters.
    pub text: String,
    /// The page's own mark for the message, at most 64 characters. It comes back in
    /// [`Message::tag`], so that the page knows which of the messages it shows as on their way has
    /// arrived. A room keeps what one author sends with one tag once, however often it is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
}

/// The message is in the room's history.
#[message]
#[derive(Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Posted {
    /// Its place in the room.
    pub number: u32,
    /// When the queue took it, in milliseconds since the Unix epoch.
    pub sent_at: u64,
}

/// Which room to enter, and how far the page has read it.
#[message]
#[derive(Clone, Debug, PartialEq)]
pub struct Join {
    /// The room's name: 1 to 64 characters.
    pub room: String,
    /// The number of the last message the page has, 0 for none: the reply begins with the next
    /// one. Absent on a first visit: the reply holds the newest messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<u32>,
}

/// You are in the room, and this is what it holds.
#[message]
#[derive(Clone, Debug, PartialEq)]
pub struct Joined {
    /// In order, without a hole.
    pub messages: Vec<Message>,
    /// Whether there are messages after these: ask for them with [`History`].
    pub more: bool,
    /// Who is here, you included, by name.
    pub members: Vec<String>,
}

/// Asks for what follows a message.
#[message]
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    /// The room's name.
    pub room: String,
    /// The number of the last message the page has; 0 for none.
    pub after: u32,
}

/// Asks for what precedes a message.
#[message]
#[derive(Clone, Debug, PartialEq)]
pub struct Earlier {
    /// The room's name.
    pub room: String,
    /// The number of the first message the page has.
    pub before: u32,
}

/// Some messages of a room.
#[message]
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// In order, without a hole.
    pub messages: Vec<Message>,
    /// Whether there are more in the direction that was asked for.
    pub more: bool,
}

/// Which room to leave.
#[message]
#[derive(Clone, Debug, PartialEq)]
pub struct Leave {
    /// The room's name.
    pub room: String,
}

/// Where you are typing.
#[message]
#[derive(Clone, Debug, PartialEq)]
pub struct Typing {
    /// The room's name.
    pub room: String,
}

/// One message of a room.
#[message]
#[derive(Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// The room's name.
    pub room: String,
    /// Its place in the room, from 1.
    pub number: u32,
    /// Who wrote it.
    pub author: String,
    /// What they wrote.
    pub text: String,
    /// When the queue took it, in milliseconds since the Unix epoch.
    pub sent_at: u64,
    /// What its sender marked it with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
}

/// Who is in a room, after somebody came or left.
#[message]
#[derive(Clone, Debug, PartialEq)]
pub struct Presence {
    /// The room's name.
    pub room: String,
    /// By name, in alphabetical order. Somebody with two pages open is one member.
    pub members: Vec<String>,
}

/// Who is typing in a room.
#[message]
#[derive(Clone, Debug, PartialEq)]
pub struct Typist {
    /// The room's name.
    pub room: String,
    /// By name.
    pub name: String,
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_typescript_is_current() -> Result<(), gatewire::describe::CheckError> {
        gatewire::describe::check::<super::Chat>(env!("CARGO_MANIFEST_DIR"))
    }
}
