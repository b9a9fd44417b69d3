//! The queues of a configuration: opened once, fed by integrations, emptied by deliveries.

use std::{collections::BTreeMap, sync::Arc};

use super::ServeError;
use crate::{
    config::{self, Config},
    queue::{EmbeddedQueue, Queue, QueueOptions},
    store::Store,
};

/// All queues, by name.
#[derive(Clone, Default)]
pub(super) struct Queues {
    open: BTreeMap<String, Arc<dyn Queue>>,
}

impl Queues {
    /// Opens every queue in the store.
    pub(super) fn open(config: &Config, store: &Store) -> Result<Self, ServeError> {
        let open = config.queues.iter().map(|(name, queue)| {
            let opened = EmbeddedQueue::open(store, name, options(queue));
            let opened =
                opened.map_err(|source| ServeError::Queue { queue: name.clone(), source })?;
            Ok((name.clone(), Arc::new(opened) as Arc<dyn Queue>))
        });
        Ok(Self { open: open.collect::<Result<_, ServeError>>()? })
    }

    /// All of them, with their names.
    pub(super) fn all(&self) -> &BTreeMap<String, Arc<dyn Queue>> {
        &self.open
    }

    /// The queue of this name.
    pub(super) fn get(&self, name: &str) -> Arc<dyn Queue> {
        self.open.get(name).expect("a configuration's names exist").clone()
    }
}

fn options(queue: &config::Queue) -> QueueOptions {
    QueueOptions {
        visibility_timeout: queue.visibility_timeout,
        max_receive_count: queue.max_receive_count,
        dead_letter: queue.dead_letter.as_ref().map(|name| name.value().clone()),
        retention: queue.retention,
    }
}
