//! What scripts cannot do: hang, take all memory, overflow the stack, or end the process.
//!
//! Every script runs on a thread with the stack of an ordinary one (2 MB): an overflow would end the whole test run.

use std::fmt::Write as _;

use super::evaluate::Evaluator;
use super::limits::Limits;
use super::records::{Pair, RuleRequest, Verdict};
use super::set::RuleSet;

const SCORING: &str = include_str!("../../config/scoring.toml");

/// What comes of a script as the only rule of a set: the faults, or what its hook says of one pair.
fn outcome(script: &str) -> String {
    outcome_within(script, &Limits { seconds: 1.0, ..Limits::default() })
}

fn outcome_within(script: &str, limits: &Limits) -> String {
    let (script, limits) = (script.to_owned(), *limits);
    let ended = std::thread::Builder::new().stack_size(2 << 20).spawn(move || judged(&script, &limits)).unwrap().join();
    ended.unwrap_or_else(|_| "PANIC".to_owned())
}

fn judged(script: &str, limits: &Limits) -> String {
    let list = "[[rule]]\nscript = \"attack\"\ntitle = \"attack\"\n";
    let files = [("config/scoring.toml", SCORING), ("config/rules.toml", list), ("rules/attack.rhai", script)];
    let set = match RuleSet::compile_within(&files, limits) {
        Ok(set) => set,
        Err(errors) => return format!("rejected: {}", errors.0[0].line()),
    };
    let pair = Pair { model: "m".to_owned(), hardware: "A".to_owned(), ..Pair::default() };
    match set.evaluator().judge(&pair, 0.5, &RuleRequest::default(), false) {
        Ok(Verdict::Scored { score, .. }) => format!("scored {score}"),
        Ok(Verdict::Excluded { reason, .. }) => format!("excluded {}", reason.len()),
        Ok(Verdict::Failed { message, .. }) => format!("failed: {message}"),
        Err(error) => format!("ended {}: {}", error.exit_code(), error.message),
    }
}

fn adjust(body: &str) -> String {
    format!("fn adjust(score, pair, request) {{\n{body}\n}}")
}

/// A text for each number.
fn each(count: usize, text: impl Fn(usize) -> String) -> String {
    (0..count).map(text).collect()
}

fn nested(open: &str, inner: &str, close: &str, depth: usize) -> String {
    format!("{}{inner}{}", open.repeat(depth), close.repeat(depth))
}

#[test]
fn scripts_that_nest_without_end_are_refused_where_they_are_read() {
    let n = 100_000;
    let chain = |sep: &str, item: &str, n: usize| vec![item; n].join(sep);
    let mut functions = String::new();
    for k in 0..150 {
        let _ = writeln!(functions, "fn f{k}(x) {{ {} }}", nested("if x > 0 { ", "x", " } else { 0 }", 10));
    }
    let cases: Vec<(&str, String)> = vec![
        ("parens", adjust(&nested("(", "score", ")", n))),
        ("unary", adjust(&format!("{}score", "-".repeat(n)))),
        ("not", adjust(&format!("if {}true {{ score }} else {{ score }}", "!".repeat(n)))),
        ("arrays", adjust(&format!("let a = {}; score", nested("[", "1", "]", n)))),
        ("maps", adjust(&format!("let a = {}; score", nested("#{a:", "1", "}", n)))),
        ("blocks", adjust(&nested("{", "score", "}", n))),
        ("ifs", adjust(&nested("if true {", "score", "}", n))),
        ("else ifs", adjust(&format!("{} {{ score }}", "if score > 2.0 { score } else ".repeat(n)))),
        ("sum", adjust(&chain("+", "score", n))),
        ("and", adjust(&format!("let x = {}; score", chain("&&", "true", n)))),
        ("coalesce", adjust(&chain("??", "score", n))),
        ("dots", adjust(&format!("let x = pair{}; score", ".a".repeat(n)))),
        ("calls", adjust(&format!("let x = score{}; score", ".abs()".repeat(n)))),
        ("indexes", adjust(&format!("let a = [1]; let x = a{}; score", "[0]".repeat(n)))),
        ("closures", adjust(&format!("let f = {}score; score", "|x| ".repeat(n)))),
        ("interpolation", adjust(&format!("let s = {}; score", nested("`${", "1", "}`", n)))),
        ("comments", format!("{}{}", nested("/*", "", "*/", n), adjust("score"))),
        ("statements", adjust(&format!("{} score", "let x = 1;".repeat(n)))),
        ("switch", adjust(&format!("switch 1 {{ {} _ => score }}", each(n, |k| format!("{k} => score,"))))),
        ("nested switch", adjust(&nested("switch 1 { _ => ", "score", "}", n))),
        ("power", adjust(&chain("**", "score", n))),
        ("assign", adjust(&format!("let a = 1; {} 1; score", "a = ".repeat(n)))),
        ("call args", adjust(&format!("abs{}", nested("(abs", "(score)", ")", n)))),
        ("long ident", adjust(&"a".repeat(900_000))),
        ("functions", format!("{functions}{}", adjust("score"))),
        ("try", adjust(&nested("try {", "score", "} catch { score }", n))),
        ("while", adjust(&nested("while true {", "score", "}", n))),
    ];
    let harmless = ["comments", "statements", "switch", "functions"];
    for (name, script) in cases {
        let text = outcome(&script);
        assert_eq!(text.starts_with("rejected: rules/attack.rhai:2:"), !harmless.contains(&name), "{name}: {text}");
        assert!(
            harmless.contains(&name) || ["unary", "assign", "long ident"].contains(&name) || text.contains("maximum complexity"),
            "{name}: {text}"
        );
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of scripts")]
fn scripts_that_run_wild_end_at_a_limit() {
    let deep = |call: &str| nested("1.0 + (", call, ")", 12);
    let cases: Vec<(&str, String)> = vec![
        ("recursion through nesting", format!("fn f(x) {{ if x < 0.0 {{ return x; }} {} }}\n{}", deep("f(x)"), adjust("f(1.0)"))),
        (
            "recursion through blocks",
            format!("fn f(x) {{ {} }}\n{}", nested("if x > 0.0 { ", "f(x)", " } else { 0.0 }", 12), adjust("f(1.0)")),
        ),
        ("closure recursion", adjust("let f = |g, x| g.call(g, x + 1); f.call(f, 1); score")),
        ("doubling", adjust("let s = \"aaaaaaaaaa\"; loop { s += s; } score")),
        ("replace", adjust("let s = \"a\"; s.pad(10000, \"a\"); let t = s; s.replace(\"a\", t); score")),
        ("pad", adjust("let s = \"a\"; s.pad(1000000000, \"a\"); score")),
        ("pad list", adjust("let a = [1]; a.pad(1000000000, 1); score")),
        ("pad list of texts", adjust("let s = \"a\"; s.pad(9000, \"a\"); let a = []; a.pad(1000, s); score")),
        ("nested lists", adjust("let a = [1,2,3,4,5,6,7,8,9,10]; loop { a = [a,a,a,a,a,a,a,a,a,a]; } score")),
        ("deep lists", adjust("let a = [1]; loop { a = [a]; } score")),
        ("nested maps", adjust("let a = #{x: 1}; loop { a = #{x: a, y: a, z: a}; } score")),
        ("deep maps", adjust("let a = #{x: 1}; loop { a = #{x: a}; } score")),
        ("map keys", adjust("let a = #{}; let i = 0; loop { a[`k${i}`] = i; i += 1; } score")),
        ("curry", adjust("let f = Fn(\"g\"); loop { f = f.curry(f); } score") + "\nfn g(x) { x }"),
        ("curry twice", adjust("let f = Fn(\"g\"); loop { f = f.curry(f).curry(f); } score") + "\nfn g(x) { x }"),
        (
            "curry a text",
            adjust("let s = \"a\"; s.pad(10000, \"a\"); let f = Fn(\"g\"); loop { f = f.curry(s + `${s.len}`.len); } score")
                + "\nfn g(x) { x }",
        ),
        ("captured", adjust("let a = [1]; let f = || a; loop { a.push(f); a.push(a); } score")),
        ("captured in a list", adjust("let x = 1; let f = || x; let a = [x]; a.push(x); a[0] = x; score")),
        ("captured in a map", adjust("let x = 1; let f = || x; let a = #{y: x}; a.z = x; score")),
        ("self capture", adjust("let a = []; let f = || a; a.push(a); a.push(a); a.push(a); score")),
        ("split", adjust("let s = \"a\"; s.pad(10000, \"a\"); let a = s.split(\"\"); score")),
        ("chars", adjust("let s = \"a\"; s.pad(10000, \"a\"); let a = []; for c in s { a.push(c); } score")),
        ("range", adjust("for i in 0..1000000000 { } score")),
        ("range list", adjust("let a = []; for i in range(0, 9000000000000000000, 1) { a.push(i); } score")),
        (
            "sort",
            adjust(
                "let a = []; for i in 0..1000 { a.push((i * 7919) % 1009); } for k in 0..100 { a.sort(|x, y| if x > y { 1 } else { -1 }); } score",
            ),
        ),
        ("sort inconsistently", adjust("let a = []; for i in 0..200 { a.push(i); } a.sort(|x, y| 1); score")),
        ("sort mixed", adjust("let a = [1, \"a\", 2.0, ()]; a.sort(); score")),
        ("print", adjust("let a = []; for i in 0..900 { a.push(i); } let s = \"\"; loop { s = `${a}${a}`; } score")),
        ("variables", adjust(&each(200, |k| format!("let v{k} = 1;")))),
        ("shift", adjust("let x = 1 << 100; score")),
        ("shift negative", adjust("let x = 1 << -100; score")),
        ("power", adjust("let x = 10 ** 1000; score")),
        ("min int", adjust("let x = -9223372036854775807 - 1; let y = abs(x); score")),
        ("neg min", adjust("let x = -9223372036854775807 - 1; let y = x / -1; score")),
        ("mod min", adjust("let x = -9223372036854775807 - 1; let y = x % -1; score")),
        ("mod zero", adjust("let y = 1 % 0; score")),
        ("neg", adjust("let x = -9223372036854775807 - 1; let y = -x; score")),
        ("bits", adjust("let x = 5; x.set_bit(1000, true); score")),
        ("bits range", adjust("let x = 5; let y = get_bits(x, 60, 60); score")),
        ("sub_string", adjust("let s = \"abc\"; let t = s.sub_string(-9223372036854775807, 9223372036854775807); score")),
        ("crop", adjust("let s = \"abc\"; s.crop(-9223372036854775807 - 1, 9223372036854775807); score")),
        ("insert", adjust("let a = [1]; a.insert(-9223372036854775807 - 1, 1); score")),
        ("splice", adjust("let a = [1]; a.splice(-9223372036854775807 - 1, 9223372036854775807, [1]); score")),
        ("extract", adjust("let a = [1]; let b = a.extract(-9223372036854775807 - 1, 9223372036854775807); score")),
        ("chop", adjust("let a = [1]; a.chop(-9223372036854775807 - 1); score")),
        ("parse_int", adjust("let x = parse_int(\"99\", 1000); score")),
        ("parse_int radix", adjust("let x = parse_int(\"99\", -5); score")),
        ("step", adjust("for i in range(0, 10, 0) { } score")),
        ("step float", adjust("for i in range(0.0, 1.0, 1e-300) { } score")),
        ("step min", adjust("for i in range(9223372036854775807, -9223372036854775807 - 1, -9223372036854775807 - 1) { } score")),
        ("index", adjust("let a = [1]; a[9223372036854775807] = 1; score")),
        ("index min", adjust("let a = [1]; let b = a[-9223372036854775807 - 1]; score")),
        ("string index", adjust("let a = \"abc\"; let b = a[-9223372036854775807 - 1]; score")),
        ("bit index", adjust("let a = 5; let b = a[-9223372036854775807 - 1]; score")),
        ("slices", adjust("let a = \"abc\"; let b = a[2..-5]; score")),
        ("round", adjust("let a = 1e300.round(); let b = 1e300.to_int(); score")),
        ("char", adjust("let a = to_char(-1); score")),
        ("json", adjust("let a = #{x: 1}; let b = a.to_json(); score")),
        ("throws a big one", adjust("let s = \"a\"; s.pad(10000, \"a\"); throw s;")),
        ("is_shared", adjust("let x = 1; let f = || x; let y = is_shared(x); score")),
        ("recursion in a closure list", adjust("let f = [|x| x]; let g = f[0]; g.call(g); score")),
        ("map with fn", adjust("let a = []; a.pad(1000, 1); for i in 0..1000 { a = a.map(|x| x + 1); } score")),
        ("reduce", adjust("let a = []; a.pad(1000, \"aaaaaaaaaa\"); let s = a.reduce(|sum, x| sum + x, \"\"); score")),
        ("retain", adjust("let a = [1,2,3]; a.retain(|x| { x > 1 }); let b = a.drain(|x| true); score")),
        ("eval", adjust("let f = Fn(\"eval\"); f.call(\"1\"); score")),
        ("timestamp", adjust("let t = timestamp(); score")),
        ("sleep", adjust("sleep(10); score")),
        ("debug", adjust("debug(1); score")),
        ("call fn by name", adjust("call(\"f\"); score")),
        ("fn print", adjust("let f = Fn(\"print\"); f.call(1); score")),
    ];
    // Of these the rest either fails on its pair or is harmless: what matters is that it comes back at all.
    let limited = [
        ("call_levels", &["recursion through nesting", "recursion through blocks", "closure recursion"][..]),
        ("string", &["doubling", "replace", "pad", "pad list of texts"]),
        ("list", &["pad list", "nested lists", "deep lists", "split", "chars", "range list"]),
        ("map", &["nested maps", "deep maps"]),
        ("operations", &["map keys", "range", "step float"]),
    ];
    let refused =
        ["curry", "curry twice", "curry a text", "bits", "bits range", "timestamp", "sleep", "debug", "char", "sort mixed", "variables"];
    for (name, script) in cases {
        // Time must not be what ends those that end at another limit, however busy the machine.
        let seconds = if limited.iter().any(|(_, names)| names.contains(&name)) { 60.0 } else { 1.0 };
        let text = outcome_within(&script, &Limits { seconds, ..Limits::default() });
        let (kind, rest) = text.split_once([':', ' ']).unwrap_or((&text, ""));
        assert!(["scored", "failed", "ended", "rejected"].contains(&kind), "{name}: {text}");
        // What surely fails is found before it runs, limits included.
        if text.contains("[R218]") {
            continue;
        }
        assert_eq!(kind == "rejected", refused.contains(&name), "{name}: {text}");
        if let Some((key, _)) = limited.iter().find(|(_, names)| names.contains(&name)) {
            assert!(rest.starts_with("1: rule `attack` exceeded a limit of the sandbox on m x A at rules/attack.rhai:"), "{name}: {text}");
            assert!(text.contains(&format!("(`{key}` in [sandbox] of suitor.toml)")), "{name}: {text}");
        }
    }
    let peak = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = peak.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    assert!(peak.is_none_or(|kilobytes| kilobytes < 1_000_000), "{peak:?} kB");
}

#[test]
fn toml_that_nests_without_end_is_refused() {
    let toml: Vec<(&str, String)> = vec![
        ("arrays", format!("a = {}", nested("[", "1", "]", 100_000))),
        ("inline", format!("a = {}", nested("{a=", "1", "}", 100_000))),
        ("dotted", format!("{} = 1", vec!["a"; 100_000].join("."))),
        ("header", format!("[{}]", vec!["a"; 100_000].join("."))),
        ("array header", format!("[[{}]]", vec!["a"; 100_000].join("."))),
        ("open", "[".repeat(100_000)),
        ("open values", format!("a = {}", "[".repeat(100_000))),
        ("strings", format!("a = {}", "\"".repeat(100_000))),
        ("params", format!("[[rule]]\nscript = \"x\"\ntitle = \"x\"\n[rule.params]\na = {}", nested("[", "1", "]", 70))),
        ("many headers", each(20_000, |k| format!("[a{k}]\n"))),
    ];
    for (name, text) in toml {
        let ended = std::thread::Builder::new().stack_size(2 << 20).spawn(move || {
            let scoring = RuleSet::compile(&[("config/scoring.toml", text.as_str()), ("config/rules.toml", "")]);
            let rules = RuleSet::compile(&[("config/scoring.toml", SCORING), ("config/rules.toml", text.as_str())]);
            (scoring.is_err(), rules.is_err(), Limits::parse(&text).is_err())
        });
        assert_eq!(ended.unwrap().join().unwrap(), (true, true, true), "{name}");
    }
}

#[test]
fn depth_that_the_limits_admit_fits_on_the_stack() {
    let most = Limits { call_levels: 32, list: 10_000, map: 10_000, operations: 10_000_000, seconds: 60.0, ..Limits::default() };
    let deep = format!("fn f(x) {{ if x < 0.0 {{ return x; }} {} }}\n{}", nested("1.0 + (", "f(x)", ")", 12), adjust("f(1.0)"));
    assert!(outcome_within(&deep, &most).contains("more than 32 calls within each other"));
    let lists = adjust("let a = [1];\nfor i in 0..2000 { a = [a]; }\n[a]");
    assert!(outcome_within(&lists, &most).contains("hook `adjust` returns a list"), "{}", outcome_within(&lists, &most));
    let maps = adjust("let a = #{x: 1};\nfor i in 0..1000 { a = #{x: a}; }\nif score > 0.0 { throw a }\nscore");
    assert!(outcome_within(&maps, &most).contains("the script threw a map"), "{}", outcome_within(&maps, &most));
    let result = adjust("let a = #{x: 1};\nfor i in 0..1000 { a = #{x: a}; }\n#{score: 0.25, reason: a}");
    assert!(outcome_within(&result, &most).contains("`adjust` returned a map as reason, expected a text"));
}

#[test]
fn a_panic_of_the_engine_ends_the_command_and_names_the_rule() {
    let text = outcome(&adjust("if pair.hardware == \"A\" {\n  panics_in_tests();\n}\nscore"));
    let expected = "ended 1: rule `attack` broke down on m x A at rules/attack.rhai:1:1: the script engine broke down: as the test asked";
    assert!(text.starts_with(expected), "{text}");
}
