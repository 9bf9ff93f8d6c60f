//! Writes rules that use everything that is compiled, and some of what is not: every kind of value, of guard and of way out.

use crate::rule_text::Dice;

/// Rules (name, lines of the table, text).
pub fn rules(dice: &mut Dice<'_>) -> Vec<(String, String, String)> {
    let count = 1 + dice.roll(3);
    (0..count).map(|at| (format!("r{at}"), table(dice), rule(dice))).collect()
}

fn table(dice: &mut Dice<'_>) -> String {
    let mut lines = String::new();
    match dice.roll(20) {
        1 => lines.push_str("when = { hardware_types = [\"cuda\", \"rocm\"] }\n"),
        2 => lines.push_str("when = { tasks = [\"training\"] }\n"),
        3 => lines.push_str("when = { requirements = [\"latency-sensitive\"] }\n"),
        _ => {}
    }
    let a = of(dice, &["0.5", "1.2", "0", "-1.5", "1e12", "3.0", "0.1"]);
    let n = of(dice, &["1", "2", "0", "-3", "365", "3037000500", "9223372036854775807"]);
    let word = of(dice, &["fp8", "", "é", "🦀", "a'b", "A1"]);
    lines.push_str(&format!(
        "params = {{ a = {a}, n = {n}, on = {}, word = \"{word}\", words = [\"fp8\", \"cuda\", \"é\", \"\"], parts = [\"A1\", \"T4\", \"x\"], numbers = [0.5, 1, 100.0], none = [] }}\n",
        of(dice, &["true", "false"])
    ));
    lines
}

fn of<'t>(dice: &mut Dice<'_>, texts: &[&'t str]) -> &'t str {
    texts[dice.roll(texts.len())]
}

const HELPERS: &str = "const LIMIT = 3;
const SHARE = 0.25;
const NAMES = [\"cuda\", \"fp16\"];
fn size(x) { if x < 1 { 0 } else if x < 4 { 1.5 } else { 2 } }
fn percent(x) { `${(x * 1000.0).round() / 10.0} %` }
fn whole(x) { `${x.to_int()} GB` }
fn few(pair) { pair.results < global::LIMIT }
fn any_of(name, parts) { for part in parts { if name.contains(part) { return true; } } false }
fn which(name, parts) { let at = 0; for part in parts { if part == \"x\" { continue; } at += 1; if name.starts_with(part) { break; } } at }
fn why(pair) { if pair.uncontested { return \"\"; } if pair.results > 2 { return pair.hardware; } `${pair.hardware} (${pair.results})` }
fn or_none(x) { if x == () { return (); } if x > 2 { return; } x }
fn mean(a, b) { (a + b) / 2 }
";

/// Names that are taken by tests of the checks: an unused parameter or constant is a warning only.
fn rule(dice: &mut Dice<'_>) -> String {
    let mut text = HELPERS.to_owned();
    let hooks: &[&str] = [&["exclude"][..], &["adjust"][..], &["exclude", "adjust"][..]][dice.roll(3)];
    for hook in hooks {
        let mut writer = Writer { dice, hook, scope: Vec::new(), depth: 0, made: 0 };
        let parameters = if *hook == "adjust" { "score, pair, request" } else { "pair, request" };
        if *hook == "adjust" {
            writer.scope.push(("score".to_owned(), Type::Number));
        }
        let body = writer.body(1);
        let last = writer.result();
        text.push_str(&format!("fn {hook}({parameters}) {{\n{body}    {last}\n}}\n"));
    }
    text
}

#[derive(Clone, Copy, PartialEq)]
enum Type {
    /// An integer or a number.
    Number,
    Truth,
    Text,
}

struct Writer<'d, 'b> {
    dice: &'d mut Dice<'b>,
    hook: &'d str,
    scope: Vec<(String, Type)>,
    depth: usize,
    made: usize,
}

const MAYBE_NUMBERS: [&str; 11] = [
    "pair.batch_size",
    "pair.age_days",
    "pair.spread",
    "pair.latency_ms",
    "pair.parameters_million",
    "pair.device_memory_mb",
    "pair.throughput",
    "pair.memory_peak_mb",
    "pair.energy_j_per_item",
    "request.batch_size",
    "request.as_of",
];
const MAYBE_TEXTS: [&str; 6] =
    ["pair.precision", "pair.model_family", "pair.framework", "pair.scenario", "request.precision", "request.task"];
const NUMBERS: [&str; 6] =
    ["pair.results", "pair.device_count", "pair.failed_results", "pair.coverage", "pair.compatibility", "pair.confidence"];
const TEXTS: [&str; 7] =
    ["pair.hardware_type", "pair.hardware_name", "pair.provenance", "pair.hardware", "pair.model", "request.model", "request.profile"];

impl Writer<'_, '_> {
    fn of<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        of(self.dice, texts)
    }

    fn name(&mut self) -> String {
        self.made += 1;
        format!("v{}", self.made)
    }

    fn known(&mut self, kind: Type) -> Option<String> {
        let fits: Vec<&String> = self.scope.iter().filter(|(_, known)| *known == kind).map(|(name, _)| name).collect();
        if fits.is_empty() { None } else { Some(fits[self.dice.roll(fits.len())].clone()) }
    }

    /// Statements.
    fn body(&mut self, indent: usize) -> String {
        let pad = "    ".repeat(indent);
        let mut text = String::new();
        let scope = self.scope.len();
        for _ in 0..self.dice.roll(if indent == 1 { 5 } else { 3 }) {
            let statement = self.statement(indent);
            text.push_str(&format!("{pad}{statement}\n"));
        }
        if indent > 1 {
            self.scope.truncate(scope);
        }
        text
    }

    fn statement(&mut self, indent: usize) -> String {
        match self.dice.roll(16) {
            0..=2 if self.depth < 3 => {
                let condition = self.truth();
                let yes = self.block(indent);
                if self.dice.roll(2) == 0 {
                    format!("if {condition} {yes}")
                } else {
                    format!("if {condition} {yes} else {}", self.block(indent))
                }
            }
            3 | 4 => {
                let (value, name) = (self.number(), self.name());
                self.scope.push((name.clone(), Type::Number));
                format!("let {name} = {value};")
            }
            5 => {
                let (value, name) = (self.truth(), self.name());
                self.scope.push((name.clone(), Type::Truth));
                format!("let {name} = {value};")
            }
            6 => {
                let (value, name) = (self.text(), self.name());
                self.scope.push((name.clone(), Type::Text));
                format!("let {name} = {value};")
            }
            7 | 8 => match self.known(Type::Number) {
                Some(name) => format!("{name} {} {};", self.of(&["=", "+=", "*=", "-=", "/=", "%="]), self.number()),
                None => format!("let ignored = {};", self.number()),
            },
            9 if self.depth < 3 => self.switch(indent),
            10 => {
                let (field, name, nothing) = (self.of(&MAYBE_NUMBERS), self.name(), self.nothing());
                self.scope.push((name.clone(), Type::Number));
                format!("let {name} = {field};\n{}if {name} == () {{ return {nothing}; }}", "    ".repeat(indent))
            }
            11 => {
                let (field, name, nothing) = (self.of(&MAYBE_TEXTS), self.name(), self.nothing());
                self.scope.push((name.clone(), Type::Text));
                format!("let {name} = {field};\n{}if {name} == () {{ return {nothing}; }}", "    ".repeat(indent))
            }
            12 => match self.known(Type::Text) {
                Some(name) => format!("{name} {} {};", self.of(&["=", "+="]), self.text()),
                None => format!("let ignored = {};", self.text()),
            },
            13 => match self.known(Type::Truth) {
                Some(name) => format!("{name} = {};", self.truth()),
                None => format!("let ignored = {};", self.truth()),
            },
            14 => self.hard(),
            _ => format!("if {} {{ return {}; }}", self.truth(), self.effect()),
        }
    }

    /// What is not compiled, now and then.
    fn hard(&mut self) -> String {
        let name = self.name();
        let pad = "";
        match self.dice.roll(10) {
            0 => format!("{pad}let {name} = 0; while {name} < 3 {{ {name} += 1; }}"),
            1 => format!("{pad}let {name} = pair.hardware_name.to_upper();"),
            2 => format!("{pad}let {name} = [3, 1, 2]; {name}.sort();"),
            3 => format!("{pad}if {} {{ throw \"no\"; }}", self.truth()),
            4 => format!("{pad}let {name} = 0; for one in params.numbers {{ if one > {} {{ break; }} {name} += one; }}", self.number()),
            5 => format!("{pad}let {name} = which(pair.hardware_name, params.parts); if {name} > 1 {{ return {}; }}", self.effect()),
            6 => format!("{pad}let {name} = or_none(pair.batch_size) ?? {};", self.number()),
            8 => {
                let value = self.number();
                self.scope.push((name.clone(), Type::Number));
                format!("{pad}let {name} = {value}; for {name} in params.words {{ if {name}.len() > 0 {{ break; }} }}")
            }
            7 => format!("{pad}let {name} = or_none(pair.spread); if type_of({name}) == \"f64\" {{ return {}; }}", self.effect()),
            _ => format!("{pad}let {name} = why(pair); if {name} != \"\" {{ return {}; }}", self.effect()),
        }
    }

    fn block(&mut self, indent: usize) -> String {
        self.depth += 1;
        let pad = "    ".repeat(indent);
        let mut text = format!("{{\n{}", self.body(indent + 1));
        if self.dice.roll(3) == 0 {
            text.push_str(&format!("{pad}    return {};\n", self.effect()));
        }
        self.depth -= 1;
        text.push_str(&format!("{pad}}}"));
        text
    }

    fn switch(&mut self, indent: usize) -> String {
        let pad = "    ".repeat(indent);
        let (on, labels): (&str, &[&str]) = match self.dice.roll(5) {
            0 => ("pair.provenance", &["\"measured\"", "\"simulated\" | \"estimated\"", "\"other\"", "\"measured\" | \"other\""]),
            1 => ("pair.hardware_type", &["\"cuda\" | \"rocm\"", "\"cpu\"", "\"mps\" | \"\"", "\"é\""]),
            2 => ("pair.results", &["0", "1 | 2", "3", "2..5", "1..=3", "-1"]),
            3 => ("pair.precision", &["()", "\"fp8\"", "\"fp16\" | ()"]),
            _ => ("few(pair)", &["true", "false", "true | false"]),
        };
        let mut text = format!("switch {on} {{\n");
        let mut ranged = false;
        for _ in 0..=self.dice.roll(3) {
            let mut label = self.of(labels);
            if ranged && !label.contains("..") {
                label = "7..9";
            }
            ranged |= label.contains("..");
            let guard = if self.dice.roll(3) == 0 { format!(" if {}", self.truth()) } else { String::new() };
            text.push_str(&format!("{pad}    {label}{guard} => {}\n", self.block(indent + 1)));
        }
        if self.dice.roll(2) == 0 {
            text.push_str(&format!("{pad}    _ => {}\n", self.block(indent + 1)));
        }
        text.push_str(&format!("{pad}}}"));
        text
    }

    fn constant(&mut self) -> &'static str {
        self.of(&[
            "0",
            "1",
            "2",
            "4",
            "8",
            "0.5",
            "1.5",
            "-1",
            "0.25",
            "100",
            "7",
            "365.0",
            "0.0",
            "-0.0",
            "1e100",
            "1e-300",
            "1000000007",
            "3",
        ])
    }

    /// A number or an integer.
    fn number(&mut self) -> String {
        self.depth += 1;
        let text = match self.dice.roll(if self.depth > 4 { 5 } else { 19 }) {
            0 => self.constant().to_owned(),
            1 | 2 => self.of(&NUMBERS).to_owned(),
            3 => {
                self.of(&["params.a", "params.n", "global::LIMIT", "global::SHARE", "params.words.len()", "pair.hardware.len()"]).to_owned()
            }
            4 => self.known(Type::Number).unwrap_or_else(|| "1".to_owned()),
            5..=7 => format!("({} {} {})", self.number(), self.of(&["+", "-", "*", "/", "%", "*"]), self.number()),
            8 => format!("{}({}, {})", self.of(&["min", "max"]), self.number(), self.number()),
            9 => format!("{}({})", self.of(&["abs", "size", "-", "sqrt", "exp", "ln", "log", "to_float"]), self.number()),
            10 => {
                let (condition, one, other) = (self.truth(), self.number(), self.number());
                format!("(if {condition} {{ {one} }} else {{ {other} }})")
            }
            11 | 12 => format!("({} ?? {})", self.of(&MAYBE_NUMBERS), self.number()),
            13 => format!("({} * 1.0).{}", self.number(), self.of(&["round()", "floor()", "to_int()", "abs()", "ceiling()", "int()"])),
            14 => format!("({} ** {})", self.number(), self.of(&["2", "0.5", "1", "2.0", "0"])),
            15 => format!("mean({}, {})", self.number(), self.number()),
            16 => format!("which({}, params.parts)", self.plain_text()),
            17 => {
                let (on, a, b, c) = (self.plain_text(), self.number(), self.number(), self.number());
                format!("(switch {on} {{ \"cuda\" => {a}, \"cpu\" | \"fp8\" => {b}, _ => {c} }})")
            }
            _ => format!("({} ?? {} ?? {})", self.of(&MAYBE_NUMBERS), self.of(&MAYBE_NUMBERS), self.constant()),
        };
        self.depth -= 1;
        text
    }

    fn truth(&mut self) -> String {
        self.depth += 1;
        let compare = ["<", "<=", ">", ">=", "==", "!="];
        let text = match self.dice.roll(if self.depth > 4 { 9 } else { 18 }) {
            0 | 1 => format!("{} {} {}", self.number(), self.of(&compare), self.number()),
            2 => format!("{} {} {}", self.of(&NUMBERS), self.of(&compare), self.constant()),
            3 => {
                let (field, one, other) = (self.of(&MAYBE_NUMBERS), self.of(&compare), self.of(&compare));
                let (a, b) = (self.constant(), self.constant());
                format!("({field} != () && {field} {one} {a} && {field} {other} {b})")
            }
            4 => {
                let (field, sign, a) = (self.of(&MAYBE_NUMBERS), self.of(&compare), self.constant());
                format!("({field} == () || {field} {sign} {a})")
            }
            5 => self
                .of(&["pair.uncontested", "request.latency_sensitive", "params.on", "few(pair)", "!pair.uncontested", "true"])
                .to_owned(),
            6 => format!("{} {} {}", self.text(), self.of(&compare), self.text()),
            7 => format!("{} in {}", self.plain_text(), self.of(&["params.words", "[\"cuda\", \"fp16\"]", "global::NAMES", "[\"h\"]"])),
            8 => self.known(Type::Truth).unwrap_or_else(|| "pair.results > 1".to_owned()),
            9 | 10 => format!("({} && {})", self.truth(), self.truth()),
            11 | 12 => format!("({} || {})", self.truth(), self.truth()),
            13 => format!("!({})", self.truth()),
            14 => format!("{}.{}({})", self.plain_text(), self.of(&["contains", "starts_with", "ends_with"]), self.text()),
            15 => format!("any_of({}, params.parts)", self.plain_text()),
            16 => format!("{} in {}", self.number(), self.of(&["params.numbers", "[1, 2, 3]", "[0.5, 4]"])),
            _ => format!("({} in 1..5)", self.of(&["pair.results", "pair.device_count"])),
        };
        self.depth -= 1;
        text
    }

    /// A text that is one column.
    fn plain_text(&mut self) -> String {
        match self.dice.roll(6) {
            0..=2 => self.of(&TEXTS).to_owned(),
            3 => self.of(&["\"fp8\"", "params.word", "\"e\u{301}\"", "\"🦀\"", "\"\"", "\"a'b\"", "\"\\x00\""]).to_owned(),
            4 => self.known(Type::Text).unwrap_or_else(|| "pair.model".to_owned()),
            _ => format!("({} ?? {})", self.of(&MAYBE_TEXTS), self.of(&["\"none\"", "\"\"", "pair.hardware"])),
        }
    }

    fn text(&mut self) -> String {
        self.depth += 1;
        let text = match self.dice.roll(if self.depth > 4 { 3 } else { 9 }) {
            0..=3 => self.plain_text(),
            4 => format!("`${{{}}} of ${{{}}}`", self.number(), self.plain_text()),
            5 => format!("({} + {})", self.plain_text(), self.plain_text()),
            6 => format!("(if {} {{ {} }} else {{ {} }})", self.truth(), self.plain_text(), self.text()),
            7 => self.of(&["percent(pair.coverage)", "why(pair)", "whole(pair.confidence)", "`${pair.results}`"]).to_owned(),
            _ => format!("`${{{}}}/${{{}}}`", self.truth(), self.of(&["pair.batch_size", "pair.precision", "pair.spread", "params.a"])),
        };
        self.depth -= 1;
        text
    }

    /// A result without an effect.
    fn nothing(&mut self) -> &'static str {
        if self.hook == "exclude" { "()" } else { self.of(&["score", "#{ score: score }", "score * 1"]) }
    }

    /// Any result.
    fn effect(&mut self) -> String {
        match (self.hook, self.dice.roll(5)) {
            ("exclude", 0 | 1) => "()".to_owned(),
            ("exclude", 2) => "\"out\"".to_owned(),
            ("exclude", 3) => format!("`out: ${{{}}}`", self.number()),
            ("exclude", _) => self.text(),
            (_, 0) => self.nothing().to_owned(),
            (_, 1) => format!("score * {}", self.number()),
            (_, 2) => self.number(),
            (_, 3) => format!("#{{ score: score * {}, reason: {} }}", self.of(&["0.9", "1", "params.a"]), self.text()),
            _ => format!("#{{ score: {}, reason: `${{{}}} and ${{{}}}` }}", self.number(), self.number(), self.text()),
        }
    }

    fn result(&mut self) -> String {
        if self.dice.roll(3) == 0 && self.depth < 3 {
            let (condition, one, other) = (self.truth(), self.effect(), self.effect());
            return format!("if {condition} {{ {one} }} else {{ {other} }}");
        }
        self.effect()
    }
}
