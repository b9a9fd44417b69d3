//! From a message to the integration that answers it.

use std::{collections::HashMap, fmt, panic::AssertUnwindSafe, sync::Arc};

use axum::extract::ws::Utf8Bytes;
use bytes::Bytes;
use futures_util::FutureExt;
use gatewire::{Error, Result};
use serde_json::value::RawValue;

use crate::{
    event::{self, Event, Message, Request},
    expression::Expression,
    integration::{self, Call, Caller, Integration, Outcome},
    observe::{self, Watch, Watchers},
    trace::Trail,
};

/// The key of the route that runs before a connection is open.
pub const CONNECT: &str = "$connect";
/// The key of the route that runs after a connection has closed.
pub const DISCONNECT: &str = "$disconnect";
/// The key of the route for messages that match no other.
pub const DEFAULT: &str = "$default";

/// What answers one route key, and how.
#[derive(Clone)]
pub struct Route {
    key: Arc<str>,
    integration: Arc<dyn Integration>,
    two_way: bool,
    ordered: bool,
    checks: Vec<Check>,
}

/// Looks at a call before its integration does.
type Check = Arc<dyn Fn(&Call) -> Result<()> + Send + Sync>;

impl Route {
    /// Answers this route key by this integration.
    pub fn new(key: impl Into<Arc<str>>, integration: impl Integration) -> Self {
        Self::shared(key, Arc::new(integration))
    }

    /// Answers this route key by an integration that answers others, too.
    pub fn shared(key: impl Into<Arc<str>>, integration: Arc<dyn Integration>) -> Self {
        let key = key.into();
        Self { key, integration, two_way: false, ordered: true, checks: Vec::new() }
    }

    /// Sends to the client what a service answers (API Gateway: the route has a response). What a
    /// handler in this process returns goes to the client anyway.
    #[must_use]
    pub fn two_way(mut self) -> Self {
        self.two_way = true;
        self
    }

    /// Does not wait for the messages that the connection sent before, as API Gateway does not:
    /// they run side by side, and their answers come in any order.
    #[must_use]
    pub fn unordered(mut self) -> Self {
        self.ordered = false;
        self
    }

    /// Has every call looked at before its integration gets it. An error is the answer;
    /// [`Error::INVALID`] is API Gateway's "Invalid request body", and status 400 for `$connect`.
    #[must_use]
    pub fn check(mut self, check: impl Fn(&Call) -> Result<()> + Send + Sync + 'static) -> Self {
        self.checks.push(Arc::new(check));
        self
    }

    /// The route key.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }
}

/// The routes of a gateway and the expression that chooses between them.
#[derive(Default)]
pub(crate) struct Routes {
    selection: Expression,
    /// The members of a message that choose its route.
    selectors: Arc<[String]>,
    by_key: HashMap<Arc<str>, Route>,
    default: Option<Route>,
    connect: Option<Route>,
    disconnect: Option<Route>,
}

/// A message, matched.
pub(crate) struct Matched {
    pub(crate) route: Route,
    message: Message,
}

impl Routes {
    /// Chooses by this expression from here on.
    pub(crate) fn select_by(&mut self, selection: Expression) {
        self.selectors = selection.members().map(str::to_owned).collect();
        self.selection = selection;
    }

    /// Adds or replaces a route. `$default` is the one that takes what no other does; `$connect`
    /// and `$disconnect` are none that a message could choose.
    pub(crate) fn insert(&mut self, route: Route) {
        match route.key() {
            CONNECT => self.connect = Some(route),
            DISCONNECT => self.disconnect = Some(route),
            DEFAULT => self.default = Some(route),
            _ => {
                self.by_key.insert(route.key.clone(), route);
            }
        }
    }

    /// What runs before a connection opens.
    pub(crate) fn connect(&self) -> Option<&Route> {
        self.connect.as_ref()
    }

    /// What runs after a connection has ended.
    pub(crate) fn disconnect(&self) -> Option<&Route> {
        self.disconnect.as_ref()
    }

    /// Finds the route of an action of `gatewire.v1`. The default route gets the whole action,
    /// because the name that matched nothing may be what it wants to know.
    pub(crate) fn action(&self, key: &str, data: &RawValue) -> Result<Matched> {
        if let Some(route) = self.by_key.get(key) {
            return Ok(Matched { route: route.clone(), message: Message::data(data.to_owned()) });
        }
        let Some(route) = &self.default else {
            return Err(unknown(key));
        };
        let whole = event::action(key, data)?;
        Ok(Matched { route: route.clone(), message: Message::whole(String::from(whole).into()) })
    }

    /// Finds the route of a plain message, as API Gateway does: the selection expression, then
    /// `$default`. The predefined routes cannot be selected by a message.
    pub(crate) fn message(&self, text: &Utf8Bytes) -> Result<Matched> {
        let error = match serde_json::from_str::<&RawValue>(text) {
            Ok(body) => {
                let key = self.selection.evaluate(body);
                if let Some(route) = self.by_key.get(key.as_str()) {
                    let message = Message::plain(text.clone(), self.selectors.clone());
                    return Ok(Matched { route: route.clone(), message });
                }
                unknown(&key)
            }
            Err(source) => Error::new(Error::MALFORMED, format!("not JSON: {source}")),
        };
        let route = self.default.clone().ok_or(error)?;
        Ok(Matched { route, message: Message::whole(text.clone()) })
    }

    /// Finds the route of a binary message, which has no members to choose one by: `$default`.
    pub(crate) fn binary(&self, bytes: Bytes) -> Result<Matched> {
        let error =
            || Error::new(Error::UNKNOWN_ACTION, "no $default route answers binary messages");
        let route = self.default.clone().ok_or_else(error)?;
        Ok(Matched { route, message: Message::of_bytes(bytes) })
    }
}

fn unknown(key: &str) -> Error {
    Error::new(Error::UNKNOWN_ACTION, format!("no route answers {key:?}"))
}

/// Runs the integration that a message was matched with, if it was.
pub(crate) async fn call(
    matched: Result<Matched>,
    caller: Caller,
    request: Arc<Request>,
    watchers: Watchers,
) -> Result<Outcome> {
    match matched {
        Ok(Matched { route, message }) => {
            route.call(Event::Message(message), caller, request, watchers).await
        }
        Err(error) => {
            observe::refused(&watchers, caller, request, &error);
            Err(error)
        }
    }
}

impl Matched {
    /// Whether it waits for the messages before it.
    pub(crate) fn is_ordered(&self) -> bool {
        self.route.ordered
    }
}

impl Route {
    /// Runs the integration. A panic in it is its caller's error and nobody else's.
    pub(crate) async fn call(
        &self,
        event: Event,
        caller: Caller,
        request: Arc<Request>,
        watchers: Watchers,
    ) -> Result<Outcome> {
        let mut call = Call::new(self.key.clone(), event, caller, request);
        let mut trail = Trail::begin(&watchers.tracer, &mut call);
        let mut watch = Watch::begin(&watchers, &call);
        let result = match self.checks.iter().try_for_each(|check| check(&call)) {
            Ok(()) => {
                if let Some(watch) = &mut watch {
                    watch.ask(self.integration.has_latency());
                }
                if let Some(trail) = &mut trail {
                    trail.ask(&*self.integration, &mut call);
                }
                self.ask(call).await
            }
            Err(error) => Err(error),
        };
        if let Some(watch) = watch {
            watch.end(&result);
        }
        if let Some(trail) = trail {
            trail.end(&result);
        }
        let is_heard = self.two_way || *self.key == *CONNECT;
        Ok(match result? {
            Outcome::Response(_) if !is_heard => Outcome::Reply(RawValue::NULL.to_owned()),
            outcome => outcome,
        })
    }

    async fn ask(&self, call: Call) -> Result<Outcome> {
        // Building the future may panic as well as running it.
        AssertUnwindSafe(async { self.integration.call(call).await })
            .catch_unwind()
            .await
            .unwrap_or_else(|panic| Err(integration::panicked(&self.key, panic.as_ref())))
    }
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Route")
            .field("key", &self.key)
            .field("two_way", &self.two_way)
            .field("ordered", &self.ordered)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::borrow::Cow;

    use gatewire::Outbox;

    use super::*;
    use crate::integration::{ReplyTo, from_fn};

    async fn echo(call: Call) -> Result<Box<RawValue>> {
        call.payload().map(Cow::into_owned)
    }

    fn routes(default: bool) -> Routes {
        let mut routes = Routes::default();
        routes.select_by(Expression::default());
        for key in ["echo", "other"] {
            routes.insert(Route::new(key, from_fn(echo)));
        }
        if default {
            routes.insert(Route::new(DEFAULT, from_fn(echo)));
        }
        routes
    }

    fn found(matched: Result<Matched>) -> (String, String) {
        let matched = matched.map_err(|error| error.to_string()).unwrap();
        let payload = matched.message.payload().map_err(|error| error.to_string()).unwrap();
        (matched.route.key.to_string(), payload.get().to_owned())
    }

    fn refused(matched: Result<Matched>) -> String {
        matched.map(|matched| matched.route.key).unwrap_err().to_string()
    }

    #[test]
    fn a_plain_message_finds_its_route_and_leaves_the_selector_behind() {
        let routes = routes(false);
        let expected = ("echo".to_owned(), r#"{"n":1}"#.to_owned());
        assert_eq!(found(routes.message(&r#"{"action":"echo","n":1}"#.into())), expected);
        assert_eq!(found(routes.message(&r#"{"action":"echo","data":{"n":1}}"#.into())), expected);
    }

    #[test]
    fn what_matches_nothing_goes_to_the_default_route_whole() {
        let routes = routes(true);
        let found = |text: &str| found(routes.message(&text.into())).1;
        assert_eq!(found(r#"{"action":"nope"}"#), r#"{"action":"nope"}"#);
        assert_eq!(found("not json"), r#""not json""#);
    }

    #[test]
    fn without_a_default_route_it_is_refused_by_name() {
        let routes = routes(false);
        assert_eq!(
            refused(routes.message(&r#"{"action":"nope"}"#.into())),
            r#"unknownAction: no route answers "nope""#
        );
        assert!(refused(routes.message(&"{".into())).starts_with("malformed: not JSON: EOF"));
        assert_eq!(
            refused(routes.action("nope", RawValue::NULL)),
            r#"unknownAction: no route answers "nope""#
        );
    }

    #[test]
    fn no_message_selects_a_predefined_route() {
        for key in [CONNECT, DISCONNECT] {
            assert!(
                refused(routes(false).action(key, RawValue::NULL)).starts_with("unknownAction")
            );
            assert_eq!(found(routes(true).action(key, RawValue::NULL)).0, DEFAULT);
        }
    }

    #[tokio::test]
    async fn a_panic_is_an_internal_error() {
        let mut routes = Routes::default();
        let panics = from_fn(|_: Call| async { if true { panic!("boom") } else { Ok(()) } });
        routes.insert(Route::new("boom", panics));
        let caller = Caller {
            connection: gatewire::ConnectionId::from_bytes([0; 11]),
            opened: Arc::default(),
            stage: Arc::default(),
            principal: Arc::default(),
            outbox: Arc::new(Nowhere),
            reply_to: ReplyTo::Nobody,
            delivery: None,
        };
        let matched = routes.action("boom", RawValue::NULL);
        let error =
            super::call(matched, caller, Request::now(), Watchers::default()).await.unwrap_err();
        assert_eq!(error.code(), Error::INTERNAL);
    }

    pub(crate) struct Nowhere;

    impl Outbox for Nowhere {
        fn post(
            &self,
            id: gatewire::ConnectionId,
            _: Arc<str>,
        ) -> gatewire::context::Posting<'_, ()> {
            Box::pin(std::future::ready(Err(gatewire::PostError::Gone(id))))
        }
        fn post_to_group<'a>(
            &'a self,
            _: &'a str,
            _: Arc<str>,
        ) -> gatewire::context::Posting<'a, usize> {
            Box::pin(std::future::ready(Ok(0)))
        }
        fn join<'a>(
            &'a self,
            id: gatewire::ConnectionId,
            _: &'a str,
        ) -> gatewire::context::Posting<'a, ()> {
            Box::pin(std::future::ready(Err(gatewire::PostError::Gone(id))))
        }
        fn leave<'a>(
            &'a self,
            _: gatewire::ConnectionId,
            _: &'a str,
        ) -> gatewire::context::Posting<'a, ()> {
            Box::pin(std::future::ready(Ok(())))
        }
    }
}
