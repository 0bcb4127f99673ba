//! One machine's part in meetings: host, discover, dial, and hand over to the page. No window, no tauri.
//!
//! - [`Node`]: the one door; [`NodeSession`] and [`NodeEvents`] are one page of it
//! - `session`: what a page asks for and is told, its connections to rooms
//! - `hosting`, `face`, `listen`, `stand`, `keeper`: a meeting of our own
//! - `survival`: how a meeting outlives its host
//! - `dialer`, `dial`, `contacts`: reaching the meetings of others
//! - [`address`]: what people type, as a value; [`backoff`]: when to try again
//! - `browser_mode`: the same node for a browser on this machine
//! - `bot`: participants without a person
//! - `engine_socket`: calls in the app's own window, where its webview has no WebRTC; `engine`: starting one
//! - `storage`: settings, certificate, known hosts
//! - [`Platform`]: what only the program around the node can do
//! - [`EmbeddedUi`]: the pages

pub mod address;
pub mod backoff;
pub mod bot;
mod browser_mode;
mod contacts;
mod dial;
mod dialer;
mod engine;
mod engine_socket;
mod error;
mod face;
mod fingerprint;
mod hosting;
mod interfaces;
mod keeper;
mod links;
mod listen;
mod node;
mod platform;
mod random;
mod session;
mod stand;
mod storage;
mod survival;
mod ui;

pub use fingerprint::{BadFingerprint, Fingerprint};
pub use hosting::HostOptions;
pub use links::guest_url;
pub use node::{Node, NodeConfig, StartError};
pub use platform::{NoPlatform, Platform, PlatformError};
pub use random::NoRandomness;
pub use session::{NodeEvents, NodeSession};
pub use storage::identity::IdentityError;
pub use storage::{CONFIG_DIR_VARIABLE, config_dir};
pub use ui::EmbeddedUi;
