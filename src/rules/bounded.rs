//! Functions of the language that could take more memory than a limit before the engine looks at their result.

use rhai::{Engine, EvalAltResult, ImmutableString, Position};

use super::limits::Limits;

type Done = Result<(), Box<EvalAltResult>>;

/// Registers them in place of the language's own.
pub(crate) fn register(engine: &mut Engine, limits: &Limits) {
    let most = limits.string;
    let put = move |text: &mut ImmutableString, find: &str, with: &str| -> Done {
        if text.is_empty() {
            return Ok(());
        }
        let grows = with.len().saturating_sub(find.len());
        if grows > 0 && text.matches(find).count().saturating_mul(grows).saturating_add(text.len()) > most {
            return Err(EvalAltResult::ErrorDataTooLarge("Length of string".to_owned(), Position::NONE).into());
        }
        *text = text.replace(find, with).into();
        Ok(())
    };
    engine.register_fn("replace", move |text: &mut ImmutableString, find: &str, with: &str| put(text, find, with));
    engine.register_fn("replace", move |text: &mut ImmutableString, find: char, with: &str| put(text, find.encode_utf8(&mut [0; 4]), with));
}
