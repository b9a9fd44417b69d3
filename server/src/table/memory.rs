//! The table of a single process.

use std::{
    collections::{HashMap, HashSet},
    future::ready,
    sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use gatewire::ConnectionId;

use super::{Connection, ConnectionTable, Tabling};

/// Rows and groups behind one lock. Every call is a few map operations, so one lock keeps the two
/// consistent and is not waited for.
#[derive(Debug, Default)]
pub struct MemoryTable {
    state: RwLock<State>,
}

#[derive(Debug, Default)]
struct State {
    rows: HashMap<ConnectionId, Row>,
    groups: HashMap<String, HashSet<ConnectionId>>,
}

#[derive(Debug)]
struct Row {
    connection: Connection,
    groups: Vec<String>,
}

impl MemoryTable {
    /// An empty table.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn remove(&mut self, id: ConnectionId) {
        if let Some(row) = self.rows.remove(&id) {
            for group in &row.groups {
                self.forget_member(group, id);
            }
        }
    }

    fn join(&mut self, id: ConnectionId, group: &str) -> bool {
        let Some(row) = self.rows.get_mut(&id) else {
            return false;
        };
        if !row.groups.iter().any(|joined| joined == group) {
            row.groups.push(group.to_owned());
            self.groups.entry(group.to_owned()).or_default().insert(id);
        }
        true
    }

    fn leave(&mut self, id: ConnectionId, group: &str) {
        if let Some(row) = self.rows.get_mut(&id) {
            row.groups.retain(|joined| joined != group);
        }
        self.forget_member(group, id);
    }

    fn hand_over(&mut self, from: ConnectionId, to: ConnectionId) {
        if from == to || !self.rows.contains_key(&to) {
            return;
        }
        let Some(former) = self.rows.remove(&from) else { return };
        for group in former.groups {
            self.join(to, &group);
            self.forget_member(&group, from);
        }
    }

    /// Empty groups go, so that the map holds only what somebody is in.
    fn forget_member(&mut self, group: &str, id: ConnectionId) {
        if let Some(members) = self.groups.get_mut(group) {
            members.remove(&id);
            if members.is_empty() {
                self.groups.remove(group);
            }
        }
    }
}

impl ConnectionTable for MemoryTable {
    fn insert(&self, connection: Connection) -> Tabling<'_, ()> {
        self.write().rows.insert(connection.id, Row { connection, groups: Vec::new() });
        Box::pin(ready(Ok(())))
    }

    fn remove(&self, id: ConnectionId) -> Tabling<'_, ()> {
        self.write().remove(id);
        Box::pin(ready(Ok(())))
    }

    fn get(&self, id: ConnectionId) -> Tabling<'_, Option<Connection>> {
        let found = self.read().rows.get(&id).map(|row| row.connection.clone());
        Box::pin(ready(Ok(found)))
    }

    fn join<'a>(&'a self, id: ConnectionId, group: &'a str) -> Tabling<'a, bool> {
        let joined = self.write().join(id, group);
        Box::pin(ready(Ok(joined)))
    }

    fn leave<'a>(&'a self, id: ConnectionId, group: &'a str) -> Tabling<'a, ()> {
        self.write().leave(id, group);
        Box::pin(ready(Ok(())))
    }

    fn hand_over(&self, from: ConnectionId, to: ConnectionId) -> Tabling<'_, ()> {
        self.write().hand_over(from, to);
        Box::pin(ready(Ok(())))
    }

    fn groups(&self, id: ConnectionId) -> Tabling<'_, Vec<String>> {
        let groups = self.read().rows.get(&id).map(|row| row.groups.clone());
        Box::pin(ready(Ok(groups.unwrap_or_default())))
    }

    fn members<'a>(&'a self, group: &'a str) -> Tabling<'a, Vec<ConnectionId>> {
        let members =
            self.read().groups.get(group).map(|members| members.iter().copied().collect());
        Box::pin(ready(Ok(members.unwrap_or_default())))
    }

    fn count(&self) -> Tabling<'_, usize> {
        let count = self.read().rows.len();
        Box::pin(ready(Ok(count)))
    }
}

#[cfg(test)]
mod tests {
    use super::{super::conformance, *};

    #[tokio::test]
    async fn conforms() {
        conformance::suite(MemoryTable::new).await;
    }

    #[tokio::test]
    async fn groups_nobody_is_in_are_forgotten() {
        let table = MemoryTable::new();
        let id = ConnectionId::from_bytes([1; 11]);
        table.insert(conformance::connection(1)).await.unwrap();
        table.join(id, "room").await.unwrap();
        table.remove(id).await.unwrap();
        assert!(table.read().groups.is_empty());
    }
}
