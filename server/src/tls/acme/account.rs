//! The account at an ACME server (RFC 8555, section 7.3): made on the first order, then kept.

use instant_acme::{Account, AccountCredentials, NewAccount};
use serde::Deserialize;

use super::{
    AcmeError, AcmeSettings,
    http::Http,
    store::{Kept, KeptAccount},
};

/// The account that is kept, else a new one. The server learns of a changed contact.
pub(super) async fn account(
    settings: &AcmeSettings,
    kept: &Kept,
    http: Http,
) -> Result<Account, AcmeError> {
    let builder = Account::builder_with_http(Box::new(http));
    let contact: Vec<&str> = settings.contact.iter().map(String::as_str).collect();
    if let Some((mut known, credentials)) = known(kept) {
        let account = builder.from_credentials(credentials).await?;
        if known.contact != settings.contact {
            account.update_contacts(&contact).await?;
            known.contact.clone_from(&settings.contact);
            kept.keep_account(&known)?;
            tracing::info!(directory = settings.directory, "told the new contact");
        }
        return Ok(account);
    }
    let wanted = NewAccount {
        contact: &contact,
        terms_of_service_agreed: true, // the configuration is wrong without
        only_return_existing: false,
    };
    let (account, credentials) = builder.create(&wanted, settings.directory.clone(), None).await?;
    let credentials = serde_json::to_value(credentials).map_err(instant_acme::Error::Json)?;
    kept.keep_account(&KeptAccount { contact: settings.contact.clone(), credentials })?;
    tracing::info!(directory = settings.directory, account = account.id(), "made an ACME account");
    Ok(account)
}

fn known(kept: &Kept) -> Option<(KeptAccount, AccountCredentials)> {
    let account = kept.account()?;
    let credentials = AccountCredentials::deserialize(&account.credentials).ok()?;
    Some((account, credentials))
}
