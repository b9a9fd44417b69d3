//! The numbers of events, counted from 1. On the wire they begin with the time at which the session
//! began, which no test can know.

use std::{cell::RefCell, collections::HashMap};

use serde_json::{Value, json};

thread_local! {
    /// The number before a session's first event, by its id. A test has a thread of its own.
    static BEFORE: RefCell<HashMap<String, u64>> = RefCell::default();
}

/// What one client needs to know.
#[derive(Debug, Default)]
pub(crate) struct Numbers {
    session: Option<String>,
}

impl Numbers {
    /// A frame as it travels.
    pub(crate) fn written(&mut self, mut frame: Value) -> Value {
        if let Some(session) = frame["hello"]["session"].as_str() {
            self.session = Some(session.to_owned());
        }
        for place in ["/hello/seen", "/seen"] {
            if let Some(seen) = frame.pointer_mut(place)
                && let Some(number) = seen.as_u64()
            {
                *seen = json!(number + self.before());
            }
        }
        frame
    }

    /// A frame as the tests have it.
    pub(crate) fn read(&self, mut frame: Value) -> Value {
        let welcome = &frame["welcome"];
        if let (Some(session), Some(seen)) = (&self.session, welcome["seen"].as_u64())
            && welcome["resumed"] == false
        {
            BEFORE.with_borrow_mut(|before| before.insert(session.clone(), seen));
        }
        for place in ["/welcome/seen", "/seq"] {
            if let Some(number) = frame.pointer_mut(place)
                && let Some(counted) = number.as_u64()
            {
                *number = json!(counted.saturating_sub(self.before()));
            }
        }
        frame
    }

    fn before(&self) -> u64 {
        let session = self.session.as_deref().unwrap_or_default();
        BEFORE.with_borrow(|before| before.get(session).copied().unwrap_or(0))
    }
}
