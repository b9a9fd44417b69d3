//! Typed handlers in this process.

use std::{fmt, marker::PhantomData, sync::Arc};

use futures_util::future::BoxFuture;
use gatewire::{Contract, Result, ServedBy};

use super::{Call, Integration, Outcome};

/// Answers every action of the contract `C` with the handlers of `H`.
pub struct Handlers<C, H> {
    app: Arc<H>,
    contract: PhantomData<fn() -> C>,
}

impl<C, H> Handlers<C, H> {
    /// The handlers of this application.
    pub fn new(app: Arc<H>) -> Self {
        Self { app, contract: PhantomData }
    }
}

impl<C, H> Integration for Handlers<C, H>
where
    C: Contract + ServedBy<H>,
    H: Send + Sync + 'static,
{
    fn call(&self, call: Call) -> BoxFuture<'static, Result<Outcome>> {
        let app = self.app.clone();
        Box::pin(async move {
            let action = C::decode(&call.route, &call.payload()?)?;
            let reply = action.serve(&app, call.context()).await?;
            Ok(Outcome::Reply(reply))
        })
    }
}

impl<C, H> fmt::Debug for Handlers<C, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handlers").finish_non_exhaustive()
    }
}
