//! The hooks of a rule set in the order in which they take effect, cut where one must be interpreted.

use rhai::Position;

use super::bounds::Bounds;
use super::extents::Extents;
use super::hooks::{self, Outcome};
use super::nodes::{Id, Node, Nodes};
use super::stages::{self, Source};
use super::value::Part;
use super::{Asked, Refusal};
use crate::rules::interpret::idle;
use crate::rules::rule::Rule;
use crate::rules::set::RuleSet;

/// Hooks of one query. Each SELECT within another passes on what later hooks read, and conditions grow with the hooks before them: planning
/// takes 4 ms a rule with 10 to 40 in a query and 8 with 80, and lowering later segments takes 1 ms a rule with 16 hooks, 3 with 24 and far
/// more with 40.
const MOST_HOOKS: usize = 20;
/// How often columns may be passed on in one query ([`stages::carried`]). Twenty hooks of usual rules pass on 400, and DuckDB plans 3,000 in 0.3 s,
/// 12,000 in 1 s and 48,000 in 7 s: loops whose turns all hang on those before.
const MOST_CARRIED: usize = 4_000;
/// Operations within each other up to which that is not counted: of twenty hooks of usual rules there are 60.
const SHALLOW: usize = 100;

/// Why a hook is no query.
pub(super) const TOO_WIDE: &str = "its query would take long to plan: too much of it hangs on what comes before";

/// One hook of one rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HookAt {
    /// The rule, by its place in the set.
    pub(crate) rule: usize,
    /// `adjust`, else `exclude`.
    pub(crate) adjusts: bool,
}

/// A rule set as SQL, for one question.
#[derive(Debug)]
pub(crate) struct Lowered {
    /// In the order in which they take effect.
    pub(crate) segments: Vec<Segment>,
    /// The hooks that must be interpreted, and why.
    pub(crate) refused: Vec<(HookAt, Refusal)>,
}

/// Hooks that are run together.
#[derive(Debug)]
pub(crate) enum Segment {
    /// As one query.
    Compiled(Box<Compiled>),
    /// One after the other by the interpreter, on the pairs that come to them.
    Interpreted(Vec<HookAt>),
}

/// Hooks as one query.
#[derive(Debug)]
pub(crate) struct Compiled {
    pub(super) nodes: Nodes,
    pub(super) hooks: Vec<(HookAt, Outcome)>,
    /// Which exclude hook took a pair out, by its place in the segment; -1 for none.
    excluded: Id,
    suspect: Id,
    /// Which exclude hook took a pair out, and why, as a text; empty where none did, `NULL` where only the interpreter can say it.
    why: Id,
    /// The score after it.
    score: Id,
}

/// What a query is to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Output {
    /// `suspect`, `score`, and `why` there is none.
    Scores,
    /// `excluded`, `suspect`, `score`, and what a verdict says: lines, steps, and what reasons need.
    Verdicts,
}

/// Lowers what can be lowered, for rows whose fields go so far.
pub(crate) fn lower(rules: &RuleSet, asked: Asked<'_>, extents: &Extents) -> Lowered {
    let mut lowered = Lowered { segments: Vec::new(), refused: Vec::new() };
    let mut open: Option<Builder> = None;
    let mut first = true;
    let mut extents = extents.clone();
    for adjusts in [false, true] {
        for (at, rule) in rules.rules.iter().enumerate() {
            let Some(script) = &rule.script else { continue };
            let Some(hook) = (if adjusts { script.adjust.as_ref() } else { script.exclude.as_ref() }) else { continue };
            // A rule that is idle for every pair of this question does nothing.
            if idle(rule, asked.request, None).is_some() {
                continue;
            }
            let place = HookAt { rule: at, adjusts };
            if open.as_ref().is_some_and(|open| open.hooks.len() >= MOST_HOOKS) {
                extents = extents.after(lowered.close(&mut open));
                first = false;
            }
            let lower = |builder: &mut Builder| {
                let score = adjusts.then_some(builder.score);
                let outcome = hooks::lower(&mut builder.nodes, rule, script, hook, &asked, score)?;
                Ok(if is_planned_soon(&builder.nodes, builder.hooks.iter().map(|(_, before)| before), &outcome) {
                    Some(outcome)
                } else {
                    None
                })
            };
            let builder = open.get_or_insert_with(|| Builder::new(extents.clone(), first));
            let mut outcome = lower(builder);
            if matches!(outcome, Ok(None)) && !builder.hooks.is_empty() {
                extents = extents.after(lowered.close(&mut open));
                first = false;
                outcome = lower(open.insert(Builder::new(extents.clone(), first)));
            }
            match outcome.and_then(|outcome| outcome.ok_or_else(|| Refusal::at(Position::NONE, TOO_WIDE))) {
                Ok(outcome) => {
                    if let Some(builder) = &mut open {
                        builder.add(rule, place, outcome);
                    }
                }
                Err(refusal) => {
                    lowered.refused.push((place, refusal));
                    lowered.close(&mut open);
                    extents = extents.after(None);
                    first = false;
                    match lowered.segments.last_mut() {
                        Some(Segment::Interpreted(hooks)) => hooks.push(place),
                        _ => lowered.segments.push(Segment::Interpreted(vec![place])),
                    }
                }
            }
        }
    }
    lowered.close(&mut open);
    lowered
}

impl Lowered {
    /// Hooks that are part of a query, and hooks that are interpreted.
    pub(crate) fn hooks(&self) -> (usize, usize) {
        self.segments.iter().fold((0, 0), |(compiled, interpreted), segment| match segment {
            Segment::Compiled(one) => (compiled + one.hooks.len(), interpreted),
            Segment::Interpreted(hooks) => (compiled, interpreted + hooks.len()),
        })
    }

    /// Ends a query; how far the score goes after it.
    fn close(&mut self, open: &mut Option<Builder>) -> Option<Bounds> {
        let builder = open.take().filter(|builder| !builder.hooks.is_empty())?;
        let compiled = builder.done();
        let score = compiled.nodes.bounds(compiled.score);
        self.segments.push(Segment::Compiled(Box::new(compiled)));
        Some(score)
    }
}

/// Whether a query of these hooks and one more is planned in little time.
pub(super) fn is_planned_soon<'a>(nodes: &Nodes, before: impl Iterator<Item = &'a Outcome>, outcome: &Outcome) -> bool {
    let told = |outcome: &Outcome| {
        let shown = outcome.reasons.iter().flatten().filter_map(|part| if let Part::Value(id) = part { Some(*id) } else { None });
        let all = [outcome.suspect, outcome.excludes, outcome.line, outcome.branch, outcome.why];
        all.into_iter().chain(outcome.score).chain(shown).collect::<Vec<_>>()
    };
    let new = told(outcome);
    if new.iter().all(|id| nodes.depth(*id) <= SHALLOW) {
        return true;
    }
    let roots: Vec<(String, Id)> = before.flat_map(told).chain(new).map(|id| (String::new(), id)).collect();
    stages::carried(nodes, &roots) <= MOST_CARRIED
}

/// A segment being made.
struct Builder {
    nodes: Nodes,
    hooks: Vec<(HookAt, Outcome)>,
    suspects: Vec<Id>,
    /// Those that exclude, with their places and why.
    excludes: Vec<(Id, [Id; 2])>,
    /// The score after what was added.
    score: Id,
}

impl Builder {
    fn new(extents: Extents, first: bool) -> Self {
        let mut nodes = Nodes::of(extents);
        let score = nodes.score(first);
        Self { nodes, hooks: Vec::new(), suspects: Vec::new(), excludes: Vec::new(), score }
    }

    fn add(&mut self, rule: &Rule, at: HookAt, mut outcome: Outcome) {
        let nodes = &mut self.nodes;
        if !rule.when.hardware_types.is_empty() {
            let field = crate::rules::fields::PAIR.iter().position(|field| field.name == "hardware_type").unwrap_or(0);
            let field = nodes.field(field);
            let types: Vec<Id> = rule.when.hardware_types.iter().map(|name| nodes.text(name)).collect();
            let active = nodes.among(field, &types);
            outcome.suspect = nodes.and(&[active, outcome.suspect]);
            outcome.excludes = nodes.and(&[active, outcome.excludes]);
            if let Some(score) = outcome.score {
                let always = nodes.truth(true);
                outcome.score = Some(nodes.case(&[(active, score), (always, self.score)]));
            }
        }
        let before: Vec<Id> = self.excludes.iter().map(|(excludes, _)| *excludes).collect();
        let before = nodes.or(&before);
        let reached = nodes.not(before);
        let suspect = nodes.and(&[reached, outcome.suspect]);
        self.suspects.push(suspect);
        if nodes.as_truth(outcome.excludes) != Some(false) {
            let place = nodes.integer(i64::try_from(self.hooks.len()).unwrap_or(i64::MAX));
            self.excludes.push((outcome.excludes, [place, outcome.why]));
        }
        if let Some(score) = outcome.score {
            self.score = score;
        }
        self.hooks.push((at, outcome));
    }

    fn done(mut self) -> Compiled {
        let suspect = self.nodes.or(&self.suspects);
        let none = self.nodes.integer(-1);
        let always = self.nodes.truth(true);
        let nobody = self.nodes.text("");
        self.excludes.push((always, [none, nobody]));
        let [excluded, why] = [0, 1].map(|at| {
            let arms: Vec<(Id, Id)> = self.excludes.iter().map(|(excludes, of)| (*excludes, of[at])).collect();
            self.nodes.case(&arms)
        });
        Compiled { nodes: self.nodes, hooks: self.hooks, excluded, suspect, why, score: self.score }
    }
}

impl Compiled {
    /// A SELECT over a relation (a table, or a SELECT in parentheses) with the columns of the fields of `pair` and of
    /// [`super::SCORE`]: the columns `carried` as they are, and those of `output`.
    pub(crate) fn sql(&self, relation: &str, carried: &[String], output: Output, string: usize) -> String {
        let source = Source { relation, carried, string };
        let inner = stages::select(&self.nodes, &source, &self.roots(output), "outside");
        let (unsaid, why) = match output {
            Output::Scores => (" OR why IS NULL", ", nullif(why, '') AS why"),
            Output::Verdicts => ("", ""),
        };
        format!(
            "SELECT * EXCLUDE (outside) REPLACE ((outside OR coalesce(suspect, true){unsaid}) AS suspect{why})\nFROM ({inner}) AS rules"
        )
    }

    /// The columns of a query beside those carried, each with its node: those that [`Output`] names, then those of the verdict.
    pub(crate) fn roots(&self, output: Output) -> Vec<(String, Id)> {
        let both = [("suspect".to_owned(), self.suspect), ("score".to_owned(), self.score)];
        match output {
            Output::Scores => both.into_iter().chain([("why".to_owned(), self.why)]).collect(),
            Output::Verdicts => {
                let mut roots = vec![("excluded".to_owned(), self.excluded)];
                roots.extend(both);
                for id in self.told() {
                    roots.push((format!("v{}", roots.len()), id));
                }
                roots
            }
        }
    }

    /// The fields of `pair` that it reads, by their numbers.
    pub(crate) fn fields(&self) -> Vec<usize> {
        self.nodes.fields()
    }

    /// The nodes that a verdict reads, constants and fields left out.
    fn told(&self) -> Vec<Id> {
        let mut all: Vec<Id> = Vec::new();
        let mut add = |id: Id| {
            let known = self.nodes.is_constant(id) || matches!(self.nodes.get(id), Node::Column(_));
            if !known && !all.contains(&id) {
                all.push(id);
            }
        };
        for (_, outcome) in &self.hooks {
            add(outcome.line);
            add(outcome.branch);
            outcome.score.into_iter().for_each(&mut add);
            for part in outcome.reasons.iter().flatten() {
                if let Part::Value(id) = part {
                    add(*id);
                }
            }
        }
        all
    }
}
