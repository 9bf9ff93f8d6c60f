//! The scores of many models at once, made inside the database from what the plan that ran last weighed: rules, order, ranks, and what
//! is stored beside them. Rows come out of it once, as they are printed and stored.

use super::catalog::literal;
use super::ruled::RULED;
use super::score::failed;
use super::scored::Scored;
use crate::Result;
use crate::rules::RuleSet;
use crate::rules::records::RuleRequest;
use crate::scoring::Scoring;
use crate::scoring::plan::{Plan, Scope, WeightSet};

/// Which of the pairs are wanted; filters apply after everything else.
#[derive(Clone, Debug, Default)]
pub(crate) struct PairFilter {
    /// Only this model.
    pub(crate) model_id: Option<i64>,
    /// Only this hardware: a label, a name or a type.
    pub(crate) hardware: Option<String>,
}

impl PairFilter {
    fn condition(&self) -> String {
        let mut all = vec!["true".to_owned()];
        all.extend(self.model_id.map(|id| format!("p.model_id = {id}")));
        all.extend(self.hardware.as_ref().map(|name| {
            let name = literal(name);
            format!("{name} IN (p.hardware, p.hardware_name, coalesce(p.hardware_type, ''))")
        }));
        all.join(" AND ")
    }
}

/// The order of the ranking, as [`crate::recommend::judge::place`] has it.
const ORDER: &str =
    "q.final_score IS NULL, p.uncontested, CASE p.provenance_said WHEN 'measured' THEN 0 WHEN 'simulated' THEN 1 ELSE 2 END,
  coalesce(q.final_score, 0) DESC, p.compatibility DESC, p.hardware, p.hardware_id";

impl Scored<'_> {
    /// Adds the scores of all pairs of a lean plan that ran, by one weight set and the rules, in the order of models and ranks: the same as weighing
    /// and judging pair by pair.
    ///
    /// # Errors
    /// A limit of the sandbox, and with `strict` any failure of a rule (exit code 1).
    pub(crate) fn add_plan(
        &mut self,
        plan: &Plan,
        rules: &RuleSet,
        scope: &Scope,
        request: &RuleRequest,
        strict: bool,
        filter: &PairFilter,
    ) -> Result<()> {
        let (db, scoring) = (self.db(), &rules.scoring);
        db.fill_entries(plan, scoring, &[WeightSet { weights: scope.weights.clone(), profile: scope.profile }])?;
        let best = plan.lean.as_ref().map_or("", |lean| &lean.best);
        db.conn().execute_batch(best).map_err(failed)?;
        db.conn().execute_batch(&format!("CREATE OR REPLACE TEMP TABLE suitor_pair AS {}", plan.pairs)).map_err(failed)?;
        let kept = Plan { pairs: "SELECT * FROM suitor_pair".to_owned(), ..plan.clone() };
        db.rule_table(rules, &kept.rule_fields(scoring, scope, request.as_of), &["model_id", "hardware_id"], request, strict)?;
        let sql = format!(
            "SELECT p.model_id, p.model, p.hardware_id, p.hardware, p.compatibility, p.suitability, q.final_score,
               CASE WHEN q.final_score IS NOT NULL THEN row_number() OVER (PARTITION BY p.model_id ORDER BY {ORDER}) END,
               p.confidence, p.results, p.batch_size, p.precision, p.memory_peak_mb, {}, p.provenance_said, {}
             FROM suitor_pair AS p JOIN {RULED} AS q USING (model_id, hardware_id)
             JOIN suitor_entry AS e ON e.model_id = p.model_id AND e.hardware_id = p.hardware_id AND e.place = 1
             QUALIFY {} ORDER BY p.model, p.model_id, {ORDER}",
            components(scoring),
            notes(scoring),
            filter.condition()
        );
        self.add_all(&sql)
    }
}

/// Scores of the components by name, a JSON object as `serde_json` writes it: numbers below 0.0001 have another form there.
fn components(scoring: &Scoring) -> String {
    let one = |(k, name): (usize, &str)| {
        let key = literal(&format!("{}:", serde_json::Value::from(name)));
        format!(
            "{key} || CASE WHEN e.c_{k} IS NULL THEN 'null' WHEN e.c_{k} = 0 OR e.c_{k} >= 1e-4 THEN CAST(e.c_{k} AS VARCHAR)
               WHEN e.c_{k} >= 1e-5 THEN rtrim(format('{{:.12f}}', e.c_{k}), '0') ELSE replace(CAST(e.c_{k} AS VARCHAR), 'e-0', 'e-') END"
        )
    };
    let all: Vec<String> = scoring.components.iter().map(|component| component.name.as_str()).enumerate().map(one).collect();
    format!("'{{' || {} || '}}'", all.join(" || ',' || "))
}

/// Why there is no score, whether nothing was compared, and which components of a weight are missing.
fn notes(scoring: &Scoring) -> String {
    let declared = scoring.components.iter().enumerate().filter(|(_, component)| component.weight > 0.0);
    let missing: Vec<String> =
        declared.map(|(k, component)| format!("CASE WHEN e.pick_{k} IS NULL THEN {} END", literal(&component.name))).collect();
    let missing = format!("nullif(concat_ws(', ', {}), '')", missing.join(", "));
    format!("nullif(concat_ws('; ', q.why, CASE WHEN p.uncontested THEN 'uncontested' END, 'missing: ' || {missing}), '')")
}
