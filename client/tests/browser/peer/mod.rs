//! The scripted server as a story sees it; `peer.js` has the manual. Natively it is the same over TCP.

#[cfg(not(target_arch = "wasm32"))]
mod native;
#[cfg(target_arch = "wasm32")]
mod web;

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

#[cfg(not(target_arch = "wasm32"))]
use self::native::Peer;
#[cfg(not(target_arch = "wasm32"))]
pub(crate) use self::native::patiently;
#[cfg(target_arch = "wasm32")]
use self::web::Peer;
#[cfg(target_arch = "wasm32")]
pub(crate) use self::web::patiently;

/// The largest message that this server takes, in bytes.
pub(crate) const LIMIT: usize = 1_000;

/// The server of one story.
pub(crate) struct Server(Peer);

impl Server {
    pub(crate) fn new() -> Self {
        Self(Peer::new())
    }

    pub(crate) fn url(&self) -> String {
        self.0.url()
    }

    /// Takes the next socket: its protocols, and the frame that the client writes first.
    pub(crate) async fn accept(&self) -> (Vec<String>, Value) {
        let protocols = self.opening().await;
        self.0.accept();
        (protocols, self.text().await)
    }

    /// Takes the next socket, says welcome, and returns the `hello`.
    pub(crate) async fn welcome(&self) -> Value {
        self.welcome_with(&json!({})).await
    }

    /// The same, with these members in the welcome.
    pub(crate) async fn welcome_with(&self, members: &Value) -> Value {
        let (_, hello) = self.accept().await;
        self.say_welcome_with(members);
        hello
    }

    /// A client opens a socket, with these protocols. It is the newest from then on.
    pub(crate) async fn opening(&self) -> Vec<String> {
        let protocols = patiently(self.0.open()).await.flatten();
        let protocols = protocols.unwrap_or_else(|error| panic!("open: {error}"));
        serde_json::from_str(&protocols).unwrap()
    }

    /// Opens the newest socket, and waits for nothing.
    pub(crate) fn accept_silently(&self) {
        self.0.accept();
    }

    /// The next thing it does with the newest socket is to write this frame.
    pub(crate) async fn text(&self) -> Value {
        let words = self.next(0, "text").await;
        serde_json::from_str(words[1].as_str().unwrap()).unwrap()
    }

    /// The next thing it does with the newest socket is to close it, with this code.
    pub(crate) async fn closing(&self) -> u64 {
        self.next(0, "close").await[1].as_u64().unwrap()
    }

    /// The same of the socket before the newest.
    pub(crate) async fn closing_older(&self) -> u64 {
        self.next(1, "close").await[1].as_u64().unwrap()
    }

    /// Whether the client did nothing that no story has asked for.
    pub(crate) fn is_idle(&self) -> bool {
        self.0.idle()
    }

    pub(crate) fn say_welcome(&self) {
        self.say_welcome_with(&json!({}));
    }

    /// The same, with these members in it.
    pub(crate) fn say_welcome_with(&self, members: &Value) {
        let mut welcome = json!({
            "connectionId": "Yk3nQcX9IAMCJ2g=",
            "resumed": false,
            "heartbeat": 25_000,
            "limits": { "message": LIMIT, "inFlight": 4 },
        });
        for (name, value) in members.as_object().unwrap() {
            welcome[name] = value.clone();
        }
        self.say(&json!({ "welcome": welcome }));
    }

    /// The reply to the action of this frame.
    pub(crate) fn answer(&self, action: &Value, posted: u32) {
        self.say(&json!({ "id": action["id"], "data": { "id": posted } }));
    }

    pub(crate) fn say(&self, frame: &Value) {
        self.say_text(&frame.to_string());
    }

    pub(crate) fn say_text(&self, text: &str) {
        self.0.say(0, text);
    }

    pub(crate) fn say_bytes(&self) {
        self.0.say_bytes();
    }

    pub(crate) fn end(&self, code: u16) {
        self.0.end(0, code);
    }

    /// The same on the socket before the newest.
    pub(crate) fn answer_older(&self, action: &Value, posted: u32) {
        let reply = json!({ "id": action["id"], "data": { "id": posted } });
        self.0.say(1, &reply.to_string());
    }

    pub(crate) fn end_older(&self, code: u16) {
        self.0.end(1, code);
    }

    /// Lets so many bytes wait in the newest socket.
    #[cfg(target_arch = "wasm32")]
    pub(crate) fn congest(&self, bytes: usize) {
        self.0.congest(bytes);
    }

    /// An event, numbered within its session.
    pub(crate) fn post(&self, seq: u64, text: &str) {
        self.say(&json!({ "seq": seq, "event": "message", "data": { "text": text } }));
    }

    async fn next(&self, back: usize, expected: &str) -> Vec<Value> {
        let next = patiently(self.0.next(back)).await.flatten();
        let next = next.unwrap_or_else(|error| panic!("{expected}: {error}"));
        let words: Vec<Value> = serde_json::from_str(&next).unwrap();
        assert_eq!(words[0], expected, "{next}");
        words
    }
}

/// A token that says that it ends in so many milliseconds, and of nobody.
pub(crate) fn jwt_for(milliseconds: u64) -> String {
    let seconds = Duration::from_millis(unix_now() + milliseconds).as_secs_f64();
    format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(json!({ "exp": seconds }).to_string()))
}

/// Milliseconds since the Unix epoch.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn unix_now() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    u64::try_from(now.as_millis()).unwrap()
}

/// Milliseconds since the Unix epoch.
#[cfg(target_arch = "wasm32")]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "1970 is over")]
pub(crate) fn unix_now() -> u64 {
    js_sys::Date::now() as u64
}
