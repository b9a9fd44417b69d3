//! What the chat does with each action: business, and nothing of sockets or queues.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chat_contract::{
    Chat, Earlier, History, Join, Joined, Leave, Message, Page, Posted, Presence, SendMessage,
    Typing, Typist,
};
use gatewire::{Context, Error, Handle, Result};
use gatewire_server::Closed;
use gatewire_server::store::{Store, StoreError};

use crate::{
    history::{self, Bounds, Draft},
    limits,
    rooms::Rooms,
};

/// The chat. Cheap to clone; all clones are the same chat.
#[derive(Clone)]
pub(crate) struct App {
    store: Store,
    rooms: Arc<Mutex<Rooms>>,
    /// Held from reading who is in a room until the room was told, so that no older list is told
    /// after a newer one.
    telling: Arc<tokio::sync::Mutex<()>>,
    /// Milliseconds since the Unix epoch, for a message that no queue has dated.
    now: fn() -> u64,
}

impl App {
    /// The chat over this store.
    pub(crate) async fn open(store: Store, now: fn() -> u64) -> Result<Self, StoreError> {
        store.write(history::create).await?;
        Ok(Self { store, rooms: Arc::default(), telling: Arc::default(), now })
    }

    /// A connection has ended. Somebody who came back on another one keeps their seats; else the
    /// rooms are told. Whoever closes the page says so and leaves at once; whoever loses the
    /// network stays until the gateway gives the session up.
    pub(crate) async fn disconnected(self, cx: Context<Chat>, closed: Closed) {
        if let Some(successor) = closed.successor {
            self.rooms().move_seats(cx.connection(), successor);
            return;
        }
        let rooms = self.rooms().depart(cx.connection());
        for room in rooms {
            if let Err(error) = self.tell_members(&cx, room).await {
                tracing::warn!(%error, "a room does not know that somebody left");
            }
        }
    }

    async fn tell_members(&self, cx: &Context<Chat>, room: String) -> Result<()> {
        let _telling = self.telling.lock().await;
        let members = self.rooms().members(&room);
        cx.post_to_group(&room.clone(), Presence { room, members }).await?;
        Ok(())
    }

    fn rooms(&self) -> MutexGuard<'_, Rooms> {
        // No method of `Rooms` panics half-way, so what another thread left is whole.
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs in the worker, behind the queue, possibly more than once: stored once, told each time,
/// because the page drops a number that it has.
impl Handle<SendMessage> for App {
    async fn handle(&self, message: SendMessage, cx: Context<Chat>) -> Result<Posted> {
        limits::room("sendMessage", &message.room)?;
        limits::text(&message.text)?;
        limits::tag(message.tag.as_deref())?;
        let author = limits::signed_in(&cx)?.to_owned();
        let sent_at = cx.delivery().map_or_else(self.now, |from| from.sent_at);
        let key = key(&message, &author, &cx);
        let stored: Message = self
            .store
            .write(move |transaction| {
                let draft = Draft {
                    room: &message.room,
                    author: &author,
                    text: &message.text,
                    tag: message.tag.as_deref(),
                    sent_at,
                };
                history::append(transaction, key.as_deref(), &draft)
            })
            .await?;
        let posted = Posted { number: stored.number, sent_at: stored.sent_at };
        cx.post_to_group(&stored.room.clone(), stored).await?;
        Ok(posted)
    }
}

/// Joins the group before it reads the history, so that nothing falls between the two.
impl Handle<Join> for App {
    async fn handle(&self, join: Join, cx: Context<Chat>) -> Result<Joined> {
        limits::room("join", &join.room)?;
        let name = limits::signed_in(&cx)?;
        let entered = self.rooms().enter(&join.room, cx.connection(), name);
        let changed = entered
            .map_err(|refusal| Error::new(Error::INVALID, format!("join.room: {refusal}")))?;
        if let Err(gone) = cx.join(&join.room).await {
            // The socket closed before its seat was taken, so nobody else will free it.
            self.rooms().depart(cx.connection());
            return Err(gone.into());
        }
        if changed {
            self.tell_members(&cx, join.room.clone()).await?;
        }
        let page = self.store.read(|transaction| match join.after {
            Some(number) => history::after(transaction, &join.room, number, Bounds::PAGE),
            None => history::newest(transaction, &join.room),
        })?;
        Ok(Joined {
            messages: page.messages,
            more: page.more,
            members: self.rooms().members(&join.room),
        })
    }
}

impl Handle<History> for App {
    async fn handle(&self, history: History, _: Context<Chat>) -> Result<Page> {
        limits::room("history", &history.room)?;
        Ok(self.store.read(|transaction| {
            history::after(transaction, &history.room, history.after, Bounds::PAGE)
        })?)
    }
}

impl Handle<Earlier> for App {
    async fn handle(&self, earlier: Earlier, _: Context<Chat>) -> Result<Page> {
        limits::room("earlier", &earlier.room)?;
        Ok(self.store.read(|transaction| {
            history::before(transaction, &earlier.room, earlier.before, Bounds::NEWEST)
        })?)
    }
}

impl Handle<Leave> for App {
    async fn handle(&self, leave: Leave, cx: Context<Chat>) -> Result<()> {
        limits::room("leave", &leave.room)?;
        cx.leave(&leave.room).await?;
        let changed = self.rooms().leave(&leave.room, cx.connection());
        if changed {
            self.tell_members(&cx, leave.room).await?;
        }
        Ok(())
    }
}

/// Tells a room only what its own members type.
impl Handle<Typing> for App {
    async fn handle(&self, typing: Typing, cx: Context<Chat>) -> Result<()> {
        limits::room("typing", &typing.room)?;
        let name = limits::signed_in(&cx)?.to_owned();
        if self.rooms().contains(&typing.room, cx.connection()) {
            let room = typing.room;
            cx.post_to_group(&room.clone(), Typist { room, name }).await?;
        }
        Ok(())
    }
}

/// What makes two messages of a room the same one: the author's own tag, which outlives a session;
/// else the action, which is the same each time it is repeated.
fn key(message: &SendMessage, author: &str, cx: &Context<Chat>) -> Option<String> {
    match &message.tag {
        Some(tag) => Some(format!("tag {author}\n{tag}")),
        None => cx.idempotency_key().map(|key| format!("action {key}")),
    }
}

#[cfg(test)]
mod tests;
