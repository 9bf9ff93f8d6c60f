//! What a rule set can never do: branches that no row takes, rules that never fire, rules that an earlier `exclude` shadows.
//!
//! An abstract interpretation of the hooks. Each way through a hook carries a region of rows (a set of values for every
//! field, at first those that the pipeline can give and `when` admits), which conditions narrow. Regions hold every row
//! that comes to a place, or more; those marked exact hold no other. So what is said never happens does not, and what
//! cannot be decided is not said. Scripts with loops or closures are left out, and so is all that is not understood.
//!
//! The way: values ([`value`]) and their comparison and arithmetic -> ways through a hook ([`walk`]) -> what a rule can do
//! ([`examine`]) -> verdicts ([`verdict`]).

mod compare;
mod compute;
mod examine;
mod expression;
mod faulty;
pub(crate) mod labels;
mod membership;
mod notes;
mod point;
mod range;
mod say;
mod shadow;
mod state;
mod switch;
mod texts;
mod value;
mod verdict;
mod walk;

pub(crate) use verdict::check;
