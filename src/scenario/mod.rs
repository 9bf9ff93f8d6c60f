//! Scenarios: rows, a question and what must hold of the answer, in a file; and the expected ranking beside it, as a snapshot.
//!
//! The way of a scenario: file ([`Scenario`]) -> rows in memory -> answer ([`Ran`]) -> held against expectations and snapshot
//! ([`Tested`]) -> accepted, or left for a decision.

mod ask;
mod body;
mod coverage;
mod data;
mod expect;
mod fault;
mod file;
mod frozen;
mod junit;
mod moves;
mod read;
mod record;
mod run;
mod snapshot;
mod suite;

pub use ask::Ask;
pub(crate) use ask::pin;
pub use coverage::{Covered, CoveredRule, Untaken};
pub use expect::{Fired, Unmet};
pub use fault::{Fault, FaultCode, together};
pub use file::{Expect, Placed, Scenario};
pub use junit::junit;
pub use moves::{Move, Place};
pub use record::{Recorded, Recording, record};
pub use run::{Ran, Runner, engine};
pub use snapshot::{Info, Snapshot, Snapshots};
pub use suite::{Against, Decision, Moved, Rest, Selection, Tested, select, test};
