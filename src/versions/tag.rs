//! What a tag or another name of a version may be, and which of them is probably another one misspelt.

use std::collections::BTreeSet;

use crate::error::{is_misspelt, shown};
use crate::store::LATEST;
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

/// What the versions of one model are called.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    /// Their tags.
    pub tags: BTreeSet<String>,
    /// Names that move from version to version.
    pub names: BTreeSet<String>,
}

impl Known {
    /// Refuses a tag that no version has and that a new one cannot have either: it could not be told from others (see [`refuse`]), or
    /// means a version by itself already. The one rule for tags that are typed and for those of a file.
    ///
    /// # Errors
    /// Such a tag: exit code 2.
    pub(crate) fn refuse_tag(&self, what: &str, tag: &str) -> Result<()> {
        if !tag.is_empty() && self.tags.contains(tag) {
            return Ok(());
        }
        refuse(what, tag)?;
        if tag == LATEST {
            return Err(Error::input("`latest` means the newest version by itself, expected a tag of the version's own"));
        }
        if self.names.contains(tag) {
            return Err(Error::input(format!("`{tag}` is a name that moves from version to version, expected a tag of the version's own"))
                .help("`suitor alias-version --remove` takes the name away"));
        }
        Ok(())
    }
}

/// The known names of which `name` is probably a misspelling. Other digits are another version (`v1.0`, `v1.1`), no slip, unless they
/// look like what stands there (`v1.O`).
pub(crate) fn misspelt<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let wanted = name.to_lowercase();
    let looks = look(&wanted);
    let is_near = |other: &str| {
        let other = other.to_lowercase();
        let slipped = || is_misspelt(&wanted, &other) && digits_of(&wanted).eq(digits_of(&other)) && !is_marked(&wanted, &other);
        looks == look(&other) || slipped()
    };
    let mut near: Vec<&str> = Vec::new();
    for other in known {
        if is_near(other) && !near.contains(&other) {
            near.push(other);
        }
    }
    near
}

/// A name in lower case with one letter for those that look alike, and without blanks.
fn look(name: &str) -> String {
    let alike = |c: char| match c {
        'o' => '0',
        'l' | 'i' | '|' => '1',
        c => c,
    };
    name.chars().filter(|c| !c.is_whitespace()).map(alike).collect()
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
    fn a_tag_that_means_a_version_already_is_no_new_tag() {
        let known = Known { tags: ["v1", "kept "].map(str::to_owned).into(), names: ["champion".to_owned()].into() };
        for tag in ["v1", "v2", "kept "] {
            assert_eq!(known.refuse_tag("a tag", tag), Ok(()), "{tag}");
        }
        let said = |tag: &str| known.refuse_tag("a tag", tag).unwrap_err().message;
        assert_eq!(said("latest"), "`latest` means the newest version by itself, expected a tag of the version's own");
        assert_eq!(said("champion"), "`champion` is a name that moves from version to version, expected a tag of the version's own");
        assert_eq!(said("new "), "a tag `new ` ends with a blank");
        let other = Known { tags: ["latest".to_owned()].into(), ..Known::default() };
        assert_eq!(other.refuse_tag("a tag", "latest"), Ok(()), "other software made a version of it");
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
            ("v1.O", "v1.0"),
            ("vl.0", "v1.0"),
            ("v1 a", "v1a"),
        ] {
            assert_eq!(misspelt(name, known), [expected], "{name}");
        }
        for name in ["v1.1", "v1.2", "v2.0", "v0.1", "v1b", "release-3", "run-y", "champion2", "challenger"] {
            assert!(misspelt(name, known).is_empty(), "{name}");
        }
    }
}
