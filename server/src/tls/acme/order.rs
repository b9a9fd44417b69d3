//! One order (RFC 8555, section 7.4): from names to a certificate.

use std::time::Duration;

use instant_acme::{
    Account, AuthorizationStatus, ChallengeType, Identifier, NewOrder, Order, OrderStatus, Problem,
    RetryPolicy,
};

use super::{AcmeError, challenge};
use crate::tls::resolver::{Answering, Resolver};

/// How the server is asked whether it is done; where it says when to ask again, then.
const POLLS: RetryPolicy = RetryPolicy::new()
    .initial_delay(Duration::from_millis(250))
    .backoff(1.5)
    .timeout(Duration::from_mins(2));

/// Gets a certificate for these names; the proof is shown by this resolver as long as it takes.
/// Returns the key and the chain, both PEM in one text.
pub(super) async fn order(
    account: &Account,
    names: &[String],
    resolver: &Resolver,
) -> Result<String, AcmeError> {
    let identifiers: Vec<_> = names.iter().cloned().map(Identifier::Dns).collect();
    let mut order = account.new_order(&NewOrder::new(&identifiers)).await?;
    let answering = answer(&mut order, resolver).await?;
    let ready = order.poll_ready(&POLLS).await;
    drop(answering);
    if !matches!(ready, Ok(OrderStatus::Ready)) {
        let unproven = unproven(&mut order).await?;
        return Err(match ready {
            _ if !unproven.is_empty() => AcmeError::Unproven(unproven),
            Err(error) => error.into(),
            Ok(_) => AcmeError::Rejected,
        });
    }
    let key = order.finalize().await?;
    let chain = order.poll_certificate(&POLLS).await?;
    Ok(key + &chain)
}

/// Has the server look at every name that it has not seen lately. It may look until what is returned
/// is dropped.
async fn answer<'a>(
    order: &mut Order,
    resolver: &'a Resolver,
) -> Result<Vec<Answering<'a>>, AcmeError> {
    let mut answering = Vec::new();
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization?;
        if authorization.status != AuthorizationStatus::Pending {
            continue;
        }
        let name = authorization.identifier().to_string();
        let Some(mut challenge) = authorization.challenge(ChallengeType::TlsAlpn01) else {
            return Err(AcmeError::NoChallenge(name));
        };
        let digest = challenge.key_authorization().digest();
        let digest = digest.as_ref().try_into().expect("SHA-256 has 32 bytes");
        let certified = challenge::answer(&name, digest)?;
        answering.push(resolver.answer(name, certified));
        challenge.set_ready().await?;
    }
    Ok(answering)
}

/// What the server found wrong with each name.
async fn unproven(order: &mut Order) -> Result<Vec<(String, Problem)>, AcmeError> {
    let mut found = Vec::new();
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let authorization = authorization?;
        let name = authorization.identifier().to_string();
        let problems = authorization.challenges.iter().filter_map(|one| one.error.clone());
        found.extend(problems.map(|problem| (name.clone(), problem)));
    }
    Ok(found)
}
