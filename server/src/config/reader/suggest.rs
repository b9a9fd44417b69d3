//! What somebody may have meant.

/// `; did you mean X?`, with the known word that is nearest to a wrong one, or nothing if none is near.
pub(in crate::config) fn did_you_mean<'a>(
    wrong: &str,
    known: impl Iterator<Item = &'a str>,
    show: impl Fn(&str) -> String,
) -> String {
    let wrong = wrong.to_lowercase();
    let distance = |word: &str| strsim::osa_distance(&wrong, &word.to_lowercase());
    let nearest = known.map(|word| (distance(word), word)).min();
    // A third of the letters wrong is still a slip; more is another word.
    match nearest {
        Some((distance, word)) if distance <= word.chars().count().div_ceil(3) => {
            format!("; did you mean {}?", show(word))
        }
        Some(_) | None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_suggested_and_a_far_one_is_not() {
        let hint = |wrong| {
            did_you_mean(wrong, ["listen", "data", "drain"].into_iter(), |word| format!("{word:?}"))
        };
        assert_eq!(hint("litsen"), r#"; did you mean "listen"?"#);
        assert_eq!(hint("Data"), r#"; did you mean "data"?"#);
        assert_eq!(hint("certificate"), "");
        assert_eq!(did_you_mean("x", std::iter::empty(), str::to_owned), "");
    }
}
