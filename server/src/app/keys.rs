//! Whose signatures the management API takes.

use std::sync::Arc;

use super::ServeError;
use crate::{
    config::{self, Config},
    management::Access,
    policy::Policy,
    sigv4::{Credential, Keys},
};

/// Who may use the management API, as the configuration says.
pub(super) fn access(config: &Config) -> Result<Access, ServeError> {
    let management = &config.management;
    match management.access {
        config::Access::Loopback => Ok(Access::Loopback),
        config::Access::Signed => {
            let credentials = management.credentials.iter().map(credential);
            let keys = Keys::new(credentials.collect::<Result<Vec<_>, _>>()?);
            let keys = keys.map_err(|error| ServeError::Value {
                key: "management.credentials".to_owned(),
                problem: error.to_string(),
            })?;
            Ok(Access::Signed(Arc::new(keys.skew(management.clock_skew))))
        }
    }
}

fn credential(credential: &config::Credential) -> Result<Credential, ServeError> {
    let policy = credential.policy.as_ref().map(|document| {
        Policy::from_json(document).map_err(|error| ServeError::at(document, error))
    });
    Ok(Credential {
        access_key_id: credential.access_key_id.clone(),
        secret_access_key: credential.secret_access_key.expose().to_owned(),
        session_token: credential.session_token.as_ref().map(|token| token.expose().to_owned()),
        arn: credential.arn.clone(),
        policy: policy.transpose()?,
    })
}
