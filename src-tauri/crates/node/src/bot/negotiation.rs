//! The negotiation of one connection: who offers, who gives way, what an answer belongs to, which candidates wait. Pure.
//!
//! Perfect negotiation (W3C webrtc §10.7), and what Landline's clients add to it: offers carry ids, so that a late answer is recognised;
//! candidates are matched by user name fragment. An operation of the connection (making an offer, taking a description) is one step
//! for the owner, so there is no state between its beginning and its end. When one fails in the middle, the connection is made anew
//! and so is this.
//!
//! stable → ([`Negotiation::offer`]) offered → ([`Negotiation::took_answer`]) stable;
//! stable, and offered if polite → ([`Negotiation::took_offer`]) stable.

use std::collections::VecDeque;

use landline_protocol::engine_api::IceCandidate;

use super::signals::{Description, Kind};

/// Candidates that wait for their description. A link has some 20, a restart as many again.
const MAX_EARLY: usize = 64;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Stable,
    /// Our offer with this number is out.
    Offered {
        id: u32,
        restart: bool,
    },
}

/// An offer that is to be made now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Offer {
    pub(crate) id: u32,
    /// With new ICE credentials.
    pub(crate) restart: bool,
}

/// What to do with a description.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// To be set as remote, which rolls an own offer back, and answered; then [`Negotiation::took_offer`].
    TakeOffer,
    /// To be set as remote; then [`Negotiation::took_answer`].
    TakeAnswer,
    /// Glare that the other side will give way in, or an answer to something else.
    Ignore,
}

#[derive(Debug, Clone)]
pub(crate) struct Negotiation {
    polite: bool,
    phase: Phase,
    /// An offer of ours has to follow as soon as things are stable.
    needed: bool,
    restart: bool,
    offers: u32,
    /// User name fragments of the remote description in force; empty before the first.
    fragments: Vec<String>,
    early: VecDeque<IceCandidate>,
}

impl Negotiation {
    pub(crate) fn new(polite: bool) -> Self {
        Self {
            polite,
            phase: Phase::Stable,
            needed: false,
            restart: false,
            offers: 0,
            fragments: Vec::new(),
            early: VecDeque::new(),
        }
    }

    /// Something has to be negotiated.
    pub(crate) fn need(&mut self, restart: bool) {
        self.needed = true;
        self.restart |= restart;
    }

    /// The offer that is due, if one is; it counts as out from here on.
    pub(crate) fn offer(&mut self) -> Option<Offer> {
        if self.phase != Phase::Stable || !self.needed {
            return None;
        }
        self.offers += 1;
        let (id, restart) = (self.offers, self.restart);
        self.phase = Phase::Offered { id, restart };
        self.needed = false;
        self.restart = false;
        Some(Offer { id, restart })
    }

    /// No offer of ours is out.
    pub(crate) fn is_at_rest(&self) -> bool {
        self.phase == Phase::Stable
    }

    #[cfg(test)]
    pub(crate) fn is_stable(&self) -> bool {
        self.phase == Phase::Stable && !self.needed
    }

    pub(crate) fn verdict(&self, description: &Description) -> Verdict {
        match (description.kind, self.phase) {
            (Kind::Offer, Phase::Stable) => Verdict::TakeOffer,
            (Kind::Offer, Phase::Offered { .. }) if self.polite => Verdict::TakeOffer,
            (Kind::Answer, Phase::Offered { id, .. }) if answers(description, id) => {
                Verdict::TakeAnswer
            }
            (Kind::Offer, Phase::Offered { .. }) | (Kind::Answer, _) => Verdict::Ignore,
        }
    }

    /// An offer was taken and answered. `unfinished`: it left something of ours to be negotiated. Gives the candidates that can be
    /// added now.
    pub(crate) fn took_offer(
        &mut self,
        description: &Description,
        unfinished: bool,
    ) -> Vec<IceCandidate> {
        // Rolled back: a restart that it carried is still due.
        let rolled_back_restart = matches!(self.phase, Phase::Offered { restart: true, .. });
        self.needed |= unfinished || rolled_back_restart;
        self.restart |= rolled_back_restart;
        self.in_force(description)
    }

    /// The answer to our offer was taken. Gives the candidates that can be added now.
    pub(crate) fn took_answer(&mut self, description: &Description) -> Vec<IceCandidate> {
        self.in_force(description)
    }

    /// Gives the candidate back if it can be added now; else it waits for its description.
    pub(crate) fn candidate(&mut self, candidate: IceCandidate) -> Option<IceCandidate> {
        if self.belongs(&candidate) {
            return Some(candidate);
        }
        if self.early.len() == MAX_EARLY {
            self.early.pop_front();
        }
        self.early.push_back(candidate);
        None
    }

    fn in_force(&mut self, description: &Description) -> Vec<IceCandidate> {
        self.phase = Phase::Stable;
        self.fragments = fragments_of(&description.sdp);
        let waiting = std::mem::take(&mut self.early);
        let (now, later): (Vec<_>, Vec<_>) =
            waiting.into_iter().partition(|each| self.belongs(each));
        self.early = later.into();
        now
    }

    /// Without a fragment (minimal clients) a candidate belongs to whatever description there is.
    fn belongs(&self, candidate: &IceCandidate) -> bool {
        !self.fragments.is_empty()
            && candidate
                .username_fragment
                .as_ref()
                .is_none_or(|fragment| self.fragments.contains(fragment))
    }
}

/// A minimal client does not say what it answers.
fn answers(description: &Description, id: u32) -> bool {
    description
        .answers
        .as_ref()
        .is_none_or(|answers| *answers == id.to_string())
}

fn fragments_of(sdp: &str) -> Vec<String> {
    let mut fragments: Vec<String> = sdp
        .lines()
        .filter_map(|line| line.trim_end().strip_prefix("a=ice-ufrag:"))
        .map(str::to_owned)
        .collect();
    fragments.dedup();
    fragments
}

#[cfg(test)]
#[path = "negotiation_tests.rs"]
mod tests;
