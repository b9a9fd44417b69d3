//! What a browser tells of its pages: their sleep, their return, their end, and the network's.
//!
//! Workers hear of the network alone.

use std::fmt;

use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Document, Event, EventTarget, PageTransitionEvent};

use super::drop_later;
use crate::driver::Life;

/// The events that count. What is said to the document passes the window on its way there.
const EVENTS: [&str; 7] =
    ["online", "offline", "visibilitychange", "freeze", "resume", "pagehide", "pageshow"];

/// Tells of the page until it is dropped.
pub(crate) struct Watch {
    hear: Option<Closure<dyn Fn(Event)>>,
}

impl Watch {
    pub(super) fn new(tell: impl Fn(Life) + 'static) -> Self {
        let hear: Closure<dyn Fn(Event)> = Closure::new(move |event: Event| {
            if let Some(life) = meaning(&event) {
                tell(life);
            }
        });
        for name in EVENTS {
            // It fails for nothing but a place without events, which has nothing to tell either.
            let _ = here().add_event_listener_with_callback_and_bool(
                name,
                hear.as_ref().unchecked_ref(),
                true,
            );
        }
        Self { hear: Some(hear) }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let Some(hear) = &self.hear {
            for name in EVENTS {
                let _ = here().remove_event_listener_with_callback_and_bool(
                    name,
                    hear.as_ref().unchecked_ref(),
                    true,
                );
            }
        }
        drop_later(self.hear.take());
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").finish_non_exhaustive()
    }
}

fn meaning(event: &Event) -> Option<Life> {
    // Kept aside for the way back, or come back from there.
    let is_persisted =
        || event.dyn_ref().is_some_and(|event: &PageTransitionEvent| event.persisted());
    let is_hidden = || {
        let document = event.target().and_then(|target| target.dyn_into::<Document>().ok());
        document.is_some_and(|document| document.hidden())
    };
    match event.type_().as_str() {
        "online" | "resume" | "pageshow" => Some(Life::Back),
        "visibilitychange" => (!is_hidden()).then_some(Life::Back),
        "offline" => Some(Life::Offline),
        "freeze" => Some(Life::Asleep),
        "pagehide" => Some(if is_persisted() { Life::Asleep } else { Life::Gone }),
        _ => None,
    }
}

/// The window, or the worker.
fn here() -> EventTarget {
    js_sys::global().unchecked_into()
}
