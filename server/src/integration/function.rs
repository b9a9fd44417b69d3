//! A function as an integration: for routes that are no part of a contract.

use std::{fmt, future::Future};

use futures_util::future::BoxFuture;
use gatewire::Result;
use serde::Serialize;

use super::{Call, Integration, Outcome};

struct Function<F>(F);

/// Answers a route with an async function of the call. What it returns is the reply, as JSON.
pub fn from_fn<F, Fut, R>(function: F) -> impl Integration + fmt::Debug
where
    F: Fn(Call) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<R>> + Send + 'static,
    R: Serialize,
{
    Function(function)
}

impl<F, Fut, R> Integration for Function<F>
where
    F: Fn(Call) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<R>> + Send + 'static,
    R: Serialize,
{
    fn call(&self, call: Call) -> BoxFuture<'static, Result<Outcome>> {
        let answer = (self.0)(call);
        Box::pin(async move {
            let reply = answer.await?;
            Ok(Outcome::Reply(serde_json::value::to_raw_value(&reply)?))
        })
    }
}

impl<F> fmt::Debug for Function<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Function")
    }
}
