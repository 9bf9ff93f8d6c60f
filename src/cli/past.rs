//! `--replay-at`: a question asked of a snapshot, shared by `recommend` and `explain`.

use super::context::Context;
use crate::Result;
use crate::recommend::Request;
use crate::store::Access;
use crate::versions::{Moment, Replay};

/// When.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Past {
    /// What was recommended then, from a snapshot's own results and rule set: its revision (with --version), or the day up to
    /// which it was the newest
    #[arg(long, value_name = "DATE|REVISION", conflicts_with_all = ["as_of"])]
    pub replay_at: Option<String>,
}

impl Past {
    /// The snapshot that the question is asked of; `None` for the present.
    ///
    /// # Errors
    /// Those of [`Moment`] and [`Replay::open`].
    pub(super) fn replay(&self, context: &Context, request: &Request) -> Result<Option<Replay>> {
        let Some(moment) = self.replay_at.as_deref().map(str::parse::<Moment>).transpose()? else { return Ok(None) };
        let db = context.open(Access::Read)?;
        Replay::open(&db, request, &moment).map(Some)
    }
}
