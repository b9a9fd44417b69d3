//! A FIFO queue as an integration: the action is on disk before the client hears "accepted".

use std::{collections::BTreeMap, fmt, future::Future, sync::Arc, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use futures_util::future::BoxFuture;
use gatewire::{
    Action, ConnectionId, Delivery, Error, Principal, Result, contract, frame::Accepted,
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::{Call, Caller, Integration, Outcome, ReplyTo};
use crate::{
    answers::Answers,
    id,
    queue::{GroupId, InvalidMessage, Message, NewMessage, Queue, QueueOptions, Sent},
    session::SessionKey,
    trace::{Kind, NewSpan},
};

/// Names the queue an action is forwarded to.
///
/// ```
/// # use gatewire_server::{Fifo, Forward};
/// # use gatewire::prelude::*;
/// # #[message] pub struct Order { pub shop: String }
/// # #[derive(Contract)] #[contract(events = ShopEvent)] pub enum Shop { Order(Order) }
/// # #[derive(Events)] pub enum ShopEvent { Paid(Paid) }
/// # #[message] pub struct Paid {}
/// let forward: Forward<Order> = Fifo::queue("orders").group_by(|order| &order.shop);
/// ```
#[derive(Clone, Debug)]
pub struct Fifo {
    queue: String,
    options: QueueOptions,
}

impl Fifo {
    /// The queue of this name, with SQS's defaults: 30 s visibility timeout, 10 deliveries before
    /// a message is a dead letter.
    #[must_use]
    pub fn queue(name: impl Into<String>) -> Self {
        let queue = name.into();
        let options =
            QueueOptions { dead_letter: Some(format!("{queue}-dead")), ..QueueOptions::default() };
        Self { queue, options }
    }

    /// How long a worker may be silent about a message before it is delivered again.
    #[must_use]
    pub fn visibility_timeout(mut self, timeout: Duration) -> Self {
        self.options.visibility_timeout = timeout;
        self
    }

    /// After how many deliveries a message that keeps failing becomes a dead letter.
    #[must_use]
    pub fn max_receive_count(mut self, count: u32) -> Self {
        self.options.max_receive_count = count;
        self
    }

    /// Chooses the message group: actions of one group are handled one after another, in the
    /// order they came; groups do not wait for each other.
    #[must_use]
    pub fn group_by<A: Action>(self, group: fn(&A) -> &str) -> Forward<A> {
        Forward { fifo: self, group }
    }
}

/// An action's way to its queue.
pub struct Forward<A> {
    fifo: Fifo,
    /// A plain function, so that the closure given to `group_by` knows its argument's type.
    group: fn(&A) -> &str,
}

impl<A: Action> Forward<A> {
    pub(crate) fn queue(&self) -> &str {
        &self.fifo.queue
    }

    pub(crate) fn options(&self) -> &QueueOptions {
        &self.fifo.options
    }

    pub(crate) fn to(&self, queue: Arc<dyn Queue>, answers: Answers) -> impl Integration + use<A> {
        Forwarding { name: self.fifo.queue.clone(), queue, answers, group: self.group }
    }
}

impl<A> fmt::Debug for Forward<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Forward").field(&self.fifo).finish()
    }
}

struct Forwarding<A> {
    name: String,
    queue: Arc<dyn Queue>,
    answers: Answers,
    group: fn(&A) -> &str,
}

impl<A: Action> Integration for Forwarding<A> {
    fn call(&self, call: Call) -> BoxFuture<'static, Result<Outcome>> {
        match self.send(&call) {
            Ok(sending) => Box::pin(sending),
            Err(error) => Box::pin(std::future::ready(Err(error))),
        }
    }

    fn span(&self, _: &Call) -> NewSpan {
        NewSpan::messaging(Kind::Producer, "send", &self.name)
    }
}

impl<A: Action> Forwarding<A> {
    /// A bad payload is refused here, where its sender still listens, not in front of a worker.
    fn send(&self, call: &Call) -> Result<impl Future<Output = Result<Outcome>> + use<A>> {
        let payload = call.payload()?;
        let action: A = contract::decode(&payload)?;
        let key = call.caller.idempotency_key().unwrap_or_else(|| id::request_id().to_string());
        let answered = self.answers.get(&key)?;
        let message = Envelope::of(call).seal(payload.get(), (self.group)(&action), &key)?;
        let message = call.trace.iter().fold(message, |message, trace| trace.attach(message));
        let sent = answered.is_none().then(|| self.queue.send(message));
        Ok(async move {
            match (answered, sent) {
                (Some(answer), _) => Ok(Outcome::Reply(KeptAnswer::read(&answer)?)),
                (None, Some(sent)) => Ok(Outcome::Accepted(accepted(sent.await?))),
                (None, None) => unreachable!("what has no answer is sent"),
            }
        })
    }
}

pub(super) fn accepted(sent: Sent) -> Accepted {
    Accepted {
        message_id: sent.message_id,
        // 20 digits, as SQS writes it, so that texts compare as the numbers do.
        sequence_number: format!("{:020}", sent.sequence_number),
    }
}

/// What a message carries beside the payload, so that a worker in any process can run the handler
/// as if the action had come straight from the socket.
#[derive(Debug)]
pub(crate) struct Envelope {
    pub(crate) route: Arc<str>,
    pub(crate) connection: ConnectionId,
    pub(crate) principal: Arc<Principal>,
    pub(crate) reply_to: ReplyTo,
}

#[derive(Serialize, Deserialize)]
struct CarriedPrincipal {
    id: String,
    claims: serde_json::Map<String, serde_json::Value>,
}

impl Envelope {
    fn of(call: &Call) -> Self {
        let Caller { connection, principal, reply_to, .. } = &call.caller;
        Self {
            route: call.route.clone(),
            connection: *connection,
            principal: principal.clone(),
            reply_to: reply_to.clone(),
        }
    }

    fn seal(&self, payload: &str, group: &str, key: &str) -> Result<NewMessage> {
        let principal = CarriedPrincipal {
            id: self.principal.id.clone(),
            claims: self.principal.claims.clone(),
        };
        let mut attributes = BTreeMap::from([
            ("route".to_owned(), self.route.to_string()),
            ("connectionId".to_owned(), self.connection.to_string()),
            ("principal".to_owned(), serde_json::to_string(&principal)?),
        ]);
        match &self.reply_to {
            ReplyTo::Session { session, id } => {
                attributes.insert("session".to_owned(), session.as_str().to_owned());
                attributes.insert("id".to_owned(), id.to_string());
            }
            ReplyTo::Connection => {
                attributes.insert("replyTo".to_owned(), "connection".to_owned());
            }
            ReplyTo::Nobody => {}
        }
        let invalid =
            |error: InvalidMessage| Error::new(Error::INVALID, format!("{}: {error}", self.route));
        NewMessage::new(payload, group_id(group), key)
            .and_then(|message| message.with_attributes(attributes))
            .map_err(invalid)
    }

    /// Reads what [`seal`](Self::seal) wrote. A message somebody else put into the queue may not
    /// have it.
    pub(crate) fn open(message: &Message) -> Result<Self, String> {
        let attribute = |name: &str| {
            message.attributes.get(name).ok_or_else(|| format!("the attribute {name} is missing"))
        };
        let principal: CarriedPrincipal = serde_json::from_str(attribute("principal")?)
            .map_err(|error| format!("the attribute principal: {error}"))?;
        let reply_to = match (message.attributes.get("session"), message.attributes.get("replyTo"))
        {
            (Some(session), _) => {
                let id = attribute("id")?.parse().map_err(|_| "the attribute id is no number")?;
                ReplyTo::Session { session: SessionKey::from_kept(session), id }
            }
            (None, Some(_)) => ReplyTo::Connection,
            (None, None) => ReplyTo::Nobody,
        };
        Ok(Self {
            route: attribute("route")?.as_str().into(),
            connection: attribute("connectionId")?
                .parse()
                .map_err(|_| "the attribute connectionId is none")?,
            principal: Arc::new(Principal { id: principal.id, claims: principal.claims }),
            reply_to,
        })
    }
}

/// What a queue knows of a message, for its handler.
pub(crate) fn delivery(message: &Message) -> Delivery {
    Delivery {
        message_id: message.message_id.clone(),
        sequence_number: message.sequence_number,
        group: message.group.to_string(),
        receive_count: message.receive_count,
        sent_at: message.sent_at,
    }
}

/// Queues take short ASCII names; anything else is named by its hash.
pub(super) fn group_id(name: &str) -> GroupId {
    GroupId::new(name).unwrap_or_else(|_| {
        let hash = URL_SAFE_NO_PAD.encode(Sha256::digest(name));
        GroupId::new(format!("sha256.{hash}")).expect("base64url is of the queue's alphabet")
    })
}

/// An answer as it is kept on disk.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum KeptAnswer {
    Data(Box<RawValue>),
    Error(Error),
}

impl KeptAnswer {
    /// The text of an answer.
    pub(crate) fn write(answer: &Result<Box<RawValue>>) -> String {
        let kept = match answer {
            Ok(data) => Self::Data(data.clone()),
            Err(error) => Self::Error(error.clone()),
        };
        serde_json::to_string(&kept).expect("a raw value and an error are JSON")
    }

    fn read(text: &str) -> Result<Box<RawValue>> {
        match serde_json::from_str(text)? {
            Self::Data(data) => Ok(data),
            Self::Error(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_of_any_name_has_a_queues_name() {
        assert_eq!(group_id("lobby").as_str(), "lobby");
        let odd = group_id("Küche & Bad");
        assert!(odd.as_str().starts_with("sha256."), "{odd}");
        assert_eq!(odd, group_id("Küche & Bad"));
        assert_ne!(odd, group_id("Küche & Bäder"));
        assert_eq!(group_id("").as_str().len(), "sha256.".len() + 43);
    }

    #[test]
    fn a_kept_answer_is_the_answer() {
        let reply = RawValue::from_string(r#"{"n":1e400}"#.to_owned()).unwrap();
        let read = KeptAnswer::read(&KeptAnswer::write(&Ok(reply))).unwrap();
        assert_eq!(read.get(), r#"{"n":1e400}"#);
        let error = Error::new("full", "the room is full");
        let read = KeptAnswer::read(&KeptAnswer::write(&Err(error))).unwrap_err();
        assert_eq!(read.to_string(), "full: the room is full");
    }
}
