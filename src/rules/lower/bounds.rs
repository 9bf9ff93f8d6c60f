//! The least and the greatest number that an expression can come to; of a text, the number of its bytes.
//!
//! They hold for every row, because a row whose fields lie outside theirs is not computed but interpreted.

/// Both ends included; integers are held as numbers, rounded outwards.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Bounds {
    pub(super) least: f64,
    pub(super) most: f64,
}

/// Integers of fields that are computed with; rows with others are interpreted.
pub(super) const WHOLE: f64 = 1e12;
/// Numbers of fields that are computed with; rows with others are interpreted.
pub(super) const NUMBER: f64 = 1e100;
/// Bytes of a text field that is computed with; rows with longer ones are interpreted.
pub(super) const TEXT: f64 = 600.0;
/// Bytes of a number, an integer or a truth value in a text.
pub(super) const SHOWN: f64 = 32.0;
/// Integers below it, of either sign, cannot overflow.
const SAFE_WHOLE: f64 = 9e18;

impl Bounds {
    /// Of what is no number.
    pub(super) const NONE: Self = Self { least: 0.0, most: 0.0 };

    pub(super) fn new(least: f64, most: f64) -> Self {
        Self { least, most }
    }

    pub(super) fn one(value: f64) -> Self {
        Self { least: value, most: value }
    }

    /// Of an integer; one that no number is equal to lies between two of them.
    pub(super) fn integer(value: i64) -> Self {
        Self::one(value as f64).widened()
    }

    /// A little wider, where integers are too far from zero for numbers to be exact.
    pub(super) fn widened(self) -> Self {
        let exact = |value: f64| value.abs() <= 4e15;
        let by = |value: f64| if exact(value) { 0.0 } else { value.abs() * 1e-12 };
        Self { least: self.least - by(self.least), most: self.most + by(self.most) }
    }

    pub(super) fn join(self, other: Self) -> Self {
        Self { least: self.least.min(other.least), most: self.most.max(other.most) }
    }

    /// Whether neither end is beyond the finite numbers.
    pub(super) fn is_finite(self) -> bool {
        self.least.is_finite() && self.most.is_finite()
    }

    /// Whether every integer in it is one of 64 bits, with room for the rounding of the ends.
    pub(super) fn is_whole(self) -> bool {
        self.least >= -SAFE_WHOLE && self.most <= SAFE_WHOLE
    }

    pub(super) fn has_zero(self) -> bool {
        self.least <= 0.0 && self.most >= 0.0
    }

    /// What is left when everything else is an error.
    pub(super) fn clamp(self, least: f64, most: f64) -> Self {
        let inside = |value: f64| if value.is_nan() { least } else { value.clamp(least, most) };
        Self {
            least: if self.least.is_nan() { least } else { inside(self.least) },
            most: if self.most.is_nan() { most } else { inside(self.most) },
        }
    }

    /// The hull over the corners of an operation that is monotone in each operand; rounding is monotone too.
    pub(super) fn corners(self, other: Self, operation: fn(f64, f64) -> f64) -> Self {
        let all = [
            operation(self.least, other.least),
            operation(self.least, other.most),
            operation(self.most, other.least),
            operation(self.most, other.most),
        ];
        if all.iter().any(|value| value.is_nan()) {
            return Self { least: f64::NEG_INFINITY, most: f64::INFINITY };
        }
        Self { least: all.iter().copied().fold(f64::INFINITY, f64::min), most: all.iter().copied().fold(f64::NEG_INFINITY, f64::max) }
    }

    /// What a monotone function makes of it.
    pub(super) fn map(self, function: fn(f64) -> f64) -> Self {
        Self { least: function(self.least), most: function(self.most) }
    }
}
