//! The npm package, as it is published.

use js_sys::{Function, JSON, Object, Promise, Reflect};
use serde_json::json;
use wasm_bindgen::{JsValue, closure::Closure, prelude::wasm_bindgen};
use wasm_bindgen_futures::{JsFuture, future_to_promise};

use super::{Driver, MaybeSend, MaybeSync, Setup, Subscription, Token};

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
    fn send(this: &Session, action: &str, data: &JsValue) -> Promise;

    #[wasm_bindgen(method)]
    fn on(this: &Session, event: &str, listener: &JsValue) -> Function;

    #[wasm_bindgen(method, getter)]
    fn contract(this: &Session) -> Option<String>;

    #[wasm_bindgen(method, js_name = onContractChanged)]
    fn on_contract_changed(this: &Session, listener: &JsValue) -> Function;

    #[wasm_bindgen(method, js_name = onState)]
    fn on_state(this: &Session, listener: &JsValue) -> Function;

    #[wasm_bindgen(method)]
    fn close(this: &Session);
}

pub(crate) struct NpmPackage(Session);

impl Driver for NpmPackage {
    /// It is made without a contract.
    fn fingerprint() -> Option<&'static str> {
        None
    }

    fn start(setup: Setup) -> Self {
        let Setup { url, token, timeout, on_problem } = setup;
        let options = Object::new();
        set(&options, "timeout", timeout);
        set(&options, "onProblem", function(move |problem| on_problem(format!("{problem:?}"))));
        if let Some(token) = token {
            set(&options, "token", token_provider(token));
        }
        Self(create_session(&url, &options))
    }

    async fn ready(&self) -> Result<(), String> {
        JsFuture::from(self.0.ready()).await.map(drop).map_err(|error| code(&error))
    }

    fn send(&self, text: &str) -> impl Future<Output = Result<u32, String>> + MaybeSend + use<> {
        let data = JSON::parse(&json!({ "text": text }).to_string()).unwrap();
        let reply = self.0.send("sendMessage", &data);
        async {
            let reply = JsFuture::from(reply).await.map_err(|error| code(&error))?;
            let posted: u32 = get(&reply, "id").parse().unwrap();
            Ok(posted)
        }
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

/// JavaScript has no handles to drop, and a session that outlives its story would go on in the next.
impl Drop for NpmPackage {
    fn drop(&mut self) {
        self.0.close();
    }
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
