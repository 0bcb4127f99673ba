//! What a man in the middle sets out to do in one run, and what of it came about.

use std::collections::BTreeSet;

/// What he makes of somebody's identity on its way through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Face {
    /// Leaves it alone.
    Keep,
    /// Puts his own in its place: key, certificate and signatures.
    Swap,
    /// Puts his certificate into it, and cannot sign that.
    Bend,
    /// Leaves it out.
    Drop,
}

/// How he goes about the rounds in which he takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cunning {
    /// On both sides at once.
    Plain,
    /// First towards A; then towards the others with the number that A has shown.
    Mirror,
    /// When both codes are there he begins another round towards the others, for a second guess.
    Twice,
    /// Passes the real messages on, too.
    Relay,
    /// Tells A of everybody as they come, so that rounds are overtaken by others.
    Hasty,
}

/// For the one connection of A.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    /// Towards the host.
    pub(crate) a: Face,
    /// Towards A.
    pub(crate) b: Face,
    pub(crate) host: Face,
    /// His fingerprint into every description; he also answers each offer himself.
    pub(crate) rewrites: bool,
    /// His key into proofs of a code. When that has failed he tries to join without.
    pub(crate) barges: bool,
    pub(crate) cunning: Cunning,
    /// A is told that it is in when so many others are.
    pub(crate) crowd: usize,
}

impl Plan {
    /// Carries everything unchanged.
    pub(crate) const HONEST: Self = Self {
        a: Face::Keep,
        b: Face::Keep,
        host: Face::Keep,
        rewrites: false,
        barges: false,
        cunning: Cunning::Plain,
        crowd: 0,
    };

    pub(crate) fn hasty(&self) -> bool {
        self.cunning == Cunning::Hasty
    }
}

/// What he has of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Loot {
    /// The host has let him in.
    pub(crate) inside: bool,
    /// What the host refused.
    pub(crate) refused: BTreeSet<String>,
    /// Proofs of a code that went through him.
    pub(crate) proofs: u32,
    /// The code that he shares with A, as all whom he plays towards A.
    pub(crate) with_a: Option<[u8; 5]>,
    /// The code that he shares with the others, as A.
    pub(crate) with_others: Option<[u8; 5]>,
    /// He has had his second guess.
    pub(crate) again: bool,
}
