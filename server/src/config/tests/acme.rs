//! `[server.tls]` with `mode = "acme"`.

use super::mistakes::assert_mistakes;
#[cfg(feature = "acme")]
use super::*;

#[cfg(feature = "acme")]
#[test]
fn a_certificate_by_acme_is_for_the_names_it_is_told_else_for_those_of_the_file() {
    let read = |domains: &str| {
        let config = read(
            &format!(
                "[server]\ndomain_name = 'Api.example:8443'\n[server.tls]\nmode = 'acme'\n\
                 terms_agreed = true\n{domains}\n[stages.a]\ndomains = ['chat.example']\n\
                 [stages.b]\ndomains = ['127.0.0.1', 'api.example']"
            ),
            &[],
        );
        let config = config.unwrap_or_else(|mistakes| panic!("{mistakes}"));
        let Some(Tls::Acme(acme)) = config.server.tls else { panic!() };
        let names = acme.names(&hosts(config.server.domain_name.as_deref(), &config.stages));
        (acme, names)
    };
    let (acme, names) = read("");
    assert_eq!(names, ["api.example", "chat.example"]);
    assert_eq!(acme.directory, "https://acme-v02.api.letsencrypt.org/directory");
    assert_eq!((acme.contact, acme.directory_ca), (Vec::new(), None));
    let (_, names) = read("domains = ['Other.example', 'b.example', 'other.example']");
    assert_eq!(names, ["other.example", "b.example"]);
}

#[cfg(feature = "acme")]
#[test]
fn acme_needs_a_yes_and_names_that_can_be_proven() {
    const TERMS: &str = "true, which says that you have read the server's terms of service (those of \
                         Let's Encrypt: https://letsencrypt.org/repository/)";
    let missing = format!("2: server.tls.terms_agreed: is missing; expected: {TERMS}");
    let nameless = "2: server.tls.domains: no host is named, neither here nor by domain_name or a \
                    stage's domains";
    assert_mistakes("[server.tls]\nmode = 'acme'", &[nameless, &missing]);
    // An address is no host that a certificate could be for.
    assert_mistakes(
        "[server]\ndomain_name = '10.0.0.1:443'\n[server.tls]\nmode = 'acme'\nterms_agreed = true",
        &[&nameless.replace("2:", "4:")],
    );
    assert_mistakes(
        "[server.tls]\nmode = 'acme'\nterms_agreed = false\ndomains = ['a.example', '*.a.example']\n\
         contact = ['admin@a.example']\ndirectory = 'http://ca.example/dir'\ndirectory_ca = 'gone.pem'\n\
         domain = 'a'",
        &[
            &format!("4: server.tls.terms_agreed: expected {TERMS}"),
            r#"5: server.tls.domains: expected a host name such as "chat.example.com", not "*.a.example""#,
            r#"6: server.tls.contact: expected a mail address such as "mailto:admin@example.com", not "admin@a.example""#,
            r#"7: server.tls.directory: expected a URL that begins with "https://", not "http://ca.example/dir""#,
            "8: server.tls.directory_ca: there is no file gone.pem",
            r#"9: server.tls.domain: unknown key; did you mean "domains"?"#,
        ],
    );
}

#[cfg(not(feature = "acme"))]
#[test]
fn acme_cannot_be_asked_for_where_it_is_not_built_in() {
    assert_mistakes(
        "[server.tls]\nmode = 'acme'\nterms_agreed = true\ndomains = ['a.example']",
        &[r#"3: server.tls.mode: this gatewire was built without ACME, the cargo feature "acme""#],
    );
}
