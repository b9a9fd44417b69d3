//! From a message to the integration that answers it.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
    panic::AssertUnwindSafe,
    sync::Arc,
};

use futures_util::FutureExt;
use gatewire::{Error, Result, frame::plain};
use serde_json::value::RawValue;

use crate::{
    expression::Expression,
    integration::{self, Call, Caller, Integration, Outcome},
};

/// The key of the route that runs before a connection is open.
pub const CONNECT: &str = "$connect";
/// The key of the route that runs after a connection has closed.
pub const DISCONNECT: &str = "$disconnect";
/// The key of the route for messages that match no other.
pub const DEFAULT: &str = "$default";

/// The routes of a gateway and the expression that chooses between them.
#[derive(Default)]
pub(crate) struct Routes {
    pub(crate) selection: Expression,
    by_key: HashMap<Arc<str>, Arc<dyn Integration>>,
    default: Option<Arc<dyn Integration>>,
}

/// A message, matched.
pub(crate) struct Matched {
    pub(crate) route: Arc<str>,
    pub(crate) payload: Box<RawValue>,
    integration: Arc<dyn Integration>,
}

impl Routes {
    /// Adds or replaces a route. `$default` is the one that takes what no other does.
    pub(crate) fn insert(&mut self, key: &str, integration: Arc<dyn Integration>) {
        if key == DEFAULT {
            self.default = Some(integration);
        } else {
            self.by_key.insert(key.into(), integration);
        }
    }

    /// Finds the route of an action of `gatewire.v1`. The default route gets the whole action,
    /// because the name that matched nothing may be what it wants to know.
    pub(crate) fn action(&self, key: &str, data: &RawValue) -> Result<Matched> {
        if let Some((route, integration)) = self.by_key.get_key_value(key) {
            let payload = data.to_owned();
            return Ok(Matched { route: route.clone(), payload, integration: integration.clone() });
        }
        let unknown = || Error::new(Error::UNKNOWN_ACTION, format!("no route answers {key:?}"));
        let whole = BTreeMap::from([
            ("action", serde_json::value::to_raw_value(key)?),
            ("data", data.to_owned()),
        ]);
        self.fallback(serde_json::value::to_raw_value(&whole)?).ok_or_else(unknown)
    }

    /// Finds the route of a plain message, as API Gateway does: the selection expression, then
    /// `$default`. The predefined routes cannot be selected by a message.
    pub(crate) fn message(&self, text: &str) -> Result<Matched> {
        let body: &RawValue = match serde_json::from_str(text) {
            Ok(body) => body,
            Err(source) => {
                let not_json = || Error::new(Error::MALFORMED, format!("not JSON: {source}"));
                let text = serde_json::value::to_raw_value(text)?;
                return self.fallback(text).ok_or_else(not_json);
            }
        };
        let key = self.selection.evaluate(body);
        if let Some((route, integration)) = self.by_key.get_key_value(key.as_str()) {
            let selectors: Vec<_> = self.selection.members().collect();
            let payload = plain::payload(text, &selectors).map(Cow::into_owned)?;
            return Ok(Matched { route: route.clone(), payload, integration: integration.clone() });
        }
        self.fallback(body.to_owned())
            .ok_or_else(|| Error::new(Error::UNKNOWN_ACTION, format!("no route answers {key:?}")))
    }

    fn fallback(&self, payload: Box<RawValue>) -> Option<Matched> {
        let integration = self.default.clone()?;
        Some(Matched { route: DEFAULT.into(), payload, integration })
    }
}

impl Matched {
    /// Runs the integration. A panic in it is its caller's error and nobody else's.
    pub(crate) async fn call(self, caller: Caller) -> Result<Outcome> {
        let Self { route, payload, integration } = self;
        let call = Call { route: route.clone(), payload, caller };
        // Building the future may panic as well as running it.
        AssertUnwindSafe(async { integration.call(call).await })
            .catch_unwind()
            .await
            .unwrap_or_else(|panic| Err(integration::panicked(&route, panic.as_ref())))
    }
}

#[cfg(test)]
mod tests {
    use gatewire::Outbox;

    use super::*;
    use crate::integration::{ReplyTo, from_fn};

    fn routes(default: bool) -> Routes {
        let mut routes = Routes::default();
        for key in ["echo", "other"] {
            routes.insert(key, Arc::new(from_fn(|call: Call| async move { Ok(call.payload) })));
        }
        if default {
            routes.insert(DEFAULT, Arc::new(from_fn(|call: Call| async move { Ok(call.payload) })));
        }
        routes
    }

    fn found(matched: Result<Matched>) -> (String, String) {
        let matched = matched.map_err(|error| error.to_string()).unwrap();
        (matched.route.to_string(), matched.payload.get().to_owned())
    }

    fn refused(matched: Result<Matched>) -> String {
        matched.map(|matched| matched.route).unwrap_err().to_string()
    }

    #[test]
    fn a_plain_message_finds_its_route_and_leaves_the_selector_behind() {
        let routes = routes(false);
        let expected = ("echo".to_owned(), r#"{"n":1}"#.to_owned());
        assert_eq!(found(routes.message(r#"{"action":"echo","n":1}"#)), expected);
        assert_eq!(found(routes.message(r#"{"action":"echo","data":{"n":1}}"#)), expected);
    }

    #[test]
    fn what_matches_nothing_goes_to_the_default_route_whole() {
        let routes = routes(true);
        let found = |text| found(routes.message(text)).1;
        assert_eq!(found(r#"{"action":"nope"}"#), r#"{"action":"nope"}"#);
        assert_eq!(found("not json"), r#""not json""#);
    }

    #[test]
    fn without_a_default_route_it_is_refused_by_name() {
        let routes = routes(false);
        assert_eq!(
            refused(routes.message(r#"{"action":"nope"}"#)),
            r#"unknownAction: no route answers "nope""#
        );
        assert!(refused(routes.message("{")).starts_with("malformed: not JSON: EOF"));
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
        routes.insert("boom", Arc::new(panics));
        let caller = Caller {
            connection: gatewire::ConnectionId::from_bytes([0; 11]),
            principal: Arc::default(),
            outbox: Arc::new(Nowhere),
            reply_to: ReplyTo::Nobody,
            delivery: None,
        };
        let error = routes.action("boom", RawValue::NULL).unwrap().call(caller).await.unwrap_err();
        assert_eq!(error.code(), Error::INTERNAL);
    }

    struct Nowhere;

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
