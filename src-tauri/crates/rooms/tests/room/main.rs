//! What a room does, seen from outside.

#![allow(
    clippy::indexing_slicing,
    clippy::unchecked_time_subtraction,
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helpers as well"
)]

mod admission;
mod moderation;
mod rules;
mod signed;
mod succession;
mod table;
