use proptest::prelude::*;

use super::*;

/// `prod` at the root of a domain, `beta` beside it under `v2`, `alone` under `v1` of another.
fn domains() -> Domains {
    Domains::default()
        .stage("prod", &["chat.example.com"], None)
        .and_then(|domains| domains.stage("beta", &["Chat.Example.com:443"], Some("v2")))
        .and_then(|domains| domains.stage("alone", &["one.example.com"], Some("/v$1/")))
        .unwrap()
}

#[test]
fn each_address_means_its_stage() {
    let chat = Some("chat.example.com");
    let one = Some("one.example.com");
    let forbidden = Err(Misplaced::Forbidden);
    let nothing = Err(Misplaced::NoMethod);
    for (host, path, expected) in [
        // any host: the stage comes first
        (None, "/prod", Ok(("prod", ""))),
        (Some("localhost:8080"), "/prod/", Ok(("prod", ""))),
        (Some("localhost"), "/beta/@connections/a%3D", Ok(("beta", "/@connections/a%3D"))),
        (Some("localhost"), "/beta/%40connections/a=", Ok(("beta", "/%40connections/a="))),
        (Some("localhost"), "/Prod", forbidden),
        (Some("localhost"), "/production", forbidden),
        (Some("localhost"), "/", forbidden),
        (Some("localhost"), "", forbidden),
        (Some("localhost"), "/v2", forbidden),
        (Some("localhost"), "/@connections/a", forbidden),
        // a custom domain: the stage does not appear
        (chat, "", Ok(("prod", ""))),
        (chat, "/", Ok(("prod", ""))),
        (Some("CHAT.example.com.:8443"), "/", Ok(("prod", ""))),
        (chat, "/@connections/a", Ok(("prod", "/@connections/a"))),
        (chat, "/%40connections/a", Ok(("prod", "/%40connections/a"))),
        (chat, "/@groups/lobby", Ok(("prod", "/@groups/lobby"))),
        (chat, "/v2", Ok(("beta", ""))),
        (chat, "/v2/", Ok(("beta", ""))),
        (chat, "/v2/@connections/a", Ok(("beta", "/@connections/a"))),
        (chat, "/v3", nothing),
        (chat, "/@connectionsx", nothing),
        // its leniency: the stage may appear
        (chat, "/prod/@connections/a", Ok(("prod", "/@connections/a"))),
        (chat, "/beta", Ok(("beta", ""))),
        (chat, "/alone", nothing),
        // a base path and nothing at the root
        (one, "/v$1", Ok(("alone", ""))),
        (one, "/v%241/@connections/a", Ok(("alone", "/@connections/a"))),
        (one, "/@connections/a", Ok(("alone", "/@connections/a"))),
        (one, "/", nothing),
        (one, "/v1", nothing),
    ] {
        let expected = expected.map(|(stage, rest)| Place { stage, rest });
        assert_eq!(domains().resolve(host, path), expected, "{host:?} {path}");
    }
}

#[test]
fn with_one_stage_its_name_may_be_missing_before_connections() {
    let only = Domains::default().stage("prod", &[""; 0], None).unwrap();
    let place = Place { stage: "prod", rest: "/@connections/a" };
    assert_eq!(only.resolve(Some("localhost"), "/@connections/a"), Ok(place));
    assert_eq!(only.resolve(Some("localhost"), "/prod/@connections/a"), Ok(place));
    assert_eq!(only.resolve(Some("localhost"), "/"), Err(Misplaced::Forbidden));
}

#[test]
fn a_base_path_goes_before_a_stage_of_the_same_name() {
    let domains = Domains::default()
        .stage("a", &["x.example"], Some("b"))
        .and_then(|domains| domains.stage("b", &["x.example"], Some("c")))
        .unwrap();
    let stage = |path| domains.resolve(Some("x.example"), path).unwrap().stage;
    assert_eq!((stage("/b"), stage("/c"), stage("/a")), ("a", "b", "a"));
}

#[test]
fn one_address_has_one_stage() {
    let taken = |base_path| {
        Domains::default()
            .stage("a", &["x.example"], base_path)
            .and_then(|domains| domains.stage("b", &["X.example:443"], base_path))
            .unwrap_err()
            .to_string()
    };
    assert_eq!(taken(None), "`x.example` has two stages at its root: `a` and `b`");
    assert!(taken(Some("v1")).contains("at the base path `v1`: `a` and `b`"));
    let long = Domains::default().stage("a", &["x.example"], Some("v1/chat")).unwrap_err();
    assert_eq!(long, DomainError::Segments("v1/chat".into()));
}

#[test]
fn the_answers_are_worded_as_on_aws() {
    assert_eq!(Misplaced::Forbidden.status(), 403);
    assert_eq!(Misplaced::Forbidden.message("POST", "/x"), "Forbidden");
    assert_eq!(Misplaced::NoMethod.status(), 404);
    assert_eq!(
        Misplaced::NoMethod.message("POST", "/x/@connections/a"),
        "No method found matching route x/@connections/a for http method POST."
    );
}

#[test]
fn a_host_is_compared_without_what_does_not_matter() {
    for (requested, expected) in [
        ("Example.COM", "example.com"),
        ("example.com:8443", "example.com"),
        ("example.com.", "example.com"),
        ("[::1]:8443", "::1"),
        ("::1", "::1"),
        ("127.0.0.1:80", "127.0.0.1"),
        ("", ""),
    ] {
        assert_eq!(host(requested), expected);
    }
}

proptest! {
    #[test]
    fn what_is_left_ends_the_path(
        at in prop::option::of("(chat|one)\\.example\\.com(:[0-9]{1,4})?|.{0,12}"),
        path in "(/(prod|beta|alone|v2|v\\$1|v%241|@connections|%40groups|.{0,6})){0,4}/?|.{0,20}",
    ) {
        let domains = domains();
        if let Ok(place) = domains.resolve(at.as_deref(), &path) {
            prop_assert!(path.ends_with(place.rest));
            prop_assert!(place.rest.is_empty() || place.rest.starts_with('/'));
            prop_assert!(place.rest != "/");
        }
    }

    #[test]
    fn a_stage_is_found_by_its_name_wherever_it_is_mapped(
        name in "[A-Za-z0-9_-]{1,20}",
        port in prop::option::of(1u16..),
        rest in "(/[a-z@%=]{1,8}){0,3}",
        custom in any::<bool>(),
    ) {
        let domains = Domains::default().stage(&name, &["x.example"], None).unwrap();
        let base = if custom { "X.example" } else { "localhost" };
        let at = port.map_or(base.to_owned(), |port| format!("{base}:{port}"));
        let path = format!("/{name}{rest}");
        let place = domains.resolve(Some(&at), &path).unwrap();
        prop_assert_eq!((place.stage, place.rest), (&*name, &*rest));
    }
}
