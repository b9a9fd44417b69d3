//! What the compiler says to those who make a mistake. After a change of toolchain, write the
//! expectations anew with `TRYBUILD=overwrite cargo test -p gatewire --test ui` and read them.

#[test]
fn mistakes_are_explained() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/pass/*.rs");
    cases.compile_fail("tests/ui/*.rs");
}
