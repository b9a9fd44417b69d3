//! A stage: one deployment of an API, and what its requests are told about it.

use std::collections::BTreeMap;

/// What a gateway is called. It answers to one stage of one API; an app with several stages has a
/// gateway for each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// The id of the API: 10 lower-case letters and digits on AWS.
    pub api_id: String,
    /// The name of the stage, the first segment of its paths.
    pub name: String,
    /// The AWS region that ARNs name.
    pub region: String,
    /// The 12 digits of the AWS account that ARNs name.
    pub account: String,
    /// The host, with its port, that integrations are told where a client sent none.
    pub domain_name: String,
    /// Whether clients come by TLS: what `X-Forwarded-Proto` says.
    pub tls: bool,
    /// The stage variables.
    pub variables: BTreeMap<String, String>,
}

impl Stage {
    /// The ARN of a route or of a call of the management API (`POST/@connections/…`) on this stage.
    #[must_use]
    pub fn arn(&self, resource: &str) -> String {
        let Self { api_id, name, region, account, .. } = self;
        format!("arn:aws:execute-api:{region}:{account}:{api_id}/{name}/{resource}")
    }
}

/// A stage for those who have no AWS names: `default` of `local00000`.
impl Default for Stage {
    fn default() -> Self {
        Self {
            api_id: "local00000".to_owned(),
            name: "default".to_owned(),
            region: "us-east-1".to_owned(),
            account: "000000000000".to_owned(),
            domain_name: "localhost".to_owned(),
            tls: false,
            variables: BTreeMap::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_has_an_arn() {
        assert_eq!(
            Stage::default().arn("$connect"),
            "arn:aws:execute-api:us-east-1:000000000000:local00000/default/$connect"
        );
    }
}
