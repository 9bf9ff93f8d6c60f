//! The flags that say which results of which version are meant, shared by `link-tests` and `unlink-tests`.

use crate::Result;
use crate::store::Wanted;
use crate::versions::Choice;

/// Which results of which version.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct LinkArgs {
    /// Model, by name or id
    #[arg(long)]
    pub model: String,
    /// Tag of the version, or a name given to it
    #[arg(long)]
    pub version: String,
    /// Ids of the results (`suitor list results --model M`)
    #[arg(long, value_delimiter = ',', value_name = "1,2,3", group = "wanted")]
    pub result_ids: Vec<i64>,
    /// The model's results of which this holds: FIELD=VALUE, FIELD~TEXT (contains), FIELD>=VALUE, such as
    /// source=mlperf-training, file=results.csv or 'tested_at>=2026-01-01'; given again, all must hold
    #[arg(long = "where", value_name = "FIELD=VALUE", group = "wanted")]
    pub wheres: Vec<String>,
}

impl LinkArgs {
    /// The filters, read.
    ///
    /// # Errors
    /// Those of [`Choice`].
    pub(super) fn choices(&self) -> Result<Vec<Choice>> {
        self.wheres.iter().map(|text| text.parse()).collect()
    }

    /// The results that are meant.
    pub(super) fn wanted<'a>(&'a self, choices: &'a [Choice]) -> Wanted<'a> {
        if choices.is_empty() { Wanted::Ids(&self.result_ids) } else { Wanted::Where(choices) }
    }
}
