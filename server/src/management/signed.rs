//! Callers who sign, and what their policies allow.

use std::fmt;

use axum::http::{header, request::Parts};

use super::{Problem, access::peer, target::Target};
use crate::{
    policy::{Decision, Policy, Request},
    sigv4::{Claim, Credential, Head, Keys, SignatureError},
    stage::Stage,
};

/// What a caller of the management API needs to be allowed.
const ACTION: &str = "execute-api:ManageConnections";

/// Somebody who says that a key is theirs. The key is known and the time is right; whether the
/// signature is, is not known before the body is read.
pub(super) struct Signer<'a> {
    claim: Claim<'a>,
    credential: &'a Credential,
    head: Head<'a>,
    parts: &'a Parts,
    stage: &'a Stage,
}

impl<'a> Signer<'a> {
    /// The URI of the parts is the one of the wire.
    pub(super) fn read(
        keys: &'a Keys,
        parts: &'a Parts,
        stage: &'a Stage,
    ) -> Result<Self, Problem> {
        let head = Head {
            method: parts.method.as_str(),
            path: parts.uri.path(),
            query: parts.uri.query().unwrap_or_default(),
            headers: &parts.headers,
        };
        let claim = Claim::read(&head).map_err(refused)?;
        let credential = claim.credential(&stage.region, keys, keys.now()).map_err(refused)?;
        Ok(Self { claim, credential, head, parts, stage })
    }

    /// Proves the signature, then asks the policy.
    pub(super) fn admit<T: Target>(&self, body: &[u8], name: &str) -> Result<(), Problem> {
        self.claim.prove(&self.head, body, self.credential).map_err(refused)?;
        let Some(policy) = &self.credential.policy else { return Ok(()) };
        match self.decide::<T>(policy, name) {
            Decision::Allow => Ok(()),
            Decision::ImplicitDeny => Err(Problem::Denied(self.denial::<T>(false))),
            Decision::ExplicitDeny => Err(Problem::Denied(self.denial::<T>(true))),
        }
    }

    /// The name counts as it is. AWS seems to ask for its placeholder, so that a policy cannot
    /// single out a connection there; what allows all of them is the same in both.
    fn decide<T: Target>(&self, policy: &Policy, name: &str) -> Decision {
        let agent = self.parts.headers.get(header::USER_AGENT);
        policy.decide(&Request {
            action: ACTION,
            resource: &self.stage.arn(&self.resource::<T>(name)),
            source_ip: peer(self.parts).map(|address| address.ip()),
            user_agent: agent.and_then(|agent| agent.to_str().ok()),
            principal_arn: Some(&self.credential.arn),
        })
    }

    fn denial<T: Target>(&self, explicit: bool) -> Denial {
        let masked = Stage { account: masked(&self.stage.account), ..self.stage.clone() };
        let caller = self.credential.arn.clone();
        Denial { caller, resource: masked.arn(&self.resource::<T>(T::PLACEHOLDER)), explicit }
    }

    /// `POST/@connections/…`; to look without reading the answer is to look.
    fn resource<T: Target>(&self, name: &str) -> String {
        let method = match self.head.method {
            "HEAD" => "GET",
            method => method,
        };
        format!("{method}/{}/{name}", T::FOLDER)
    }
}

fn refused(error: SignatureError) -> Problem {
    tracing::info!(%error, "a call of the management API is refused");
    Problem::Signature(error)
}

/// What a caller is told whose policy does not allow it, as AWS words it.
#[derive(Debug)]
pub(super) struct Denial {
    caller: String,
    resource: String,
    explicit: bool,
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { caller, resource, explicit } = self;
        write!(
            f,
            "User: {caller} is not authorized to perform: {ACTION} on resource: {resource}{}",
            if *explicit { " with an explicit deny" } else { "" }
        )
    }
}

/// An account's number but for its last four digits.
fn masked(account: &str) -> String {
    let visible = account.char_indices().rev().nth(3).map_or(account, |(at, _)| &account[at..]);
    format!("********{visible}")
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn an_account_is_told_by_its_last_digits_alone() {
        assert_eq!(masked("123456789012"), "********9012");
        assert_eq!(masked("12"), "********12");
        assert_eq!(masked(""), "********");
    }
}
