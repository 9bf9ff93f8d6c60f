//! Which columns of a table fit the terminal, and how wide each is.

use super::output::{Column, Sheet, width_of};

/// Blanks between two columns.
pub(super) const GAP: usize = 2;

/// A column that folds asks for so much at least: one that stays at any width for more, because it says what the row is.
const READABLE: [usize; 2] = [28, 16];

/// How wide the cells of each column are, of all rows that were seen.
pub(super) struct Widths<'a> {
    columns: &'a [Column],
    longest: Vec<usize>,
    said: Vec<bool>,
}

impl<'a> Widths<'a> {
    /// Those of the headings alone.
    pub(super) fn of_headings(columns: &'a [Column]) -> Self {
        Self { columns, longest: columns.iter().map(|column| width_of(&column.name)).collect(), said: vec![false; columns.len()] }
    }

    /// Those of a sheet.
    pub(super) fn of(sheet: &'a Sheet) -> Self {
        let mut widths = Self::of_headings(&sheet.columns);
        sheet.rows.iter().for_each(|row| widths.see(row));
        widths
    }

    /// Sees a further row.
    pub(super) fn see(&mut self, row: &[String]) {
        for ((longest, said), cell) in self.longest.iter_mut().zip(&mut self.said).zip(row) {
            *longest = width_of(cell).max(*longest);
            *said |= !cell.is_empty();
        }
    }

    /// How wide each column is where nothing folds.
    pub(super) fn longest(&self) -> impl Iterator<Item = usize> {
        self.longest.iter().copied()
    }

    /// The least that a column can be read in.
    fn least(&self, at: usize) -> usize {
        let column = &self.columns[at];
        let readable = READABLE[usize::from(column.rank > 0)].max(width_of(&column.name));
        if column.folds { self.longest[at].min(readable) } else { self.longest[at] }
    }

    /// The columns that are printed, and how wide each is: takes away those that matter least until the rest fits, then hands out
    /// what is left from left to right, first to those that stay at any width.
    pub(super) fn fitting(&self, width: usize) -> Vec<(usize, usize)> {
        let columns = self.columns;
        let mut kept: Vec<usize> = (0..columns.len()).filter(|at| self.said[*at] || columns[*at].rank == 0).collect();
        let needed = |kept: &[usize]| kept.iter().map(|at| self.least(*at) + GAP).sum::<usize>().saturating_sub(GAP);
        while needed(&kept) > width {
            let Some(worst) = kept.iter().copied().filter(|at| columns[*at].rank > 0).max_by_key(|at| (columns[*at].rank, *at)) else {
                break;
            };
            kept.retain(|at| *at != worst);
        }
        let mut widths: Vec<(usize, usize)> = kept.iter().map(|at| (*at, self.least(*at))).collect();
        let mut over = needed(&kept).saturating_sub(width);
        // What stays at any width may still be too wide: the widest that folds gives way, down to ten.
        while over > 0 {
            let Some(widest) = widths.iter_mut().filter(|(at, wide)| columns[*at].folds && *wide > 10).max_by_key(|(_, wide)| *wide) else {
                break;
            };
            widest.1 -= 1;
            over -= 1;
        }
        let mut free = width.saturating_sub(needed(&kept));
        for stays in [true, false] {
            for (at, wide) in widths.iter_mut().filter(|(at, _)| (columns[*at].rank == 0) == stays) {
                let more = free.min(self.longest[*at].saturating_sub(*wide));
                *wide += more;
                free -= more;
            }
        }
        widths
    }
}
