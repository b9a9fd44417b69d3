//! Patterns of actions and resources.

/// How many parts an ARN has: `arn:partition:service:region:account:resource`.
const ARN_PARTS: usize = 6;

/// A text in which `*` stands for any run of characters and `?` for one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Glob(String);

impl Glob {
    pub(super) fn new(pattern: impl Into<String>) -> Self {
        Self(pattern.into())
    }

    pub(super) fn matches(&self, text: &str) -> bool {
        let (mut pattern, mut text) = (self.0.chars(), text.chars());
        // After the last star: what of the pattern follows it, and where its run may go on. Only the
        // last star has to be tried again, so the time is at most the product of the lengths.
        let mut star = None;
        loop {
            let rest = text.clone();
            match (pattern.next(), text.next()) {
                (Some('*'), _) => {
                    star = Some((pattern.clone(), rest.clone()));
                    text = rest;
                }
                (Some('?'), Some(_)) => {}
                (Some(wanted), Some(found)) if wanted == found => {}
                (None, None) => return true,
                _ => {
                    let Some((after, run)) = &mut star else { return false };
                    if run.next().is_none() {
                        return false;
                    }
                    (pattern, text) = (after.clone(), run.clone());
                }
            }
        }
    }
}

/// The pattern of an ARN: its parts are matched one by one, so that a star in the region does not
/// reach into the account. The last part keeps its slashes and colons, and a star in it reaches over
/// both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ArnPattern([Glob; ARN_PARTS]);

impl ArnPattern {
    /// `None` for what neither begins with `arn` nor is `*`. Parts that are missing at the end stand
    /// for anything (IAM user guide, `Resource`).
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(ARN_PARTS, ':').map(Glob::new);
        let first = parts.next().filter(|first| first.0 == "arn" || text == "*")?;
        let mut next = || parts.next().unwrap_or_else(|| Glob::new("*"));
        Some(Self([first, next(), next(), next(), next(), next()]))
    }

    pub(super) fn matches(&self, arn: &str) -> bool {
        let mut parts = arn.splitn(ARN_PARTS, ':');
        self.0.iter().all(|pattern| pattern.matches(parts.next().unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The definition, without a thought for the time it takes.
    fn naive(pattern: &[char], text: &[char]) -> bool {
        match (pattern, text) {
            ([], []) => true,
            (['*', rest @ ..], _) => (0..=text.len()).any(|run| naive(rest, &text[run..])),
            (['?', rest @ ..], [_, text @ ..]) => naive(rest, text),
            ([wanted, rest @ ..], [found, text @ ..]) => wanted == found && naive(rest, text),
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn a_glob_matches_what_its_definition_does(pattern in "[ab*?]{0,8}", text in "[abé*]{0,8}") {
            let characters = |text: &str| text.chars().collect::<Vec<_>>();
            let expected = naive(&characters(&pattern), &characters(&text));
            prop_assert_eq!(Glob::new(pattern).matches(&text), expected);
        }

        #[test]
        fn an_arn_matches_itself(arn in "arn(:[a-z0-9/-]{0,6}){5}(:[a-z]{0,3})?") {
            prop_assert!(ArnPattern::parse(&arn).unwrap().matches(&arn));
        }
    }

    #[test]
    fn many_stars_take_no_time() {
        let pattern = Glob::new("a*".repeat(50) + "b");
        assert!(!pattern.matches(&"a".repeat(10_000)));
    }

    #[test]
    fn a_star_stays_in_its_part() {
        let pattern = ArnPattern::parse("arn:aws:execute-api:*:1:api/*").unwrap();
        assert!(pattern.matches("arn:aws:execute-api:us-east-1:1:api/prod/POST/a:b"));
        assert!(!pattern.matches("arn:aws:execute-api:us-east-1:2:1:api/prod"));
        assert_eq!(ArnPattern::parse("api/prod/*"), None);
        assert_eq!(ArnPattern::parse("*:aws"), None);
    }
}
