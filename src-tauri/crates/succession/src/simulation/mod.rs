//! Meetings in a seeded network that cuts, delays, reorders and loses, with apps and guests that come, leave, die, restart and
//! sleep, and people who write, rule, are removed and try to return. At rest the rules of [`rules`] hold, whatever happened.
//!
//! `cargo xtask simulate --seed N` tells one seed's story.
//!
//! - `dice`, `keys`: chance and signatures
//! - `network`: who reaches whom, how, and how late
//! - `script`: what happens in one seed
//! - `world`: people and time; `processes` begin and end, `steps` are what scripts do, `doing` is what survivors want done
//! - `rules`: what has to be true at rest
//! - `tests`: the seeds

mod dice;
mod doing;
mod keys;
mod network;
mod processes;
mod rules;
mod script;
mod steps;
mod tests;
mod world;

/// A core that was broken on purpose: the rules have to notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mutation {
    /// A member follows whoever claims the meeting, though it hears its host.
    FollowsWithoutLoss,
    /// A host keeps those in the record who were removed.
    KeepsBanned,
    /// Nobody gives way in a merge.
    NobodyYields,
    /// A new host gets no chat.
    ForgetsChat,
}
