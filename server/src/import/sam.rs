//! What SAM makes of its own resources.

/// SAM's WebSocket API.
pub(super) const API: &str = "AWS::Serverless::WebSocketApi";

/// The logical id of the `AWS::ApiGatewayV2::Route` that SAM makes of one in `Routes`: other
/// resources may refer to it.
pub(super) fn route_id(api: &str, key: &str) -> String {
    let key = key.strip_prefix('$').unwrap_or(key).to_ascii_lowercase();
    let mut characters = key.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    format!("{api}{}{}Route", first.map(String::from).unwrap_or_default(), characters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_are_called_as_by_sam() {
        assert_eq!(route_id("Chat", "$connect"), "ChatConnectRoute");
        assert_eq!(route_id("Chat", "sendMessage"), "ChatSendmessageRoute");
    }
}
