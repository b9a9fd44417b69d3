//! The browser: its `WebSocket`, its timers, its clock. Windows and workers alike.

mod page;

use gatewire_core::CloseCode;
use gloo_timers::callback::Timeout;
use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue, closure::Closure, prelude::wasm_bindgen};
use web_sys::{CloseEvent, DomException, MessageEvent, WebSocket};

pub(crate) use self::page::Watch;
use super::{Dial, SocketEvent};
use crate::{driver::Life, session::Millis, sharing::TokenError};

/// The longest delay that browsers take, in milliseconds; beyond it they ring at once.
const LONGEST: u32 = i32::MAX.cast_unsigned();

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;

    #[wasm_bindgen(js_namespace = crypto, js_name = getRandomValues)]
    fn get_random_values(bytes: &mut [u8]);
}

/// Whom the browser trusts is not for a page to say.
#[derive(Clone, Default)]
pub(crate) struct Trust(());

/// The page, or the worker.
pub(crate) struct Place;

#[expect(clippy::unused_self, reason = "there is one page; elsewhere a session keeps where it is")]
impl Place {
    /// Where the caller is.
    pub(crate) fn here(_: &Trust) -> Self {
        Self
    }

    /// Begins to open a socket. The error is the browser's reason not to.
    pub(crate) fn open(
        &self,
        dial: &Dial,
        tell: impl Fn(SocketEvent) + Clone + 'static,
    ) -> Result<Socket, String> {
        let protocols: Array = dial.protocols.iter().map(|it| JsValue::from_str(it)).collect();
        let socket =
            WebSocket::new_with_str_sequence(&dial.url, &protocols).map_err(|it| refusal(&it))?;
        let callbacks = Callbacks::new(tell);
        socket.set_onopen(Some(callbacks.opened.as_ref().unchecked_ref()));
        socket.set_onmessage(Some(callbacks.message.as_ref().unchecked_ref()));
        socket.set_onclose(Some(callbacks.closed.as_ref().unchecked_ref()));
        Ok(Socket { socket, callbacks: Some(callbacks) })
    }

    /// Rings in `delay` milliseconds, or after 24 days if that is sooner.
    pub(crate) fn ring_in(&self, delay: Millis, ring: impl FnOnce() + 'static) -> Timer {
        let delay = u32::try_from(delay).unwrap_or(LONGEST).min(LONGEST);
        Timer(Some(Timeout::new(delay, ring)))
    }

    /// Milliseconds on the page's monotonic clock.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the clock begins at 0 with the page, and whole milliseconds are all that is needed"
    )]
    pub(crate) fn now(&self) -> Millis {
        performance_now() as Millis
    }

    /// Tells of the page's life.
    pub(crate) fn watch(&self, tell: impl Fn(Life) + 'static) -> Watch {
        Watch::new(tell)
    }

    /// Runs a future to its end.
    pub(crate) fn spawn(&self, future: impl Future<Output = ()> + 'static) {
        wasm_bindgen_futures::spawn_local(future);
    }
}

/// One `WebSocket`, which tells what happens to it until it is dropped.
#[derive(Debug)]
pub(crate) struct Socket {
    socket: WebSocket,
    callbacks: Option<Callbacks>,
}

#[derive(Debug)]
struct Callbacks {
    opened: Closure<dyn Fn()>,
    message: Closure<dyn Fn(MessageEvent)>,
    closed: Closure<dyn Fn(CloseEvent)>,
}

impl Socket {
    /// Writes a text. A socket that is closing drops it without a word, and tells its end.
    #[expect(clippy::needless_pass_by_value, reason = "natively it goes to the socket's task")]
    pub(crate) fn send(&self, text: String) {
        // It fails for one reason: the socket is not open yet, and the session writes to open ones.
        let _ = self.socket.send_with_str(&text);
    }

    /// How many bytes wait to be written.
    pub(crate) fn buffered(&self) -> usize {
        usize::try_from(self.socket.buffered_amount()).unwrap_or(usize::MAX)
    }

    /// Closes the socket, which tells nothing more.
    pub(crate) fn close(self, code: CloseCode) {
        // It fails for codes that a page may not send, and the session has none of those.
        let _ = self.socket.close_with_code(code.0);
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.socket.set_onopen(None);
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
        drop_later(self.callbacks.take());
    }
}

impl Callbacks {
    fn new(tell: impl Fn(SocketEvent) + Clone + 'static) -> Self {
        let (opened, closed, message) = (tell.clone(), tell.clone(), tell);
        Self {
            opened: Closure::new(move || opened(SocketEvent::Opened)),
            message: Closure::new(move |event: MessageEvent| {
                message(event.data().as_string().map_or(SocketEvent::Binary, SocketEvent::Text));
            }),
            closed: Closure::new(move |event: CloseEvent| {
                closed(SocketEvent::Closed(CloseCode(event.code())));
            }),
        }
    }
}

/// Rings once, unless it is dropped before.
#[derive(Debug)]
pub(crate) struct Timer(Option<Timeout>);

impl Drop for Timer {
    fn drop(&mut self) {
        drop_later(self.0.take());
    }
}

/// Milliseconds since the Unix epoch.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the page's clock is past 1970, and has whole milliseconds"
)]
pub(crate) fn unix_now() -> Millis {
    js_sys::Date::now() as Millis
}

/// Random bytes that nobody can guess.
pub(crate) fn random<const LENGTH: usize>() -> [u8; LENGTH] {
    let mut bytes = [0; LENGTH];
    get_random_values(&mut bytes);
    bytes
}

/// What a future of the application gives. A panic ends the whole program here.
pub(crate) async fn attempt<T>(future: impl Future<Output = T>) -> Result<T, TokenError> {
    Ok(future.await)
}

/// Tells the developer: on the console.
pub(crate) fn complain(message: &str) {
    web_sys::console::error_1(&message.into());
}

/// `Closure` does not promise that it may be dropped while it runs, and a session may end in any of its
/// callbacks. So what may be running is dropped when the browser's call is over.
fn drop_later(value: impl Sized + 'static) {
    wasm_bindgen_futures::spawn_local(async move { drop(value) });
}

/// The browser's own message repeats the URL, which may have a ticket in it; the name says enough:
/// `SyntaxError` for what is no URL, `SecurityError` for `ws:` on a page of `https:`.
fn refusal(exception: &JsValue) -> String {
    let name = exception.dyn_ref().map_or_else(|| "Error".to_owned(), DomException::name);
    format!("the browser refuses the URL with a {name}")
}
