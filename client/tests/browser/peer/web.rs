//! The fake in the place of the page's `WebSocket`.

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

    #[wasm_bindgen(method, catch, js_name = next)]
    async fn next_words(this: &Peer) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method)]
    pub(super) fn accept(this: &Peer);

    #[wasm_bindgen(method)]
    pub(super) fn say(this: &Peer, text: &str);

    #[wasm_bindgen(method, js_name = sayBytes)]
    pub(super) fn say_bytes(this: &Peer);

    #[wasm_bindgen(method)]
    pub(super) fn end(this: &Peer, code: u16);
}

impl Peer {
    /// The next thing that a client did, as JSON.
    pub(super) async fn next(&self) -> Result<String, String> {
        let words = self.next_words().await.map_err(|error| format!("{error:?}"))?;
        Ok(String::from(js_sys::JSON::stringify(&words).unwrap()))
    }
}
