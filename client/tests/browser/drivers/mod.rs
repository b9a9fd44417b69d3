//! What a story may do, and who can do it: the Rust API, and in a browser the npm package.

#[cfg(target_arch = "wasm32")]
mod npm;
mod rust;

use std::sync::Arc;

use futures_channel::mpsc::{UnboundedReceiver, unbounded};

#[cfg(target_arch = "wasm32")]
pub(crate) use self::{
    npm::NpmPackage,
    rust::{Message, Posted, SendMessage},
};
pub(crate) use self::{
    rust::RustApi,
    threads::{MaybeSend, MaybeSync},
};
use crate::peer::patiently;

/// A session that speaks the contract of the stories: `sendMessage` is answered with a number,
/// `message` is an event. An error is its code.
pub(crate) trait Driver: MaybeSync + Sized + 'static {
    /// A send, and what becomes of it.
    type Sent: Sent;

    /// Which contract it says that it speaks.
    fn fingerprint() -> Option<&'static str>;

    /// Makes a session and begins to connect it.
    fn start(setup: Setup) -> Self;

    /// The session was open once.
    fn ready(&self) -> impl Future<Output = Result<(), String>>;

    /// Sends at once; the future is the reply.
    fn send(&self, text: &str)
    -> impl Future<Output = Result<u32, String>> + MaybeSend + use<Self>;

    /// The same, with some of it set, and with more to see.
    fn begin(&self, text: &str, extras: Extras) -> Self::Sent;

    /// Sends an action that is answered with nothing.
    fn note(&self, text: &str) -> impl Future<Output = Result<(), String>> + use<Self>;

    /// Tells the text of each `message` until what this returns is dropped.
    fn on_message(&self, tell: impl Fn(String) + MaybeSync + 'static) -> Subscription;

    /// What the last welcome said of the contract.
    fn contract(&self) -> Option<String>;

    /// Tells of the server having another contract until what this returns is dropped.
    fn on_contract_changed(&self, tell: impl Fn(String) + MaybeSync + 'static) -> Subscription;

    /// Tells of lost events until what this returns is dropped.
    fn on_gap(&self, tell: impl Fn(String) + MaybeSync + 'static) -> Subscription;

    /// Tells of a refused token until what this returns is dropped.
    fn on_unauthorized(&self, tell: impl Fn(String) + MaybeSync + 'static) -> Subscription;

    /// The name of the session.
    fn key(&self) -> String;

    /// Whether the server still knew it.
    fn resumed(&self) -> bool;

    /// Tells each new state until what this returns is dropped.
    fn on_state(&self, tell: impl Fn(String) + MaybeSync + 'static) -> Subscription;

    fn state(&self) -> String;

    fn close(&self);
}

/// A send on its way.
pub(crate) trait Sent {
    fn state(&self) -> String;

    /// The id of its receipt, or `None` when it was answered without one.
    fn accepted(&mut self) -> impl Future<Output = Result<Option<String>, String>>;

    fn cancel(&self);

    fn reply(self) -> impl Future<Output = Result<u32, String>>;
}

/// What a story may set for one send; times in milliseconds.
#[derive(Default)]
pub(crate) struct Extras {
    pub(crate) timeout: Option<u32>,
    pub(crate) ttl: Option<u32>,
    pub(crate) key: Option<String>,
}

/// What a story may set.
pub(crate) struct Setup {
    pub(crate) url: String,
    pub(crate) token: Option<Token>,
    /// In milliseconds.
    pub(crate) timeout: u32,
    /// In milliseconds.
    pub(crate) ttl: Option<u32>,
    pub(crate) queue_length: Option<u32>,
    pub(crate) drop_oldest: bool,
    /// High and low.
    pub(crate) watermarks: Option<(u32, u32)>,
    /// The name of the session.
    pub(crate) session: Option<String>,
    pub(crate) plain: bool,
    /// Told of every problem.
    pub(crate) on_problem: Arc<dyn Fn(String) + Send + Sync>,
}

impl Setup {
    pub(crate) fn new(url: String, on_problem: impl Fn(String) + Send + Sync + 'static) -> Self {
        Self {
            url,
            token: None,
            timeout: 60_000,
            ttl: None,
            queue_length: None,
            drop_oldest: false,
            watermarks: None,
            session: None,
            plain: false,
            on_problem: Arc::new(on_problem),
        }
    }
}

/// Fetches a token.
pub(crate) type Token = Arc<dyn Fn() -> Result<String, String> + Send + Sync>;

/// Ends a subscription when it is dropped.
pub(crate) struct Subscription(Option<Box<dyn FnOnce()>>);

impl Subscription {
    pub(crate) fn new(end: impl FnOnce() + 'static) -> Self {
        Self(Some(Box::new(end)))
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        if let Some(end) = self.0.take() {
            end();
        }
    }
}

/// What was told, in order, for a story to wait for.
pub(crate) struct Told {
    texts: UnboundedReceiver<String>,
    _source: Option<Subscription>,
}

impl Told {
    /// The function that tells, and what it told.
    pub(crate) fn new() -> (impl Fn(String) + Clone + Send + Sync + 'static, Self) {
        let (sender, texts) = unbounded();
        // After the end of a story nobody wants to know.
        (move |text| drop(sender.unbounded_send(text)), Self { texts, _source: None })
    }

    /// What each new state of a session is.
    pub(crate) fn states(session: &impl Driver) -> Self {
        let (tell, told) = Self::new();
        Self { _source: Some(session.on_state(tell)), ..told }
    }

    /// What was told next.
    pub(crate) async fn next(&mut self) -> String {
        let told = patiently(self.texts.recv()).await;
        told.unwrap_or_else(|error| panic!("{error}")).unwrap()
    }

    /// Whether everything that was told has been taken.
    pub(crate) fn is_idle(&mut self) -> bool {
        self.texts.try_recv().is_err()
    }
}

/// What a place asks of handles and callbacks: nothing in a browser, natively that they may go to
/// other threads.
mod threads {
    #[cfg(not(target_arch = "wasm32"))]
    mod bounds {
        pub(crate) trait MaybeSend: Send {}
        impl<T: Send> MaybeSend for T {}
        pub(crate) trait MaybeSync: Send + Sync {}
        impl<T: Send + Sync> MaybeSync for T {}
    }

    #[cfg(target_arch = "wasm32")]
    mod bounds {
        pub(crate) trait MaybeSend {}
        impl<T> MaybeSend for T {}
        pub(crate) trait MaybeSync {}
        impl<T> MaybeSync for T {}
    }

    pub(crate) use bounds::{MaybeSend, MaybeSync};
}
