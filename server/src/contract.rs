//! Whether a client means the same contract as this server.

use std::collections::HashMap;

use gatewire::{
    Context, Contract, Error, Result as Answered, ServedBy,
    describe::{Severity, Snapshots, diff, fingerprint},
    frame::Verdict,
};
use serde_json::{Value, value::RawValue};

/// What happens to a client whose contract differs from the server's; of one stage, which is one
/// [`Gateway`](crate::Gateway).
///
/// In either case the client learns the verdict. One that names no contract is served: it may be
/// written by hand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ContractPolicy {
    /// It is served, and the log says so.
    #[default]
    Warn,
    /// It is closed with [`CONTRACT_REFUSED`](gatewire::CloseCode::CONTRACT_REFUSED).
    Refuse,
}

/// The contract of a gateway that has none: its routes are added by name, as those of
/// `gatewire serve` are.
#[derive(Clone, Copy, Debug)]
pub enum NoContract {}

impl Contract for NoContract {
    type Events = ();
    const NAME: &'static str = "none";
    const ROUTES: &'static [&'static str] = &[];

    fn decode(route: &str, _: &RawValue) -> Answered<Self> {
        Err(Error::new(Error::UNKNOWN_ACTION, format!("no handler answers {route:?}")))
    }

    fn route(&self) -> &'static str {
        match *self {}
    }
}

impl ServedBy<()> for NoContract {
    async fn serve(self, (): &(), _: Context<Self>) -> Answered<Box<RawValue>> {
        match self {}
    }
}

/// The contracts that this server knows, by fingerprint.
#[derive(Debug)]
pub(crate) struct Contracts {
    /// `None` for a server that has no contract, which judges nobody.
    verdicts: Option<HashMap<String, Verdict>>,
    policy: ContractPolicy,
}

/// The policy refuses this client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ContractRefused;

impl Contracts {
    /// Compares every older contract with the current one, so that no client waits for it.
    pub(crate) fn new(current: &Value, snapshots: &Snapshots, policy: ContractPolicy) -> Self {
        let mut verdicts: HashMap<_, _> = snapshots
            .iter()
            .map(|(name, older)| (name.to_owned(), compare(older, current)))
            .collect();
        verdicts.insert(fingerprint(current).to_string(), Verdict::Same);
        Self { verdicts: Some(verdicts), policy }
    }

    /// Those of a gateway without a contract.
    pub(crate) fn none() -> Self {
        Self { verdicts: None, policy: ContractPolicy::default() }
    }

    /// The verdict on a client that was built from the contract it names; `None` where there is
    /// nothing to compare it with.
    pub(crate) fn judge(&self, named: &str) -> Result<Option<Verdict>, ContractRefused> {
        let Some(verdicts) = &self.verdicts else { return Ok(None) };
        match verdicts.get(named).copied().unwrap_or(Verdict::Differs) {
            Verdict::Differs if self.policy == ContractPolicy::Refuse => Err(ContractRefused),
            verdict => Ok(Some(verdict)),
        }
    }
}

fn compare(older: &Value, current: &Value) -> Verdict {
    let breaks = diff(older, current).iter().any(|change| change.severity == Severity::Breaking);
    if breaks { Verdict::Differs } else { Verdict::Compatible }
}

#[cfg(test)]
mod tests {
    use gatewire::{
        describe::{Snapshots, fingerprint},
        frame::Verdict,
    };
    use serde_json::json;

    use super::{ContractPolicy, ContractRefused, Contracts};

    #[test]
    fn every_known_contract_has_its_verdict() {
        let schema = |names: &[&str]| {
            let events: serde_json::Map<_, _> =
                names.iter().map(|name| ((*name).to_owned(), json!({"data": true}))).collect();
            json!({"actions": {}, "events": events})
        };
        let (older, current, other) = (schema(&["a"]), schema(&["a", "b"]), schema(&["c"]));
        let [old, new, stranger] =
            [&older, &current, &other].map(|schema| fingerprint(schema).to_string());
        let texts = [older.to_string(), other.to_string()];
        let files = [(old.as_str(), texts[0].as_str()), (stranger.as_str(), texts[1].as_str())];
        let snapshots = Snapshots::embedded(files).unwrap();

        let warn = Contracts::new(&current, &snapshots, ContractPolicy::Warn);
        assert_eq!(warn.judge(&new), Ok(Some(Verdict::Same)));
        assert_eq!(Contracts::none().judge(&stranger), Ok(None));
        assert_eq!(warn.judge(&old), Ok(Some(Verdict::Compatible)));
        assert_eq!(warn.judge(&stranger), Ok(Some(Verdict::Differs)));
        assert_eq!(warn.judge("never seen"), Ok(Some(Verdict::Differs)));
        let refuse = Contracts::new(&current, &snapshots, ContractPolicy::Refuse);
        assert_eq!(refuse.judge(&old), Ok(Some(Verdict::Compatible)));
        assert_eq!(refuse.judge(&stranger), Err(ContractRefused));
    }
}
