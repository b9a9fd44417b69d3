//! From a configuration to the gateway of one of its stages.

use std::time::Duration;

use gatewire::Limits;

use super::{
    ServeError,
    checks::{Model, check_parameters},
    integrations::Workshop,
};
use crate::{
    Gateway,
    config::{self, Config},
    contract::NoContract,
    route::Route,
    stage::Stage,
};

/// What a stage of this configuration is called and knows.
pub(super) fn stage(config: &Config, name: &str) -> Stage {
    let config::Api { id, region, account, .. } = &config.api;
    Stage {
        api_id: id.clone(),
        name: name.to_owned(),
        region: region.clone(),
        account: account.clone(),
        domain_name: domain_name(config),
        tls: config.server.tls.is_some(),
        variables: config.stages[name].variables.clone(),
    }
}

/// What handlers are told when a client sent no `Host`.
pub(super) fn domain_name(config: &Config) -> String {
    config.server.domain_name.clone().unwrap_or_else(|| config.server.listen.to_string())
}

/// The gateway of a stage, with all its routes, not started.
pub(super) fn gateway<'a>(
    config: &'a Config,
    stage: &Stage,
    mut workshop: Workshop<'a>,
) -> Result<Gateway<NoContract>, ServeError> {
    let mut gateway = limited(Gateway::without_contract(), config)
        .stage(stage.clone())
        .route_selection(config.api.route_selection_expression.value());
    for (key, of) in &config.routes {
        gateway = gateway.add_route(route(key, of, &mut workshop)?);
    }
    Ok(gateway)
}

fn limited(gateway: Gateway<NoContract>, config: &Config) -> Gateway<NoContract> {
    let api = &config.api;
    let limits = Limits { message: api.max_message, ..Limits::default() };
    let gateway = gateway
        .limits(limits)
        .idle_timeout(api.idle_timeout)
        .lifetime(api.lifetime)
        .binary(api.binary)
        .error_detail(api.error_detail)
        .drain_window(window(config.server.drain));
    match api.max_frame {
        Some(bytes) => gateway.max_frame(bytes),
        None => gateway,
    }
}

/// Over how long clients are asked to leave: half of the time there is, so that those who are asked
/// last have as long again.
fn window(drain: Duration) -> Duration {
    drain / 2
}

fn route<'a>(
    key: &str,
    of: &'a config::Route,
    workshop: &mut Workshop<'a>,
) -> Result<Route, ServeError> {
    let mut route = Route::shared(key, workshop.get(&of.integration)?);
    if of.reply {
        route = route.two_way();
    }
    if of.order == config::Order::None {
        route = route.unordered();
    }
    if let Some(models) = &of.models {
        let model = Model::read(models)?;
        route = route.check(move |call| model.check(call));
    }
    if !of.request_parameters.is_empty() {
        let required = of.request_parameters.clone();
        route = route.check(move |call| check_parameters(&required, call));
    }
    Ok(route)
}
