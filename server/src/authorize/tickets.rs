//! One-time tickets: a proof that is worth nothing to whoever finds it in a log.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use futures_util::{FutureExt, future::BoxFuture};

use super::{Authorizer, Grant, Handshake, Refusal};
use crate::clock;

mod book;
mod endpoint;

use book::{Book, Full};
pub(crate) use endpoint::endpoint;

/// The parameter of the URL that holds a ticket.
const PARAMETER: &str = "ticket";

/// The random bytes of a ticket: 192 bits.
const BYTES: usize = 24;

/// Gives out one-time tickets beside the socket and takes them at the handshake.
///
/// A client posts to `<path>/ticket` with its token in the `Authorization` header, or in a cookie
/// where the authorizer takes cookies, and gets `{"ticket":"…","expires":…}`. It opens the socket
/// with `?ticket=…`, once and soon; the ticket stands for what the authorizer granted. Pages of
/// an allowed [origin](super::Origins) may ask from a browser.
///
/// Tickets live in the memory of the process that gave them: where several serve one address, a
/// balancer has to send both requests to the same one. A ticket that is unknown there, used or over
/// is refused with close code 1013, so that the client asks for another and comes back.
#[derive(Debug)]
pub struct Tickets {
    book: Mutex<Book>,
}

impl Default for Tickets {
    /// Good for 30 s; 10,000 out at once, 64 of them one principal's. The figures are ours: time
    /// for a slow handshake, and a few megabytes.
    fn default() -> Self {
        Self { book: Mutex::new(Book::new(30_000, 10_000, 64)) }
    }
}

impl Tickets {
    /// How long a ticket is good.
    #[must_use]
    pub fn lifetime(self, lifetime: Duration) -> Self {
        self.book().lifetime = u64::try_from(lifetime.as_millis()).unwrap_or(u64::MAX);
        self
    }

    /// How many tickets may be out, given and not yet used: in all, and for one principal. Who
    /// asks for more is refused until some are used or over.
    #[must_use]
    pub fn at_most(self, all: usize, each: usize) -> Self {
        {
            let mut book = self.book();
            (book.most, book.each) = (all, each);
        }
        self
    }

    /// A new ticket for this grant, and until when it is good.
    fn issue(&self, grant: Grant, now: u64) -> Result<(String, u64), Refusal> {
        let mut bytes = [0; BYTES];
        getrandom::fill(&mut bytes).expect("the operating system has randomness to give");
        let ticket = URL_SAFE_NO_PAD.encode(bytes);
        match self.book().issue(&ticket, grant, now) {
            Ok(until) => Ok((ticket, until)),
            Err(Full::Principal) => {
                Err(Refusal::TooMany("too many tickets are unused; use them".to_owned()))
            }
            Err(Full::Book) => Err(Refusal::Unavailable("no more tickets right now".to_owned())),
        }
    }

    fn take(&self, ticket: &str, now: u64) -> Result<Grant, Refusal> {
        let stale = || Refusal::Stale("the ticket is unknown, used or over".to_owned());
        self.book().take(ticket, now).ok_or_else(stale)
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Stands before an authorizer: a handshake with a ticket is decided here, and every other there.
pub(crate) struct Ticketed {
    pub(crate) tickets: Arc<Tickets>,
    pub(crate) inner: Arc<dyn Authorizer>,
}

impl Authorizer for Ticketed {
    fn authorize<'a>(&'a self, handshake: &'a Handshake) -> BoxFuture<'a, Result<Grant, Refusal>> {
        match handshake.query_parameter(PARAMETER) {
            Some(ticket) => std::future::ready(self.tickets.take(ticket, clock::now())).boxed(),
            None => self.inner.authorize(handshake),
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;
    use gatewire::Principal;

    use super::*;
    use crate::authorize::conformance::{suite, with_query_token, with_subprotocol_token};

    /// Knows one token.
    struct Door;

    impl Authorizer for Door {
        fn authorize<'a>(
            &'a self,
            handshake: &'a Handshake,
        ) -> BoxFuture<'a, Result<Grant, Refusal>> {
            let known = handshake.token("token") == Some("ada's token");
            let refused = Refusal::Unauthorized("not on the list".to_owned());
            std::future::ready(if known { Ok(ada()) } else { Err(refused) }).boxed()
        }
    }

    fn ada() -> Grant {
        let principal = Principal { id: "ada".to_owned(), ..Principal::default() };
        Grant { principal: Arc::new(principal), expires: None }
    }

    fn ticketed() -> Ticketed {
        Ticketed { tickets: Arc::default(), inner: Arc::new(Door) }
    }

    fn with_ticket(ticket: &str) -> Handshake {
        Handshake::new(HeaderMap::new(), vec![(PARAMETER.to_owned(), ticket.to_owned())])
    }

    #[tokio::test]
    async fn conforms_before_another_authorizer() {
        let authorizer = ticketed();
        let (used, _) = authorizer.tickets.issue(ada(), clock::now()).unwrap();
        authorizer.authorize(&with_ticket(&used)).await.unwrap();
        let (over, _) = authorizer.tickets.issue(ada(), clock::now() - 30_000).unwrap();
        let mut beside_a_good_token = with_subprotocol_token("ada's token");
        beside_a_good_token.query = with_ticket("made up").query;
        let bad = vec![
            with_ticket(&used),
            with_ticket(&over),
            with_ticket("made up"),
            with_ticket(""),
            with_query_token("bob's token"),
            beside_a_good_token,
        ];
        suite(&authorizer, with_query_token("ada's token"), "ada", bad).await;
    }

    #[tokio::test]
    async fn a_ticket_is_good_once_for_what_was_granted() {
        let authorizer = ticketed();
        let (ticket, until) = authorizer.tickets.issue(ada(), clock::now()).unwrap();
        assert_eq!(ticket.len(), 32);
        assert!(until > clock::now());
        let grant = authorizer.authorize(&with_ticket(&ticket)).await.unwrap();
        assert_eq!(grant.principal, ada().principal);
        let refusal = authorizer.authorize(&with_ticket(&ticket)).await.unwrap_err();
        assert!(!refusal.close_code().is_terminal(), "the client comes back with another");
        assert!(!format!("{:?} {refusal}", authorizer.tickets).contains(&ticket));
    }

    #[test]
    fn a_full_book_says_whether_to_use_some_or_to_wait() {
        let tickets = Tickets::default().at_most(2, 1).lifetime(Duration::from_secs(1));
        tickets.issue(ada(), 0).unwrap();
        assert!(matches!(tickets.issue(ada(), 999), Err(Refusal::TooMany(_))));
        tickets.issue(Grant::default(), 999).unwrap();
        assert!(matches!(tickets.issue(Grant::default(), 999), Err(Refusal::Unavailable(_))));
        tickets.issue(ada(), 1000).unwrap();
    }
}
