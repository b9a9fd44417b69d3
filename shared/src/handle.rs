//! What you implement per action, and what the derive makes of it.

use std::future::Future;

use serde_json::value::RawValue;

use crate::{Action, Context, Contract, Result};

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

/// A contract all of whose actions `H` handles. Derived; its bounds name a missing handler.
pub trait ServedBy<H>: Contract {
    /// Runs the handler of this action and returns its reply as JSON text.
    fn serve(
        self,
        app: &H,
        cx: Context<Self>,
    ) -> impl Future<Output = Result<Box<RawValue>>> + Send;
}
