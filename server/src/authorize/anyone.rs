//! The authorizer that asks nothing.

use std::future::ready;

use futures_util::future::BoxFuture;

use super::{Authorizer, Grant, Handshake, Refusal};

/// Lets everybody in, without a name. What a gateway uses until it is given an authorizer.
#[derive(Clone, Copy, Debug, Default)]
pub struct Anyone;

impl Authorizer for Anyone {
    fn authorize<'a>(&'a self, _: &'a Handshake) -> BoxFuture<'a, Result<Grant, Refusal>> {
        Box::pin(ready(Ok(Grant::default())))
    }
}
