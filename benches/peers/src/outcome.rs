//! What a rules engine came to on a pair, and whether it is what Suitor came to.

use suitor::rules::{Evaluator, RuleRequest, RuleSet, Step, Verdict};

use crate::data::{EXCLUDING, Keyed, RULES};

/// One pair.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Outcome {
    /// By this rule.
    Excluded(usize),
    /// The score after each rule.
    Scores([f64; RULES]),
}

/// The verdict of Suitor's interpreter.
pub(crate) struct Truth {
    pub(crate) outcome: Outcome,
    /// Why it was excluded.
    pub(crate) why: String,
    /// Empty for a pair that was excluded.
    pub(crate) steps: Vec<Step>,
}

/// Runs Suitor's interpreter, pair by pair.
pub(crate) fn interpret(rules: &RuleSet, request: &RuleRequest, pairs: &[Keyed]) -> Vec<Verdict> {
    let evaluator = rules.evaluator();
    pairs.iter().map(|keyed| evaluator.judge(&keyed.pair, keyed.suitability, request, true).expect("no rule fails")).collect()
}

/// What the verdicts say.
pub(crate) fn truths(rules: &RuleSet, verdicts: Vec<Verdict>) -> Vec<Truth> {
    let truth = |verdict| match verdict {
        Verdict::Excluded { rule, reason } => {
            let by = EXCLUDING.iter().find(|(_, id)| *id == rule).expect("a rule that excludes").0;
            Truth { outcome: Outcome::Excluded(by), why: reason, steps: Vec::new() }
        }
        Verdict::Failed { message, .. } => panic!("{message}"),
        Verdict::Scored { steps, .. } => {
            assert_eq!(steps.len(), RULES, "one step a rule, none of them the clamp");
            for (step, rule) in steps.iter().zip(&rules.rules) {
                assert_eq!(step.rule, rule.id);
                // So that the scores alone say which rules fired.
                assert_eq!(step.fired, step.delta != 0.0, "{step:?}");
            }
            Truth { outcome: Outcome::Scores(std::array::from_fn(|at| steps[at].score)), why: String::new(), steps }
        }
    };
    verdicts.into_iter().map(truth).collect()
}

/// Panics unless the outcomes are those of Suitor: the same pairs excluded by the same rules, the same rules fired, and the score after each
/// rule the same to `relative` or `absolute`.
pub(crate) fn same(engine: &str, pairs: &[Keyed], truths: &[Truth], outcomes: &[Outcome], relative: f64, absolute: f64) {
    assert_eq!(truths.len(), outcomes.len(), "{engine}: one outcome a pair");
    for ((keyed, truth), outcome) in pairs.iter().zip(truths).zip(outcomes) {
        let right = match (&truth.outcome, outcome) {
            (Outcome::Excluded(one), Outcome::Excluded(other)) => one == other,
            (Outcome::Scores(ones), Outcome::Scores(others)) => (0..RULES).all(|at| {
                let fired =
                    at > 0 && (others[at] - others[at - 1]).abs() > absolute || at == 0 && (others[0] - keyed.suitability).abs() > absolute;
                let near = (ones[at] - others[at]).abs() <= absolute.max(relative * ones[at].abs());
                near && fired == truth.steps[at].fired
            }),
            _ => false,
        };
        assert!(right, "{engine} differs on {:?} ({}):\n{outcome:?}\nexpected\n{:?}", keyed.pair, keyed.suitability, truth.outcome);
    }
}
