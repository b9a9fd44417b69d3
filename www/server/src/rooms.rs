//! Who is in which room.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use gatewire::ConnectionId;

/// The rooms that have somebody in them. A value without I/O: whoever changes it tells the room.
#[derive(Debug, Default)]
pub(crate) struct Rooms {
    /// By room: each connection in it, and the name of who sits there.
    rooms: HashMap<String, BTreeMap<ConnectionId, String>>,
    /// By connection: its rooms, so that a disconnect need not look through all of them.
    entered: HashMap<ConnectionId, BTreeSet<String>>,
}

/// The connection is in as many rooms as one connection may be.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("a connection may be in {} rooms at once", Rooms::PER_CONNECTION)]
pub(crate) struct TooManyRooms;

impl Rooms {
    /// Ours: more rooms than a person can follow, few enough to bound what a connection costs.
    pub(crate) const PER_CONNECTION: usize = 32;

    /// Seats a connection in a room. True when the members, by name, are others than before.
    pub(crate) fn enter(
        &mut self,
        room: &str,
        connection: ConnectionId,
        name: &str,
    ) -> Result<bool, TooManyRooms> {
        let entered = self.entered.entry(connection).or_default();
        if !entered.contains(room) && entered.len() >= Self::PER_CONNECTION {
            return Err(TooManyRooms);
        }
        entered.insert(room.to_owned());
        let seats = self.rooms.entry(room.to_owned()).or_default();
        let known = seats.values().any(|member| member == name);
        let replaced = seats.insert(connection, name.to_owned());
        Ok(!known || replaced.is_some_and(|old| old != name))
    }

    /// Takes a connection out of a room. True when the members, by name, are others than before.
    pub(crate) fn leave(&mut self, room: &str, connection: ConnectionId) -> bool {
        if let Some(entered) = self.entered.get_mut(&connection) {
            entered.remove(room);
            if entered.is_empty() {
                self.entered.remove(&connection);
            }
        }
        self.vacate(room, connection)
    }

    /// Somebody comes back on another connection. The members, by name, are those of before.
    pub(crate) fn move_seats(&mut self, former: ConnectionId, successor: ConnectionId) {
        let entered = self.entered.remove(&former).unwrap_or_default();
        for room in &entered {
            if let Some(seats) = self.rooms.get_mut(room)
                && let Some(name) = seats.remove(&former)
            {
                seats.insert(successor, name);
            }
        }
        if !entered.is_empty() {
            self.entered.entry(successor).or_default().extend(entered);
        }
    }

    /// Takes a connection out of all its rooms and returns those whose members changed.
    pub(crate) fn depart(&mut self, connection: ConnectionId) -> Vec<String> {
        let entered = self.entered.remove(&connection).unwrap_or_default();
        entered.into_iter().filter(|room| self.vacate(room, connection)).collect()
    }

    /// Who is in a room, by name, in alphabetical order and each once.
    pub(crate) fn members(&self, room: &str) -> Vec<String> {
        let seats = self.rooms.get(room);
        let names: BTreeSet<&String> = seats.into_iter().flat_map(BTreeMap::values).collect();
        names.into_iter().cloned().collect()
    }

    /// Whether a connection is in a room.
    pub(crate) fn contains(&self, room: &str, connection: ConnectionId) -> bool {
        self.rooms.get(room).is_some_and(|seats| seats.contains_key(&connection))
    }

    fn vacate(&mut self, room: &str, connection: ConnectionId) -> bool {
        let Some(seats) = self.rooms.get_mut(room) else {
            return false;
        };
        let Some(name) = seats.remove(&connection) else {
            return false;
        };
        let gone = !seats.values().any(|member| *member == name);
        if seats.is_empty() {
            self.rooms.remove(room);
        }
        gone
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_in_two_tabs_counts_once_and_stays_until_both_are_closed() {
        let mut rooms = Rooms::default();
        assert_eq!(rooms.enter("lobby", tab(1), "Ada"), Ok(true));
        assert_eq!(rooms.enter("lobby", tab(2), "Ada"), Ok(false));
        assert_eq!(rooms.members("lobby"), ["Ada"]);
        assert!(rooms.depart(tab(1)).is_empty());
        assert_eq!(rooms.depart(tab(2)), ["lobby"]);
        assert!(rooms.members("lobby").is_empty());
    }

    #[test]
    fn entering_again_after_a_reconnect_changes_nothing() {
        let mut rooms = Rooms::default();
        assert_eq!(rooms.enter("lobby", tab(1), "Ada"), Ok(true));
        assert_eq!(rooms.enter("lobby", tab(1), "Ada"), Ok(false));
        assert!(rooms.contains("lobby", tab(1)));
        assert!(rooms.leave("lobby", tab(1)));
        assert!(!rooms.leave("lobby", tab(1)));
    }

    #[test]
    fn a_disconnect_tells_each_room_that_lost_somebody() {
        let mut rooms = Rooms::default();
        rooms.enter("a", tab(1), "Ada").unwrap();
        rooms.enter("b", tab(1), "Ada").unwrap();
        rooms.enter("b", tab(2), "Grace").unwrap();
        assert_eq!(rooms.depart(tab(1)), ["a", "b"]);
        assert_eq!(rooms.members("b"), ["Grace"]);
        assert_eq!(rooms.rooms.len(), 1, "an empty room costs nothing");
    }

    #[test]
    fn somebody_who_comes_back_on_another_connection_was_never_away() {
        let mut rooms = Rooms::default();
        rooms.enter("a", tab(1), "Ada").unwrap();
        rooms.enter("b", tab(1), "Ada").unwrap();
        rooms.enter("b", tab(2), "Ada").unwrap();
        rooms.move_seats(tab(1), tab(2));
        rooms.move_seats(tab(3), tab(4));
        assert_eq!((rooms.members("a"), rooms.members("b")), (ada(), ada()));
        assert!(rooms.depart(tab(1)).is_empty());
        assert_eq!(rooms.depart(tab(2)), ["a", "b"]);
        assert!(rooms.rooms.is_empty() && rooms.entered.is_empty());
    }

    #[test]
    fn a_connection_cannot_fill_the_memory_with_rooms() {
        let mut rooms = Rooms::default();
        for number in 0..Rooms::PER_CONNECTION {
            rooms.enter(&number.to_string(), tab(1), "Ada").unwrap();
        }
        assert_eq!(rooms.enter("one more", tab(1), "Ada"), Err(TooManyRooms));
        assert_eq!(rooms.enter("0", tab(1), "Ada"), Ok(false));
    }

    fn ada() -> Vec<String> {
        vec!["Ada".to_owned()]
    }

    fn tab(number: u8) -> ConnectionId {
        ConnectionId::from_bytes([number; ConnectionId::BYTES])
    }
}
