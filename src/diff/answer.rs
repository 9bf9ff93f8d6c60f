//! What a comparison of two rule sets says: the JSON that others build on.

use serde::Serialize;
use serde_json::Value as Json;

use crate::recommend::Request;
use crate::recommend::request::Pin;

/// Two rule sets on the same data.
#[derive(Clone, Debug, Serialize)]
pub struct RuleDiff {
    /// [`crate::recommend::answer::SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The set before.
    pub before: Side,
    /// The set after.
    pub after: Side,
    /// What was asked of both.
    pub request: Terms,
    /// How many rankings (model and task) were compared; 0 where the two sets are the same, or differ in layout only.
    pub compared: usize,
    /// What differs between the sets.
    pub edits: Vec<Edit>,
    /// How much changed, in all.
    pub totals: Totals,
    /// The rankings that changed, by task and model.
    pub rankings: Vec<RankingDiff>,
    /// What a reader must know to read this right.
    pub notes: Vec<String>,
    /// What may be wrong with the rules.
    pub warnings: Vec<String>,
}

/// One of the two sets.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Side {
    /// Where it is from, in words: `git:HEAD (3f2a1c9d0e41)`, `config and rules`.
    pub name: String,
    /// SHA-256 of the set, hex.
    pub rule_set: String,
    /// Whether it is the shipped set.
    pub shipped: bool,
    /// Order-free sum of the content hashes of the rows used, hex; null where nothing had to be ranked.
    pub data_fingerprint: Option<String>,
}

/// What was asked of both sets.
#[derive(Clone, Debug, Serialize)]
pub struct Terms {
    /// The models; empty means all with rows.
    pub models: Vec<String>,
    /// The tasks; empty means all with rows.
    pub tasks: Vec<String>,
    /// Pinned fields.
    pub pins: Vec<Pin>,
    /// The version whose rows were used.
    pub version: Option<String>,
    /// Named requirements.
    pub requirements: Vec<String>,
    /// Limits beyond those of the requirements, as text.
    pub limits: Vec<String>,
    /// What the candidates were narrowed to.
    pub only: Vec<String>,
    /// Largest device count admitted.
    pub max_devices: Option<u32>,
    /// Whether throughput and memory are per device.
    pub per_device: bool,
    /// `documented` or `ratio`; null means what each set's scoring.toml says.
    pub profile: Option<String>,
    /// Day number that ages were counted from; null means the newest test in the data.
    pub as_of: Option<i64>,
}

impl Terms {
    /// What a request asks besides its model and task.
    pub(super) fn of(request: &Request, models: &[String], tasks: &[String]) -> Self {
        Self {
            models: models.to_vec(),
            tasks: tasks.to_vec(),
            pins: request.pins.clone(),
            version: request.version.clone(),
            requirements: request.requirements.clone(),
            limits: request.limits.iter().map(ToString::to_string).collect(),
            only: request.only.clone(),
            max_devices: request.max_devices,
            per_device: request.per_device,
            profile: request.profile.map(|profile| profile.name().to_owned()),
            as_of: request.as_of,
        }
    }
}

/// One edit: what is put back together to see what it did.
#[derive(Clone, Debug, Serialize)]
pub struct Edit {
    /// Its number, from 1: how causes name it.
    pub id: usize,
    /// What it is, without values: `component.latency.weight`.
    pub name: String,
    /// The same with what was and what is.
    pub label: String,
    /// What it consists of: more than one where they only check together, or where there are very many.
    pub parts: Vec<EditPart>,
    /// What it is the cause of, or one of the causes.
    pub caused: Caused,
}

/// A key of a TOML file, or a script.
#[derive(Clone, Debug, Serialize)]
pub struct EditPart {
    /// The file.
    pub file: String,
    /// The key, with the names of `[[component]]` and `[[rule]]` in it; null for a script.
    pub key: Option<String>,
    /// What happened to it.
    pub change: Change,
    /// What it was; for an entry that moved its place, from 1. Null for a script.
    pub before: Json,
    /// What it is.
    pub after: Json,
    /// Lines that came; null for a key.
    pub lines_added: Option<usize>,
    /// Lines that went; null for a key.
    pub lines_removed: Option<usize>,
}

/// What happened to a key or a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// It was not there before.
    Added,
    /// It is no more.
    Removed,
    /// It is another.
    Changed,
    /// It stands elsewhere in the list.
    Moved,
    /// Comments and blanks only.
    Layout,
}

/// How many changes an edit is the cause of, alone or with others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Caused {
    /// Rankings with another winner.
    pub winners: usize,
    /// Hardware newly excluded, admitted, or otherwise in or out.
    pub standings: usize,
    /// Hardware with another rank.
    pub ranks: usize,
    /// Hardware with another score.
    pub scores: usize,
}

/// How much changed, in all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Totals {
    /// Rankings in which anything changed.
    pub rankings: usize,
    /// Rankings with another winner.
    pub winners: usize,
    /// Hardware that was ranked and is not.
    pub excluded: usize,
    /// Hardware that was not ranked and is.
    pub admitted: usize,
    /// Hardware with another rank.
    pub ranks: usize,
    /// Hardware with another score.
    pub scores: usize,
    /// The score move of greatest size; null where no score moved.
    pub largest: Option<f64>,
}

/// One ranking that changed.
#[derive(Clone, Debug, Serialize)]
pub struct RankingDiff {
    /// Name of the model.
    pub model: String,
    /// The task.
    pub task: String,
    /// The change of the winner; null where it is the same.
    pub winner: Option<WinnerChange>,
    /// Hardware whose standing, rank or score changed: by rank after, then what is not ranked by label.
    pub moves: Vec<Move>,
}

/// A change of the winner.
#[derive(Clone, Debug, Serialize)]
pub struct WinnerChange {
    /// Label; null where nothing was ranked.
    pub before: Option<String>,
    /// Its score.
    pub score_before: Option<f64>,
    /// Label; null where nothing is ranked.
    pub after: Option<String>,
    /// Its score.
    pub score_after: Option<f64>,
    /// Whether the two cannot be told apart by their noise, by the set after.
    pub tied: bool,
    /// The edits that did it.
    pub cause: Cause,
}

/// What happened to one piece of hardware.
#[derive(Clone, Debug, Serialize)]
pub struct Move {
    /// Label.
    pub hardware: String,
    /// What it was.
    pub before: Standing,
    /// What it is.
    pub after: Standing,
    /// Score after minus score before; null where it is not ranked in both.
    pub score_delta: Option<f64>,
    /// The edits that changed its standing or rank; null where only its score moved.
    pub cause: Option<Cause>,
    /// The edits that changed its score; null where it did not move, or is not ranked in both.
    pub score_cause: Option<Cause>,
    /// For each edit that moves its score: by how much it moves it on top of all others. They sum to the move where edits do not
    /// work on each other.
    pub score_parts: Vec<ScorePart>,
}

/// What one edit adds to a score.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ScorePart {
    /// Number of the edit.
    pub edit: usize,
    /// Score after minus score with this edit put back.
    pub delta: f64,
}

/// Where hardware stands in a ranking.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Standing {
    /// In the list, out, or not there.
    pub state: State,
    /// 1 is best; null when not ranked.
    pub rank: Option<usize>,
    /// In [0, 1]; null when not ranked.
    pub score: Option<f64>,
    /// What excluded it: a rule's id, or `limit`.
    pub rule: Option<String>,
    /// Why it is not ranked.
    pub reason: Option<String>,
}

/// Whether hardware is in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It has a rank.
    Ranked,
    /// A rule or a limit took it out.
    Excluded,
    /// It could not be scored.
    NotScored,
    /// None of the rows chosen is of it.
    Absent,
}

/// Which edits did it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cause {
    /// How they did it.
    pub how: How,
    /// Their numbers.
    pub edits: Vec<usize>,
    /// False where the search for fewer edits was cut short.
    pub narrowed: bool,
}

/// How edits brought a change about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// Putting this edit back undoes the change; putting back any other does not.
    Alone,
    /// Joint: each of them is needed, putting back any one undoes the change.
    EachNeeded,
    /// Joint: putting back all of them undoes the change, and none of them alone does.
    Together,
}
