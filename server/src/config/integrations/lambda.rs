//! Integrations of type `lambda`.

use std::time::Duration;

use super::{
    super::{
        Located, Secret,
        names::Names,
        reader::{Hidden, Table, Text, Url},
        texts::Compiled,
    },
    timeout,
};

/// A function that is called with the event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lambda {
    /// One that we host.
    Function {
        /// The name of one of the functions.
        function: Located<String>,
        /// How long a call may take: 50 ms to 29 s.
        timeout: Duration,
    },
    /// One behind Lambda's Invoke API.
    Invoke(Invoke),
}

/// A function behind Lambda's Invoke API, ours or somebody else's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invoke {
    /// The function's ARN, or the invocation URI that API Gateway has for it; may have
    /// `${stageVariables.x}` in it.
    pub uri: Located<String>,
    /// Who is asked, such as `http://127.0.0.1:3001`; absent: AWS, in the region of the ARN.
    pub endpoint: Option<String>,
    /// What calls are signed with; absent: they are not signed.
    pub credentials: Option<Credentials>,
    /// How long a call may take: 50 ms to 29 s.
    pub timeout: Duration,
}

/// What calls to AWS are signed with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// The public half.
    pub access_key_id: String,
    /// The secret half.
    pub secret_access_key: Secret,
    /// Of temporary credentials.
    pub session_token: Option<Secret>,
}

impl Lambda {
    pub(super) fn read(table: &mut Table<'_>, names: &Names) -> Option<Self> {
        table.variant("type = \"lambda\"");
        let function = table.optional("function", names.function());
        let uri = table.optional("uri", Compiled::LambdaUri);
        let endpoint = table.optional("endpoint", Url);
        let timeout = timeout(table);
        let credentials = table.table("credentials").and_then(Credentials::read);
        match (table.has("function"), table.has("uri")) {
            (true, false) => {
                for absurd in ["endpoint", "credentials"] {
                    if table.has(absurd) {
                        table.mistake(absurd, "is for a function with a uri; this one is ours");
                    }
                }
                Some(Self::Function { function: function?, timeout })
            }
            (false, true) => {
                let endpoint = endpoint.map(Located::into_value);
                let invoke = Invoke { uri: uri?, endpoint, credentials, timeout };
                Some(Self::Invoke(invoke.complete(table)))
            }
            (true, true) => {
                let problem =
                    "a function is either one of ours or one with a uri; write one of both";
                table.mistake("uri", problem);
                None
            }
            (false, false) => {
                table.missing("function", "the name of one of [functions], or a key uri");
                None
            }
        }
    }
}

impl Invoke {
    /// With the credentials of the file, else those of the environment.
    fn complete(mut self, table: &Table<'_>) -> Self {
        self.credentials = self.credentials.or_else(|| Credentials::of_environment(table));
        if self.credentials.is_none() && self.endpoint.is_none() && !table.has("credentials") {
            let problem = "calls to AWS are signed, and there is nothing to sign with; write \
                           credentials = { access_key_id = \"…\", secret_access_key = \"${env:…}\" }, \
                           or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";
            table.mistake_at(&self.uri, problem);
        }
        self
    }
}

impl Credentials {
    fn read(mut table: Table<'_>) -> Option<Self> {
        let access_key_id = table.required("access_key_id", Text);
        let secret_access_key = table.required("secret_access_key", Hidden);
        let session_token = table.optional("session_token", Hidden).map(Located::into_value);
        table.finish();
        Some(Self {
            access_key_id: access_key_id?.into_value(),
            secret_access_key: secret_access_key?.into_value(),
            session_token,
        })
    }

    /// The variables that every AWS SDK reads.
    fn of_environment(table: &Table<'_>) -> Option<Self> {
        let secret = |name| table.environment(name).map(|value| Secret::from(value.to_owned()));
        Some(Self {
            access_key_id: table.environment("AWS_ACCESS_KEY_ID")?.to_owned(),
            secret_access_key: secret("AWS_SECRET_ACCESS_KEY")?,
            session_token: secret("AWS_SESSION_TOKEN"),
        })
    }
}
