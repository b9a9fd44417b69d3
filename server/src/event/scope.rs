//! What expressions, templates and mappings read of a call.

use std::{borrow::Cow, cell::OnceCell, fmt};

use serde_json::Value;

use super::{Event, json};
use crate::{clock, expression::Scope, integration::Call};

/// The variables of a call. Headers and parameters are there on `$connect` alone, a body with a
/// message alone.
pub struct CallScope<'a> {
    call: &'a Call,
    body: Option<Cow<'a, str>>,
    /// Made when somebody asks.
    headers: OnceCell<Vec<(String, String)>>,
}

impl Call {
    /// What expressions, templates and mappings read of this call.
    #[must_use]
    pub fn scope(&self) -> CallScope<'_> {
        let body = matches!(self.event, Event::Message(_)).then(|| self.body());
        CallScope { call: self, body, headers: OnceCell::new() }
    }
}

impl Scope for CallScope<'_> {
    fn body(&self) -> Option<&str> {
        self.body.as_deref()
    }

    fn headers(&self) -> &[(String, String)] {
        match &self.call.event {
            Event::Connect(handshake) => {
                self.headers.get_or_init(|| json::forwarded_headers(&handshake.headers, self.call))
            }
            Event::Message(_) | Event::Disconnect(_) => &[],
        }
    }

    fn query(&self) -> &[(String, String)] {
        match &self.call.event {
            Event::Connect(handshake) => &handshake.query,
            Event::Message(_) | Event::Disconnect(_) => &[],
        }
    }

    fn context(&self, path: &str) -> Option<Value> {
        let Call { caller, request, event, route, .. } = self.call;
        let (opened, stage) = (caller.opened(), caller.stage());
        Some(match path {
            "accountId" => stage.account.as_str().into(),
            "apiId" => stage.api_id.as_str().into(),
            "connectedAt" => opened.connected_at.into(),
            "connectionId" => caller.connection().as_str().into(),
            "disconnectReason" => closed(event)?.reason.as_str().into(),
            "disconnectStatusCode" => closed(event)?.code.0.into(),
            "domainName" => opened.domain_name.as_str().into(),
            "eventType" => match event {
                Event::Connect(_) => "CONNECT".into(),
                Event::Message(_) => "MESSAGE".into(),
                Event::Disconnect(_) => "DISCONNECT".into(),
            },
            "extendedRequestId" | "requestId" => request.id().as_str().into(),
            "identity.sourceIp" => opened.source_ip?.to_string().into(),
            "identity.userAgent" if opened.user_agent.is_empty() => return None,
            "identity.userAgent" => opened.user_agent.as_str().into(),
            "messageDirection" => "IN".into(),
            "messageId" if matches!(event, Event::Message(_)) => {
                request.message_id().as_str().into()
            }
            "requestTime" => clock::common_log(request.at()).into(),
            "requestTimeEpoch" => request.at().into(),
            "routeKey" => (&**route).into(),
            "stage" => stage.name.as_str().into(),
            other => json::authorizer(self.call)?.remove(other.strip_prefix("authorizer.")?)?,
        })
    }

    fn stage_variable(&self, name: &str) -> Option<&str> {
        self.call.caller.stage().variables.get(name).map(String::as_str)
    }
}

fn closed(event: &Event) -> Option<&crate::connection::Closed> {
    match event {
        Event::Disconnect(closed) => Some(closed),
        Event::Connect(_) | Event::Message(_) => None,
    }
}

impl fmt::Debug for CallScope<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CallScope").field(&self.call.route).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use gatewire::Principal;
    use serde_json::json;

    use super::*;
    use crate::{
        event::json::{
            EventStyle,
            tests::{connect, disconnect, message},
        },
        expression::{Expression, Use},
    };

    /// Every member of the request context that an event has is a variable of the same value.
    #[test]
    fn the_context_is_that_of_the_event() {
        for mut call in [connect(), message(), disconnect()] {
            let claims = json!({"role": "admin", "level": 3}).as_object().unwrap().clone();
            call.caller.principal = Arc::new(Principal { id: "ada".to_owned(), claims });
            let event: Value = serde_json::from_str(&call.to_json(EventStyle::default())).unwrap();
            let scope = call.scope();
            for (name, expected) in event["requestContext"].as_object().unwrap() {
                match expected {
                    Value::Object(members) => {
                        for (member, expected) in members {
                            let path = format!("{name}.{member}");
                            assert_eq!(scope.context(&path).as_ref(), Some(expected), "{path}");
                        }
                    }
                    expected => assert_eq!(scope.context(name).as_ref(), Some(expected), "{name}"),
                }
            }
        }
    }

    #[test]
    fn what_a_call_has_not_is_nothing() {
        let (connect, message) = (connect(), message());
        assert_eq!(connect.scope().context("messageId"), None);
        assert_eq!(message.scope().context("disconnectReason"), None);
        assert_eq!(message.scope().context("authorizer.principalId"), None);
        assert_eq!(connect.scope().body(), None);
        assert!(message.scope().headers().is_empty());
    }

    #[test]
    fn an_expression_reads_a_call() {
        let resolve = |text: &str, usage, call: &Call| {
            Expression::parse(text, usage).unwrap().resolve(&call.scope())
        };
        assert_eq!(resolve("$request.header.x-api-key", Use::ApiKey, &connect()), "k3y");
        let value = "${request.body.action}/${context.routeKey}";
        assert_eq!(resolve(value, Use::Value, &message()), "sendmessage/sendmessage");
    }
}
