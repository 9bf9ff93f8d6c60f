//! The texts that a field is known to have, so that a misspelt one in a script does not pass in silence.

use super::rules_file::HARDWARE_TYPES;

/// Tasks that data is known to have; scoring.toml may declare more.
pub(crate) const TASKS: [&str; 2] = ["inference", "training"];

/// Number formats as data spells them. Others are welcome: only what is nearly one of these is taken for a slip.
const FORMATS: &[&str] = &[
    "fp64", "fp32", "tf32", "fp16", "bf16", "fp8", "fp6", "fp4", "nf4", "hfp8", "nvfp4", "mxfp8", "mxfp6", "mxfp4", "mxint8", "f64", "f32",
    "f16", "f8", "int16", "int8", "int4", "int2", "qint8", "i16", "i8", "i4", "uint8", "uint4", "u8", "u4", "float64", "float32",
    "float16", "bfloat16", "8bit", "4bit", "amp", "mixed",
];

/// The texts that a field is known to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Words {
    /// Any.
    Any,
    /// These, and the pipeline gives no other.
    Only(&'static [&'static str]),
    /// The tasks: inference, training, and those that scoring.toml declares. Data may have others.
    Tasks,
    /// Hardware types, none (an empty text) among them. Another may be one of the user's own, and is unfamiliar.
    HardwareTypes,
    /// Number formats, of which there are always new ones.
    Formats,
}

impl Words {
    /// The texts that the pipeline can give, where it can give no other; else none.
    pub(crate) fn only(self) -> &'static [&'static str] {
        if let Self::Only(words) = self { words } else { &[] }
    }

    /// The texts that the field is known to have; `declared`: the tasks of scoring.toml. None where it may be any.
    pub(crate) fn known<'a>(self, declared: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
        match self {
            Self::Any | Self::Formats => Vec::new(),
            Self::Only(words) => words.to_vec(),
            Self::Tasks => {
                let mut known = TASKS.to_vec();
                known.extend(declared.into_iter().filter(|task| !TASKS.contains(task)));
                known
            }
            Self::HardwareTypes => HARDWARE_TYPES.to_vec(),
        }
    }
}

/// The number format that a text is a slip of: the same letters in another order. Another letter (`bf32`) or other digits are another
/// format, one letter more may be one, and names of several parts (`q4_k_xl`) are too many to know.
pub(super) fn meant_format(text: &str) -> Option<&'static str> {
    let text = text.to_lowercase();
    if FORMATS.contains(&text.as_str()) || text.contains('_') {
        return None;
    }
    let sorted = |text: &str| {
        let mut letters: Vec<char> = text.chars().collect();
        letters.sort_unstable();
        letters
    };
    let mut known = FORMATS.iter().copied();
    known.find(|known| sorted(&text) == sorted(known) && crate::error::is_misspelt(&text, known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_number_formats_are_told_from_other_formats() {
        for (text, meant) in [("fp61", "fp16"), ("pf16", "fp16"), ("itn8", "int8"), ("bf61", "bf16"), ("flaot16", "float16")] {
            assert_eq!(meant_format(text), Some(meant), "{text}");
        }
        for other in [
            "fp16", "FP16", "fp12", "int3", "q4_k_xl", "iq2_xxs", "e4m3", "w8a8", "w4a16", "awq", "gptq", "unknown", "", "fp8_e4m3", "q8",
            "if4", "qint8", "qint4", "bf32", "bfp8", "xint8", "uint16", "fp24",
        ] {
            assert_eq!(meant_format(other), None, "{other}");
        }
    }
}
