//! What went wrong, as API Gateway says it.

use axum::{
    Json,
    extract::OriginalUri,
    http::{HeaderName, HeaderValue, Method, StatusCode},
    response::{IntoResponse, Response},
};
use percent_encoding::percent_decode_str;
use serde_json::json;

use super::{CONTENT_TYPE, with_request_ids};

/// The header by which the SDKs choose their exception; they never look at the status.
const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");

/// What a body gets that is no text. What API Gateway does with it is unknown.
pub(super) const NOT_UTF8: Problem = Problem::NotText;

/// What went wrong.
#[derive(Debug)]
pub(super) enum Problem {
    BadId(String),
    Closing(&'static str),
    NotText,
    /// The body has ended too early.
    CutOff,
    Gone,
    Slow,
    TooLarge {
        limit: usize,
    },
    /// The request comes from elsewhere, or is for another stage.
    Forbidden,
    /// The signature is none, or not one that counts.
    #[cfg(feature = "serve")]
    Signature(crate::sigv4::SignatureError),
    /// The caller's policy does not allow it.
    #[cfg(feature = "serve")]
    Denied(super::signed::Denial),
    NoMethod {
        method: Method,
        path: String,
    },
    Stopped,
    Internal,
}

impl Problem {
    /// The status, the error type and the text; API Gateway sends no text with 410.
    fn parts(self) -> (StatusCode, &'static str, Option<String>) {
        let (status, error_type, message) = match self {
            Self::Gone => return (StatusCode::GONE, "GoneException", None),
            Self::BadId(id) => (
                StatusCode::BAD_REQUEST,
                "BadRequestException",
                format!("Invalid connectionId: {id}"),
            ),
            Self::Closing(why) => (StatusCode::BAD_REQUEST, "BadRequestException", why.to_owned()),
            Self::NotText => {
                let message = "the body is not UTF-8 text".to_owned();
                (StatusCode::BAD_REQUEST, "BadRequestException", message)
            }
            Self::CutOff => {
                let message = "the body is cut off".to_owned();
                (StatusCode::BAD_REQUEST, "BadRequestException", message)
            }
            Self::Slow => {
                let message = "the connection reads too slowly".to_owned();
                (StatusCode::TOO_MANY_REQUESTS, "LimitExceededException", message)
            }
            Self::TooLarge { limit } => {
                let message = format!("the body is over the limit of {limit} bytes");
                (StatusCode::PAYLOAD_TOO_LARGE, "PayloadTooLargeException", message)
            }
            Self::Forbidden => {
                (StatusCode::FORBIDDEN, "ForbiddenException", "Forbidden".to_owned())
            }
            #[cfg(feature = "serve")]
            Self::Signature(error) => {
                let (error_type, message) = refused(error);
                (StatusCode::FORBIDDEN, error_type, message)
            }
            #[cfg(feature = "serve")]
            Self::Denied(denial) => {
                (StatusCode::FORBIDDEN, "AccessDeniedException", denial.to_string())
            }
            Self::NoMethod { method, path } => {
                let message =
                    format!("No method found matching route {path} for http method {method}.");
                (StatusCode::NOT_FOUND, "NotFoundException", message)
            }
            Self::Stopped => {
                let message = "Service Unavailable".to_owned();
                (StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailableException", message)
            }
            Self::Internal => {
                let message = "Internal server error".to_owned();
                (StatusCode::INTERNAL_SERVER_ERROR, "InternalServerErrorException", message)
            }
        };
        (status, error_type, Some(message))
    }
}

/// The error type and the text. Which of its types AWS gives a claim that it cannot read is not
/// documented for `execute-api`; the one here is of its common errors.
#[cfg(feature = "serve")]
fn refused(error: crate::sigv4::SignatureError) -> (&'static str, String) {
    use crate::sigv4::SignatureError as Error;
    match error {
        Error::Unsigned => {
            ("MissingAuthenticationTokenException", "Missing Authentication Token".to_owned())
        }
        Error::Malformed(_) => ("IncompleteSignatureException", error.to_string()),
        Error::UnknownKey | Error::Token => {
            let message = "The security token included in the request is invalid.".to_owned();
            ("UnrecognizedClientException", message)
        }
        Error::Expired | Error::Early => ("ExpiredTokenException", error.to_string()),
        Error::Scope(_) | Error::Mismatch => ("InvalidSignatureException", error.to_string()),
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        // The key is a capital one in this error alone.
        #[cfg(feature = "serve")]
        let key = if matches!(self, Self::Denied(_)) { "Message" } else { "message" };
        #[cfg(not(feature = "serve"))]
        let key = "message";
        let (status, error_type, message) = self.parts();
        let headers = [(ERROR_TYPE, HeaderValue::from_static(error_type))];
        match message {
            Some(message) => (status, headers, Json(json!({ key: message }))).into_response(),
            None => (status, headers, CONTENT_TYPE).into_response(),
        }
    }
}

/// What API Gateway answers to a stage that it does not know, or that is not in the path.
pub async fn forbidden() -> Response {
    with_request_ids(Problem::Forbidden.into_response()).await
}

/// What API Gateway answers to a path of a custom domain that leads nowhere, typically one with the
/// stage in it, and to a method that is none of the resource's.
pub async fn no_method(method: Method, OriginalUri(uri): OriginalUri) -> Response {
    let path = percent_decode_str(uri.path().trim_start_matches('/')).decode_utf8_lossy();
    let problem = Problem::NoMethod { method, path: path.into_owned() };
    with_request_ids(problem.into_response()).await
}
