//! Small rules about text that comes from people.

/// A name fit for a sentence, a log or a mail subject: one line, no control or direction-override characters, at most `max` characters.
pub fn one_line(text: &str, max: usize) -> String {
    let clean: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .filter(|c| !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
        .collect();
    let clean = clean.split_whitespace().collect::<Vec<_>>().join(" ");
    match clean.char_indices().nth(max) {
        Some((at, _)) => format!("{}…", clean[..at].trim_end()),
        None => clean,
    }
}

/// Up to two letters to stand in for a picture.
pub fn initials(name: &str) -> String {
    name.split_whitespace()
        .filter_map(|word| word.chars().find(|c| c.is_alphanumeric()))
        .take(2)
        .flat_map(char::to_uppercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_one_harmless_line() {
        assert_eq!(one_line("  A\n b\u{202e}c ", 20), "A bc");
        assert_eq!(one_line("abcdef", 3), "abc…");
        assert_eq!(initials("blue harbour bakery"), "BH");
        assert_eq!(initials("🚲 Ölrad"), "Ö");
    }
}
