//! What you implement per action, and what the derive makes of it.

use std::future::Future;

use serde_json::value::RawValue;

use crate::{Action, Context, Contract, Error, Result};

/// Answers one action. Implement it for your application type, once per action of the contract.
///
/// A handler may run more than once for one message: behind a queue after a crash, for example.
/// [`Context::idempotency_key`] is the same each time.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not handle `{A}`",
    label = "this application leaves `{A}` unanswered",
    note = "write `impl Handle<{A}> for {Self}`, or forward the action to a queue"
)]
pub trait Handle<A: Action>: Send + Sync + 'static {
    /// Runs the action and answers it. `Err` is the answer too: the client's promise rejects.
    fn handle(
        &self,
        action: A,
        cx: Context<A::Contract>,
    ) -> impl Future<Output = Result<A::Reply>> + Send;
}

/// Says that another process answers the action: a worker behind a queue. Implement it instead of
/// [`Handle`] where the action is only forwarded.
///
/// ```
/// # use gatewire::prelude::*;
/// # #[derive(Contract)] #[contract(events = ())] enum Chat { Typing(Typing) }
/// # #[message] struct Typing { room: String }
/// struct Edge;
/// impl gatewire::Forwarded<Typing> for Edge {}
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not handle `{A}`",
    label = "this application leaves `{A}` unanswered",
    note = "write `impl Handle<{A}> for {Self}`, or forward the action to a queue with \
            `impl Forwarded<{A}> for {Self} {{}}`"
)]
pub trait Forwarded<A: Action>: Send + Sync + 'static {}

impl<H: Forwarded<A>, A: Action> Handle<A> for H {
    async fn handle(&self, _: A, _: Context<A::Contract>) -> Result<A::Reply> {
        let message = format!("`{}` is answered elsewhere, and no route forwards it", A::ROUTE);
        Err(Error::new(Error::UNAVAILABLE, message))
    }
}

/// A contract all of whose actions `H` handles. Derived; its bounds name a missing handler.
pub trait ServedBy<H>: Contract {
    /// Runs the handler of this action and returns its reply as JSON text.
    fn serve(
        self,
        app: &H,
        cx: Context<Self>,
    ) -> impl Future<Output = Result<Box<RawValue>>> + Send;
}

/// Runs one handler and writes its reply as JSON text. The derive calls this.
pub async fn answer<H: Handle<A>, A: Action>(
    app: &H,
    action: A,
    cx: Context<A::Contract>,
) -> Result<Box<RawValue>> {
    let reply = app.handle(action, cx).await?;
    Ok(serde_json::value::to_raw_value(&reply)?)
}
