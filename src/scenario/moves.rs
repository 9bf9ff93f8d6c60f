//! What changed between two rankings, hardware by hardware.

use std::fmt;

use serde::Serialize;

use super::body::Listed;

/// Where a piece of hardware stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Place {
    /// In the list.
    Ranked {
        /// 1 is best.
        rank: usize,
    },
    /// Ranked, but further down than the list was shown.
    Below {
        /// The last rank that was shown.
        rank: usize,
    },
    /// Taken out by a rule or a limit.
    Excluded,
    /// Without a score.
    NotScored,
    /// Not there at all.
    Absent,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ranked { rank } => write!(f, "{rank}"),
            Self::Below { rank } => write!(f, "below {rank}"),
            Self::Excluded => f.write_str("excluded"),
            Self::NotScored => f.write_str("not scored"),
            Self::Absent => f.write_str("absent"),
        }
    }
}

/// Hardware that stands elsewhere than before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Move {
    /// Its label.
    pub hardware: String,
    /// Where it stood.
    pub was: Place,
    /// Where it stands.
    pub is: Place,
    /// Why it is out, where it is.
    pub why: Option<String>,
}

impl fmt::Display for Move {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { hardware, was, is, .. } = self;
        match (was, is) {
            (Place::Ranked { .. } | Place::Below { .. }, Place::Ranked { .. } | Place::Below { .. }) => {
                write!(f, "rank {was} -> {is}  {hardware}")?;
            }
            (_, Place::Ranked { rank }) => write!(f, "entered at {rank} (was {was})  {hardware}")?,
            (Place::Ranked { rank } | Place::Below { rank }, Place::Absent) => write!(f, "left (was {rank})  {hardware}")?,
            (_, Place::Excluded) => write!(f, "excluded now (was {was})  {hardware}")?,
            (_, Place::NotScored) => write!(f, "not scored now (was {was})  {hardware}")?,
            _ => write!(f, "{is} (was {was})  {hardware}")?,
        }
        self.why.as_ref().map_or(Ok(()), |why| write!(f, ": {why}"))
    }
}

/// Every move from the list that was to the one that is: in the order of the list that is, then what is no longer in it.
///
/// `was` may end before its last rank; `is` is whole. Of hardware that neither shows, nothing is known.
pub(super) fn moves(was: &Listed, is: &Listed) -> Vec<Move> {
    let last = was.ranked.len();
    let cut = was.of > last;
    let rank_in = |list: &Listed, hardware: &str| list.ranked.iter().find(|one| one.1 == hardware).map(|one| one.0);
    let out_of = |list: &Listed, hardware: &str| {
        let find = |all: &[(String, String)]| all.iter().find(|one| one.0 == hardware).map(|one| one.1.clone());
        find(&list.excluded).map(|why| (Place::Excluded, why)).or_else(|| find(&list.not_scored).map(|why| (Place::NotScored, why)))
    };
    let before = |hardware: &str| match (rank_in(was, hardware), out_of(was, hardware)) {
        (Some(rank), _) => Place::Ranked { rank },
        (None, Some((place, _))) => place,
        (None, None) if cut => Place::Below { rank: last },
        (None, None) => Place::Absent,
    };
    let mut all = Vec::new();
    for (rank, hardware, _) in &is.ranked {
        let (was, is) = (before(hardware), Place::Ranked { rank: *rank });
        // What was further down than was shown, and still is, is not known to have moved.
        let unknown = matches!(was, Place::Below { rank: last } if *rank > last);
        if was != is && !unknown {
            all.push(Move { hardware: hardware.clone(), was, is, why: None });
        }
    }
    let here: Vec<&String> = is.excluded.iter().chain(&is.not_scored).map(|one| &one.0).collect();
    let there = was.ranked.iter().map(|one| &one.1).chain(was.excluded.iter().chain(&was.not_scored).map(|one| &one.0));
    let gone: Vec<&String> = there.filter(|hardware| rank_in(is, hardware).is_none() && !here.contains(hardware)).collect();
    for hardware in here.into_iter().chain(gone) {
        let (was, (is, why)) = (before(hardware), out_of(is, hardware).map_or((Place::Absent, None), |(place, why)| (place, Some(why))));
        if was != is {
            all.push(Move { hardware: hardware.clone(), was, is, why });
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(ranked: &[&str], of: usize, excluded: &[&str]) -> Listed {
        Listed {
            ranked: ranked.iter().enumerate().map(|(at, name)| (at + 1, (*name).to_owned(), "0.5".to_owned())).collect(),
            of,
            excluded: excluded.iter().map(|name| ((*name).to_owned(), "rule: why".to_owned())).collect(),
            not_scored: Vec::new(),
        }
    }

    fn said(was: &Listed, is: &Listed) -> Vec<String> {
        moves(was, is).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_kind_of_move_is_said() {
        assert!(said(&listed(&["a", "b"], 2, &["c"]), &listed(&["a", "b"], 2, &["c"])).is_empty());
        assert_eq!(said(&listed(&["a", "b"], 2, &[]), &listed(&["b", "a"], 2, &[])), ["rank 2 -> 1  b", "rank 1 -> 2  a"]);
        assert_eq!(
            said(&listed(&["a", "b"], 2, &[]), &listed(&["b"], 1, &["a"])),
            ["rank 2 -> 1  b", "excluded now (was 1)  a: rule: why"]
        );
        assert_eq!(said(&listed(&["a"], 1, &["b"]), &listed(&["a", "b"], 2, &[])), ["entered at 2 (was excluded)  b"]);
        assert_eq!(said(&listed(&["a"], 1, &[]), &listed(&["a", "b"], 2, &[])), ["entered at 2 (was absent)  b"]);
        assert_eq!(said(&listed(&["a", "b"], 2, &[]), &listed(&["a"], 1, &[])), ["left (was 2)  b"]);
    }

    #[test]
    fn hardware_below_what_was_shown_is_said_to_come_from_there() {
        let was = listed(&["a", "b"], 4, &[]);
        assert_eq!(said(&was, &listed(&["c", "a", "b", "d"], 4, &[])), ["rank below 2 -> 1  c", "rank 1 -> 2  a", "rank 2 -> 3  b"]);
    }
}
