//! What API Gateway speaks: flat frames without ids, and answers that are events or errors.

use std::borrow::Cow;

use serde::{Deserialize, de::IgnoredAny};
use serde_json::value::RawValue;

use super::{Driver, SocketNumber, answers::Frame};
use crate::{
    Problem,
    session::{ActionId, Input},
};

/// A frame of the gateway's own, or one that an application has posted.
#[derive(Deserialize)]
struct PlainFrame<'a> {
    #[serde(borrow)]
    message: Option<Cow<'a, str>>,
    #[serde(rename = "connectionId")]
    connection_id: Option<IgnoredAny>,
    #[serde(rename = "requestId")]
    request_id: Option<IgnoredAny>,
    #[serde(borrow)]
    event: Option<Cow<'a, str>>,
    #[serde(borrow)]
    action: Option<Cow<'a, str>>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
}

impl<'a> PlainFrame<'a> {
    /// Nothing for what is no object: serde would take a list for the members in their order.
    fn parse(text: &'a str) -> Option<Self> {
        let is_object = text.trim_start().starts_with('{');
        serde_json::from_str(text).ok().filter(|_| is_object)
    }
}

impl Frame {
    /// A flat object beside `action`, which comes last: of two members with one name the last counts.
    pub(super) fn plain(&self) -> String {
        let Self { route, data } = self;
        match data.strip_suffix('}') {
            Some("{") => format!(r#"{{"action":"{route}"}}"#),
            Some(members) => format!(r#"{members},"action":"{route}"}}"#),
            None => format!(r#"{{"data":{data},"action":"{route}"}}"#),
        }
    }
}

impl Driver {
    /// Nobody will answer: that it is written is all that can be known.
    pub(super) fn written(&self, id: ActionId) {
        self.answers.tell(id, Ok(RawValue::NULL.to_owned()));
        self.core.lock().machine.handle(Input::Answered(id), self.place.now());
    }

    /// An event is `{"event": …, "data": …}`, or whatever has an `action`; the rest is nobody's.
    pub(super) fn receive_plain(&self, socket: SocketNumber, text: &str) {
        self.tell_line(socket, Input::Heard);
        let Some(frame) = PlainFrame::parse(text) else { return };
        if let (Some(message), Some(_), Some(_)) =
            (&frame.message, &frame.connection_id, &frame.request_id)
        {
            return self.options.report(&Problem::Server(complaint(message)));
        }
        let whole = || serde_json::from_str(text);
        if let Some(name) = frame.event.or(frame.action)
            && let Ok(data) = frame.data.map_or_else(whole, Ok)
        {
            self.post(&name, data);
        }
    }
}

/// `Internal server error` has the code `internalServerError`.
fn complaint(message: &str) -> gatewire::Error {
    let mut code = String::with_capacity(message.len());
    for word in message.to_ascii_lowercase().split(' ') {
        let mut letters = word.chars();
        match letters.next() {
            Some(first) if !code.is_empty() => code.push(first.to_ascii_uppercase()),
            Some(first) => code.push(first),
            None => {}
        }
        code.push_str(letters.as_str());
    }
    let is_final = code.contains("forbidden") || code.contains("invalid");
    let error = gatewire::Error::new(code, message.to_owned());
    if is_final { error } else { error.temporary() }
}

#[cfg(test)]
mod tests {
    use super::{Frame, complaint};

    #[test]
    fn a_frame_is_flat_where_it_can_be() {
        let plain = |data: &str| Frame { route: "say", data: data.to_owned() }.plain();
        assert_eq!(plain("{}"), r#"{"action":"say"}"#);
        assert_eq!(plain(r#"{"a":{}}"#), r#"{"a":{},"action":"say"}"#);
        assert_eq!(plain("[1]"), r#"{"data":[1],"action":"say"}"#);
        assert_eq!(plain("null"), r#"{"data":null,"action":"say"}"#);
    }

    #[test]
    fn the_gateways_words_are_codes() {
        let error = complaint("Internal server error");
        assert_eq!((error.code(), error.is_temporary()), ("internalServerError", true));
        let error = complaint("Forbidden");
        assert_eq!((error.code(), error.is_temporary()), ("forbidden", false));
    }
}
