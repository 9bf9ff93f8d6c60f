//! Hardware that is not in the list: excluded or not scored, each with its reason.

use super::answer::{Excluded, NotScored};
use super::notes;
use crate::rules::records::Verdict;
use crate::scoring::Scoring;
use crate::scoring::plan::Scope;
use crate::scoring::result::{ScoredPair, SetAside, WithoutResult};

/// What became of the hardware of one ranking that has no rank: (excluded, not scored), each by label.
pub(super) fn aside<'a>(
    scoring: &Scoring,
    scope: &Scope,
    pairs: impl IntoIterator<Item = &'a (ScoredPair, Verdict)>,
    set_aside: impl IntoIterator<Item = &'a SetAside>,
    without_result: &[WithoutResult],
) -> (Vec<Excluded>, Vec<NotScored>) {
    let (mut excluded, mut not_scored) = (Vec::new(), Vec::new());
    for (scored, verdict) in pairs {
        let hardware = scored.pair.hardware.clone();
        match verdict {
            Verdict::Excluded { rule, reason } => excluded.push(Excluded { hardware, rule: rule.clone(), reason: reason.clone() }),
            Verdict::Failed { message, .. } => not_scored.push(NotScored { hardware, reason: message.clone() }),
            Verdict::Scored { .. } => {}
        }
    }
    for aside in set_aside {
        let hardware = aside.hardware.clone();
        if aside.by_limit {
            excluded.push(Excluded { hardware, rule: "limit".to_owned(), reason: notes::limit_reason(aside, &scope.limits) });
        } else {
            not_scored.push(NotScored { hardware, reason: notes::unscored_reason(scoring, scope) });
        }
    }
    not_scored.extend(
        without_result.iter().map(|one| NotScored { hardware: one.hardware.clone(), reason: notes::no_result_reason(scoring, one) }),
    );
    excluded.sort_by(|a, b| a.hardware.cmp(&b.hardware));
    not_scored.sort_by(|a, b| a.hardware.cmp(&b.hardware));
    (excluded, not_scored)
}
