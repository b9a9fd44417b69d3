//! The fake in the place of the page's `WebSocket`.

use std::{future::poll_fn, pin::pin, task::Poll};

use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

#[wasm_bindgen(module = "/tests/browser/peer.js")]
extern "C" {
    pub(super) type Peer;

    #[wasm_bindgen(constructor)]
    pub(super) fn new() -> Peer;

    #[wasm_bindgen(method, getter)]
    pub(super) fn url(this: &Peer) -> String;

    #[wasm_bindgen(method, getter)]
    pub(super) fn idle(this: &Peer) -> bool;

    #[wasm_bindgen(method, catch, js_name = open)]
    async fn open_socket(this: &Peer) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, catch, js_name = next)]
    async fn next_words(this: &Peer, back: usize) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method)]
    pub(super) fn accept(this: &Peer);

    #[wasm_bindgen(method)]
    pub(super) fn say(this: &Peer, back: usize, text: &str);

    #[wasm_bindgen(method, js_name = sayBytes)]
    pub(super) fn say_bytes(this: &Peer);

    #[wasm_bindgen(method)]
    pub(super) fn end(this: &Peer, back: usize, code: u16);

    #[wasm_bindgen(method)]
    pub(super) fn congest(this: &Peer, bytes: usize);

    #[wasm_bindgen(catch)]
    async fn patience() -> Result<JsValue, JsValue>;
}

/// What a future gives, if it does in twenty seconds.
pub(crate) async fn patiently<T>(future: impl Future<Output = T>) -> Result<T, String> {
    let (mut future, mut patience) = (pin!(future), pin!(patience()));
    poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(value) => Poll::Ready(Ok(value)),
        Poll::Pending => patience.as_mut().poll(cx).map(|_| Err("nothing for 20 seconds".into())),
    })
    .await
}

impl Peer {
    /// The protocols of the next socket, as JSON.
    pub(super) async fn open(&self) -> Result<String, String> {
        self.open_socket().await.map(|it| json(&it)).map_err(|error| format!("{error:?}"))
    }

    /// The next thing that a client did with a socket, as JSON.
    pub(super) async fn next(&self, back: usize) -> Result<String, String> {
        self.next_words(back).await.map(|it| json(&it)).map_err(|error| format!("{error:?}"))
    }
}

fn json(words: &JsValue) -> String {
    js_sys::JSON::stringify(words).unwrap().into()
}
