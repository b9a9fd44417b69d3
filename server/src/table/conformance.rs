//! What every connection table must do.

use gatewire::ConnectionId;

use super::{Connection, ConnectionTable};

/// Runs every story on a fresh table.
pub(crate) async fn suite<T: ConnectionTable>(table: impl Fn() -> T) {
    a_row_is_there_while_the_connection_is(&table()).await;
    a_group_is_its_members(&table()).await;
    a_closed_connection_is_in_no_group(&table()).await;
    repeating_oneself_is_no_error(&table()).await;
    a_newer_connection_gets_the_groups_of_the_older(&table()).await;
    nothing_is_handed_over_to_or_from_nobody(&table()).await;
}

async fn a_row_is_there_while_the_connection_is(table: &impl ConnectionTable) {
    table.insert(connection(1)).await.unwrap();
    assert_eq!(table.get(id(1)).await.unwrap(), Some(connection(1)));
    assert_eq!(table.get(id(2)).await.unwrap(), None);
    assert_eq!(table.count().await.unwrap(), 1);
    table.remove(id(1)).await.unwrap();
    assert_eq!(table.get(id(1)).await.unwrap(), None);
    assert_eq!(table.count().await.unwrap(), 0);
}

async fn a_group_is_its_members(table: &impl ConnectionTable) {
    for n in 1..=3 {
        table.insert(connection(n)).await.unwrap();
    }
    assert!(table.join(id(1), "room").await.unwrap());
    assert!(table.join(id(2), "room").await.unwrap());
    assert!(table.join(id(2), "other").await.unwrap());
    assert_eq!(members(table, "room").await, [id(1), id(2)]);
    table.leave(id(2), "room").await.unwrap();
    assert_eq!(members(table, "room").await, [id(1)]);
    assert_eq!(members(table, "other").await, [id(2)]);
    assert_eq!(members(table, "nobody").await, []);
}

async fn a_closed_connection_is_in_no_group(table: &impl ConnectionTable) {
    table.insert(connection(1)).await.unwrap();
    table.join(id(1), "room").await.unwrap();
    table.remove(id(1)).await.unwrap();
    assert_eq!(members(table, "room").await, []);
    assert!(!table.join(id(1), "room").await.unwrap(), "a closed connection joins nothing");
    assert_eq!(members(table, "room").await, []);
}

async fn repeating_oneself_is_no_error(table: &impl ConnectionTable) {
    table.insert(connection(1)).await.unwrap();
    table.join(id(1), "room").await.unwrap();
    table.join(id(1), "room").await.unwrap();
    assert_eq!(members(table, "room").await, [id(1)]);
    table.leave(id(1), "room").await.unwrap();
    table.leave(id(1), "room").await.unwrap();
    assert_eq!(members(table, "room").await, []);
    table.remove(id(1)).await.unwrap();
    table.remove(id(1)).await.unwrap();
}

async fn a_newer_connection_gets_the_groups_of_the_older(table: &impl ConnectionTable) {
    for n in 1..=3 {
        table.insert(connection(n)).await.unwrap();
    }
    for (n, group) in [(1, "old"), (1, "both"), (2, "both"), (2, "new"), (3, "old")] {
        table.join(id(n), group).await.unwrap();
    }
    table.hand_over(id(1), id(2)).await.unwrap();
    assert_eq!(table.get(id(1)).await.unwrap(), None);
    assert_eq!(table.get(id(2)).await.unwrap(), Some(connection(2)));
    assert_eq!(table.count().await.unwrap(), 2);
    assert_eq!(members(table, "old").await, [id(2), id(3)]);
    assert_eq!(members(table, "both").await, [id(2)]);
    assert_eq!(members(table, "new").await, [id(2)]);
    assert_eq!(groups(table, id(1)).await, [""; 0]);
    assert_eq!(groups(table, id(2)).await, ["both", "new", "old"]);
    table.remove(id(2)).await.unwrap();
    assert_eq!(members(table, "old").await, [id(3)], "the memberships go with the newer row");
}

async fn nothing_is_handed_over_to_or_from_nobody(table: &impl ConnectionTable) {
    table.insert(connection(1)).await.unwrap();
    table.join(id(1), "room").await.unwrap();
    table.hand_over(id(1), id(9)).await.unwrap();
    table.hand_over(id(9), id(1)).await.unwrap();
    table.hand_over(id(1), id(1)).await.unwrap();
    assert_eq!(members(table, "room").await, [id(1)]);
    assert_eq!(groups(table, id(1)).await, ["room"]);
    assert!(table.get(id(1)).await.unwrap().is_some());
}

async fn groups(table: &impl ConnectionTable, id: ConnectionId) -> Vec<String> {
    let mut groups = table.groups(id).await.unwrap();
    groups.sort();
    groups
}

async fn members(table: &impl ConnectionTable, group: &str) -> Vec<ConnectionId> {
    let mut members = table.members(group).await.unwrap();
    members.sort();
    members
}

fn id(n: u8) -> ConnectionId {
    ConnectionId::from_bytes([n; 11])
}

pub(crate) fn connection(n: u8) -> Connection {
    Connection {
        id: id(n),
        connected_at: 1_795_341_600_000 + u64::from(n),
        source_ip: Some([127, 0, 0, n].into()),
        user_agent: "test".to_owned(),
        principal: "ada".to_owned(),
    }
}
