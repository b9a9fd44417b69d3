//! The scripted server as a story sees it; `peer.js` has the manual. Natively it is the same over TCP.

#[cfg(not(target_arch = "wasm32"))]
mod native;
#[cfg(target_arch = "wasm32")]
mod web;

use serde_json::{Value, json};

#[cfg(not(target_arch = "wasm32"))]
use self::native::Peer;
#[cfg(target_arch = "wasm32")]
use self::web::Peer;

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
        let (_, hello) = self.accept().await;
        self.say_welcome();
        hello
    }

    /// The next thing a client does is to open a socket, with these protocols.
    pub(crate) async fn opening(&self) -> Vec<String> {
        let mut words = self.next("open").await;
        words.remove(0);
        words.into_iter().map(|word| word.as_str().unwrap().to_owned()).collect()
    }

    /// The next thing it does is to write this frame.
    pub(crate) async fn text(&self) -> Value {
        let words = self.next("text").await;
        serde_json::from_str(words[1].as_str().unwrap()).unwrap()
    }

    /// The next thing it does is to close its socket, with this code.
    pub(crate) async fn closing(&self) -> u64 {
        self.next("close").await[1].as_u64().unwrap()
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
        self.0.say(text);
    }

    pub(crate) fn say_bytes(&self) {
        self.0.say_bytes();
    }

    pub(crate) fn end(&self, code: u16) {
        self.0.end(code);
    }

    async fn next(&self, expected: &str) -> Vec<Value> {
        let next = self.0.next().await.unwrap_or_else(|error| panic!("{expected}: {error}"));
        let words: Vec<Value> = serde_json::from_str(&next).unwrap();
        assert_eq!(words[0], expected, "{next}");
        words
    }
}
