//! Choosing results by what they say: `source=mlperf-training`, `source_version~v5`, `tested_at>=2026-01-01`.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use crate::fields::{self, Field, Type};
use crate::scoring::sql;
use crate::{Error, Result};

/// A condition on one field of a result; a missing value never meets it.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    field: &'static Field,
    sql: String,
    said: String,
}

/// How a value is compared, the longer signs first.
const SIGNS: [&str; 6] = ["<=", ">=", "=", "~", "<", ">"];
/// What the imported file is called where it is typed.
const FILE: &str = "file";
/// Its field.
const SOURCE_FILE: &str = "source_file";

impl std::str::FromStr for Choice {
    type Err = Error;

    /// FIELD, one of `=`, `~` (contains, any case), `<`, `<=`, `>`, `>=`, and a value. `file` is `source_file`, of which the file's own
    /// name is enough.
    fn from_str(text: &str) -> Result<Self> {
        let place = text.char_indices().find(|(at, _)| SIGNS.iter().any(|sign| text[*at..].starts_with(sign)));
        let (name, sign, value) = place
            .and_then(|(at, _)| {
                let sign = SIGNS.iter().find(|sign| text[at..].starts_with(**sign))?;
                Some((text[..at].trim(), *sign, text[at + sign.len()..].trim()))
            })
            .ok_or_else(|| {
                Error::input(format!("`{text}` chooses nothing"))
                    .help("FIELD=VALUE, FIELD~TEXT, or FIELD<=VALUE (also <, >, >=), such as tested_at>=2026-01-01")
            })?;
        let wanted = if name == FILE { SOURCE_FILE } else { name };
        let field = fields::find(wanted).ok_or_else(|| {
            let known = fields::FIELDS.iter().map(|field| field.name).chain([FILE]);
            Error::unknown("field of a result", name, known).or_help(
                "for example source, source_version, file, submitter, framework, tested_at; `suitor list results --format json` shows them",
            )
        })?;
        if value.is_empty() {
            return Err(Error::input(format!("`{text}` has no value")));
        }
        let column = sql::name(field.name);
        let wrong = |expected: &str| Error::input(format!("`{text}`: expected {expected}"));
        let condition = match (field.kind, sign) {
            (_, "~") => format!("contains(lower(CAST({column} AS VARCHAR)), lower({}))", sql::text(value)),
            // The path is as it was typed when the file was imported.
            (Type::Text, "=") if field.name == SOURCE_FILE && !value.contains(['/', '\\']) => {
                let ends = |sign: char| format!("ends_with({column}, {})", sql::text(&format!("{sign}{value}")));
                format!("({column} = {} OR {} OR {})", sql::text(value), ends('/'), ends('\\'))
            }
            (Type::Text, "=") => format!("{column} = {}", sql::text(value)),
            (Type::Text, _) => return Err(wrong(&format!("= or ~, because {} is text", field.name))),
            (Type::Integer, _) => {
                let number: i64 = value.parse().map_err(|_| wrong("a whole number"))?;
                format!("{column} {sign} {number}")
            }
            (Type::Number, _) => {
                let number: f64 = value.parse().ok().filter(|number: &f64| number.is_finite()).ok_or_else(|| wrong("a number"))?;
                format!("{column} {sign} {}", sql::number(number))
            }
            (Type::Time, _) => {
                time(&column, sign, value).ok_or_else(|| wrong("a day such as 2026-01-31, or a moment such as 2026-01-31T12:00:00Z"))?
            }
        };
        Ok(Self { field, sql: condition, said: text.to_owned() })
    }
}

/// A condition on a time. A day is all of it: `<=` goes up to its end, `>` begins after it.
fn time(column: &str, sign: &str, value: &str) -> Option<String> {
    let at = |moment: Timestamp| format!("make_timestamp({}::BIGINT)", moment.as_microsecond());
    if value.len() != 10 {
        return value.parse().ok().map(|moment| format!("{column} {sign} {}", at(moment)));
    }
    let day: Date = value.parse().ok()?;
    let begin: Timestamp = format!("{day}T00:00:00Z").parse().ok()?;
    let end = begin.checked_add(SignedDuration::from_hours(24)).ok()?;
    let (begin, end) = (at(begin), at(end));
    Some(match sign {
        "=" => format!("({column} >= {begin} AND {column} < {end})"),
        "<=" => format!("{column} < {end}"),
        ">" => format!("{column} >= {end}"),
        _ => format!("{column} {sign} {begin}"),
    })
}

impl Choice {
    /// The field that it looks at.
    #[must_use]
    pub fn field(&self) -> &'static str {
        self.field.name
    }

    /// It as it was typed.
    #[must_use]
    pub fn said(&self) -> &str {
        &self.said
    }

    /// It as a condition on the row relation.
    pub(crate) fn sql(&self) -> &str {
        &self.sql
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sql(text: &str) -> String {
        text.parse::<Choice>().unwrap_or_else(|error| panic!("{error}")).sql
    }

    #[test]
    fn a_day_is_all_of_it() {
        // 2026-01-31 begins at 1769817600 s.
        assert_eq!(sql("tested_at>=2026-01-31"), "\"tested_at\" >= make_timestamp(1769817600000000::BIGINT)");
        assert_eq!(sql("tested_at<2026-01-31"), "\"tested_at\" < make_timestamp(1769817600000000::BIGINT)");
        assert_eq!(sql("tested_at<=2026-01-31"), "\"tested_at\" < make_timestamp(1769904000000000::BIGINT)");
        assert_eq!(sql("tested_at > 2026-01-31"), "\"tested_at\" >= make_timestamp(1769904000000000::BIGINT)");
        assert_eq!(sql("tested_at<=2026-01-31T00:00:01Z"), "\"tested_at\" <= make_timestamp(1769817601000000::BIGINT)");
    }

    #[test]
    fn a_choice_is_by_the_type_of_its_field() {
        assert_eq!(sql("source=a=b's"), "\"source\" = 'a=b''s'");
        let own =
            "(\"source_file\" = 'a=b''s.csv' OR ends_with(\"source_file\", '/a=b''s.csv') OR ends_with(\"source_file\", '\\a=b''s.csv'))";
        assert_eq!(sql("file=a=b's.csv"), own);
        assert_eq!(sql("source_file=a/b.csv"), "\"source_file\" = 'a/b.csv'");
        assert_eq!(sql("batch_size<=8"), "\"batch_size\" <= 8");
        assert_eq!(sql("latency_ms_mean>2.5"), "\"latency_ms_mean\" > 2.5e0::DOUBLE");
        let said = |text: &str| text.parse::<Choice>().unwrap_err().to_string();
        assert_eq!(said("sorce=x"), "unknown field of a result `sorce`\nhelp: did you mean `source`, `source_key`, `source_file`?");
        assert_eq!(said("source<x"), "`source<x`: expected = or ~, because source is text");
        assert_eq!(said("batch_size=two"), "`batch_size=two`: expected a whole number");
        assert_eq!(said("source="), "`source=` has no value");
        assert!(said("source").starts_with("`source` chooses nothing"));
        assert!(said("tested_at>=soon").contains("a day such as"));
    }
}
