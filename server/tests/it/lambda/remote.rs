//! A function that is called through the Invoke API, against one that is not AWS's.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::{Request, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use gatewire_server::lambda::{
    Function, Invocation, InvokeError, RemoteFunction, RemoteSettings, RemoteSettingsError,
    credentials_from,
};
use tokio::net::TcpListener;

use super::LONG;

/// An Invoke API that answers in one way, and keeps what it was asked.
struct Service {
    endpoint: String,
    asked: Log,
}

type Log = Arc<Mutex<Vec<Asked>>>;

struct Asked {
    target: String,
    headers: HeaderMap,
    body: Bytes,
}

type Answer = (StatusCode, Vec<(&'static str, &'static str)>, &'static str);

impl Service {
    async fn start(answer: Answer) -> Self {
        let asked = Log::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let app = Router::new().fallback(invoke).with_state((asked.clone(), Arc::new(answer)));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { endpoint, asked }
    }

    fn function(&self, name: &str) -> RemoteFunction {
        function(name, Some(&self.endpoint))
    }
}

async fn invoke(State((asked, answer)): State<(Log, Arc<Answer>)>, request: Request) -> Response {
    let target = format!("{} {}", request.method(), request.uri());
    let headers = request.headers().clone();
    let body = axum::body::to_bytes(request.into_body(), usize::MAX).await.unwrap();
    asked.lock().unwrap().push(Asked { target, headers, body });
    let (status, headers, body) = &*answer;
    if *body == "never" {
        std::future::pending::<()>().await;
    }
    let mut response = (*status, *body).into_response();
    for (name, value) in headers {
        response.headers_mut().insert(*name, value.parse().unwrap());
    }
    response
}

fn settings(name: &str, endpoint: Option<&str>) -> RemoteSettings {
    let variable = |name: &str| match name {
        "AWS_ACCESS_KEY_ID" => Some("AKIDEXAMPLE".to_owned()),
        "AWS_SECRET_ACCESS_KEY" => Some("secret".to_owned()),
        "AWS_SESSION_TOKEN" => Some("token".to_owned()),
        _ => None,
    };
    RemoteSettings {
        function: name.parse().unwrap(),
        endpoint: endpoint.map(str::to_owned),
        region: "us-east-1".into(),
        credentials: credentials_from(variable),
    }
}

fn client() -> reqwest::Client {
    // The second time there is one already.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    reqwest::Client::new()
}

fn function(name: &str, endpoint: Option<&str>) -> RemoteFunction {
    RemoteFunction::new(settings(name, endpoint), client()).unwrap()
}

async fn call(function: &RemoteFunction) -> Result<Bytes, InvokeError> {
    function.invoke(Bytes::from_static(b"{\"n\":1}"), Invocation::new(LONG)).await
}

#[tokio::test]
async fn a_call_is_what_an_sdk_would_send() {
    let service = Service::start((StatusCode::OK, vec![], "{\"statusCode\":200}")).await;
    let function = service.function("arn:aws:lambda:eu-central-1:123456789012:function:chat:live");
    let trace = "Root=1-6b02bd20-0123456789abcdef01234567";
    let invocation = Invocation::new(LONG).trace_id(trace);
    let answer = function.invoke(Bytes::from_static(b"{\"n\":1}"), invocation).await;
    assert_eq!(answer.unwrap(), "{\"statusCode\":200}");
    let asked = service.asked.lock().unwrap().pop().unwrap();
    assert_eq!(
        asked.target,
        "POST /2015-03-31/functions/arn%3Aaws%3Alambda%3Aeu-central-1%3A123456789012%3Afunction%3Achat/invocations?Qualifier=live"
    );
    assert_eq!(asked.body, "{\"n\":1}");
    let header = |name: &str| asked.headers[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "application/json");
    assert_eq!(header("x-amz-invocation-type"), "RequestResponse");
    assert_eq!(header("x-amzn-trace-id"), trace);
    assert_eq!(header("x-amz-security-token"), "token");
    let time = header("x-amz-date");
    assert_eq!((time.len(), &time[8..9], &time[15..]), (16, "T", "Z"), "{time}");
    let authorization = header("authorization");
    let rest = authorization.strip_prefix("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/").unwrap();
    let (scope, rest) = rest.split_once(", SignedHeaders=").unwrap();
    assert_eq!(scope, format!("{}/eu-central-1/lambda/aws4_request", &time[..8]));
    let (signed, signature) = rest.split_once(", Signature=").unwrap();
    assert_eq!(signed, "content-type;host;x-amz-date;x-amz-invocation-type;x-amz-security-token");
    let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    assert!(signature.len() == 64 && signature.bytes().all(hex), "{signature}");
}

#[tokio::test]
async fn every_answer_is_told_apart() {
    let json = r#"{"errorMessage":"no","errorType":"ValueError"}"#;
    let told = r#"{"message":"why","Message":"why"}"#;
    let kind = |name| vec![("x-amzn-errortype", name)];
    for (answer, expected, status) in [
        (
            (200, vec![("x-amz-function-error", "Unhandled")], json),
            "the function failed: ValueError: no",
            502,
        ),
        (
            (404, kind("ResourceNotFoundException"), "why"),
            "the function was not found: ResourceNotFoundException: why",
            500,
        ),
        (
            (403, kind("AccessDeniedException"), "why"),
            "the function may not be invoked: AccessDeniedException: why",
            500,
        ),
        (
            (429, kind("TooManyRequestsException"), "why"),
            "the function is throttled: TooManyRequestsException: why",
            500,
        ),
        (
            (413, kind("RequestTooLargeException"), "why"),
            "the event is too large for a function: RequestTooLargeException: why",
            500,
        ),
        (
            (500, kind("ServiceException"), "why"),
            "the invocation was answered with status 500: ServiceException: why",
            500,
        ),
        ((502, vec![], told), "the invocation was answered with status 502", 500),
    ] {
        let (code, headers, body) = answer;
        let service = Service::start((StatusCode::from_u16(code).unwrap(), headers, body)).await;
        let error = call(&service.function("chat")).await.unwrap_err();
        assert!(error.to_string().starts_with(expected), "{error}");
        assert_eq!(error.status(), status);
        assert_eq!(service.asked.lock().unwrap().len(), 1, "and no second attempt");
    }
}

#[tokio::test]
async fn what_does_not_answer_times_out() {
    let service = Service::start((StatusCode::OK, vec![], "never")).await;
    let short = Duration::from_millis(50);
    let function = service.function("chat");
    let answer = function.invoke(Bytes::new(), Invocation::new(short)).await;
    assert_eq!(answer, Err(InvokeError::TimedOut(short)));
}

#[tokio::test]
async fn where_nobody_listens_the_function_is_unreachable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = call(&function("chat", Some(&endpoint))).await.unwrap_err();
    assert!(matches!(error, InvokeError::Unreachable(_)), "{error:?}");
    assert!(error.to_string().contains("refused"), "{error}");
}

#[tokio::test]
async fn aws_takes_credentials_and_an_emulator_does_not_need_them() {
    let without = |endpoint| RemoteSettings { credentials: None, ..settings("chat", endpoint) };
    let refused = RemoteFunction::new(without(None), client()).unwrap_err();
    assert_eq!(refused, RemoteSettingsError::Credentials("chat".into()));
    let service = Service::start((StatusCode::OK, vec![], "null")).await;
    let function = RemoteFunction::new(without(Some(&service.endpoint)), client()).unwrap();
    assert_eq!(call(&function).await.unwrap(), "null");
    let refused = RemoteFunction::new(without(Some("localhost")), client()).unwrap_err();
    assert_eq!(refused, RemoteSettingsError::Endpoint("localhost".into()));
}
