//! The npm package, as it is published.

use js_sys::{Function, JSON, Object, Promise, Reflect};
use serde_json::json;
use wasm_bindgen::{JsValue, closure::Closure, prelude::wasm_bindgen};
use wasm_bindgen_futures::{JsFuture, future_to_promise};

use super::{Driver, Extras, MaybeSend, MaybeSync, Sent, Setup, Subscription, Token};

#[wasm_bindgen(module = "/npm/dist/index.js")]
extern "C" {
    type Session;

    #[wasm_bindgen(js_name = createSession)]
    fn create_session(url: &str, options: &Object) -> Session;

    #[wasm_bindgen(method, getter)]
    fn ready(this: &Session) -> Promise;

    #[wasm_bindgen(method, getter)]
    fn state(this: &Session) -> String;

    #[wasm_bindgen(method)]
    fn send(this: &Session, action: &str, data: &JsValue, options: &Object) -> SentPromise;

    #[wasm_bindgen(method)]
    fn on(this: &Session, event: &str, listener: &JsValue) -> Function;

    #[wasm_bindgen(method, getter)]
    fn contract(this: &Session) -> Option<String>;

    #[wasm_bindgen(method, js_name = onContractChanged)]
    fn on_contract_changed(this: &Session, listener: &JsValue) -> Function;

    #[wasm_bindgen(method, js_name = onState)]
    fn on_state(this: &Session, listener: &JsValue) -> Function;

    #[wasm_bindgen(method, js_name = onGap)]
    fn on_gap(this: &Session, listener: &JsValue) -> Function;

    #[wasm_bindgen(method, js_name = onUnauthorized)]
    fn on_unauthorized(this: &Session, listener: &JsValue) -> Function;

    #[wasm_bindgen(method, getter)]
    fn key(this: &Session) -> String;

    #[wasm_bindgen(method, getter)]
    fn resumed(this: &Session) -> bool;

    #[wasm_bindgen(method)]
    fn close(this: &Session);

    #[wasm_bindgen(extends = Promise)]
    pub(crate) type SentPromise;

    #[wasm_bindgen(method, getter)]
    fn state(this: &SentPromise) -> String;

    #[wasm_bindgen(method, getter)]
    fn accepted(this: &SentPromise) -> Promise;

    #[wasm_bindgen(method)]
    fn cancel(this: &SentPromise);
}

pub(crate) struct NpmPackage(Session);

impl Driver for NpmPackage {
    type Sent = SentPromise;

    /// It is made without a contract.
    fn fingerprint() -> Option<&'static str> {
        None
    }

    fn start(setup: Setup) -> Self {
        let options = Object::new();
        let on_problem = setup.on_problem;
        let report = move |problem| on_problem(format!("{problem:?} {}", code(&problem)));
        set(&options, "timeout", setup.timeout);
        set(&options, "onProblem", function(report));
        if let Some(token) = setup.token {
            set(&options, "token", token_provider(token));
        }
        if let Some((high, low)) = setup.watermarks {
            set(&options, "highWater", high);
            set(&options, "lowWater", low);
        }
        set(&options, "ttl", setup.ttl);
        set(&options, "queueLength", setup.queue_length);
        set(&options, "overflow", setup.drop_oldest.then_some("drop-oldest"));
        set(&options, "session", setup.session);
        set(&options, "protocol", setup.plain.then_some("plain"));
        Self(create_session(&setup.url, &options))
    }

    async fn ready(&self) -> Result<(), String> {
        JsFuture::from(self.0.ready()).await.map(drop).map_err(|error| code(&error))
    }

    fn send(&self, text: &str) -> impl Future<Output = Result<u32, String>> + MaybeSend + use<> {
        let sent = self.begin(text, Extras::default());
        async { sent.reply().await }
    }

    fn begin(&self, text: &str, extras: Extras) -> SentPromise {
        let options = Object::new();
        set(&options, "timeout", extras.timeout);
        set(&options, "ttl", extras.ttl);
        set(&options, "key", extras.key);
        self.0.send("sendMessage", &message(text), &options)
    }

    fn note(&self, text: &str) -> impl Future<Output = Result<(), String>> + use<> {
        let sent = self.0.send("note", &message(text), &Object::new());
        async { JsFuture::from(Promise::from(sent)).await.map(drop).map_err(|error| code(&error)) }
    }

    fn on_message(&self, tell: impl Fn(String) + MaybeSync + 'static) -> Subscription {
        let listener = function(move |message| tell(get(&message, "text")));
        end(self.0.on("message", &listener))
    }

    fn contract(&self) -> Option<String> {
        self.0.contract()
    }

    fn on_contract_changed(&self, tell: impl Fn(String) + MaybeSync + 'static) -> Subscription {
        let listener = function(move |_| tell("changed".to_owned()));
        end(self.0.on_contract_changed(&listener))
    }

    fn on_gap(&self, tell: impl Fn(String) + MaybeSync + 'static) -> Subscription {
        end(self.0.on_gap(&function(move |_| tell("gap".to_owned()))))
    }

    fn on_unauthorized(&self, tell: impl Fn(String) + MaybeSync + 'static) -> Subscription {
        end(self.0.on_unauthorized(&function(move |_| tell("unauthorized".to_owned()))))
    }

    fn key(&self) -> String {
        self.0.key()
    }

    fn resumed(&self) -> bool {
        self.0.resumed()
    }

    fn on_state(&self, tell: impl Fn(String) + MaybeSync + 'static) -> Subscription {
        let listener = function(move |change| tell(get(&change, "state")));
        end(self.0.on_state(&listener))
    }

    fn state(&self) -> String {
        self.0.state()
    }

    fn close(&self) {
        self.0.close();
    }
}

impl Sent for SentPromise {
    fn state(&self) -> String {
        self.state()
    }

    async fn accepted(&mut self) -> Result<Option<String>, String> {
        let accepted = SentPromise::accepted(self);
        let accepted = JsFuture::from(accepted).await.map_err(|error| code(&error))?;
        Ok((!accepted.is_undefined()).then(|| get(&accepted, "messageId")))
    }

    fn cancel(&self) {
        self.cancel();
    }

    async fn reply(self) -> Result<u32, String> {
        let reply = JsFuture::from(Promise::from(self)).await.map_err(|error| code(&error))?;
        Ok(get(&reply, "id").parse().unwrap())
    }
}

/// JavaScript has no handles to drop, and a session that outlives its story would go on in the next.
impl Drop for NpmPackage {
    fn drop(&mut self) {
        self.0.close();
    }
}

fn message(text: &str) -> JsValue {
    JSON::parse(&json!({ "text": text }).to_string()).unwrap()
}

fn token_provider(token: Token) -> JsValue {
    let fetch: Closure<dyn Fn() -> Promise> = Closure::new(move || {
        let token = token().map(JsValue::from).map_err(|reason| js_sys::Error::new(&reason).into());
        future_to_promise(std::future::ready(token))
    });
    fetch.into_js_value()
}

fn function(act: impl Fn(JsValue) + 'static) -> JsValue {
    let function: Closure<dyn Fn(JsValue)> = Closure::new(act);
    function.into_js_value()
}

fn end(unsubscribe: Function) -> Subscription {
    Subscription::new(move || drop(unsubscribe.call0(&JsValue::NULL).unwrap()))
}

fn code(error: &JsValue) -> String {
    get(error, "code")
}

fn set(object: &Object, name: &str, value: impl Into<JsValue>) {
    Reflect::set(object, &name.into(), &value.into()).unwrap();
}

/// A member as text.
fn get(object: &JsValue, name: &str) -> String {
    let value = Reflect::get(object, &name.into()).unwrap();
    value.as_string().unwrap_or_else(|| format!("{}", value.as_f64().unwrap_or(f64::NAN)))
}
