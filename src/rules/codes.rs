//! The table of codes: what each means, with a case that is rejected and one that is accepted.
//!
//! `suitor check --explain` prints it, and the tests run every case of it.

use super::level::Level;

/// One code of the check.
#[derive(Clone, Copy, Debug)]
pub struct Code {
    /// The code: never used again for anything else.
    pub code: &'static str,
    /// How much a fault of it weighs.
    pub level: Level,
    /// What is wrong, in a few words.
    pub title: &'static str,
    /// Why it is a fault, and what to do.
    pub about: &'static str,
    /// A file that has it.
    pub rejected: Case,
    /// The file as it should be.
    pub accepted: Case,
}

/// An example.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// The name of its file: what it is stands after the first dot.
    pub file: &'static str,
    /// The text.
    pub text: &'static str,
}

impl Case {
    /// What the example is, in words.
    #[must_use]
    pub fn what(&self) -> &'static str {
        match self.file.split_once('.').map_or("", |(_, kind)| kind) {
            "scoring.toml" => "a scoring.toml",
            "rules.toml" => "a rules.toml",
            "import.toml" => "a mapping of import/",
            "aliases.toml" => "an aliases.toml",
            "suitor.toml" => "a suitor.toml",
            "set" => "files of a set",
            _ if self.text.starts_with("//:") => "a script (`//:` gives lines of its table in rules.toml)",
            _ => "a script",
        }
    }

    /// The language of the text, as a fenced block of Markdown names it.
    #[must_use]
    pub fn language(&self) -> &'static str {
        match self.file.rsplit_once('.').map_or("", |(_, end)| end) {
            "toml" => "toml",
            "rhai" => "rust",
            _ => "text",
        }
    }
}

macro_rules! code {
    ($code:literal $level:ident $end:literal $title:literal, $about:literal) => {
        Code {
            code: $code,
            level: Level::$level,
            title: $title,
            about: $about,
            rejected: Case {
                file: concat!($code, ".", $end),
                text: include_str!(concat!("../../tests/cases/rules/rejected/", $code, ".", $end)),
            },
            accepted: Case {
                file: concat!($code, ".", $end),
                text: include_str!(concat!("../../tests/cases/rules/accepted/", $code, ".", $end)),
            },
        }
    };
}

/// The code of that name, such as `R205`.
#[must_use]
pub fn find(code: &str) -> Option<&'static Code> {
    CODES.iter().find(|known| known.code == code)
}

/// The title of a code; empty for one that is not in the table, which a test rules out.
#[must_use]
pub fn title(code: &str) -> &'static str {
    find(code).map_or("", |code| code.title)
}

/// Every code, in order: R0 files, R1 weights and settings, R2 scripts, R3 warnings and notes.
pub const CODES: &[Code] = &[
    code! { "R001" Error "scoring.toml" "not TOML",
    "The file does not follow the syntax of TOML. The place is where reading stopped: the cause is often just before it, such as a \
     quote or a bracket that was not closed. Nothing else in the file is looked at until it can be read." },
    code! { "R002" Error "rhai" "not a script",
    "The script does not follow the syntax of Rhai. The place is where reading stopped: the cause is often just before it, such \
     as a brace that was not closed. Functions of the script that can be read on their own are checked all the same." },
    code! { "R003" Error "rules.toml" "a file is missing",
    "A rule set comes whole from disk or whole from the binary: with scoring.toml there must be rules.toml and the other way \
     round, and every script that rules.toml lists must be in the folder of the rules. `suitor init` writes the shipped files." },
    code! { "R004" Error "set" "a file cannot be read",
    "The file is there, but cannot be read as text: it is a folder, not UTF-8, or not open to this user." },
    code! { "R005" Error "scoring.toml" "unknown key",
    "A key that means nothing where it stands. It would have no effect, in silence, so the file does not load. Most often it is \
     misspelt, or stands in the wrong table." },
    code! { "R006" Error "scoring.toml" "a key is missing",
    "A key that must be there is not." },
    code! { "R007" Error "scoring.toml" "wrong type of value",
    "A key has a value of another type than it must have, such as a text where a number is expected." },
    code! { "R008" Error "rules.toml" "a name is listed twice",
    "A component, a metric, a field or a script stands twice where each may stand once: which of the two counts would be left to \
     chance." },
    code! { "R101" Error "scoring.toml" "weight out of range",
    "A weight or a factor must be a finite number of at least 0: a negative one would turn the ranking round for that component." },
    code! { "R102" Error "scoring.toml" "no weight above 0",
    "Every component has the weight 0, so nothing can be compared." },
    code! { "R103" Error "scoring.toml" "unknown metric",
    "A component is measured by a metric that benchmark rows do not have. The nearest are offered." },
    code! { "R104" Error "scoring.toml" "unknown field",
    "`cell_by` names fields of the workload, `same` fields of the operating point, and `fields` of an import mapping those of a \
     benchmark row: this is none of them." },
    code! { "R105" Error "scoring.toml" "unknown component",
    "A factor or a weight is given for a component that no [[component]] declares." },
    code! { "R106" Error "rules.toml" "unknown task",
    "`when.tasks` names a task that is neither inference nor training and that scoring.toml does not declare: the rule would never \
     apply." },
    code! { "R107" Error "scoring.toml" "not one of the choices",
    "The key takes one of a few words, and this is none of them." },
    code! { "R108" Error "scoring.toml" "number out of range",
    "The number is not in the range that the key takes." },
    code! { "R109" Error "scoring.toml" "not a name",
    "Names are made of lower case letters, digits, `_` and (for tasks and requirements) `-`, and begin with a letter, so that they \
     can be written in scripts and on the command line." },
    code! { "R110" Error "scoring.toml" "not a limit",
    "A limit has the form METRIC<=X, METRIC<X, METRIC>=X or METRIC>X, with a metric of the benchmark rows and a finite number." },
    code! { "R111" Error "rules.toml" "unknown requirement",
    "`when.requirements` names a requirement that scoring.toml does not declare: the rule would never apply." },
    code! { "R112" Error "rules.toml" "an empty list",
    "There must be at least one item. For `when`, leave the key out to say \"always\"." },
    code! { "R113" Error "import.toml" "not a regular expression",
    "`matches` and `path` take regular expressions in the syntax of the Rust crate regex (no look-around, no back references)." },
    code! { "R114" Error "aliases.toml" "a setting that cannot be",
    "suitor.toml, aliases.toml or a mapping of import/ says something that contradicts itself or cannot be carried out." },
    code! { "R115" Error "scoring.toml" "a name that is taken",
    "The name means something else in what is printed: a component may not be called as a column is, nor a script as a step of the \
     derivation is (compatibility, confidence, clamp, limit)." },
    code! { "R116" Error "scoring.toml" "factors that leave no weight",
    "The factors of a task, or of a requirement, leave every component with the weight 0, so that nothing could be compared." },
    code! { "R201" Error "rhai" "unknown field of a record",
    "`pair`, `request` and `weights` have no such field. Most often it is misspelt; the nearest names are offered." },
    code! { "R202" Error "rhai" "unknown parameter",
    "The script reads a parameter that `params` of its table in rules.toml does not give." },
    code! { "R203" Error "rhai" "unknown function",
    "Neither the language nor the script has a function of that name." },
    code! { "R204" Error "rhai" "wrong signature of a hook",
    "A hook is called with fixed parameters, by these names: `weigh(weights, request)`, `exclude(pair, request)`, `adjust(score, \
     pair, request)`." },
    code! { "R205" Error "rhai" "a field that may be missing is not guarded",
    "Not every row has every field: one that is missing is `()`, and computing or comparing with `()` fails. Say first what should \
     happen then: `if x == () { return score; }`, `if x != () { .. }`, `x ?? VALUE`. A guard holds for what comes after it on the \
     same way. Scripts with loops or closures are not checked for this (R308): there the row fails at run time." },
    code! { "R206" Error "rhai" "unknown variable",
    "There is no variable of that name here. A function sees only its own parameters and variables; constants of the script are \
     read as `global::NAME`, parameters of the rule as `params.NAME`." },
    code! { "R207" Error "rhai" "not allowed in a rule",
    "Rules cannot change what they are given (but for `weights`) or give its names to variables, print, load other scripts or run texts as scripts: then the same \
     row always gives the same result." },
    code! { "R208" Error "rhai" "wrong type of result",
    "A hook returns something that it may not return: `weigh` the weights, `exclude` `()` or the reason as a text, `adjust` the \
     new score as a number or `#{ score: .., reason: .. }`. Every way through the hook is looked at. An `if` without `else` as \
     last statement returns nothing when it does not hold." },
    code! { "R209" Error "rhai" "a script without a hook",
    "Only the hooks `weigh`, `exclude` and `adjust` are ever called; a script needs at least one." },
    code! { "R210" Error "rhai" "a statement outside of a function",
    "At the top level there may only be functions and constants. Anything else would have no effect." },
    code! { "R211" Error "rhai" "wrong number of arguments",
    "A function is called with a number of arguments that it does not take." },
    code! { "R212" Error "rhai" "an operator between values that it does not fit",
    "Computing with, or comparing, values of these types always fails: there is no silent conversion, and a text never equals a \
     number. An integer beside a number counts as a number. The types are those of the fields, of the parameters in rules.toml and of what is computed from them." },
    code! { "R213" Error "rhai" "a condition that is no truth value",
    "`if`, `while`, `&&`, `||` and the condition of a `switch` arm need true or false. A number or a text is neither: compare it \
     with something." },
    code! { "R214" Error "rhai" "an argument of the wrong type",
    "The function cannot be given a value of that type, or, for a function of the script, surely fails with it." },
    code! { "R215" Error "rhai" "a map that is no result",
    "`adjust` may return a map with `score` and, if it likes, `reason`, and no other key; `weigh` must return a weight for every \
     declared component and for nothing else. A misspelt key would otherwise be lost in silence." },
    code! { "R216" Error "rhai" "a constant is assigned to",
    "What is declared with `const` cannot be changed; use `let`." },
    code! { "R217" Error "rhai" "the missing value is used",
    "`()` stands for a value that is not there: it can be returned by `exclude` and compared with by `==` and `!=`, and nothing \
     else." },
    code! { "R218" Error "rhai" "an expression that always fails",
    "The values are known before the run, from constants and the parameters in rules.toml, and the expression fails with them: a \
     division by zero, a number out of range. Change the parameter, or the expression. Also a hook that comes to an error on every \
     way, whatever the row (by `throw`, or an operation that cannot succeed), and functions that call themselves, or each other, without an end." },
    code! { "R219" Error "rhai" "no such property",
    "The value is of a type that has no property of that name, or the map that was made has no such key." },
    code! { "R301" Warning "set" "a script that is not listed",
    "rules.toml does not list the script, so it does nothing. Add a [[rule]] for it, or delete it; `enabled = false` keeps a rule \
     without effect and without this warning." },
    code! { "R302" Warning "rhai" "an unused parameter",
    "The script never reads the parameter: whoever tunes it in rules.toml changes nothing." },
    code! { "R303" Warning "rules.toml" "an unfamiliar hardware type",
    "No format that Suitor reads gives hardware this type. It may be one of your own; else it is misspelt, and nothing will match \
     it. Looked at in `when` of rules.toml, in aliases.toml, and where a script compares `pair.hardware_type` with a text \
     (what `when` of the rule names is not told there again)." },
    code! { "R304" Warning "rhai" "an unused function",
    "Nothing calls the function, and it is no hook." },
    code! { "R305" Warning "rhai" "a branch that is never taken",
    "No row can make the conditions on the way to this branch hold together. Either a condition before it already covers it, or it \
     contradicts one." },
    code! { "R306" Warning "rhai" "a rule that can never fire",
    "Whatever the row, the rule neither changes the score nor gives a reason nor excludes anything." },
    code! { "R307" Warning "set" "a rule, or a part of it, that is shadowed",
    "An `exclude` of another rule, which comes before it, takes out every pair that this rule would act on; or `exclude` of the \
     same script takes out every pair that would come to what `adjust` does there. Every `exclude` comes before every `adjust`." },
    code! { "R308" Note "rhai" "a dynamic script",
    "The script does something that the check does not follow everywhere: a loop, a closure, a function called by pointer, `try`. \
     It is allowed, and runs as written. Only, guards of missing fields are not checked (a missing value that is computed with \
     fails that row at run time), and it is always interpreted, never turned into SQL." },
    code! { "R309" Warning "scoring.toml" "a factor without effect",
    "The component has the weight 0, and 0 times a factor stays 0. `set` in a requirement gives it a weight, or its [[component]] \
     does." },
    code! { "R310" Warning "scoring.toml" "no weight is left",
    "A requirement and a task together leave every component with the weight 0, so every ask with both fails." },
    code! { "R311" Warning "scoring.toml" "a requirement that cannot change the order",
    "Only the proportions of the weights count, and the requirement leaves them as they are: it names only components of weight 0, \
     or all by the same factor, or there is only one component. It has no limits, and no rule asks for it either." },
    code! { "R312" Warning "scoring.toml" "an unfamiliar task",
    "The task is spelt nearly as one that data is known to have. Tasks of your own are welcome; this one would be used by nothing." },
    code! { "R313" Warning "rules.toml" "given twice",
    "The same word stands twice where once is enough, or two mappings have the same name, of which only the last is used." },
    code! { "R314" Warning "rhai" "an unused constant",
    "The script never reads the constant." },
    code! { "R315" Warning "set" "scripts without a rule set",
    "There are scripts in the folder of the rules, but neither scoring.toml nor rules.toml in that of the configuration: the \
     shipped rule set is in force, whole, and the scripts do nothing." },
    code! { "R316" Warning "rhai" "a value that the field never has",
    "The script compares a field (by `==`, `!=`, `in`, or as the label of a `switch`) with a text that it never has: a task or a \
     number format that is a known one misspelt, another provenance or profile than there are. \
     Fields that may be any text, such as the names of models and of hardware, are not judged; hardware types have R303." },
];
