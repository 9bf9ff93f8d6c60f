//! The one error type that leaves the library, and the exit code that each kind of it ends the process with.

use std::fmt;

/// What a failed call was: decides the exit code of the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// The work could not be done: a locked database, a full disk, a rule that failed under `--strict`. Exit code 1.
    Failed,
    /// The question or the input is wrong: an unknown model, a malformed file, a fault in a rule file. Exit code 2.
    Input,
    /// The answer is valid, but a gate is not met: a regression, nothing feasible. Exit code 3.
    Gate,
    /// The user interrupted the work. Exit code 130.
    Interrupted,
}

/// Why a call failed, in words for the person who made it.
///
/// `message` says what is wrong and where; `help` says what would be right (the nearest name, the command to run).
/// Messages are lower case, without a full stop, with the user's own words in backticks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// What kind of failure it is.
    pub kind: Kind,
    /// What is wrong, and where; may run over several lines when it shows the line at fault.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

/// A result whose error is meant for a person.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Makes an error of bad input (exit code 2).
    pub fn input(message: impl Into<String>) -> Self {
        Self { kind: Kind::Input, message: message.into(), help: None }
    }

    /// Makes an error of work that could not be done (exit code 1).
    pub fn failed(message: impl Into<String>) -> Self {
        Self { kind: Kind::Failed, message: message.into(), help: None }
    }

    /// Makes an error of a gate that is not met (exit code 3).
    pub fn gate(message: impl Into<String>) -> Self {
        Self { kind: Kind::Gate, message: message.into(), help: None }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds what to do about it, where nothing is said yet.
    #[must_use]
    pub fn or_help(self, help: &str) -> Self {
        if self.help.is_none() { self.help(help) } else { self }
    }

    /// Makes "unknown WHAT `NAME`" (exit code 2), with the nearest of `known` as help.
    #[must_use]
    pub fn unknown<'a>(what: &str, name: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        let error = Self::input(format!("unknown {what} `{}`", shown(name)));
        error.meant(&nearest(name, known))
    }

    /// Adds which names, in backticks, were probably meant; nothing where there is none or where something is said already.
    #[must_use]
    pub(crate) fn meant(self, near: &[String]) -> Self {
        if near.is_empty() { self } else { self.or_help(&format!("did you mean {}?", near.join(", "))) }
    }

    /// As [`Self::unknown`]; where nothing is near, the help lists what there is.
    #[must_use]
    pub fn unknown_listed<'a>(what: &str, name: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        let known: Vec<&str> = known.into_iter().collect();
        let error = Self::unknown(what, name, known.iter().copied());
        match listed(known, NAMED) {
            Some(names) if error.help.is_none() => error.help(format!("there are {names}")),
            _ => error,
        }
    }

    /// The exit code of the process that ends with this error.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self.kind {
            Kind::Failed => 1,
            Kind::Input => 2,
            Kind::Gate => 3,
            Kind::Interrupted => 130,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        self.help.as_ref().map_or(Ok(()), |help| write!(f, "\nhelp: {help}"))
    }
}

impl std::error::Error for Error {}

/// Returns up to three of `known` that are most like `name`, most alike first, each in backticks.
///
/// Alike means: `name` is misspelt by a letter or two ([`is_misspelt`]), one contains the other (any case, three letters at
/// least), or, for names of more than four letters, a Jaro-Winkler likeness of at least 0.8.
#[must_use]
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let wanted = name.to_lowercase();
    let mut scored: Vec<(f64, &str)> = known
        .into_iter()
        .filter_map(|candidate| {
            let lower = candidate.to_lowercase();
            let alike = strsim::jaro_winkler(&wanted, &lower);
            let short = wanted.chars().count().min(lower.chars().count()) <= SHORT;
            let contains = wanted.len() >= 3 && lower.len() >= 3 && (lower.contains(&wanted) || wanted.contains(&lower));
            if is_misspelt(&wanted, &lower) {
                // One letter is nearer than any likeness; of these, the more alike.
                let slips = strsim::osa_distance(&wanted, &lower);
                return Some((alike + if slips <= 1 { 1.0 } else { 0.5 }, candidate));
            }
            let score = if contains { alike + 0.5 } else { alike };
            (contains || !short && score >= 0.8).then_some((score, candidate))
        })
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    scored.dedup_by(|a, b| a.1 == b.1);
    scored.into_iter().take(3).map(|(_, candidate)| format!("`{}`", shown(candidate))).collect()
}

/// Returns up to three of `known` of which a word is one of `name`, perhaps misspelt, each in backticks; most such words first.
///
/// For long names of which one word tells them apart: `B2000` is near `NVIDIA B200 SXM x8`. A word with a digit in it, where there is
/// one, must be found in each of them.
#[must_use]
pub(crate) fn nearest_by_words<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let words = |text: &str| text.to_lowercase().split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    // Counts (`x8`) and the like say nothing of what it is.
    let wanted: Vec<String> = words(name).into_iter().filter(|word| word.chars().count() > 2).collect();
    let tells = |word: &str| word.contains(|c: char| c.is_ascii_digit());
    let any_tells = wanted.iter().any(|word| tells(word));
    let mut scored: Vec<(usize, usize, &str)> = Vec::new();
    for candidate in known {
        let own = words(candidate);
        let found: Vec<&String> = wanted.iter().filter(|word| own.iter().any(|other| is_misspelt(word, other))).collect();
        let exact = found.iter().filter(|word| own.contains(word)).count();
        if found.iter().any(|word| !any_tells || tells(word)) {
            scored.push((found.len(), exact, candidate));
        }
    }
    scored.sort_by(|a, b| (b.0, b.1).cmp(&(a.0, a.1)).then_with(|| a.2.cmp(b.2)));
    scored.dedup_by(|a, b| a.2 == b.2);
    scored.into_iter().take(3).map(|(_, _, candidate)| format!("`{}`", shown(candidate))).collect()
}

/// The longest name that a message shows whole, characters.
const SHOWN: usize = 200;

/// A name as a message shows it: what would act on a terminal is written out, an endless name is cut. A database of other software
/// may hold any.
#[must_use]
pub(crate) fn shown(name: &str) -> String {
    let end = name.char_indices().nth(SHOWN).map(|(at, _)| at);
    let mut out = crate::columns::written_out(&name[..end.unwrap_or(name.len())], None);
    if end.is_some() {
        out.push('…');
    }
    out
}

/// Names of that many letters or fewer are short: two letters of them changed are another name.
const SHORT: usize = 4;

/// Whether `name` is probably `known` misspelt: a letter left out, put in, put in the place of another, or two neighbours
/// exchanged; two of these from nine letters on, none for a single letter.
#[must_use]
pub fn is_misspelt(name: &str, known: &str) -> bool {
    let (one, other) = (name.chars().count(), known.chars().count());
    let slips = strsim::osa_distance(name, known);
    match one.max(other) {
        0 | 1 => slips == 0,
        // A letter in the place of another is half of such a name.
        2 => slips == 0 || slips == 1 && one == other && name.chars().rev().eq(known.chars()),
        3..=8 => slips <= 1 && one.min(other) > 1,
        _ => slips <= 2,
    }
}

/// How many names a message lists.
const NAMED: usize = 16;

/// Returns the names in backticks, each once, `most` of them and how many more there are; `None` when there is none.
#[must_use]
pub fn listed<'a>(names: impl IntoIterator<Item = &'a str>, most: usize) -> Option<String> {
    let mut each: Vec<&str> = Vec::new();
    for name in names {
        if !each.contains(&name) {
            each.push(name);
        }
    }
    let more = if each.len() > most { format!(" and {} more", each.len() - most) } else { String::new() };
    let names: Vec<String> = each.iter().take(most).map(|name| format!("`{}`", shown(name))).collect();
    (!names.is_empty()).then(|| format!("{}{more}", names.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_name_is_answered_with_the_nearest() {
        let error = Error::unknown("model", "resnet5", ["vit_base", "resnet50", "resnet18"]);
        assert_eq!(error.exit_code(), 2);
        assert_eq!(error.to_string(), "unknown model `resnet5`\nhelp: did you mean `resnet50`, `resnet18`?");
    }

    #[test]
    fn short_names_with_a_slip_have_a_nearest_one_and_others_none() {
        let known = ["min", "max", "abs", "pow", "sin", "ln", "exp", "len", "round", "floor", "starts_with", "PI", "E"];
        let near = |name: &str| nearest(name, known).join(", ");
        for (name, expected) in [
            ("mni", "`min`"),
            ("mim", "`min`"),
            ("miin", "`min`"),
            ("asb", "`abs`"),
            ("bas", "`abs`"),
            ("xep", "`exp`"),
            ("nl", "`ln`"),
            ("le", "`len`"),
            ("ab", "`abs`"),
            ("e", "`E`"),
            ("rond", "`round`"),
            ("flor", "`floor`"),
            ("start_with", "`starts_with`"),
            ("stats_wth", "`starts_with`"),
        ] {
            assert_eq!(near(name), expected, "{name}");
        }
        for name in ["x", "nim", "foo", "bar", "mean", "sum", "log10", "median", "score", "", "clamp", "sqrt", "mx2"] {
            assert_eq!(near(name), "", "{name}");
        }
    }

    #[test]
    fn one_slip_is_nearer_than_a_likeness() {
        assert_eq!(nearest("factr", ["fact", "factor", "factory"]), ["`factor`", "`fact`", "`factory`"]);
        assert!(is_misspelt("infrence", "inference") && is_misspelt("trainig", "training") && !is_misspelt("pretraining", "training"));
    }

    #[test]
    fn where_nothing_is_near_the_names_are_listed() {
        let error = Error::unknown_listed("task", "xyz", ["inference", "training", "inference"]);
        assert_eq!(error.to_string(), "unknown task `xyz`\nhelp: there are `inference`, `training`");
        assert_eq!(listed(["a", "b", "c"], 2).unwrap(), "`a`, `b` and 1 more");
    }

    #[test]
    fn names_of_other_software_are_shown_without_harm() {
        let long = "n".repeat(5000);
        assert_eq!(listed(["a\u{1b}[2J", &long], 2).unwrap(), format!("`a\\u{{1b}}[2J`, `{}…`", "n".repeat(200)));
        assert_eq!(nearest("chmpion", ["champion\n"]), ["`champion\\n`"]);
        assert_eq!(Error::unknown("version", "a\rb", []).message, "unknown version `a\\rb`");
    }

    #[test]
    fn long_names_are_near_by_a_word() {
        let known = ["NVIDIA B200 SXM", "NVIDIA B200 SXM x8", "NVIDIA A100 PCIe", "AMD Instinct MI300X x8", "Intel Xeon"];
        for (name, expected) in [
            ("B2000", "`NVIDIA B200 SXM`, `NVIDIA B200 SXM x8`"),
            ("NVIDIA B2000 PCIe", "`NVIDIA B200 SXM`, `NVIDIA B200 SXM x8`"),
            ("mi30x x8", "`AMD Instinct MI300X x8`"),
            ("nvdia", "`NVIDIA A100 PCIe`, `NVIDIA B200 SXM`, `NVIDIA B200 SXM x8`"),
            ("NVIDIA T4000", ""),
            ("x8", ""),
            ("zzz", ""),
        ] {
            assert_eq!(nearest_by_words(name, known).join(", "), expected, "{name}");
        }
    }
}
