//! Everything of the chat that is ordinary HTTP: the page, sign-in, and a sign of life.

use std::{
    path::Path,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    routing::{get, post},
};
use tower_http::{
    services::{ServeDir, ServeFile},
    set_header::SetResponseHeaderLayer,
};

use crate::sign_in::{self, Secret, Token, Visitor};

/// The page loads nothing from elsewhere, and nobody else may frame it. `wasm-unsafe-eval` is what
/// browsers ask for before they compile the client's WebAssembly.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; \
     object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

/// The routes beside the gateway's; `page` is the folder with the built page.
pub(crate) fn router(page: &Path, secret: Arc<Secret>) -> Router {
    let policy = SetResponseHeaderLayer::overriding(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(CONTENT_SECURITY_POLICY),
    );
    let files = ServeDir::new(page).fallback(ServeFile::new(page.join("index.html")));
    Router::new()
        .route("/healthz", get(async || "ok"))
        .route("/token", post(token))
        .with_state(secret)
        .fallback_service(files)
        .layer(policy)
}

/// Milliseconds since the Unix epoch.
pub(crate) fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let milliseconds = since.map_or(0, |since| since.as_millis()); // a clock before 1970 is unset
    u64::try_from(milliseconds).unwrap_or(u64::MAX)
}

async fn token(
    State(secret): State<Arc<Secret>>,
    Json(visitor): Json<Visitor>,
) -> Result<Json<Token>, (StatusCode, Json<gatewire::Error>)> {
    sign_in::issue(&secret, &visitor, now() / 1000)
        .map(Json)
        .map_err(|error| (StatusCode::BAD_REQUEST, Json(error)))
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, http::Request, response::Response};
    use tower::ServiceExt as _;

    use super::*;

    #[tokio::test]
    async fn a_visitor_gets_a_token_or_the_reason_why_not() {
        let folder = tempfile::tempdir().unwrap();
        let response = ask(folder.path(), "POST", "/token", r#"{"name":"Ada"}"#).await;
        assert_eq!(response.status(), StatusCode::OK);
        let token = text(response).await;
        assert!(token.starts_with(r#"{"token":"ey"#), "{token}");

        let response = ask(folder.path(), "POST", "/token", r#"{"name":""}"#).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        assert!(text(response).await.contains("1 to 40 characters"));
    }

    #[tokio::test]
    async fn the_page_may_load_nothing_from_elsewhere() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("index.html"), "the page").unwrap();
        for path in ["/", "/index.html", "/?room=lobby&name=Ada", "/no/such/file"] {
            let response = ask(folder.path(), "GET", path, "").await;
            assert_eq!(response.status(), StatusCode::OK, "{path}");
            let policy = &response.headers()[header::CONTENT_SECURITY_POLICY];
            assert!(policy.to_str().unwrap().starts_with("default-src 'self'"));
            assert_eq!(text(response).await, "the page");
        }
    }

    async fn ask(folder: &Path, method: &str, path: &str, body: &str) -> Response {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body.to_owned()))
            .unwrap();
        let secret = Arc::new(Secret::of(folder).unwrap());
        router(folder, secret).oneshot(request).await.unwrap()
    }

    async fn text(response: Response) -> String {
        let bytes = axum::body::to_bytes(response.into_body(), 64 * 1024).await;
        String::from_utf8(bytes.unwrap().to_vec()).unwrap()
    }
}
