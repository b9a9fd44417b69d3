//! Why a gateway does not start.

use gatewire::describe::NotCarried;

use crate::{expression::ExpressionError, queue::QueueError, store::StoreError};

/// Why a gateway did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The route selection expression cannot be read.
    #[error(transparent)]
    Selection(#[from] ExpressionError),
    /// The contract says something that cannot be written down as a schema.
    #[error("the contract cannot be described: {0}")]
    Contract(#[from] NotCarried),
    /// A forward needs a store, for the answers at least.
    #[error(
        "`{route}` is forwarded to the queue {queue:?}, and the gateway has no store; give it one with `store`"
    )]
    NoStore {
        /// The action.
        route: &'static str,
        /// Where it should go.
        queue: String,
    },
    /// The sessions of the process before cannot be read.
    #[error("the sessions in the store cannot be read")]
    Sessions(#[source] StoreError),
    /// A queue in the store cannot be opened.
    #[error("the queue {queue:?} cannot be opened")]
    Queue {
        /// Which.
        queue: String,
        /// Why.
        source: QueueError,
    },
}
