//! What the derives implement: a contract, its actions, its events.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use crate::{Result, invalid};

/// All actions of an application, as an enum with one variant per action. Derive it.
pub trait Contract: Sized + Send + 'static {
    /// What the server may push: the enum named by `#[contract(events = …)]`.
    type Events: Events;

    /// The contract's name as TypeScript sees it: `Chat` is `chat`.
    const NAME: &'static str;

    /// The route keys of the actions, in the order they are declared.
    const ROUTES: &'static [&'static str];

    /// Checks the payload of one action against the contract's shapes, constraints included. The
    /// derive does so when gatewire is built with the feature `schema`; without, everything passes.
    fn check(_route: &str, _payload: &RawValue) -> Result<()> {
        Ok(())
    }

    /// Which contract this is, for the other end to compare: 16 characters. `None` where that is
    /// not known.
    ///
    /// With the feature `schema` the derive has it computed from the contract's schema, once, when
    /// it is first asked for. A client for wasm is better built without, because that is 37 kB after
    /// gzip: there the derive takes the fingerprint from `chat.js`, the file that the contract's
    /// crate keeps for TypeScript, when it compiles. A crate that has no such file has none.
    #[must_use]
    fn fingerprint() -> Option<&'static str> {
        None
    }

    /// Parses the payload of one action. The error names the field: `sendMessage.text: …`.
    fn decode(route: &str, payload: &RawValue) -> Result<Self>;

    /// The route key of this action.
    fn route(&self) -> &'static str;
}

/// A payload that a client sends, and the reply it gets. Implemented by `#[derive(Contract)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an action of a contract",
    note = "add a variant `{Self}({Self})` to the enum that derives `Contract`"
)]
pub trait Action: Serialize + DeserializeOwned + Send + 'static {
    /// The contract the action belongs to.
    type Contract: Contract;
    /// The answer: the type in `#[reply(…)]`, or `()`.
    type Reply: Serialize + DeserializeOwned + Send + 'static;
    /// The route key: `SendMessage` is `sendMessage`.
    const ROUTE: &'static str;
}

/// All events of an application, as an enum with one variant per event. Derive it; `()` has none.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the events of a contract",
    note = "derive `Events` for the enum, or write `()` where the server pushes nothing"
)]
pub trait Events: Send + 'static {
    /// The names of the events, in the order they are declared.
    const NAMES: &'static [&'static str];
}

impl Events for () {
    const NAMES: &'static [&'static str] = &[];
}

/// A payload the server may push to clients of the events enum `E`. Implemented by
/// `#[derive(Events)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event of `{E}`",
    note = "add a variant `{Self}({Self})` to `{E}`, or post one of its events"
)]
pub trait EventOf<E>: Serialize + DeserializeOwned + Send + 'static {
    /// The event's name on the wire: `MessagePosted` is `messagePosted`.
    const NAME: &'static str;
}

/// The reply of an action that declares none: `null` on the wire.
pub type NoReply = ();

/// Checks a payload, parses it as `A` and says where it is wrong. The derive calls this.
pub fn decode<A: Action>(payload: &RawValue) -> Result<A> {
    A::Contract::check(A::ROUTE, payload)?;
    serde_json::from_str(payload.get()).map_err(|error| invalid::payload::<A>(payload, error))
}

/// The answer to an action that the contract does not declare. The derive calls this.
pub fn unknown_action<C: Contract>(route: &str) -> Result<C> {
    Err(invalid::route(C::NAME, route))
}
