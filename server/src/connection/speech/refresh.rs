//! A fresh token on an open connection.
//!
//! The authorizer that decided over the handshake decides over the token, as
//! [`Handshake::in_band`]. Actions go on meanwhile, under what was granted before.
//!
//! A client that refreshes in a loop is bounded twice: one token of a connection is checked at a
//! time, with the newest of the others waiting behind it; and more than [`BURST`] tokens, of which
//! one comes back every [`EVERY`], close the connection with 4429.

use std::{fmt, future::ready, net::IpAddr, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::{FutureExt, future::BoxFuture};
use gatewire::frame::{TokenTaken, to_client};
use tokio::time::Instant;

use super::Speech;
use crate::{
    authorize::{Grant, Handshake, Refusal},
    clock,
    node::Node,
};

/// How many tokens a connection may bring at once. Ours: a client brings one, a busy test a few.
const BURST: u32 = 10;

/// How often it may bring another after that.
const EVERY: Duration = Duration::from_secs(1);

/// The tokens of one connection.
#[derive(Default)]
pub(super) struct Refresh {
    state: State,
    rate: Rate,
}

#[derive(Default)]
enum State {
    /// No token waits for a verdict.
    #[default]
    Idle,
    /// One is being checked.
    Checking {
        verdict: Checking,
        /// The newest that has come since. It speaks for those before it.
        next: Option<String>,
    },
}

type Checking = BoxFuture<'static, Result<Grant, Refusal>>;

impl State {
    fn checking(verdict: Checking) -> Self {
        Self::Checking { verdict, next: None }
    }
}

impl Speech {
    /// Takes a token that has come; [`refreshed`](Self::refreshed) tells what becomes of it.
    pub(super) fn take_token(&mut self, token: String) {
        if !self.refresh.rate.admit(Instant::now()) {
            let too_many = Refusal::TooMany("tokens come too often".to_owned());
            self.refresh.state = State::checking(ready(Err(too_many)).boxed());
            return;
        }
        match &mut self.refresh.state {
            State::Checking { next, .. } => *next = Some(token),
            State::Idle => self.check(token),
        }
    }

    /// Whether a token waits for its verdict.
    pub(in super::super) fn is_refreshing(&self) -> bool {
        matches!(self.refresh.state, State::Checking { .. })
    }

    /// Waits for the verdict over a token and tells the client. An error is how the connection
    /// ends. Dropping this future between two polls loses nothing.
    pub(in super::super) async fn refreshed(&mut self) -> Result<(), Refusal> {
        let State::Checking { verdict, next } = &mut self.refresh.state else {
            return Ok(());
        };
        let verdict = verdict.await;
        let next = next.take();
        self.refresh.state = State::Idle;
        self.settle(verdict)?;
        if let Some(token) = next {
            self.check(token);
        }
        Ok(())
    }

    fn check(&mut self, token: String) {
        let verdict = check(self.node.clone(), token, self.peer.opened.source_ip).boxed();
        self.refresh.state = State::checking(verdict);
    }

    fn settle(&mut self, verdict: Result<Grant, Refusal>) -> Result<(), Refusal> {
        match verdict {
            Ok(grant) if grant.principal.id != self.peer.principal.id => {
                // The session and its groups are the principal's: another one begins its own.
                return Err(Refusal::Forbidden("the token names another principal".to_owned()));
            }
            Ok(Grant { principal, expires }) => {
                self.peer.principal = principal;
                self.peer.expires = expires;
            }
            // Nobody can decide: what was granted before still stands, and its old end makes the
            // client try again before it.
            Err(Refusal::Unavailable(_))
                if self.peer.expires.is_none_or(|end| clock::now() < end) =>
            {
                tracing::warn!(connection = %self.peer.id, "a fresh token could not be checked");
            }
            Err(refusal) => return Err(refusal),
        }
        self.say(to_client::token(TokenTaken { expires: self.peer.expires }));
        Ok(())
    }
}

/// Asks the authorizer. Its panic is no reason to lose the connection's task.
async fn check(
    node: Arc<Node>,
    token: String,
    source_ip: Option<IpAddr>,
) -> Result<Grant, Refusal> {
    let handshake = Handshake::in_band(token, source_ip);
    let verdict = AssertUnwindSafe(node.authorizer.authorize(&handshake)).catch_unwind().await;
    verdict.unwrap_or_else(|_| {
        tracing::error!("the authorizer panicked");
        Err(Refusal::Unavailable("the authorizer failed".to_owned()))
    })
}

/// How many more tokens may come, as the moment at which all of [`BURST`] may come again.
#[derive(Debug, Default)]
struct Rate {
    whole_at: Option<Instant>,
}

impl Rate {
    fn admit(&mut self, now: Instant) -> bool {
        let whole_at = self.whole_at.map_or(now, |whole_at| whole_at.max(now)) + EVERY;
        let admitted = whole_at <= now + EVERY * BURST;
        if admitted {
            self.whole_at = Some(whole_at);
        }
        admitted
    }
}

impl fmt::Debug for Refresh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refresh").field("rate", &self.rate).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_taken_and_then_one_token_each_time() {
        let start = Instant::now();
        let mut rate = Rate::default();
        assert!((0..BURST).all(|_| rate.admit(start)));
        assert!(!rate.admit(start), "the burst is over");
        assert!(rate.admit(start + EVERY));
        assert!(!rate.admit(start + EVERY), "one has come back, not two");
        let later = start + EVERY * (2 * BURST);
        assert!((0..BURST).all(|_| rate.admit(later)));
        assert!(!rate.admit(later), "what was not used does not add up");
    }
}
