//! Policies as people write them.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const CONNECTION: &str =
    "arn:aws:execute-api:us-east-1:123456789012:api/prod/POST/@connections/Yk3nQcX9IAMCJ2g=";
const MANAGE: &str = "execute-api:ManageConnections";

fn policy(document: &Value) -> Policy {
    Policy::from_json(document).unwrap()
}

fn allow(resource: &str) -> Policy {
    policy(&json!({"Statement": {"Effect": "Allow", "Action": MANAGE, "Resource": resource}}))
}

fn request<'a>(action: &'a str, resource: &'a str) -> Request<'a> {
    Request { action, resource, source_ip: None, user_agent: None, principal_arn: None }
}

fn decide(policy: &Policy) -> Decision {
    policy.decide(&request(MANAGE, CONNECTION))
}

#[test]
fn the_resources_that_people_write_reach_a_connection() {
    for resource in [
        "arn:aws:execute-api:us-east-1:123456789012:api/*",
        "arn:aws:execute-api:us-east-1:123456789012:api/prod/POST/*",
        "arn:aws:execute-api:us-east-1:123456789012:api/prod/POST/@connections/*",
        "arn:aws:execute-api:us-east-1:123456789012:api/*/*/@connections/*",
        "arn:aws:execute-api:*:*:**/@connections/*",
        "arn:aws:execute-api:*:*:*/*",
        "arn:aws:execute-api:*",
        "arn:aws:execute-api:us-east-1:123456789012:api/prod/POST/@connections/?k3nQcX9IAMCJ2g=",
        CONNECTION,
        "*",
    ] {
        assert_eq!(decide(&allow(resource)), Decision::Allow, "{resource}");
    }
}

#[test]
fn other_resources_do_not() {
    for resource in [
        "arn:aws:execute-api:us-east-1:123456789012:api",
        "arn:aws:execute-api:us-east-1:123456789012:api/test/*",
        "arn:aws:execute-api:us-east-1:123456789012:api/prod/GET/*",
        "arn:aws:execute-api:us-east-1:210987654321:api/*",
        "arn:aws:execute-api:eu-west-1:*:*",
        "arn:aws:execute-api:*:*/@connections/*",
        "arn:aws:lambda:*:*:*",
        "arn:aws:execute-api:us-east-1:123456789012:API/*",
    ] {
        assert_eq!(decide(&allow(resource)), Decision::ImplicitDeny, "{resource}");
    }
}

#[test]
fn capitals_do_not_matter_in_actions_alone() {
    for action in ["execute-api:*", "EXECUTE-API:manageconnections", "*", "execute-api:Manage?onn*"]
    {
        let policy = policy(&json!({"Version": "2012-10-17", "Id": "it", "Statement": [
            {"Sid": "one", "Effect": "Allow", "Action": ["execute-api:Invoke", action], "Resource": "*"}
        ]}));
        assert_eq!(decide(&policy), Decision::Allow, "{action}");
    }
    let invoke = json!({"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"});
    assert_eq!(decide(&policy(&json!({"Statement": invoke}))), Decision::ImplicitDeny);
}

#[test]
fn a_denial_counts_more_than_any_permission() {
    let allow = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    let deny = json!({"Effect": "Deny", "Action": MANAGE, "Resource": "arn:*:*:*:*:*/prod/*"});
    for statements in [json!([allow, deny]), json!([deny, allow])] {
        assert_eq!(decide(&policy(&json!({"Statement": statements}))), Decision::ExplicitDeny);
    }
    assert_eq!(decide(&policy(&json!({"Statement": []}))), Decision::ImplicitDeny);
}

#[test]
fn not_means_everything_else() {
    let others = |actions: Value, resources: Value| {
        policy(&json!({"Statement":
            {"Effect": "Allow", "NotAction": actions, "NotResource": resources}}))
    };
    let elsewhere = json!("arn:aws:execute-api:*:*:api/test/*");
    let here = json!(["arn:aws:execute-api:*:*:api/prod/*"]);
    let invoke = json!("execute-api:Invoke");
    assert_eq!(decide(&others(invoke.clone(), elsewhere.clone())), Decision::Allow);
    assert_eq!(decide(&others(invoke, here)), Decision::ImplicitDeny);
    assert_eq!(decide(&others(json!(["execute-api:manage*"]), elsewhere)), Decision::ImplicitDeny);
}

#[test]
fn conditions_have_to_hold_all_of_them() {
    let policy = policy(&json!({"Statement": {
        "Effect": "Allow", "Action": "*", "Resource": "*",
        "Condition": {
            "IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "2001:db8::/32"]},
            "NotIpAddress": {"AWS:sourceIp": "203.0.113.66"},
            "StringEquals": {"aws:PrincipalArn": "arn:aws:iam::1:user/*"},
            "StringNotLike": {"aws:UserAgent": ["curl/*"]},
        },
    }}));
    let asked = |ip: &str, user_agent, arn| {
        policy.decide(&Request {
            source_ip: ip.parse().ok(),
            user_agent,
            principal_arn: Some(arn),
            ..request(MANAGE, CONNECTION)
        })
    };
    let literal = "arn:aws:iam::1:user/*";
    assert_eq!(asked("203.0.113.9", Some("Boto3"), literal), Decision::Allow);
    assert_eq!(asked("2001:db8::9", None, literal), Decision::Allow, "none is not like curl");
    assert_eq!(asked("203.0.113.66", None, literal), Decision::ImplicitDeny);
    assert_eq!(asked("198.51.100.1", None, literal), Decision::ImplicitDeny);
    assert_eq!(asked("unknown", None, literal), Decision::ImplicitDeny);
    assert_eq!(asked("203.0.113.9", Some("curl/8"), literal), Decision::ImplicitDeny);
    assert_eq!(asked("203.0.113.9", None, "arn:aws:iam::1:user/x"), Decision::ImplicitDeny);
}

#[test]
fn what_would_not_be_checked_is_an_error() {
    let statement = |element: &str, value: Value| {
        let mut statement = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
        statement[element] = value;
        json!({"Statement": [statement]})
    };
    let condition = |condition| statement("Condition", condition);
    for (document, error) in [
        (json!([]), "the policy: expected an object"),
        (json!({}), "the policy: `Statement` is missing"),
        (json!({"Statement": [], "statement": []}), "the policy: unknown element `statement`"),
        (json!({"Statement": [], "Version": "2020"}), "Version: expected 2012-10-17 or 2008-10-17"),
        (json!({"Statement": "Allow"}), "Statement: expected an object"),
        (json!({"Statement": {"Action": "*"}}), "Statement: `Effect` is missing"),
        (json!({"Statement": {"Effect": "Allow"}}), "Statement: `Action` is missing"),
        (statement("Effect", json!("allow")), "Statement[0].Effect: expected Allow or Deny"),
        (statement("Principal", json!("*")), "Statement[0]: unknown element `Principal`"),
        (
            statement("NotAction", json!("*")),
            "Statement[0]: `Action` and `NotAction` exclude each other",
        ),
        (statement("Action", json!([])), "Statement[0].Action: the list is empty"),
        (
            statement("Action", json!([1])),
            "Statement[0].Action: expected a text or a list of texts",
        ),
        (
            statement("Action", json!("ManageConnections")),
            "Statement[0].Action: \"ManageConnections\" is no action; one is `execute-api:ManageConnections`, or `*`",
        ),
        (
            statement("Resource", json!("api/prod/*")),
            "Statement[0].Resource: \"api/prod/*\" is no resource; one is an ARN, or `*`",
        ),
        (
            statement("Resource", json!("arn:aws:execute-api:*:*:*/${aws:username}")),
            "Statement[0].Resource: \"arn:aws:execute-api:*:*:*/${aws:username}\" has a policy variable, and those are not supported",
        ),
        (
            condition(json!({"Bool": {"aws:SecureTransport": "true"}})),
            "Statement[0].Condition.Bool.aws:SecureTransport: the condition `Bool` is not supported; supported are IpAddress, NotIpAddress, StringEquals, StringNotEquals, StringLike and StringNotLike",
        ),
        (
            condition(json!({"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}})),
            "Statement[0].Condition.IpAddress.aws:VpcSourceIp: the condition `IpAddress` on \"aws:VpcSourceIp\" is not supported",
        ),
        (
            condition(json!({"IpAddress": {"aws:SourceIp": "10.0.0.0/40"}})),
            "Statement[0].Condition.IpAddress.aws:SourceIp: \"10.0.0.0/40\" is no address and no range of addresses, such as 203.0.113.0/24",
        ),
    ] {
        assert_eq!(Policy::from_json(&document).unwrap_err().to_string(), error);
    }
}

/// Any JSON, out of the words of a policy.
fn documents() -> impl Strategy<Value = Value> {
    let word = prop::sample::select(vec![
        "Version",
        "2012-10-17",
        "Statement",
        "Effect",
        "Allow",
        "Deny",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
        "IpAddress",
        "aws:SourceIp",
        "10.0.0.0/8",
        "*",
        "execute-api:*",
        "arn:aws:execute-api:*:*:*",
        "",
    ]);
    let leaf = prop_oneof![
        word.clone().prop_map(Value::from),
        any::<u8>().prop_map(Value::from),
        Just(Value::Null),
    ];
    leaf.prop_recursive(5, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::vec((word.clone(), inner), 0..6).prop_map(|pairs| pairs
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value))
                .collect()),
        ]
    })
}

proptest! {
    #[test]
    fn no_document_panics(document in documents(), action in ".{0,12}", resource in ".{0,24}") {
        if let Ok(policy) = Policy::from_json(&document) {
            let _decision = policy.decide(&request(&action, &resource));
        }
    }

    #[test]
    fn the_order_of_statements_decides_nothing(
        statements in prop::collection::vec((any::<bool>(), "[ab*]{1,2}", "[ab*]{1,2}"), 0..6),
        resource in "[ab]{1,2}",
    ) {
        let written = |(allows, action, resource): &(bool, String, String)| json!({
            "Effect": if *allows { "Allow" } else { "Deny" },
            "Action": format!("s:{action}"),
            "Resource": format!("arn:a:s:r:c:{resource}"),
        });
        let arn = format!("arn:a:s:r:c:{resource}");
        let forwards: Value = statements.iter().map(written).collect();
        let backwards: Value = statements.iter().rev().map(written).collect();
        let decide = |statements| policy(&json!({"Statement": statements})).decide(&request("s:ab", &arn));
        let decision = decide(forwards);
        prop_assert_eq!(decision, decide(backwards));
        // The definition.
        let applies = |effect: bool| statements.iter().any(|(allows, action, pattern)| {
            *allows == effect
                && Glob::new(action.as_str()).matches("ab")
                && Glob::new(pattern.as_str()).matches(&resource)
        });
        let expected = match (applies(false), applies(true)) {
            (true, _) => Decision::ExplicitDeny,
            (false, true) => Decision::Allow,
            (false, false) => Decision::ImplicitDeny,
        };
        prop_assert_eq!(decision, expected);
    }
}
