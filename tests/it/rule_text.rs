//! Writes rules from choices: conditions over fields and parameters, nested branches, locals, helpers, `switch`, arithmetic.
//! Every branch begins with a mark `/*bN*/`. Fields that may be missing are guarded, so that the rules load.

/// A string of choices; when it is used up, every choice is the first.
pub struct Dice<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Dice<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// A choice below `sides`.
    pub fn roll(&mut self, sides: usize) -> usize {
        let byte = self.bytes.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        usize::from(byte) % sides
    }

    fn of<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        texts[self.roll(texts.len())]
    }
}

/// Rules (name, lines of the table, text).
pub fn rules(dice: &mut Dice<'_>) -> Vec<(String, String, String)> {
    let count = 1 + dice.roll(3);
    let simple = dice.roll(5) < 3;
    let mut condition = None;
    (0..count)
        .map(|at| {
            let table = table(dice);
            let text = if simple { simple_rule(dice, &mut condition) } else { rule(dice) };
            (format!("r{at}"), table, text)
        })
        .collect()
}

fn table(dice: &mut Dice<'_>) -> String {
    let mut lines = String::new();
    match dice.roll(14) {
        1 => lines.push_str("when = { hardware_types = [\"cuda\", \"rocm\"] }\n"),
        2 => lines.push_str("when = { tasks = [\"training\"] }\n"),
        3 => lines.push_str("when = { requirements = [\"latency-sensitive\"] }\n"),
        4 => lines.push_str("when = { tasks = [\"training\", \"inference\"], hardware_types = [\"cpu\"] }\n"),
        _ => {}
    }
    let (a, b) = (dice.of(&["1", "4", "0.5", "8", "0"]), dice.of(&["0.5", "1.0", "2", "1", "-1"]));
    lines.push_str(&format!("params = {{ a = {a}, b = {b}, on = {}, list = [\"fp8\", \"cuda\"] }}\n", dice.of(&["true", "false"])));
    lines
}

/// A rule of one condition and one effect; often that of the rule before it and more, so that rules cover each other.
fn simple_rule(dice: &mut Dice<'_>, before: &mut Option<String>) -> String {
    let mut writer = Writer { dice, marks: 0, names: Vec::new(), flags: Vec::new(), hook: "exclude", depth: 0 };
    let count = 1 + writer.dice.roll(2);
    let sign = writer.dice.of(&[" && ", " || "]);
    let mut condition = (0..count).map(|_| writer.simple_condition()).collect::<Vec<_>>().join(sign);
    if let Some(before) = before
        && writer.dice.roll(2) == 0
    {
        condition = format!("({before}) && ({condition})");
    }
    *before = Some(condition.clone());
    let (mark, last) = (writer.mark(), writer.mark());
    // Both hooks, so that what one does may leave nothing to the other.
    if writer.dice.roll(3) == 0 {
        let (more, other) = (writer.simple_condition(), writer.mark());
        let own =
            [format!("({condition}) && {more}"), format!("{more} && ({condition})"), condition.clone(), more][writer.dice.roll(4)].clone();
        let effect = writer.dice.of(&["score * 0.5", "#{ score: score, reason: \"why\" }", "score"]);
        let rest = writer.dice.of(&["score", "score * 0.9"]);
        return format!(
            "fn exclude(pair, request) {{\n    if {condition} {{ {mark} return \"out\"; }}\n}}\nfn adjust(score, pair, request) {{\n    if {own} {{ {other} return {effect}; }}\n    {last} {rest}\n}}\n"
        );
    }
    if writer.dice.roll(4) == 0 {
        format!("fn adjust(score, pair, request) {{\n    if {condition} {{ {mark} return score * 0.5; }}\n    {last} score\n}}\n")
    } else {
        format!("fn exclude(pair, request) {{\n    if {condition} {{ {mark} return \"out\"; }}\n}}\n")
    }
}

fn rule(dice: &mut Dice<'_>) -> String {
    let mut text = String::from("const C = 3;\n");
    text.push_str("fn small(x) { if x < 1 { /*b900*/ 0 } else if x < 4 { /*b901*/ 1 } else { /*b902*/ 2 } }\n");
    text.push_str("fn few(pair) { pair.results < global::C }\n");
    let hooks: &[&str] = [&["exclude"][..], &["adjust"][..], &["exclude", "adjust"][..]][dice.roll(3)];
    let mut marks = 0;
    for hook in hooks {
        let mut writer = Writer { dice, marks, names: Vec::new(), flags: Vec::new(), hook, depth: 0 };
        let parameters = if *hook == "adjust" { "score, pair, request" } else { "pair, request" };
        let body = writer.body(1);
        let last = format!("{} {}", writer.mark(), writer.effect());
        marks = writer.marks;
        text.push_str(&format!("fn {hook}({parameters}) {{\n{body}    {last}\n}}\n"));
    }
    text
}

/// Writes one hook.
struct Writer<'d, 'b> {
    dice: &'d mut Dice<'b>,
    marks: usize,
    /// Locals that hold numbers.
    names: Vec<String>,
    /// Locals that hold truth values.
    flags: Vec<String>,
    hook: &'d str,
    depth: usize,
}

impl Writer<'_, '_> {
    fn mark(&mut self) -> String {
        self.marks += 1;
        format!("/*b{}*/", self.marks)
    }

    /// A condition over few fields. Some cannot be said exactly of one field: those must not be taken to cover others.
    fn simple_condition(&mut self) -> String {
        let sign = self.dice.of(&["<", "<=", ">", ">=", "==", "!="]);
        match self.dice.roll(11) {
            0 | 1 => format!("pair.results {sign} {}", self.dice.of(&["0", "1", "2", "3", "4", "8", "2.5"])),
            2 => format!("pair.device_count {sign} {}", self.dice.of(&["1", "2", "4", "8", "0"])),
            3 => format!("pair.coverage {sign} {}", self.dice.of(&["0.5", "1", "0.25", "0.75", "0", "1.5"])),
            4 => format!(
                "pair.provenance {} {}",
                self.dice.of(&["==", "!="]),
                self.dice.of(&["\"measured\"", "\"estimated\"", "\"simulated\""])
            ),
            5 => format!("pair.hardware_type in {}", self.dice.of(&["[\"cuda\"]", "[\"cuda\", \"rocm\"]", "params.list"])),
            6 => format!("(pair.batch_size ?? 1) {sign} {}", self.dice.of(&["1", "4", "8", "params.a"])),
            7 => format!("pair.results {sign} pair.device_count"),
            8 => format!("pair.results * 2 {sign} {}", self.dice.of(&["2", "4", "5"])),
            9 => format!("100 / pair.failed_results {sign} {}", self.dice.of(&["1", "10", "200"])),
            _ => format!("pair.hardware_name.contains({})", self.dice.of(&["\"1\"", "\"A\"", "\"h\""])),
        }
    }

    /// Statements.
    fn body(&mut self, indent: usize) -> String {
        let pad = "    ".repeat(indent);
        let mut text = String::new();
        let (names, flags) = (self.names.len(), self.flags.len());
        for _ in 0..self.dice.roll(4) {
            text.push_str(&format!("{pad}{}\n", self.mark()));
            match self.dice.roll(9) {
                0..=3 if self.depth < 3 => {
                    let condition = self.condition();
                    let (mark, inner) = (self.mark(), self.inner(indent + 1));
                    text.push_str(&format!("{pad}if {condition} {{ {mark}\n{inner}{pad}}}"));
                    if self.dice.roll(2) == 0 {
                        let (mark, inner) = (self.mark(), self.inner(indent + 1));
                        text.push_str(&format!(" else {{ {mark}\n{inner}{pad}}}"));
                    }
                    text.push('\n');
                }
                4 => {
                    let value = self.number();
                    let name = format!("n{}", self.names.len());
                    text.push_str(&format!("{pad}let {name} = {value};\n"));
                    self.names.push(name);
                }
                5 => {
                    let value = self.condition();
                    let name = format!("f{}", self.flags.len());
                    text.push_str(&format!("{pad}let {name} = {value};\n"));
                    self.flags.push(name);
                }
                6 if !self.names.is_empty() => {
                    let name = self.names[self.dice.roll(self.names.len())].clone();
                    let sign = self.dice.of(&["=", "+=", "*=", "-="]);
                    let value = self.number();
                    text.push_str(&format!("{pad}{name} {sign} {value};\n"));
                }
                7 if self.depth < 3 => text.push_str(&self.switch(indent)),
                8 => {
                    // What is missing is passed by with an early return.
                    let field = self.dice.of(&["pair.batch_size", "pair.age_days", "pair.spread", "pair.latency_ms"]);
                    let (name, mark, value) = (format!("n{}", self.names.len()), self.mark(), self.nothing());
                    text.push_str(&format!("{pad}let {name} = {field};\n{pad}if {name} == () {{ {mark} return {value}; }}\n"));
                    self.names.push(name);
                }
                _ => {
                    let condition = self.condition();
                    let (mark, effect) = (self.mark(), self.effect());
                    text.push_str(&format!("{pad}if {condition} {{ {mark} return {effect}; }}\n"));
                }
            }
        }
        self.names.truncate(names.max(if indent == 1 { self.names.len() } else { 0 }));
        self.flags.truncate(flags.max(if indent == 1 { self.flags.len() } else { 0 }));
        text
    }

    /// The inside of a branch, which may end in a return.
    fn inner(&mut self, indent: usize) -> String {
        self.depth += 1;
        let mut text = self.body(indent);
        let pad = "    ".repeat(indent);
        if self.dice.roll(3) == 0 {
            text.push_str(&format!("{pad}{} return {};\n", self.mark(), self.effect()));
            if self.dice.roll(6) == 0 {
                text.push_str(&format!("{pad}{} let after = 1;\n", self.mark()));
            }
        }
        self.depth -= 1;
        text
    }

    fn switch(&mut self, indent: usize) -> String {
        let pad = "    ".repeat(indent);
        let (on, labels): (&str, &[&str]) = match self.dice.roll(4) {
            0 => (
                "pair.provenance",
                &["\"measured\"", "\"simulated\" | \"estimated\"", "\"other\"", "\"measured\" | \"other\"", "\"estimated\""],
            ),
            1 => ("pair.hardware_type", &["\"cuda\" | \"rocm\"", "\"cpu\"", "\"mps\"", "\"cuda\""]),
            2 => ("pair.results", &["0", "1 | 2", "3", "2..5", "1..=3", "-1"]),
            _ => ("small(pair.device_count)", &["0", "1", "2", "3", "0..2"]),
        };
        let mut text = format!("{pad}switch {on} {{\n");
        let mut ranged = false;
        for _ in 0..=self.dice.roll(3) {
            let mut label = self.dice.of(labels);
            // Plain integers may not follow a range.
            if ranged && !label.contains("..") {
                label = "7..9";
            }
            ranged |= label.contains("..");
            let condition = if self.dice.roll(3) == 0 { format!(" if {}", self.condition()) } else { String::new() };
            let (mark, inner) = (self.mark(), self.inner(indent + 2));
            text.push_str(&format!("{pad}    {label}{condition} => {{ {mark}\n{inner}{pad}    }}\n"));
        }
        if self.dice.roll(2) == 0 {
            let (mark, inner) = (self.mark(), self.inner(indent + 2));
            text.push_str(&format!("{pad}    _ => {{ {mark}\n{inner}{pad}    }}\n"));
        }
        text.push_str(&format!("{pad}}}\n"));
        text
    }

    fn condition(&mut self) -> String {
        self.depth += 1;
        let text = match self.dice.roll(if self.depth > 4 { 9 } else { 13 }) {
            2 => format!("{} {} {}", self.number(), self.dice.of(&["<", "<=", ">", ">=", "==", "!="]), self.number()),
            3 => {
                let field =
                    self.dice.of(&["pair.batch_size", "pair.age_days", "pair.spread", "pair.latency_ms", "pair.parameters_million"]);
                let (one, other) = (self.dice.of(&["<", ">=", "=="]), self.dice.of(&["<=", ">", "!="]));
                let (a, b) = (self.constant(), self.constant());
                format!("({field} != () && {field} {one} {a} && {field} {other} {b})")
            }
            4 => {
                let field = self.dice.of(&["pair.batch_size", "pair.age_days", "pair.spread"]);
                let (sign, a) = (self.dice.of(&["<", ">=", "=="]), self.constant());
                format!("({field} == () || {field} {sign} {a})")
            }
            5 => self
                .dice
                .of(&["pair.uncontested", "request.latency_sensitive", "params.on", "few(pair)", "!pair.uncontested", "true"])
                .to_owned(),
            6 => {
                let text = self.dice.of(&["\"fp8\"", "\"fp16\"", "\"\""]);
                format!("(pair.precision ?? request.precision ?? \"fp16\") {} {text}", self.dice.of(&["==", "!=", "<"]))
            }
            7 => format!(
                "(request.task ?? \"none\") {} {}",
                self.dice.of(&["==", "!="]),
                self.dice.of(&["\"training\"", "\"inference\"", "\"none\""])
            ),
            8 if !self.flags.is_empty() => self.flags[self.dice.roll(self.flags.len())].clone(),
            9 => format!("({} && {})", self.condition(), self.condition()),
            10 => format!("({} || {})", self.condition(), self.condition()),
            11 => format!("!({})", self.condition()),
            _ => self.simple_condition(),
        };
        self.depth -= 1;
        text
    }

    fn constant(&mut self) -> &'static str {
        self.dice.of(&["0", "1", "2", "4", "8", "0.5", "1.5", "-1", "0.25", "100", "7"])
    }

    fn number(&mut self) -> String {
        self.depth += 1;
        let text = match self.dice.roll(if self.depth > 4 { 5 } else { 12 }) {
            0 => self.constant().to_owned(),
            1 => self.dice.of(&["pair.results", "pair.device_count", "pair.failed_results"]).to_owned(),
            2 => self.dice.of(&["pair.coverage", "pair.compatibility", "pair.confidence"]).to_owned(),
            3 => self.dice.of(&["params.a", "params.b", "global::C"]).to_owned(),
            4 if self.hook == "adjust" => "score".to_owned(),
            5 if !self.names.is_empty() => self.names[self.dice.roll(self.names.len())].clone(),
            6 => format!("({} {} {})", self.number(), self.dice.of(&["+", "-", "*", "/", "%"]), self.number()),
            7 => format!("{}({}, {})", self.dice.of(&["min", "max"]), self.number(), self.number()),
            8 => format!("{}({})", self.dice.of(&["abs", "small", "-"]), self.number()),
            9 => {
                let (condition, one, other) = (self.condition(), self.number(), self.number());
                let (first, second) = (self.mark(), self.mark());
                format!("(if {condition} {{ {first} {one} }} else {{ {second} {other} }})")
            }
            10 => format!(
                "({} ?? {})",
                self.dice.of(&["pair.batch_size", "pair.spread", "pair.age_days", "request.batch_size"]),
                self.number()
            ),
            _ => format!("({} * 1.0).{}", self.number(), self.dice.of(&["round()", "floor()", "to_int()", "abs()"])),
        };
        self.depth -= 1;
        text
    }

    /// A result without an effect.
    fn nothing(&mut self) -> &'static str {
        if self.hook == "exclude" { "()" } else { self.dice.of(&["score", "#{ score: score }", "score * 1"]) }
    }

    /// Any result.
    fn effect(&mut self) -> String {
        match (self.hook, self.dice.roll(3)) {
            (_, 0) => self.nothing().to_owned(),
            ("exclude", 1) => "\"out\"".to_owned(),
            ("exclude", _) => "`${pair.results} results`".to_owned(),
            (_, 1) => format!("score * {}", self.dice.of(&["0.5", "params.b", "1.0", "2"])),
            _ => format!("#{{ score: score * {}, reason: {} }}", self.dice.of(&["0.9", "1"]), self.dice.of(&["\"why\"", "\"\""])),
        }
    }
}
