//! `[management]`: who may use `/@connections`.

use std::time::Duration;

use serde_json::Value;

use super::{
    Located, Secret,
    reader::{self, Choice, Hidden, Table, TextLike},
};
use crate::policy::Policy;

/// Who may use `/@connections`.
#[derive(Clone, Debug, PartialEq)]
pub struct Management {
    /// Who is let in.
    pub access: Access,
    /// How far the clock of a caller may be off.
    pub clock_skew: Duration,
    /// The keys that calls are signed with; at least one for [`Access::Signed`], else none.
    pub credentials: Vec<Credential>,
}

/// Who is let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everybody on this machine, unsigned.
    Loopback,
    /// Everybody whose signature is right and whose policy allows it.
    Signed,
}

/// A key that calls are signed with.
#[derive(Clone, Debug, PartialEq)]
pub struct Credential {
    /// The public half.
    pub access_key_id: String,
    /// The secret half.
    pub secret_access_key: Secret,
    /// What has to come with a signature, where the key is a temporary one.
    pub session_token: Option<Secret>,
    /// An IAM policy document; absent: everything is allowed.
    pub policy: Option<Located<Value>>,
    /// Who signs with it, as errors name them.
    pub arn: String,
}

impl Management {
    /// `account`: whose users the callers are unless the file says otherwise.
    pub(super) fn read(mut table: Table<'_>, account: &str) -> Self {
        const ACCESS: Choice<Access> =
            Choice(&[("loopback", Access::Loopback), ("signed", Access::Signed)]);
        let skew = reader::Duration(Duration::from_secs(1)..=Duration::from_hours(24));
        let access = table.or("access", "loopback", ACCESS);
        let mut credentials: Vec<Credential> = Vec::new();
        let tables = table.array("credentials");
        match (*access, tables.is_empty()) {
            (Access::Signed, true) => {
                table.missing("credentials", "at least one: write [[management.credentials]]");
            }
            (Access::Loopback, false) => {
                let problem =
                    "are not used while access is \"loopback\"; write access = \"signed\"";
                table.mistake("credentials", problem);
            }
            (Access::Signed, false) | (Access::Loopback, true) => {}
        }
        for mut inner in tables {
            let credential = Credential::read(&mut inner, account);
            if let Some(credential) = credential {
                if credentials.iter().any(|other| other.access_key_id == credential.access_key_id) {
                    inner.mistake("access_key_id", "another of the credentials has it already");
                }
                credentials.push(credential);
            }
            inner.finish();
        }
        let clock_skew = table.or("clock_skew", "15m", skew).into_value();
        table.finish();
        Self { access: access.into_value(), clock_skew, credentials }
    }
}

impl Credential {
    fn read(table: &mut Table<'_>, account: &str) -> Option<Self> {
        let access_key_id = table.required("access_key_id", KEY_ID);
        let secret_access_key = table.required("secret_access_key", Hidden);
        let session_token = table.optional("session_token", Hidden).map(Located::into_value);
        let policy = table.json("policy", "table: an IAM policy document");
        if let Some(policy) = &policy
            && let Err(error) = Policy::from_json(policy)
        {
            let problem = format!("is no IAM policy document that can be used: {error}");
            table.mistake_at(policy, problem);
        }
        let arn = table.optional("arn", ARN).map(Located::into_value);
        let access_key_id = access_key_id?.into_value();
        Some(Self {
            arn: arn.unwrap_or_else(|| format!("arn:aws:iam::{account}:user/{access_key_id}")),
            access_key_id,
            secret_access_key: secret_access_key?.into_value(),
            session_token,
            policy,
        })
    }
}

/// AWS's rule, without its least length.
const KEY_ID: TextLike = TextLike {
    form: "text of 1 to 128 letters, digits and _",
    fits: |text| {
        let known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        (1..=128).contains(&text.len()) && text.bytes().all(known)
    },
};

const ARN: TextLike = TextLike {
    form: "an ARN such as \"arn:aws:iam::000000000000:user/local\"",
    fits: |text| text.starts_with("arn:") && text.split(':').count() >= 6,
};
