//! What a process of a function finds in its environment.
//!
//! The names are those of the Lambda developer guide ("Defined runtime environment variables").
//! The rest is inherited, because the runtime is a program of this machine and needs its `PATH`, its
//! proxies and the like; only gatewire's own configuration stays behind.

use std::{env, ffi::OsString, net::SocketAddr, path::Path};

use tokio::process::Command;

use super::Settings;

/// What gatewire's own configuration begins with in the environment.
const OURS: &str = "GATEWIRE_";

/// Either says that there are credentials to be had.
const CREDENTIALS: [&str; 2] = ["AWS_ACCESS_KEY_ID", "AWS_PROFILE"];

/// Gives a command its environment.
pub(super) fn apply(command: &mut Command, settings: &Settings, directory: &Path, api: SocketAddr) {
    let inherited = || env::vars_os().map(|(name, _)| name);
    for name in inherited().filter(|name| name.to_string_lossy().starts_with(OURS)) {
        command.env_remove(name);
    }
    command.env("AWS_LAMBDA_RUNTIME_API", api.to_string());
    command.env("LAMBDA_TASK_ROOT", directory);
    command.envs(described(settings));
    if let Some(bundle) = &settings.ca_bundle {
        let bundle = std::path::absolute(bundle).unwrap_or_else(|_| bundle.clone());
        for name in ["AWS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"] {
            command.env(name, &bundle);
        }
    }
    if !has_credentials(settings, inherited()) {
        // SDKs sign whatever they send, and refuse to send without.
        command.env("AWS_ACCESS_KEY_ID", "local").env("AWS_SECRET_ACCESS_KEY", "local");
    }
    command.envs(&settings.environment);
}

fn described(settings: &Settings) -> Vec<(&'static str, String)> {
    let mut variables = vec![
        ("AWS_LAMBDA_FUNCTION_NAME", settings.name.clone()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".into()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", settings.memory.to_string()),
        ("AWS_LAMBDA_FUNCTION_TIMEOUT", settings.timeout.as_secs().max(1).to_string()),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".into()),
        ("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{}", settings.name)),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "gatewire".into()),
        ("AWS_REGION", settings.region.clone()),
        ("AWS_DEFAULT_REGION", settings.region.clone()),
        ("TZ", ":UTC".into()),
    ];
    if let Some(handler) = &settings.handler {
        variables.push(("_HANDLER", handler.clone()));
    }
    if let Some(endpoint) = &settings.management_endpoint {
        variables.push(("AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI", endpoint.clone()));
    }
    variables
}

fn has_credentials(settings: &Settings, mut inherited: impl Iterator<Item = OsString>) -> bool {
    CREDENTIALS.iter().any(|name| settings.environment.contains_key(*name))
        || inherited.any(|name| CREDENTIALS.iter().any(|credential| name == *credential))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> Settings {
        let mut settings = Settings::new("chat", vec!["true".into()]);
        settings.handler = Some("app.handler".into());
        settings.management_endpoint = Some("http://127.0.0.1:8080/prod".into());
        settings.ca_bundle = Some("ca.pem".into());
        settings.environment = [("TABLE", "x"), ("TZ", "Europe/Zurich")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into();
        settings
    }

    #[test]
    fn a_process_finds_what_lambda_would_tell_it() {
        let mut command = Command::new("true");
        let address = SocketAddr::from(([127, 0, 0, 1], 9001));
        apply(&mut command, &settings(), Path::new("/srv/chat"), address);
        let variable = |wanted: &str| {
            let found = command.as_std().get_envs().find(|(name, _)| *name == wanted);
            found.and_then(|(_, value)| value).map(|value| value.to_string_lossy().into_owned())
        };
        for (name, value) in [
            ("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001"),
            ("_HANDLER", "app.handler"),
            ("LAMBDA_TASK_ROOT", "/srv/chat"),
            ("AWS_LAMBDA_FUNCTION_NAME", "chat"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
            ("AWS_LAMBDA_FUNCTION_TIMEOUT", "3"),
            ("AWS_REGION", "us-east-1"),
            ("AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI", "http://127.0.0.1:8080/prod"),
            ("TABLE", "x"),
            ("TZ", "Europe/Zurich"),
        ] {
            assert_eq!(variable(name).as_deref(), Some(value), "{name}");
        }
        let bundle = std::path::absolute("ca.pem").unwrap().to_string_lossy().into_owned();
        assert_eq!(
            variable("AWS_CA_BUNDLE"),
            Some(bundle.clone()),
            "absolute: it starts elsewhere"
        );
        assert_eq!(variable("NODE_EXTRA_CA_CERTS"), Some(bundle.clone()));
        assert_eq!(variable("SSL_CERT_FILE"), Some(bundle));
    }

    #[test]
    fn credentials_are_invented_only_where_there_are_none() {
        let mut settings = settings();
        let nothing = || std::iter::empty::<OsString>();
        assert!(!has_credentials(&settings, nothing()));
        assert!(has_credentials(&settings, [OsString::from("AWS_PROFILE")].into_iter()));
        settings.environment.insert("AWS_ACCESS_KEY_ID".into(), "AKIDEXAMPLE".into());
        assert!(has_credentials(&settings, nothing()));
    }
}
