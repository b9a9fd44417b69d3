use axum::http::HeaderValue;
use proptest::prelude::*;

use super::*;
use crate::queue::GroupId;

const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

fn parse(parent: &str) -> Option<TraceContext> {
    TraceContext::parse(parent, None)
}

#[test]
fn the_example_of_the_specification_is_read_and_written() {
    let context = TraceContext::parse(PARENT, Some("rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"));
    let context = context.unwrap();
    assert_eq!(context.traceparent(), PARENT);
    assert_eq!(context.state(), Some("rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"));
    assert!(context.is_sampled());
    assert_eq!(
        context.x_ray(),
        "Root=1-0af76519-16cd43dd8448eb211c80319c;Parent=b7ad6b7169203331;Sampled=1"
    );
}

#[test]
fn what_the_specification_does_not_allow_is_nothing() {
    let wrong = [
        "",
        "00",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "0-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0x",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what",
        "00_0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331_01",
        "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01x",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0é",
        "00-0af7651916cd43dd8448eb211c80319+-b7ad6b7169203331-01",
    ];
    for parent in wrong {
        assert_eq!(parse(parent), None, "{parent}");
    }
}

#[test]
fn a_version_to_come_is_read_as_far_as_it_is_known_and_written_as_ours() {
    for more in ["", "-what-follows"] {
        let context = parse(&PARENT.replacen("00", "cc", 1).replace("-01", "-ff")).unwrap();
        assert_eq!(context.traceparent(), PARENT.replace("-01", "-03"), "{more}");
    }
}

#[test]
fn a_state_that_is_wrong_is_left_out_alone() {
    let read = |state: &str| {
        let context = TraceContext::parse(PARENT, Some(state)).unwrap();
        context.state().map(str::to_owned)
    };
    assert_eq!(read(" a=1 ,, b@c=2\t").as_deref(), Some("a=1,b@c=2"));
    assert_eq!(read("a=1=2"), None);
    assert_eq!(read("A=1"), None);
    assert_eq!(read("a"), None);
    assert_eq!(read(""), None);
    assert_eq!(read("a=é"), None);
    let many = |count: usize| (0..count).map(|n| format!("k{n}=v")).collect::<Vec<_>>().join(",");
    assert!(read(&many(32)).is_some());
    assert_eq!(read(&many(33)), None);
    assert_eq!(read(&format!("a={}", "x".repeat(600))), None);
}

#[test]
fn headers_name_one_parent_and_any_number_of_states() {
    let mut headers = HeaderMap::new();
    assert_eq!(TraceContext::from_headers(&headers), None);
    headers.append(TRACEPARENT, HeaderValue::from_static(PARENT));
    headers.append(TRACESTATE, HeaderValue::from_static("a=1"));
    headers.append(TRACESTATE, HeaderValue::from_static("b=2"));
    let context = TraceContext::from_headers(&headers).unwrap();
    assert_eq!(context.state(), Some("a=1,b=2"));
    headers.append(TRACEPARENT, HeaderValue::from_static(PARENT));
    assert_eq!(TraceContext::from_headers(&headers), None, "which of the two?");
}

#[test]
fn whatever_an_action_says_is_read_or_ignored() {
    let read = |text: &str| {
        let raw = RawValue::from_string(text.to_owned()).unwrap();
        TraceContext::from_json(&raw).map(|context| context.traceparent())
    };
    let parent = format!(r#""traceparent":"{PARENT}""#);
    assert_eq!(read(&format!("{{{parent}}}")).as_deref(), Some(PARENT));
    assert_eq!(
        read(&format!(r#"{{"tracestate":7,{parent},"baggage":"x"}}"#)).as_deref(),
        Some(PARENT)
    );
    for text in
        ["7", "[]", r#""00""#, "{}", r#"{"traceparent":7}"#, r#"{"traceparent":"00-1-2-01"}"#]
    {
        assert_eq!(read(text), None, "{text}");
    }
    assert_eq!(read(&format!(r#"{{{parent},"more":"{}"}}"#, "x".repeat(5000))), None);
}

fn message(attributes: usize) -> NewMessage {
    let attributes = (0..attributes).map(|n| (format!("a{n}"), "v".to_owned())).collect();
    let message = NewMessage::new("body", GroupId::new("g").unwrap(), "d").unwrap();
    message.with_attributes(attributes).unwrap()
}

#[test]
fn a_message_carries_it_where_there_is_room() {
    let context = TraceContext::parse(PARENT, Some("a=1")).unwrap();
    let carrying = context.attach(message(8));
    assert_eq!(TraceContext::from_attributes(carrying.attributes()), Some(context.clone()));
    assert_eq!(context.attach(message(9)), message(9));
    let other = parse(&PARENT.replace("b7ad", "aaaa")).unwrap();
    assert_eq!(other.attach(carrying.clone()), carrying, "what it says of itself counts");
}

#[test]
fn it_is_kept_as_json() {
    let context = TraceContext::parse(PARENT, Some("a=1")).unwrap();
    let text = serde_json::to_string(&context).unwrap();
    assert_eq!(text, format!(r#"{{"traceparent":"{PARENT}","tracestate":"a=1"}}"#));
    assert_eq!(serde_json::from_str::<TraceContext>(&text).unwrap(), context);
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(
        trace in any::<[u8; 16]>(),
        span in any::<[u8; 8]>(),
        flags in any::<u8>(),
        state in proptest::option::of("[a-z][a-z0-9_*/-]{0,8}=[!-+.-<>-~]{1,8}"),
    ) {
        let Some(context) = TraceContext::new(trace, span, flags, state.as_deref()) else {
            prop_assert!(trace == [0; 16] || span == [0; 8]);
            return Ok(());
        };
        let read = TraceContext::parse(&context.traceparent(), context.state()).unwrap();
        prop_assert_eq!(&read, &context);
        prop_assert_eq!(context.state(), state.as_deref());
        prop_assert_eq!(context.trace_id(), trace);
        prop_assert_eq!(context.span_id(), span);
    }

    #[test]
    fn no_text_is_too_odd(parent in ".{0,80}", state in ".{0,80}") {
        if let Some(context) = TraceContext::parse(&parent, Some(&state)) {
            prop_assert_eq!(context.traceparent().len(), 55);
        }
    }

    #[test]
    fn what_is_read_was_of_the_specifications_form(at in 0..55usize, byte in any::<u8>()) {
        let mut bytes = PARENT.as_bytes().to_vec();
        bytes[at] = byte;
        let Ok(text) = String::from_utf8(bytes) else { return Ok(()) };
        let of_form = text.bytes().enumerate().all(|(at, byte)| match at {
            2 | 35 | 52 => byte == b'-',
            _ => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
        });
        prop_assert_eq!(parse(&text).is_some(), of_form, "{}", text);
    }
}
