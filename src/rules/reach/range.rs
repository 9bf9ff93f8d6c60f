//! Ranges of integers and of finite numbers, both ends included, and how a comparison narrows two of them.

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Op {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

impl Op {
    /// The comparison of that sign.
    pub(super) fn of(sign: &str) -> Option<Self> {
        Some(match sign {
            "==" => Self::Eq,
            "!=" => Self::Ne,
            "<" => Self::Lt,
            "<=" => Self::Le,
            ">" => Self::Gt,
            ">=" => Self::Ge,
            _ => return None,
        })
    }

    /// The comparison that holds exactly when this one does not: there is no NaN.
    pub(super) fn negated(self) -> Self {
        match self {
            Self::Eq => Self::Ne,
            Self::Ne => Self::Eq,
            Self::Lt => Self::Ge,
            Self::Le => Self::Gt,
            Self::Gt => Self::Le,
            Self::Ge => Self::Lt,
        }
    }

    /// The comparison with its sides exchanged.
    pub(super) fn mirrored(self) -> Self {
        match self {
            Self::Lt => Self::Gt,
            Self::Le => Self::Ge,
            Self::Gt => Self::Lt,
            Self::Ge => Self::Le,
            same => same,
        }
    }
}

/// Values with a least, a greatest and neighbours.
pub(super) trait Step: Copy + PartialOrd {
    /// The least value.
    const LEAST: Self;
    /// The greatest value.
    const MOST: Self;
    /// The next greater value.
    fn next(self) -> Self;
    /// The next smaller value.
    fn before(self) -> Self;
}

impl Step for i64 {
    const LEAST: Self = Self::MIN;
    const MOST: Self = Self::MAX;
    fn next(self) -> Self {
        self.saturating_add(1)
    }
    fn before(self) -> Self {
        self.saturating_sub(1)
    }
}

impl Step for f64 {
    const LEAST: Self = Self::MIN;
    const MOST: Self = Self::MAX;
    fn next(self) -> Self {
        self.next_up()
    }
    fn before(self) -> Self {
        self.next_down()
    }
}

/// All values from `lo` to `hi`, both included; never empty. The two zeros of floating point count as one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Range<T> {
    /// The least.
    pub(super) lo: T,
    /// The greatest.
    pub(super) hi: T,
}

impl<T: Step> Range<T> {
    /// Every value.
    pub(super) const ALL: Self = Self { lo: T::LEAST, hi: T::MOST };

    /// The range; `None` when it is empty.
    pub(super) fn new(lo: T, hi: T) -> Option<Self> {
        (lo <= hi).then_some(Self { lo, hi })
    }

    /// One value.
    pub(super) fn one(value: T) -> Self {
        Self { lo: value, hi: value }
    }

    /// Whether it holds one value only.
    pub(super) fn is_one(self) -> bool {
        self.lo == self.hi
    }

    /// Whether a value is in it.
    pub(super) fn contains(self, value: T) -> bool {
        self.lo <= value && value <= self.hi
    }

    /// What is in both.
    pub(super) fn meet(self, other: Self) -> Option<Self> {
        Self::new(greater(self.lo, other.lo), smaller(self.hi, other.hi))
    }

    /// The least range that holds both.
    pub(super) fn join(self, other: Self) -> Self {
        Self { lo: smaller(self.lo, other.lo), hi: greater(self.hi, other.hi) }
    }

    /// The least range that holds what is in this one and not in the other.
    pub(super) fn minus(self, other: Self) -> Option<Self> {
        if other.lo <= self.lo {
            if other.hi >= self.hi {
                return None;
            }
            return Self::new(if other.hi >= self.lo { other.hi.next() } else { self.lo }, self.hi);
        }
        if other.hi >= self.hi && other.lo <= self.hi {
            return Self::new(self.lo, other.lo.before());
        }
        Some(self)
    }

    /// The values of both sides for which the comparison can hold; `None` when it never does.
    pub(super) fn split(self, op: Op, other: Self) -> Option<(Self, Self)> {
        match op {
            Op::Eq => self.meet(other).map(|both| (both, both)),
            Op::Ne => {
                if self.is_one() && other.is_one() && self.lo == other.lo {
                    return None;
                }
                Some((self.without_end(other), other.without_end(self)))
            }
            Op::Lt if self.lo < other.hi => {
                Some((Self::new(self.lo, smaller(self.hi, other.hi.before()))?, Self::new(greater(other.lo, self.lo.next()), other.hi)?))
            }
            Op::Le if self.lo <= other.hi => {
                Some((Self::new(self.lo, smaller(self.hi, other.hi))?, Self::new(greater(other.lo, self.lo), other.hi)?))
            }
            Op::Lt | Op::Le => None,
            Op::Gt | Op::Ge => other.split(op.mirrored(), self).map(|(right, left)| (left, right)),
        }
    }

    /// Without a single value that is at one of its ends.
    fn without_end(self, other: Self) -> Self {
        match (other.is_one() && !self.is_one(), other.lo == self.lo, other.lo == self.hi) {
            (true, true, _) => Self { lo: self.lo.next(), ..self },
            (true, _, true) => Self { hi: self.hi.before(), ..self },
            _ => self,
        }
    }

    /// Whether `split` by this comparison gives exactly the values of this range that meet it, the other side being one value.
    pub(super) fn splits_exactly(self, op: Op, other: Self) -> bool {
        other.is_one() && (op != Op::Ne || !self.contains(other.lo) || other.lo == self.lo || other.lo == self.hi)
    }
}

fn smaller<T: PartialOrd>(a: T, b: T) -> T {
    if b < a { b } else { a }
}

fn greater<T: PartialOrd>(a: T, b: T) -> T {
    if b > a { b } else { a }
}

/// Below this, integers and floating-point numbers correspond one to one.
const EXACT: f64 = 9_007_199_254_740_992.0;

impl Range<f64> {
    /// The integers that the numbers of the range are cut to; beyond the range of integers, its ends.
    pub(super) fn as_ints(self) -> Range<i64> {
        Range { lo: whole(self.lo), hi: whole(self.hi) }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "saturates, as the bound of a range should")]
fn whole(number: f64) -> i64 {
    number as i64
}

impl Range<i64> {
    /// The range of the integers as floating-point numbers.
    pub(super) fn as_floats(self) -> Range<f64> {
        Range { lo: self.lo as f64, hi: self.hi as f64 }
    }

    /// `split` with numbers, as which integers beside them count; and whether the integers found are exactly those.
    pub(super) fn split_mixed(self, op: Op, other: Range<f64>) -> Option<(Self, Range<f64>, bool)> {
        let floats = self.as_floats();
        let (left, right) = floats.split(op, other)?;
        let lo = if left.lo.abs() < EXACT { whole(left.lo.ceil()) } else { self.lo };
        let hi = if left.hi.abs() < EXACT { whole(left.hi.floor()) } else { self.hi };
        let exact = floats.splits_exactly(op, other) && other.lo.abs() < EXACT && other.hi.abs() < EXACT;
        Some((Self::new(greater(lo, self.lo), smaller(hi, self.hi))?, right, exact))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ints(lo: i64, hi: i64) -> Range<i64> {
        Range { lo, hi }
    }

    #[test]
    fn a_comparison_keeps_exactly_the_values_that_meet_it() {
        let ops = [Op::Eq, Op::Ne, Op::Lt, Op::Le, Op::Gt, Op::Ge];
        let holds = |op: Op, a: i64, b: i64| match op {
            Op::Eq => a == b,
            Op::Ne => a != b,
            Op::Lt => a < b,
            Op::Le => a <= b,
            Op::Gt => a > b,
            Op::Ge => a >= b,
        };
        for op in ops {
            for (alo, ahi, blo, bhi) in (0..256).map(|n: i64| (n % 4, n / 4 % 4, n / 16 % 4, n / 64)) {
                let (Some(a), Some(b)) = (Range::new(alo, ahi), Range::new(blo, bhi)) else { continue };
                let pairs: Vec<(i64, i64)> =
                    (alo..=ahi).flat_map(|x| (blo..=bhi).map(move |y| (x, y))).filter(|(x, y)| holds(op, *x, *y)).collect();
                let hull = |values: Vec<i64>| Range::new(*values.iter().min()?, *values.iter().max()?);
                let expected = hull(pairs.iter().map(|pair| pair.0).collect()).zip(hull(pairs.iter().map(|pair| pair.1).collect()));
                assert_eq!(a.split(op, b), expected, "{a:?} {op:?} {b:?}");
                let mixed = a.split_mixed(op, b.as_floats()).map(|(x, y, _)| (x, y));
                let as_mixed = expected.map(|(x, _)| x);
                assert_eq!(mixed.map(|(x, _)| x), as_mixed, "{a:?} {op:?} {b:?}, mixed");
            }
        }
    }

    #[test]
    fn integers_beside_numbers_are_narrowed_to_whole_ones() {
        assert_eq!(ints(0, 9).split_mixed(Op::Lt, Range::one(2.5)).map(|(x, ..)| x), Some(ints(0, 2)));
        assert_eq!(ints(0, 9).split_mixed(Op::Gt, Range::one(2.5)).map(|(x, ..)| x), Some(ints(3, 9)));
        assert_eq!(ints(0, 9).split_mixed(Op::Eq, Range::one(2.5)), None);
        assert_eq!(ints(0, i64::MAX).split_mixed(Op::Gt, Range::one(1e18)).map(|(x, ..)| x), Some(ints(0, i64::MAX)));
    }

    #[test]
    fn what_is_left_of_a_range() {
        assert_eq!(ints(0, 9).minus(ints(-1, 3)), Some(ints(4, 9)));
        assert_eq!(ints(0, 9).minus(ints(3, 12)), Some(ints(0, 2)));
        assert_eq!(ints(0, 9).minus(ints(3, 4)), Some(ints(0, 9)));
        assert_eq!(ints(0, 9).minus(ints(0, 9)), None);
        assert_eq!(ints(0, 9).minus(ints(-5, -1)), Some(ints(0, 9)));
        assert_eq!(ints(0, 9).minus(ints(10, 12)), Some(ints(0, 9)));
    }
}
