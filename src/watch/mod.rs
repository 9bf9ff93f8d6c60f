//! The live loop: rule files and a database are followed, and rankings made anew when either changes.
//!
//! ```text
//! files ----hint, quiet----> look, check, trial ---> in force or refused --+
//! database --stamp, quiet--> copy in memory --------------------------------+--> rankings --> moves --> event
//! ```
//! A [`Session`] holds no database: rankings come from a copy in memory, which is made when the file has changed and come to
//! rest, so that others may write it meanwhile.

mod data;
mod event;
mod moves;
mod session;

pub use event::{Event, Fault, FileNews};
pub use moves::{Left, Moves, Out, Place, RankMove, Ranking, ScoreMove, Winner, moves};
pub use session::{Asks, Options, Session};
