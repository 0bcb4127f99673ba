//! What is tried in the thousand runs, and what has to come of each.

use super::plan::{Cunning, Face, Plan};
use super::stage::Certificate;
use super::thin::Scene;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum End {
    /// A and B show different codes, though they took each other's descriptions.
    Codes,
    /// Both ends dropped the descriptions that came through him.
    Descriptions,
    /// Somebody has no code, or one that does not cover the other.
    Uncovered,
    /// The host did not let A in.
    NotIn,
    /// None of these in time.
    Nothing,
}

/// What he tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Attack {
    /// (a) Keys, certificates and signatures of his own for everybody, either way, and a part in the rounds on both sides.
    Keys,
    /// (b) His fingerprint in descriptions; identities are the true ones.
    Descriptions,
    /// (c) His fingerprint in the identities that A sees, under the signatures that were there.
    Fingerprints,
    /// (c) The same in A's own identity towards the host.
    OwnFingerprint,
    /// (d) A is shown B without an identity, and the host A; the host's own he swaps.
    Identities,
    /// (d) A is shown B without an identity; the rest he swaps.
    OneIdentity,
}

impl Attack {
    pub(crate) fn of(run: usize) -> (Self, Cunning) {
        use Cunning::{Hasty, Mirror, Plain, Relay, Twice};
        match run % 20 {
            0..=6 => (Self::Keys, Plain),
            7..=9 => (Self::Keys, Mirror),
            10..=11 => (Self::Keys, Relay),
            12 => (Self::Keys, Twice),
            13 => (Self::Keys, Hasty),
            14..=15 => (Self::Descriptions, Plain),
            16 => (Self::Fingerprints, Plain),
            17 => (Self::OwnFingerprint, Plain),
            18 => (Self::Identities, Plain),
            _ => (Self::OneIdentity, Plain),
        }
    }

    pub(crate) fn plan(self, cunning: Cunning) -> Plan {
        use Face::{Bend, Drop, Keep, Swap};
        let (a, b, host) = match self {
            Self::Keys => (Swap, Swap, Swap),
            Self::Descriptions => (Keep, Keep, Keep),
            Self::Fingerprints => (Keep, Bend, Bend),
            Self::OwnFingerprint => (Bend, Keep, Keep),
            Self::Identities => (Drop, Drop, Swap),
            Self::OneIdentity => (Swap, Drop, Swap),
        };
        Plan {
            a,
            b,
            host,
            rewrites: true,
            cunning,
            crowd: 2,
            ..Plan::HONEST
        }
    }

    /// A's own identity gets through him only if he is the host.
    pub(crate) fn certificate(self, run: usize) -> Certificate {
        match self {
            Self::Descriptions | Self::Fingerprints => Certificate::Hosts,
            _ if (run / 20).is_multiple_of(2) => Certificate::Own,
            _ => Certificate::Hosts,
        }
    }

    /// What has to come of it.
    pub(crate) fn ended(self, cunning: Cunning, scene: &Scene) -> Option<End> {
        let Scene {
            a, b, host, loot, ..
        } = scene;
        let both_took = a.took(b) && b.took(a);
        let both_dropped = a.dropped(b) && b.dropped(a) && !a.took(b) && !b.took(a);
        match self {
            Self::Keys => {
                // He is in both rounds: with A in one, with the others in the other.
                let there = a.code().is_some() && a.code() == loot.with_a && a.covers(b);
                let here = b.code().is_some() && b.code() == loot.with_others && b.covers(a);
                let guessed = cunning != Cunning::Twice || loot.again;
                let all = there && here && guessed && both_took && host.code() == b.code();
                all.then_some(End::Codes)
            }
            Self::Descriptions => {
                // Nothing about the keys is wrong.
                let same = a.covers(b) && b.covers(a) && a.code() == b.code();
                (same && both_dropped).then_some(End::Descriptions)
            }
            Self::Fingerprints => {
                let alone = a.cannot_verify(b) && a.cannot_verify(host) && a.code().is_none();
                let waits = b.view.is_some() && b.code().is_none() && !b.cannot_verify(a);
                (alone && waits && both_dropped).then_some(End::Descriptions)
            }
            Self::OwnFingerprint => {
                (a.error.as_deref() == Some("bad-identity")).then_some(End::NotIn)
            }
            Self::Identities => {
                let here = a.cannot_verify(b) && a.covers(host) && !a.covers(b);
                let there = b.cannot_verify(a) && b.covers(host) && !b.covers(a);
                (here && there && both_took).then_some(End::Uncovered)
            }
            Self::OneIdentity => {
                let here = a.cannot_verify(b) && a.covers(host) && !a.covers(b);
                let there = b.covers(a) && b.covers(host);
                (here && there && both_took).then_some(End::Uncovered)
            }
        }
    }
}
