//! Which variables an access log has, by their paths below `$context`.

/// Everything that API Gateway's access log knows of a WebSocket request and this gateway does, too,
/// but for the claims of an authorizer and the quoted form of a message.
pub(super) const HERE: [&str; 27] = [
    "accountId",
    "apiId",
    "connectedAt",
    "connectionId",
    "disconnectReason",
    "disconnectStatusCode",
    "domainName",
    "error.message",
    "error.responseType",
    "eventType",
    "extendedRequestId",
    "identity.sourceIp",
    "identity.userAgent",
    "integration.error",
    "integration.integrationStatus",
    "integration.latency",
    "integration.status",
    "integrationLatency",
    "integrationStatus",
    "messageDirection",
    "messageId",
    "requestId",
    "requestTime",
    "requestTimeEpoch",
    "routeKey",
    "stage",
    "status",
];

/// The quoted form of `error.message`, which a JSON object has no use for.
const QUOTED: &str = "error.messageString";

/// What API Gateway's access log has beside these (Developer Guide, "Variables for access logging"):
/// they are worth nothing here.
const ON_AWS: [&str; 18] = [
    "authenticate.error",
    "authenticate.latency",
    "authenticate.status",
    "authorize.error",
    "authorize.latency",
    "authorize.status",
    "error.validationErrorString",
    "identity.accountId",
    "identity.apiKey",
    "identity.apiKeyId",
    "identity.caller",
    "identity.principalOrgId",
    "identity.user",
    "identity.userArn",
    "integration.requestId",
    "waf.error",
    "waf.latency",
    "waf.status",
];

/// What every variable is one that begins with: the claims of an authorizer have any names.
const GROUPS: [&str; 2] = ["authorizer.", "identity.cognito"];

/// Whether an access log has this variable, worth something or not.
pub(crate) fn is_known(path: &str) -> bool {
    all().any(|name| name == path) || GROUPS.iter().any(|group| path.starts_with(group))
}

/// All variables that have one name.
pub(crate) fn all() -> impl Iterator<Item = &'static str> {
    HERE.into_iter().chain([QUOTED]).chain(ON_AWS)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// API Gateway's list for WebSocket APIs.
    const LIST: &str = "apiId authorize.error authorize.latency authorize.status authorizer.error \
        authorizer.integrationLatency authorizer.integrationStatus authorizer.latency \
        authorizer.requestId authorizer.status authorizer.principalId authorizer.tenant \
        authenticate.error authenticate.latency authenticate.status connectedAt connectionId \
        domainName error.message error.messageString error.responseType \
        error.validationErrorString eventType extendedRequestId identity.accountId identity.apiKey \
        identity.apiKeyId identity.caller identity.cognitoAuthenticationProvider \
        identity.cognitoAuthenticationType identity.cognitoIdentityId \
        identity.cognitoIdentityPoolId identity.principalOrgId identity.sourceIp identity.user \
        identity.userAgent identity.userArn integration.error integration.integrationStatus \
        integration.latency integration.requestId integration.status integrationLatency messageId \
        requestId requestTime requestTimeEpoch routeKey stage status waf.error waf.latency \
        waf.status";

    #[test]
    fn every_variable_of_api_gateway_is_known() {
        for name in LIST.split_whitespace() {
            assert!(is_known(name), "{name}");
        }
        for name in ["", "requestID", "authorizer", "identity", "httpMethod"] {
            assert!(!is_known(name), "{name}");
        }
    }
}
