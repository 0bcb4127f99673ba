//! What each system's webview needs before its page is loaded. Media permissions are decided in `permission`, for all of them.
//!
//! Each file has the same two functions: `prepare` adds to the window before it is built, `apply` sets what only the
//! finished webview has. Both run before the first page.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "linux")]
pub(crate) use linux::{apply, prepare};
#[cfg(target_os = "macos")]
pub(crate) use macos::{apply, prepare};
#[cfg(windows)]
pub(crate) use windows::{apply, prepare};
