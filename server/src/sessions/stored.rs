//! The sessions in the store, between two processes.

use redb::{ReadableTable, TableDefinition};
use serde::{Deserialize, Serialize};

use crate::{
    session::KeptSession,
    store::{Store, StoreError},
    table::Connection,
};

/// Each session as JSON, by its key.
const SESSIONS: TableDefinition<&str, &[u8]> = TableDefinition::new("sessions");

/// A session, the row of the connection it had last, and the groups of that.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct StoredSession {
    pub(crate) session: KeptSession,
    pub(crate) connection: Connection,
    pub(crate) groups: Vec<String>,
}

/// Keeps these sessions; durable once the future resolves.
pub(crate) fn put(
    store: &Store,
    sessions: &[StoredSession],
) -> impl Future<Output = Result<(), StoreError>> + use<> {
    let row = |stored: &StoredSession| {
        let json = serde_json::to_vec(stored).expect("a session has string keys");
        (stored.session.key().to_owned(), json)
    };
    let rows: Vec<_> = sessions.iter().map(row).collect();
    store.write(move |transaction| {
        let mut table = transaction.open_table(SESSIONS)?;
        for (key, json) in &rows {
            table.insert(key.as_str(), json.as_slice())?;
        }
        Ok(())
    })
}

/// Takes all that are kept out of the store. A process that is killed later leaves none behind,
/// so no client is ever told that an old state of its session is the newest.
pub(crate) fn take(store: &Store) -> Result<Vec<StoredSession>, StoreError> {
    let rows = store.write_blocking(|transaction| {
        let mut table = transaction.open_table(SESSIONS)?;
        let mut rows = Vec::new();
        for row in table.iter()? {
            rows.push(row?.1.value().to_owned());
        }
        table.retain(|_, _| false)?;
        Ok(rows)
    })?;
    let read = |row: &Vec<u8>| match serde_json::from_slice(row) {
        Ok(stored) => Some(stored),
        Err(error) => {
            tracing::warn!(%error, "a kept session cannot be read; its client begins anew");
            None
        }
    };
    Ok(rows.iter().filter_map(read).collect())
}
