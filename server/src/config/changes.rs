//! What a new configuration changes, and whether a running gateway can take it over.

use std::{collections::BTreeMap, fmt, mem::discriminant};

use super::{Api, Config, Management, Server, Stage, Tls, reader::Path};

/// One difference between two configurations.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// What is different: a key, or the table of something with a name, `routes."$connect"`.
    pub key: String,
    /// When it can hold.
    pub effect: Effect,
}

/// When a change can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// At once, with connections open. Limits hold for connections from then on.
    Reload,
    /// When the process starts again: a socket is bound, a store is open, or clients and handlers have
    /// been told.
    Restart,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.effect {
            Effect::Reload => f.write_str(&self.key),
            Effect::Restart => write!(f, "{} (needs a restart)", self.key),
        }
    }
}

/// All differences, by key.
#[must_use]
pub fn changes(old: &Config, new: &Config) -> Vec<Change> {
    use Effect::{Reload, Restart};
    // Each level is taken apart, so that a new key does not compile without its place here.
    let Config {
        server,
        api,
        stages,
        routes,
        integrations,
        functions,
        queues,
        management,
        metrics,
        traces,
    } = old;
    let mut changes = Changes(Vec::new());
    changes.of_server(server, &new.server);
    changes.of_api(api, &new.api);
    changes.of_stages(stages, &new.stages);
    changes.named("routes", routes, &new.routes, Reload);
    changes.named("integrations", integrations, &new.integrations, Reload);
    changes.named("functions", functions, &new.functions, Reload);
    changes.named("queues", queues, &new.queues, Restart);
    let Management { access, clock_skew, credentials } = management;
    changes.compare("management.access", access, &new.management.access, Reload);
    changes.compare("management.clock_skew", clock_skew, &new.management.clock_skew, Reload);
    changes.compare("management.credentials", credentials, &new.management.credentials, Reload);
    changes.compare("metrics.listen", metrics, &new.metrics, Restart);
    changes.compare("traces", traces, &new.traces, Restart);
    let Changes(mut list) = changes;
    list.sort();
    list
}

struct Changes(Vec<Change>);

impl Changes {
    fn of_server(&mut self, old: &Server, new: &Server) {
        let Server { listen, data, drain, domain_name, tls } = old;
        self.compare("server.listen", listen, &new.listen, Effect::Restart);
        self.compare("server.data", data, &new.data, Effect::Restart);
        self.compare("server.drain", drain, &new.drain, Effect::Reload);
        self.compare("server.domain_name", domain_name, &new.domain_name, Effect::Restart);
        let mode = |tls: &Option<Tls>| tls.as_ref().map(discriminant);
        if mode(tls) == mode(&new.tls) {
            self.compare("server.tls", tls, &new.tls, Effect::Reload);
        } else {
            self.add("server.tls.mode", Effect::Restart);
        }
    }

    fn of_api(&mut self, old: &Api, new: &Api) {
        use Effect::{Reload, Restart};
        let Api {
            id,
            region,
            account,
            route_selection_expression: selection,
            idle_timeout,
            lifetime,
            max_message,
            max_frame,
            binary,
            error_detail,
            lambda_null_response,
            legacy_nulls,
        } = old;
        self.compare("api.id", id, &new.id, Restart);
        self.compare("api.region", region, &new.region, Restart);
        self.compare("api.account", account, &new.account, Restart);
        let key = "api.route_selection_expression";
        self.compare(key, selection, &new.route_selection_expression, Reload);
        self.compare("api.idle_timeout", idle_timeout, &new.idle_timeout, Reload);
        self.compare("api.lifetime", lifetime, &new.lifetime, Reload);
        self.compare("api.max_message", max_message, &new.max_message, Reload);
        self.compare("api.max_frame", max_frame, &new.max_frame, Reload);
        self.compare("api.binary", binary, &new.binary, Reload);
        self.compare("api.error_detail", error_detail, &new.error_detail, Reload);
        let key = "api.lambda_null_response";
        self.compare(key, lambda_null_response, &new.lambda_null_response, Reload);
        self.compare("api.legacy_nulls", legacy_nulls, &new.legacy_nulls, Reload);
    }

    fn of_stages(&mut self, old: &BTreeMap<String, Stage>, new: &BTreeMap<String, Stage>) {
        for name in old.keys().chain(new.keys().filter(|name| !old.contains_key(*name))) {
            let table = key_of("stages", name);
            let (Some(old), Some(new)) = (old.get(name), new.get(name)) else {
                self.add(&table, Effect::Restart);
                continue;
            };
            let Stage { variables, domains, base_path, access_log } = old;
            let key = |key: &str| format!("{table}.{key}");
            // Events of open connections carry them.
            self.compare(&key("variables"), variables, &new.variables, Effect::Restart);
            self.compare(&key("domains"), domains, &new.domains, Effect::Reload);
            self.compare(&key("base_path"), base_path, &new.base_path, Effect::Reload);
            self.compare(&key("access_log"), access_log, &new.access_log, Effect::Reload);
        }
    }

    /// Things with a name: those that came, went or are different.
    fn named<T: PartialEq>(
        &mut self,
        table: &str,
        old: &BTreeMap<String, T>,
        new: &BTreeMap<String, T>,
        effect: Effect,
    ) {
        for name in old.keys().chain(new.keys().filter(|name| !old.contains_key(*name))) {
            self.compare(&key_of(table, name), &old.get(name), &new.get(name), effect);
        }
    }

    fn compare<T: PartialEq>(&mut self, key: &str, old: &T, new: &T, effect: Effect) {
        if old != new {
            self.add(key, effect);
        }
    }

    fn add(&mut self, key: &str, effect: Effect) {
        self.0.push(Change { key: key.to_owned(), effect });
    }
}

fn key_of(table: &str, name: &str) -> String {
    Path::root().join(table).join(name).text()
}

#[cfg(test)]
mod tests {
    use std::path::Path as FilePath;

    use super::*;

    fn config(text: &str) -> Config {
        let config = Config::from_toml(text, FilePath::new("gateway.toml"), &BTreeMap::new());
        config.unwrap_or_else(|mistakes| panic!("{mistakes}"))
    }

    fn between(old: &str, new: &str) -> Vec<String> {
        changes(&config(old), &config(new)).iter().map(Change::to_string).collect()
    }

    const OLD: &str = "
        [stages.prod]
        [routes.'$connect']
        integration = 'm'
        [integrations.m]
        type = 'mock'
        [functions.f]
        command = ['x']
        [queues.q]
        deliver_to = { function = 'f' }";

    #[test]
    fn the_same_file_with_other_lines_changes_nothing() {
        assert_eq!(between(OLD, &format!("\n# A comment.\n{OLD}")), [""; 0]);
    }

    #[test]
    fn what_came_went_and_changed_is_named() {
        let new = "
            [stages.prod]
            [routes.send]
            integration = 'm'
            [integrations.m]
            type = 'mock'
            passthrough = 'NEVER'
            [functions.f]
            command = ['x']
            environment = { A = 'b' }
            [queues.q]
            deliver_to = { function = 'f' }
            [management]
            clock_skew = '1m'
            [api]
            max_message = '1MiB'";
        assert_eq!(
            between(OLD, new),
            [
                "api.max_message",
                "functions.f",
                "integrations.m",
                "management.clock_skew",
                r#"routes."$connect""#,
                "routes.send",
            ]
        );
    }

    #[test]
    fn what_is_bound_open_or_told_waits_for_a_restart() {
        let new = "
            [server]
            listen = '127.0.0.1:1'
            data = 'other'
            domain_name = 'localhost'
            tls.mode = 'development'
            [api]
            id = 'abcdefghij'
            account = '000000000001'
            region = 'eu-west-1'
            [stages.test]
            [metrics]
            listen = '127.0.0.1:2'";
        let changes = changes(&config("[stages.prod]"), &config(new));
        assert!(changes.iter().all(|change| change.effect == Effect::Restart), "{changes:?}");
        let keys: Vec<&str> = changes.iter().map(|change| &*change.key).collect();
        assert_eq!(
            keys,
            [
                "api.account",
                "api.id",
                "api.region",
                "metrics.listen",
                "server.data",
                "server.domain_name",
                "server.listen",
                "server.tls.mode",
                "stages.prod",
                "stages.test",
            ]
        );
        let queue =
            "[stages.prod]\n[queues.q]\nretention = '1d'\ndeliver_to = { url = 'http://h' }";
        assert_eq!(between("[stages.prod]", queue), ["queues.q (needs a restart)"]);
    }

    #[test]
    fn a_stage_keeps_its_name_and_its_variables() {
        let new = "
            [stages.prod]
            domains = ['example.com']
            base_path = 'v1'
            variables = { a = 'b' }
            access_log.format = 'json'";
        assert_eq!(
            between("[stages.prod]", new),
            [
                "stages.prod.access_log",
                "stages.prod.base_path",
                "stages.prod.domains",
                "stages.prod.variables (needs a restart)",
            ]
        );
    }

    #[test]
    fn a_certificate_from_another_file_is_taken_over() {
        let folder = tempfile::tempdir().unwrap();
        let with = |file: &str| {
            for name in ["key", file] {
                std::fs::write(folder.path().join(name), "").unwrap();
            }
            let text = format!(
                "[stages.x]\n[server.tls]\nmode = 'files'\ncertificate = '{file}'\nkey = 'key'"
            );
            let path = folder.path().join("gateway.toml");
            Config::from_toml(&text, &path, &BTreeMap::new()).unwrap()
        };
        let change = Change { key: "server.tls".to_owned(), effect: Effect::Reload };
        assert_eq!(changes(&with("old"), &with("new")), [change]);
    }
}
