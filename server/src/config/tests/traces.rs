//! `[traces]`, which not every build has.

use super::*;

const TRACES: &str = "[stages.prod]
[traces]
endpoint = 'https://collector.example/v1/traces'
headers = { Authorization = '${env:TOKEN}' }
sample = 0.25
";

fn wrong(text: &str) -> Vec<String> {
    let mistakes = read(text, &[]).unwrap_err().to_string();
    let lines = mistakes.lines().map(|line| line.split_once("gateway.toml:").unwrap().1.to_owned());
    lines.filter(|line| !line.contains("build it with")).collect()
}

#[cfg(feature = "otel")]
#[test]
fn where_spans_go_and_which() {
    let traces = read(TRACES, &[("TOKEN", "secret")]).unwrap().traces.unwrap();
    assert_eq!(traces.endpoint.as_str(), "https://collector.example/v1/traces");
    assert_eq!(traces.headers["Authorization"].expose(), "secret");
    assert!(!format!("{traces:?}").contains("secret"));
    assert_eq!(format!("{} {}", traces.sample, traces.service_name), "0.25 gatewire");
    let overridden = [("TOKEN", "x"), ("GATEWIRE__TRACES__SAMPLE", "0.5")];
    let traces = read(TRACES, &overridden).unwrap().traces.unwrap();
    assert_eq!(traces.sample.to_string(), "0.5");
}

#[cfg(feature = "otel")]
#[test]
fn another_collector_takes_a_restart() {
    let (folder, environment) = (Folder::new(), [("TOKEN", "x")]);
    let old = folder.read(TRACES, &environment).unwrap();
    let new = folder.read(&TRACES.replace("0.25", "0.5"), &environment).unwrap();
    let changes: Vec<String> = changes(&old, &new).iter().map(Change::to_string).collect();
    assert_eq!(changes, ["traces (needs a restart)"]);
}

#[cfg(not(feature = "otel"))]
#[test]
fn a_build_that_exports_nothing_says_so() {
    let mistakes = read(TRACES, &[("TOKEN", "secret")]).unwrap_err().to_string();
    let expected =
        "3: traces.endpoint: this build exports no traces; build it with the feature otel";
    assert!(mistakes.trim_end().ends_with(expected), "{mistakes}");
}

#[test]
fn a_part_is_from_0_to_1_and_a_header_has_a_name() {
    assert_eq!(
        wrong(
            "[stages.prod]\n[traces]\nendpoint = 'http://c'\nsample = 1.5\nheaders = { 'a b' = 'c' }"
        ),
        [
            "4: traces.sample: 1.5 is out of range; it may be 0 to 1",
            r#"5: traces.headers."a b": this cannot be the name of a header"#,
        ]
    );
    assert_eq!(
        wrong("[stages.prod]\n[traces]\nsample = 'all'"),
        [
            "2: traces.endpoint: is missing; expected: URL",
            "3: traces.sample: expected a number, 0 to 1, not a text",
        ]
    );
}
