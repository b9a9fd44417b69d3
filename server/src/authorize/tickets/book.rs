//! The tickets that are out: a plain value, with the time as an argument.

use std::collections::{BTreeSet, HashMap};

use sha2::{Digest, Sha256};

use super::Grant;

/// The grants that somebody holds a ticket for. Bounded as a whole and for each principal, so that
/// whoever asks in a loop takes nothing from the others.
#[derive(Debug)]
pub(super) struct Book {
    /// For how many milliseconds a ticket is good.
    pub(super) lifetime: u64,
    /// How many tickets may be out.
    pub(super) most: usize,
    /// How many of them may be one principal's.
    pub(super) each: usize,
    grants: HashMap<Hash, Entry>,
    /// The same tickets, the one that ends first in front.
    ending: BTreeSet<(u64, Hash)>,
    /// How many tickets a principal has out. Nobody is nobody in particular, and not counted.
    owners: HashMap<String, usize>,
}

/// What is kept of a ticket: neither a copy of the memory nor the time of a look-up gives one away.
type Hash = [u8; 32];

#[derive(Debug)]
struct Entry {
    grant: Grant,
    until: u64,
}

/// No ticket can be given now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Full {
    /// This principal has too many out.
    Principal,
    /// All principals together have.
    Book,
}

impl Book {
    pub(super) fn new(lifetime: u64, most: usize, each: usize) -> Self {
        let (grants, ending, owners) = Default::default();
        Self { lifetime, most, each, grants, ending, owners }
    }

    /// Enters a new ticket for this grant and returns when it ends, in milliseconds since the Unix
    /// epoch: never later than what it was given for.
    pub(super) fn issue(&mut self, ticket: &str, grant: Grant, now: u64) -> Result<u64, Full> {
        self.sweep(now);
        if self.grants.len() >= self.most {
            return Err(Full::Book);
        }
        let owner = &grant.principal.id;
        if self.owners.get(owner).is_some_and(|count| *count >= self.each) {
            return Err(Full::Principal);
        }
        if !owner.is_empty() {
            *self.owners.entry(owner.clone()).or_default() += 1;
        }
        let until = now.saturating_add(self.lifetime).min(grant.expires.unwrap_or(u64::MAX));
        self.ending.insert((until, hash(ticket)));
        self.grants.insert(hash(ticket), Entry { grant, until });
        Ok(until)
    }

    /// Takes a ticket, which is worth nothing afterwards.
    pub(super) fn take(&mut self, ticket: &str, now: u64) -> Option<Grant> {
        let Entry { grant, until } = self.remove(&hash(ticket))?;
        (now < until).then_some(grant)
    }

    fn sweep(&mut self, now: u64) {
        while let Some(&(until, ticket)) = self.ending.first()
            && until <= now
        {
            self.remove(&ticket);
        }
    }

    fn remove(&mut self, ticket: &Hash) -> Option<Entry> {
        let entry = self.grants.remove(ticket)?;
        self.ending.remove(&(entry.until, *ticket));
        let owner = &entry.grant.principal.id;
        if let Some(count) = self.owners.get_mut(owner) {
            *count -= 1;
            if *count == 0 {
                self.owners.remove(owner);
            }
        }
        Some(entry)
    }
}

fn hash(ticket: &str) -> Hash {
    Sha256::digest(ticket).into()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use gatewire::Principal;
    use proptest::prelude::*;

    use super::*;

    fn grant(name: &str, expires: Option<u64>) -> Grant {
        let principal = Principal { id: name.to_owned(), ..Principal::default() };
        Grant { principal: Arc::new(principal), expires }
    }

    #[test]
    fn a_ticket_ends_with_the_token_it_was_given_for() {
        let mut book = Book::new(100, 10, 10);
        assert_eq!(book.issue("a", grant("ada", Some(40)), 0), Ok(40));
        assert_eq!(book.issue("b", grant("ada", Some(400)), 0), Ok(100));
        assert!(book.take("a", 40).is_none());
        assert_eq!(book.take("b", 99).unwrap().expires, Some(400), "the grant is the token's");
    }

    #[test]
    fn a_principal_that_asks_in_a_loop_fills_its_own_share() {
        let mut book = Book::new(100, 4, 2);
        book.issue("a", grant("ada", None), 0).unwrap();
        book.issue("b", grant("ada", None), 0).unwrap();
        assert_eq!(book.issue("c", grant("ada", None), 50), Err(Full::Principal));
        book.issue("d", grant("bob", None), 50).unwrap();
        book.issue("e", grant("", None), 50).unwrap();
        assert_eq!(book.issue("f", grant("eve", None), 50), Err(Full::Book));
        book.issue("g", grant("ada", None), 100).expect("the first two have ended");
    }

    #[derive(Clone, Debug)]
    enum Step {
        Issue { owner: usize, lives: Option<u64> },
        Take(usize),
        Wait(u64),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            (0..4_usize, proptest::option::of(0..80_u64))
                .prop_map(|(owner, lives)| Step::Issue { owner, lives }),
            (0..40_usize).prop_map(Step::Take),
            (0..60_u64).prop_map(Step::Wait),
        ]
    }

    proptest! {
        #[test]
        fn a_ticket_is_taken_at_most_once_and_never_after_its_time(
            steps in proptest::collection::vec(step(), 0..200),
        ) {
            const OWNERS: [&str; 4] = ["", "ada", "bob", "eve"];
            let mut book = Book::new(100, 8, 3);
            let mut now = 1_000;
            // What is known of each ticket: whose it is, and until when it is good; none when taken.
            let mut tickets: Vec<(usize, Option<u64>)> = Vec::new();
            for step in steps {
                match step {
                    Step::Issue { owner, lives } => {
                        let ticket = tickets.len().to_string();
                        let expires = lives.map(|lives| now + lives);
                        let out = |(_, until): &&(usize, Option<u64>)| until.is_some_and(|until| until > now);
                        let all = tickets.iter().filter(out).count();
                        let own = tickets.iter().filter(out).filter(|(of, _)| *of == owner).count();
                        match book.issue(&ticket, grant(OWNERS[owner], expires), now) {
                            Ok(until) => {
                                prop_assert!(all < 8 && (owner == 0 || own < 3));
                                prop_assert_eq!(until, expires.unwrap_or(u64::MAX).min(now + 100));
                                tickets.push((owner, Some(until)));
                            }
                            Err(Full::Principal) => prop_assert!(own == 3 && owner != 0),
                            Err(Full::Book) => prop_assert_eq!(all, 8),
                        }
                    }
                    Step::Take(index) => {
                        let taken = book.take(&index.to_string(), now);
                        let known = tickets.get_mut(index);
                        let owner = known.as_ref().map_or(0, |known| known.0);
                        let until = known.and_then(|known| known.1.take());
                        let good = until.is_some_and(|until| now < until);
                        prop_assert_eq!(taken.is_some(), good);
                        if let Some(taken) = taken {
                            prop_assert_eq!(taken.principal.id.as_str(), OWNERS[owner]);
                        }
                    }
                    Step::Wait(time) => now += time,
                }
                prop_assert!(book.grants.len() <= 8);
                prop_assert_eq!(book.grants.len(), book.ending.len());
                prop_assert!(book.owners.len() <= book.grants.len());
            }
        }
    }
}
