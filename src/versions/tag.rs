//! What a tag or another name of a version may be, and which of them is probably another one misspelt.

use crate::error::{is_misspelt, shown};
use crate::{Error, Result};

/// The longest tag, characters.
const LONGEST: usize = 200;
/// Words of fewer letters are marks of their own (`v1a`, `v1b`), no slips.
const WORD: usize = 3;

/// Refuses a new tag or name that could not be told from another one, or not be typed. `what`: `a version's tag`.
///
/// # Errors
/// It is empty, longer than 200 characters, begins or ends with a blank or holds a control character: exit code 2.
pub(crate) fn refuse(what: &str, name: &str) -> Result<()> {
    if name.trim().is_empty() {
        return Err(Error::input(format!("{what} is empty")));
    }
    let length = name.chars().count();
    let fault = if length > LONGEST {
        format!("has {length} characters, expected {LONGEST} at most")
    } else if let Some(control) = name.chars().find(|c| c.is_control()) {
        format!("holds the control character `{}`", control.escape_default())
    } else if name.starts_with(char::is_whitespace) {
        "begins with a blank".to_owned()
    } else if name.ends_with(char::is_whitespace) {
        "ends with a blank".to_owned()
    } else {
        return Ok(());
    };
    Err(Error::input(format!("{what} `{}` {fault}", shown(name))))
}

/// The known names of which `name` is probably a misspelling. Other digits are another version (`v1.0`, `v1.1`), no slip.
pub(crate) fn misspelt<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let wanted = name.to_lowercase();
    let is_near = |other: &str| {
        let other = other.to_lowercase();
        is_misspelt(&wanted, &other) && digits_of(&wanted).eq(digits_of(&other)) && !is_marked(&wanted, &other)
    };
    let mut near: Vec<&str> = Vec::new();
    for other in known {
        if is_near(other) && !near.contains(&other) {
            near.push(other);
        }
    }
    near
}

fn digits_of(name: &str) -> impl Iterator<Item = char> + '_ {
    name.chars().filter(char::is_ascii_digit)
}

/// Whether two names differ in a short word: `v1a` and `v1b`, `run-x` and `run-y`.
fn is_marked(one: &str, other: &str) -> bool {
    let words = |name: &'_ str| -> Vec<String> {
        name.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
    };
    let (one, other) = (words(one), words(other));
    one.len() == other.len() && one.iter().zip(&other).any(|(a, b)| a != b && a.chars().count() < WORD && b.chars().count() < WORD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_could_not_be_told_from_others_are_refused() {
        for name in ["v1", "1.0 beta", "grün", &"x".repeat(200)] {
            assert_eq!(refuse("a tag", name), Ok(()), "{name}");
        }
        for (name, expected) in [
            ("", "a tag is empty"),
            (" \t", "a tag is empty"),
            (" 1.0", "a tag ` 1.0` begins with a blank"),
            ("1.0\u{a0}", "a tag `1.0\u{a0}` ends with a blank"),
            ("a\u{1b}[2J", "a tag `a\\u{1b}[2J` holds the control character `\\u{1b}`"),
            ("a\n", "a tag `a\\n` holds the control character `\\n`"),
        ] {
            assert_eq!(refuse("a tag", name).unwrap_err().message, expected);
        }
        let long = refuse("a tag", &"ü".repeat(5000)).unwrap_err().message;
        assert_eq!(long, format!("a tag `{}…` has 5000 characters, expected 200 at most", "ü".repeat(200)));
    }

    #[test]
    fn a_slip_is_told_from_another_version() {
        let known = ["champion", "v1.0", "v1a", "latest", "release-2", "run-x"];
        for (name, expected) in [
            ("champoin", "champion"),
            ("Champion", "champion"),
            ("latst", "latest"),
            ("v1,0", "v1.0"),
            ("V1.0", "v1.0"),
            ("relaese-2", "release-2"),
        ] {
            assert_eq!(misspelt(name, known), [expected], "{name}");
        }
        for name in ["v1.1", "v2.0", "v1b", "release-3", "run-y", "champion2", "challenger"] {
            assert!(misspelt(name, known).is_empty(), "{name}");
        }
    }
}
