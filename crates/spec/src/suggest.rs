//! "Did you mean": the name that somebody was after.

/// How many names a list of choices shows.
const SHOWN: usize = 30;

/// The candidate that is most like the word, if one is like it at all.
pub(crate) fn closest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    // What is far longer than any name can't be a misspelt one, and comparing is quadratic.
    if word.len() > 100 {
        return None;
    }
    let word = word.to_lowercase();
    candidates
        .into_iter()
        .filter(|candidate| candidate.len() <= 100)
        .map(|candidate| {
            let distance = strsim::osa_distance(&word, &candidate.to_lowercase());
            (distance, candidate)
        })
        .filter(|(distance, candidate)| {
            let length = word.chars().count().max(candidate.chars().count());
            *distance <= (length / 3).clamp(1, 4) && *distance < length
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// "did you mean `x`?", or the list of what there is.
pub(crate) fn help<'a>(
    word: &str,
    what: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> String {
    let candidates: Vec<&str> = candidates.into_iter().collect();
    match closest(word, candidates.iter().copied()) {
        Some(name) => format!("did you mean `{name}`?"),
        None => choices(what, &candidates),
    }
}

/// "`what`: a, b, c".
pub(crate) fn choices(what: &str, candidates: &[&str]) -> String {
    if candidates.is_empty() {
        return format!("there are no {what} here");
    }
    let mut list = candidates[..candidates.len().min(SHOWN)].join(", ");
    if candidates.len() > SHOWN {
        list.push_str(&format!(" and {} more", candidates.len() - SHOWN));
    }
    format!("{what}: {list}")
}

/// The noun with its article: "an ecs_cluster", "a vpc".
pub(crate) fn article(noun: &str) -> String {
    let vowel = noun.starts_with(['a', 'e', 'i', 'o', 'u']);
    format!("{} {noun}", if vowel { "an" } else { "a" })
}
