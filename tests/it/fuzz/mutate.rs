//! Makes texts that nobody would write from texts that somebody did.

use super::corpus::{Input, Kind};

/// Choices from a seed (SplitMix64).
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A choice below `sides`.
    pub fn below(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((word ^ (word >> 31)) % sides.max(1) as u64).unwrap()
    }

    fn of<'t, T: ?Sized>(&mut self, all: &[&'t T]) -> &'t T {
        all[self.below(all.len())]
    }
}

/// Longer texts are cut.
const LONGEST: usize = 200_000;

#[rustfmt::skip]
const RHAI: &[&str] = &[
    "if ", "else ", "switch ", "while ", "loop ", "do ", "until ", "for x in ", "let x = ", "const C = ", "fn f(x) ", "return ", "throw ", "try ", "catch ",
    "break", "continue", "=> ", "|x| ", "|| ", "?? ", "?.", "?[", "..", "..=", "**", "<<", ">>", "==", "!=", "<=", ">=", "&&", "||", "!", "-", "+", "*", "/", "%",
    "=", "+=", "()", "[]", "#{", "}", "{", "(", ")", "[", "]", ";", ",", ":", "::", "`", "${", "\"", "'a'", "\\", "//", "/*", "*/", "///", "#", "@", "$", "_", "~",
    "this", "global::C", "private ", "import ", "eval", "Fn(\"f\")", ".call(1)", "call(", "curry", "is_def_var(\"x\")", "is_def_fn(\"f\", 1)", "type_of(", "in ", "!in ",
    "pair.", "pair.throughput", "pair.age_days", "pair.hardware_type", "pair.parameters_million", "pair.spread", "pair.batch_size", "pair.precision", "request.",
    "request.task", "request.requirements", "request.precision", "params.", "params.a", "score", "weights", "weights.latency", "true", "false", "pair", "request",
    "fn adjust(score, pair, request) {", "fn exclude(pair, request) {", "fn weigh(weights, request) {", "#{ score: 0.5, reason: \"r\" }", "__mark(1)", "__if(0, true)",
    ".len", ".sort()", ".map(", ".filter(", ".reduce(", ".push(1)", ".pad(10, \"x\")", ".split(\"\")", ".contains(\"a\")", ".to_int()", ".abs()", "min(", "max(",
    "range(0, 9)", ".sub_string(", ".crop(", ".replace(\"a\", \"b\")", ".to_upper()", ".extract(", ".splice(", ".remove(", "parse_int(", "print(", "debug(",
];

#[rustfmt::skip]
const TOML: &[&str] = &[
    "[", "]", "[[", "]]", "{", "}", "=", ",", ".", "\"", "'", "\"\"\"", "'''", "#", "\\", "\\u0000", "\\UFFFFFFFF", "\n", "\r", "\r\n", "\t", "[a]\n", "[[rule]]\n",
    "[rule.params]\n", "when = {}\n", "params = { a = 1 }\n", "[sandbox]\n", "operations = 1\n", "[schema]\n", "[schema.results]\n", "tables = []\n", "[[hardware]]\n",
    "aliases = [\"\"]\n", "[[hardware_type]]\nmatches = \"(\"\ntype = \"cuda\"\n", "[fields]\n", "[[row]]\n", "[[detect]]\n", "from = ", "matches = \"(a*)*\"", "scale = 0.0",
    "[[component]]\n", "weight = ", "metrics = ", "[ask]\n", "[expect]\n", "limit = [\"latency_ms<=1\"]\n", "where = [\"a=b\"]\n", "as-of = 2024-02-30\n", "top-k = ",
    "true", "false", "1979-05-27", "07:32:00", "1979-05-27T07:32:00Z", "inf", "nan", "-nan", "0x", "0b1", "0o7", "1_0", "_1", "1e", "{ from = \"a\", minus = [\"b\"] }",
    "when = [{ column = \"a\", matches = \"[\" }]\n", "a.b.c.d = 1\n", "\"\" = 1\n", "script = \"../x\"\n", "script = \"adjust\"\n", "enabled = false\n", "tasks = [\"t\"]\n",
];

#[rustfmt::skip]
const NUMBERS: &[&str] = &[
    "0", "-0", "1", "-1", "0.0", "-0.0", "1e308", "1e309", "-1e309", "5e-324", "1e-400", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
    "18446744073709551616", "0x7fffffffffffffff", "0xffffffffffffffff", "99999999999999999999999999999999", "0.1", "2", "64", "255", "1000", "100000", "1e12", "1_000",
    "0b11", "0o17", "1.", ".5", "1.0.0", "NaN", "inf",
];

const ODD: &[&str] = &[
    "\0",
    "\u{feff}",
    "\u{200b}",
    "\u{2028}",
    "é",
    "ß",
    "日本",
    "🦀",
    "e\u{301}",
    "\u{202e}",
    "\r",
    "\r\n",
    "\t",
    "\u{b}",
    "\u{85}",
    "\u{7f}",
    "\u{1b}[31m",
    "Ω = 1",
    "ﬁ",
    "İ",
    "ǅ",
];

const WRAPS: &[(&str, &str)] = &[
    ("(", ")"),
    ("[", "]"),
    ("{", "}"),
    ("#{a:", "}"),
    ("{a=", "}"),
    ("-", ""),
    ("!", ""),
    ("if true {", "}"),
    ("`${", "}`"),
    ("/*", "*/"),
    ("a.", ""),
    ("1+", ""),
    ("[[", "]]"),
    ("|x| ", ""),
    ("switch 1 { _ => ", "}"),
    ("f(", ")"),
    ("while true {", "}"),
    ("x ?? ", ""),
    ("if x {} else ", ""),
    ("\\", "\""),
];

/// A mutation of a text of that kind, now and then of another.
pub fn mutated(pool: &[Input], kind: Kind, dice: &mut Dice) -> Input {
    let any = dice.below(40) == 0;
    // Half of them from the newer ones: what loads and what is new is put there.
    let from = if dice.below(2) == 0 { pool.len() / 2 } else { 0 };
    let fitting: Vec<&Input> = pool.iter().filter(|input| any || input.kind == kind).collect();
    let fitting = &fitting[from * fitting.len() / pool.len()..];
    let base = dice.of(fitting);
    let mut text = base.text.clone();
    if dice.below(6) == 0 {
        let other = &dice.of(fitting).text;
        let (cut, from) = (place(&text, dice), place(other, dice));
        text.truncate(cut);
        text.push_str(&other[from..]);
    }
    Input { name: base.name.clone(), kind, text: of(&text, kind, dice) }
}

/// A mutation of a text.
pub fn of(text: &str, kind: Kind, dice: &mut Dice) -> String {
    let mut text = text.to_owned();
    for _ in 0..[1, 1, 1, 2, 3, 6][dice.below(6)] {
        text = step(&text, kind, dice);
    }
    if text.len() > LONGEST {
        let end = (0..=LONGEST).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text.truncate(end);
    }
    text
}

/// A place between two characters.
fn place(text: &str, dice: &mut Dice) -> usize {
    let at = dice.below(text.len() + 1);
    (at..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
}

/// Words, numbers, blanks and single signs.
fn tokens(text: &str) -> Vec<&str> {
    let kind = |c: char| if c.is_alphanumeric() || c == '_' { 1 } else { 2 * u8::from(c.is_whitespace()) };
    let mut all = Vec::new();
    let mut start = 0;
    let mut last = None;
    for (at, c) in text.char_indices() {
        if last.is_some_and(|last| last == 0 || last != kind(c)) {
            all.push(&text[start..at]);
            start = at;
        }
        last = Some(kind(c));
    }
    all.push(&text[start..]);
    all
}

fn step(text: &str, kind: Kind, dice: &mut Dice) -> String {
    let insert = |text: &str, at: usize, what: &str| [&text[..at], what, &text[at..]].concat();
    let mut parts = tokens(text);
    let (first, second) = (dice.below(parts.len()), dice.below(parts.len()));
    match dice.below(17) {
        0 => {
            let mut bytes = text.as_bytes().to_vec();
            for _ in 0..=dice.below(3) {
                let at = dice.below(bytes.len().max(1));
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << dice.below(8);
                }
            }
            String::from_utf8_lossy(&bytes).into_owned()
        }
        1 => {
            parts.drain(first..parts.len().min(first + 1 + dice.below(4)));
            parts.concat()
        }
        2 => {
            parts.insert(second, parts[first]);
            parts.concat()
        }
        3 => {
            parts.swap(first, second);
            parts.concat()
        }
        4 => {
            let words = if kind == Kind::Script { RHAI } else { TOML };
            parts.insert(first, dice.of(words));
            parts.concat()
        }
        5 | 6 => {
            let numbers: Vec<usize> = (0..parts.len()).filter(|at| parts[*at].starts_with(|c: char| c.is_ascii_digit())).collect();
            let Some(at) = numbers.get(dice.below(numbers.len())) else { return insert(text, place(text, dice), dice.of(NUMBERS)) };
            parts[*at] = dice.of(NUMBERS);
            parts.concat()
        }
        7 => {
            let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
            let (one, other) = (dice.below(lines.len()), dice.below(lines.len()));
            match (dice.below(3), lines.is_empty()) {
                (_, true) => {}
                (0, _) => lines.swap(one, other),
                (1, _) => lines.insert(other, lines[one]),
                _ => drop(lines.remove(one)),
            }
            lines.concat()
        }
        8 => nested(text, &parts, first, dice),
        9 => insert(text, place(text, dice), dice.of(ODD)),
        10 => {
            // A part many times: long lines, long lists, long chains.
            let part = parts[first..parts.len().min(first + 1 + dice.below(8))].concat();
            let times = [3, 30, 300, 3_000][dice.below(4)].min(20_000 / part.len().max(1));
            parts.insert(first, "");
            [parts[..first].concat(), part.repeat(times), parts[first..].concat()].concat()
        }
        11 => {
            let (from, to) = (place(text, dice), place(text, dice));
            if dice.below(2) == 0 { text[..from].to_owned() } else { [&text[..from.min(to)], &text[from.max(to)..]].concat() }
        }
        12..=15 => alike(parts, dice),
        _ => {
            // Another word of the same text: names where they do not belong.
            let words: Vec<usize> = (0..parts.len()).filter(|at| parts[*at].starts_with(char::is_alphabetic)).collect();
            if words.is_empty() {
                return text.to_uppercase();
            }
            let (from, to) = (words[dice.below(words.len())], words[dice.below(words.len())]);
            parts[to] = parts[from];
            parts.concat()
        }
    }
}

const SIGNS: &[&[&str]] = &[&["==", "!=", "<", "<=", ">", ">="], &["&&", "||"], &["+", "-", "*", "/", "%", "**"], &["..", "..="]];

#[rustfmt::skip]
const FIELDS: &[&str] = &[
    "model", "model_family", "parameters_million", "hardware", "hardware_name", "hardware_type", "device_count", "device_memory_mb", "batch_size", "precision",
    "framework", "scenario", "throughput", "latency_ms", "ttft_ms", "memory_peak_mb", "results", "failed_results", "spread", "age_days", "provenance",
    "uncontested", "coverage", "compatibility", "confidence", "task", "requirements", "latency_sensitive", "as_of", "profile", "a", "b", "list", "on",
];

/// A sign, a field or a number in place of one of its own sort: what comes of it often loads, and then runs.
fn alike(mut parts: Vec<&str>, dice: &mut Dice) -> String {
    let (all, start) = (parts.len(), dice.below(parts.len()));
    for at in (0..all).map(|step| (start + step) % all) {
        let pair = [parts[at], parts.get(at + 1).copied().unwrap_or_default()].concat();
        if let Some(signs) = SIGNS.iter().find(|signs| at + 1 < all && signs.contains(&pair.as_str())) {
            parts[at] = dice.of(signs);
            parts[at + 1] = "";
        } else if let Some(signs) = SIGNS.iter().find(|signs| signs.contains(&parts[at])) {
            parts[at] = dice.of(signs);
        } else if at > 0 && parts[at - 1] == "." && FIELDS.contains(&parts[at]) {
            parts[at] = dice.of(FIELDS);
        } else if parts[at].starts_with(|c: char| c.is_ascii_digit()) {
            parts[at] = dice.of(NUMBERS);
        } else if ["true", "false"].contains(&parts[at]) {
            parts[at] = dice.of(&["true", "false"]);
        } else {
            continue;
        }
        break;
    }
    parts.concat()
}

/// Something deep around a part of the text, or put into it.
fn nested(text: &str, parts: &[&str], first: usize, dice: &mut Dice) -> String {
    let (open, close) = WRAPS[dice.below(WRAPS.len())];
    let depth = [1, 2, 5, 20, 60, 70, 130, 1_000, 5_000][dice.below(9)];
    let end = parts.len().min(first + dice.below(6));
    let inner = parts[first..end].concat();
    let around = [open.repeat(depth), inner, close.repeat(depth)].concat();
    if dice.below(8) == 0 {
        return format!("{text}{}", open.repeat(depth));
    }
    [parts[..first].concat(), around, parts[end..].concat()].concat()
}
