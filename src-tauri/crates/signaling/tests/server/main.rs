//! The server as the network sees it: real sockets on port 0, TLS with a certificate made for the test.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helpers as well"
)]

mod close;
mod hostile;
mod minimal;
mod peers;
mod resume;
mod stream;
mod support;
mod who_may_ask;
