//! The one integration binary.
#![expect(unreachable_pub, reason = "a test binary exports nothing: `pub` here means within the tests")]

mod landing;
mod oracle;
mod properties;
mod recompute;
mod structure;
mod support;
mod worked;
