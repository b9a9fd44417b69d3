//! The event that API Gateway gives a Lambda function, member for member (Developer Guide, "Set up
//! a WebSocket API integration request", and recorded events of 2022 to 2025): what is not known is
//! absent, not null.

use std::{borrow::Cow, collections::BTreeMap, net::IpAddr};

use axum::http::{HeaderMap, HeaderName, header};
use gatewire::ConnectionId;
use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::{Map, Value};

use super::{Event, Opened};
use crate::{
    authorize::Handshake,
    clock,
    integration::Call,
    route::{CONNECT, DISCONNECT},
};

/// Unknown on AWS: whether `stageVariables` is there when a stage has none. Absent here.
const STAGE_VARIABLES_WHEN_EMPTY: bool = false;

/// The members of `identity` that events of 2019 and 2020 had as nulls.
const LEGACY_IDENTITY: [&str; 10] = [
    "accountId",
    "caller",
    "accessKey",
    "cognitoIdentityId",
    "cognitoIdentityPoolId",
    "cognitoAuthenticationType",
    "cognitoAuthenticationProvider",
    "principalOrgId",
    "user",
    "userArn",
];

/// How events are spelled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EventStyle {
    /// Spell what is unknown as null, as events of 2019 and 2020 were.
    pub legacy_nulls: bool,
}

impl Call {
    /// The event of this call as a Lambda function gets it from API Gateway.
    #[must_use]
    pub fn to_json(&self, style: EventStyle) -> String {
        let event = ProxyEvent::of(self, style);
        serde_json::to_string(&event).expect("texts, numbers and maps with text keys are JSON")
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ProxyEvent<'a> {
    #[serde(flatten)]
    parameters: Option<Parameters<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stage_variables: Option<&'a BTreeMap<String, String>>,
    request_context: RequestContext<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Cow<'a, str>>,
    is_base64_encoded: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "they are called so")]
struct Parameters<'a> {
    headers: Last<'a>,
    multi_value_headers: All<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    query_string_parameters: Option<Last<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    multi_value_query_string_parameters: Option<All<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RequestContext<'a> {
    route_key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorizer: Option<Map<String, Value>>,
    #[serde(skip_serializing_if = "Nullable::is_absent")]
    message_id: Nullable<ConnectionId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    disconnect_status_code: Option<u16>,
    event_type: &'static str,
    extended_request_id: ConnectionId,
    request_time: String,
    message_direction: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    disconnect_reason: Option<&'a str>,
    stage: &'a str,
    connected_at: u64,
    request_time_epoch: u64,
    identity: Identity<'a>,
    request_id: ConnectionId,
    domain_name: &'a str,
    connection_id: ConnectionId,
    api_id: &'a str,
}

/// A member that is there, absent, or null.
enum Nullable<T> {
    Absent,
    Null,
    Present(T),
}

struct Identity<'a> {
    source_ip: Option<IpAddr>,
    user_agent: &'a str,
    style: EventStyle,
}

/// Names and values; a name that is repeated counts with its last value.
struct Last<'a>(Cow<'a, Pairs>);
/// Names, each with all its values.
struct All<'a>(Cow<'a, Pairs>);
type Pairs = Vec<(String, String)>;

impl<'a> ProxyEvent<'a> {
    fn of(call: &'a Call, style: EventStyle) -> Self {
        let (caller, stage) = (&call.caller, &*call.caller.stage);
        let opened = &caller.opened;
        let mut context = RequestContext {
            route_key: &call.route,
            authorizer: authorizer(call),
            message_id: if style.legacy_nulls { Nullable::Null } else { Nullable::Absent },
            disconnect_status_code: None,
            event_type: "CONNECT",
            extended_request_id: call.request.id(),
            request_time: clock::common_log(call.request.at()),
            message_direction: "IN",
            disconnect_reason: None,
            stage: &stage.name,
            connected_at: opened.connected_at,
            request_time_epoch: call.request.at(),
            identity: Identity {
                source_ip: opened.source_ip,
                user_agent: &opened.user_agent,
                style,
            },
            request_id: call.request.id(),
            domain_name: &opened.domain_name,
            connection_id: caller.connection,
            api_id: &stage.api_id,
        };
        let (mut parameters, mut body) = (None, None);
        match &call.event {
            Event::Connect(handshake) => {
                context.route_key = CONNECT;
                parameters = Some(of_handshake(handshake, call));
            }
            Event::Message(message) => {
                context.event_type = "MESSAGE";
                context.message_id = Nullable::Present(call.request.message_id());
                body = Some(message.body(&call.route));
            }
            Event::Disconnect(closed) => {
                context.route_key = DISCONNECT;
                context.event_type = "DISCONNECT";
                context.disconnect_status_code = Some(closed.code.0);
                context.disconnect_reason = Some(&closed.reason);
                parameters = Some(of_the_end(opened));
            }
        }
        let has_variables = STAGE_VARIABLES_WHEN_EMPTY || !stage.variables.is_empty();
        Self {
            parameters,
            stage_variables: has_variables.then_some(&stage.variables),
            request_context: context,
            body,
            is_base64_encoded: call.binary().is_some(),
        }
    }
}

/// What the authorizer found: texts, as API Gateway's are, and the principal.
pub(crate) fn authorizer(call: &Call) -> Option<Map<String, Value>> {
    let principal = call.caller.principal();
    if principal.id.is_empty() && principal.claims.is_empty() {
        return None;
    }
    let text = |value: &Value| match value {
        Value::String(text) => Value::from(text.as_str()),
        value => Value::from(value.to_string()),
    };
    let claims = principal.claims.iter().map(|(name, value)| (name.clone(), text(value)));
    Some(claims.chain([("principalId".to_owned(), Value::from(&*principal.id))]).collect())
}

/// The headers and parameters of a handshake, as a `$connect` integration sees them.
fn of_handshake<'a>(handshake: &'a Handshake, call: &Call) -> Parameters<'a> {
    let headers = forwarded_headers(&handshake.headers, call);
    let query = (!handshake.query.is_empty()).then_some(&handshake.query);
    Parameters {
        headers: Last(Cow::Owned(headers.clone())),
        multi_value_headers: All(Cow::Owned(headers)),
        query_string_parameters: query.map(|query| Last(Cow::Borrowed(query))),
        multi_value_query_string_parameters: query.map(|query| All(Cow::Borrowed(query))),
    }
}

/// What stands there when a connection has ended: the host, and three names without a value, as
/// recorded.
fn of_the_end(opened: &Opened) -> Parameters<'static> {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let headers = vec![
        pair("Host", &opened.domain_name),
        pair("x-api-key", ""),
        pair("X-Forwarded-For", ""),
        pair("x-restapi", ""),
    ];
    Parameters {
        headers: Last(Cow::Owned(headers.clone())),
        multi_value_headers: All(Cow::Owned(headers)),
        query_string_parameters: None,
        multi_value_query_string_parameters: None,
    }
}

/// The headers of a handshake without those of the hop, and with what API Gateway adds.
pub(super) fn forwarded_headers(headers: &HeaderMap, call: &Call) -> Pairs {
    const OF_THE_HOP: [HeaderName; 2] = [header::CONNECTION, header::UPGRADE];
    const FORWARDED_FOR: &str = "x-forwarded-for";
    let (opened, stage) = (&call.caller.opened, &call.caller.stage);
    let ours = [FORWARDED_FOR, "x-forwarded-port", "x-forwarded-proto"];
    let mut pairs: Pairs = headers
        .iter()
        .filter(|(name, _)| !OF_THE_HOP.contains(name) && !ours.contains(&name.as_str()))
        .map(|(name, value)| {
            (usual_case(name.as_str()), String::from_utf8_lossy(value.as_bytes()).into_owned())
        })
        .collect();
    let earlier = headers.get_all(FORWARDED_FOR).iter().filter_map(|it| it.to_str().ok());
    let address = opened.source_ip.map(|ip| ip.to_string());
    let path: Vec<_> = earlier.map(str::to_owned).chain(address).collect();
    let (scheme, usual_port) = if stage.tls { ("https", "443") } else { ("http", "80") };
    let port = opened.domain_name.rsplit_once(':').map_or(usual_port, |(_, port)| port);
    if !headers.contains_key("x-amzn-trace-id") {
        pairs.push(("X-Amzn-Trace-Id".to_owned(), call.x_ray()));
    }
    pairs.push(("X-Forwarded-For".to_owned(), path.join(", ")));
    pairs.push(("X-Forwarded-Port".to_owned(), port.to_owned()));
    pairs.push(("X-Forwarded-Proto".to_owned(), scheme.to_owned()));
    pairs.sort();
    pairs
}

/// The case in which browsers and API Gateway write a header; HTTP libraries hand them over in
/// lower case. Names with `x-` are somebody's own, and mostly lower case.
fn usual_case(name: &str) -> String {
    if name.starts_with("x-") && !name.starts_with("x-forwarded-") && !name.starts_with("x-amzn-") {
        return name.to_owned();
    }
    let special = match name {
        "sec-websocket-key" => Some("Sec-WebSocket-Key"),
        "sec-websocket-version" => Some("Sec-WebSocket-Version"),
        "sec-websocket-protocol" => Some("Sec-WebSocket-Protocol"),
        "sec-websocket-extensions" => Some("Sec-WebSocket-Extensions"),
        _ => None,
    };
    let words = name.split('-').map(|word| {
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_ascii_uppercase() + rest
    });
    special.map_or_else(|| words.collect::<Vec<_>>().join("-"), str::to_owned)
}

impl Serialize for Last<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let last: BTreeMap<_, _> = self.0.iter().map(|(name, value)| (name, value)).collect();
        last.serialize(serializer)
    }
}

impl Serialize for All<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut all: BTreeMap<&String, Vec<&String>> = BTreeMap::new();
        for (name, value) in &*self.0 {
            all.entry(name).or_default().push(value);
        }
        all.serialize(serializer)
    }
}

impl Serialize for Identity<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if self.style.legacy_nulls {
            for name in LEGACY_IDENTITY {
                map.serialize_entry(name, &())?;
            }
        }
        let address = self.source_ip.map(|ip| ip.to_string()).unwrap_or_default();
        if !self.user_agent.is_empty() {
            map.serialize_entry("userAgent", self.user_agent)?;
        } else if self.style.legacy_nulls {
            map.serialize_entry("userAgent", &())?;
        }
        map.serialize_entry("sourceIp", &address)?;
        map.end()
    }
}

impl<T> Nullable<T> {
    fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }
}

impl<T: Serialize> Serialize for Nullable<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Present(value) => value.serialize(serializer),
            Self::Absent | Self::Null => serializer.serialize_none(),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
