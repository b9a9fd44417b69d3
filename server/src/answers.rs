//! Kept answers: what an action was answered, for as long as its client may ask again.
//!
//! An action that passed a queue is answered by a worker, maybe after its client lost the
//! connection. The answer is kept under the action's idempotency key; when the client sends the
//! action again, it gets the same answer and the action does not run twice.

use std::time::Duration;

use redb::{ReadableTable, TableDefinition, TableError, WriteTransaction};

use crate::{
    queue::milliseconds,
    store::{Store, StoreError},
};

/// When it was given, in epoch milliseconds, and the answer.
const ANSWERS: TableDefinition<&str, (u64, &str)> = TableDefinition::new("answers");
/// The same by time, for the purge.
const AGES: TableDefinition<(u64, &str), ()> = TableDefinition::new("answers/ages");

/// How many old answers one write removes at most: more than the one it adds.
const PURGE: usize = 8;

/// The kept answers of a [`Store`].
#[derive(Clone, Debug)]
pub struct Answers {
    store: Store,
    keep: u64,
}

impl Answers {
    /// How long an answer is kept unless one says otherwise: three times the deduplication window,
    /// so that no client gives up later than we do.
    pub const KEEP: Duration = Duration::from_mins(15);

    /// The answers of this store, each kept at least this long.
    #[must_use]
    pub fn new(store: &Store, keep: Duration) -> Self {
        Self { store: store.clone(), keep: milliseconds(keep) }
    }

    /// Keeps an answer; durable once the future resolves. `now` is in epoch milliseconds.
    ///
    /// The write takes its place when `put` is called; putting an answer again replaces it. To end
    /// an action, wait for `put`, then [`delete`](crate::queue::Queue::delete) its message: a crash
    /// between the two runs the action again and answers it with the same key.
    pub fn put(
        &self,
        key: &str,
        answer: &str,
        now: u64,
    ) -> impl Future<Output = Result<(), StoreError>> + Send + 'static + use<> {
        let (key, answer, keep) = (key.to_owned(), answer.to_owned(), self.keep);
        self.store.write(move |transaction| {
            insert(transaction, &key, &answer, now)?;
            purge(transaction, now.saturating_sub(keep))
        })
    }

    /// The answer that was kept under this key. It may be older than the time it is kept for:
    /// old answers are removed by later writes.
    pub fn get(&self, key: &str) -> Result<Option<String>, StoreError> {
        self.store.read(|transaction| {
            let answers = match transaction.open_table(ANSWERS) {
                Err(TableError::TableDoesNotExist(_)) => return Ok(None), // nothing was ever kept
                opened => opened?,
            };
            let row = answers.get(key)?;
            Ok(row.map(|row| row.value().1.to_owned()))
        })
    }
}

fn insert(
    transaction: &WriteTransaction,
    key: &str,
    answer: &str,
    now: u64,
) -> Result<(), redb::Error> {
    let mut answers = transaction.open_table(ANSWERS)?;
    let mut ages = transaction.open_table(AGES)?;
    if let Some(replaced) = answers.insert(key, (now, answer))? {
        ages.remove((replaced.value().0, key))?;
    }
    ages.insert((now, key), ())?;
    Ok(())
}

/// Removes the oldest answers that were given at this time or before.
fn purge(transaction: &WriteTransaction, until: u64) -> Result<(), redb::Error> {
    let mut answers = transaction.open_table(ANSWERS)?;
    let mut ages = transaction.open_table(AGES)?;
    for _ in 0..PURGE {
        let Some((given, key)) = oldest(&ages)? else {
            break;
        };
        if given >= until {
            break;
        }
        ages.remove((given, key.as_str()))?;
        answers.remove(key.as_str())?;
    }
    Ok(())
}

fn oldest(
    ages: &impl ReadableTable<(u64, &'static str), ()>,
) -> Result<Option<(u64, String)>, redb::Error> {
    let first = ages.first()?;
    Ok(first.map(|(row, _)| {
        let (given, key) = row.value();
        (given, key.to_owned())
    }))
}

#[cfg(test)]
mod tests {
    use redb::ReadableTableMetadata;

    use super::{ANSWERS, Answers};
    use crate::store::Store;

    const KEEP: u64 = 900_000;

    fn kept(store: &Store) -> u64 {
        store.read(|transaction| Ok(transaction.open_table(ANSWERS)?.len()?)).unwrap()
    }

    #[tokio::test]
    async fn an_answer_is_kept_and_may_be_replaced() {
        let answers = Answers::new(&Store::in_memory().unwrap(), Answers::KEEP);
        assert_eq!(answers.get("a").unwrap(), None);
        answers.put("a", "first", 0).await.unwrap();
        answers.put("a", "second", 1).await.unwrap();
        assert_eq!(answers.get("a").unwrap().as_deref(), Some("second"));
        assert_eq!(answers.get("b").unwrap(), None);
    }

    #[tokio::test]
    async fn old_answers_are_removed_a_few_at_a_time() {
        let store = Store::in_memory().unwrap();
        let answers = Answers::new(&store, Answers::KEEP);
        for key in 0..20 {
            answers.put(&key.to_string(), "old", 0).await.unwrap();
        }
        answers.put("kept", "at the limit", 1).await.unwrap();
        assert_eq!(kept(&store), 21);
        answers.put("new", "x", KEEP + 1).await.unwrap();
        assert_eq!(kept(&store), 21 + 1 - super::PURGE as u64);
        for _ in 0..3 {
            answers.put("new", "x", KEEP + 1).await.unwrap();
        }
        assert_eq!(kept(&store), 2);
        assert!(answers.get("kept").unwrap().is_some());
    }

    #[tokio::test]
    async fn a_replaced_answer_lives_its_own_time() {
        let store = Store::in_memory().unwrap();
        let answers = Answers::new(&store, Answers::KEEP);
        answers.put("a", "first", 0).await.unwrap();
        answers.put("a", "second", KEEP).await.unwrap();
        answers.put("b", "x", KEEP + KEEP / 2).await.unwrap();
        assert_eq!(answers.get("a").unwrap().as_deref(), Some("second"));
    }
}
