//! Check if negotiation is needed: W3C webrtc §4.7.3.

use landline_protocol::engine_api::DescriptionType;

use super::direction;
use super::state::{Agreed, Phase, State};
use super::transceiver::Transceiver;

impl State {
    pub(super) fn negotiation_needed(&self) -> bool {
        matches!(self.phase, Phase::Stable)
            && (!self.ice_to_replace.is_empty()
                || (self.data.wanted && self.data.now.is_none())
                || self.transceivers.iter().any(|each| self.needs(each)))
    }

    fn needs(&self, transceiver: &Transceiver) -> bool {
        let index = match transceiver.index() {
            // Nothing was told of a stopped one without a section.
            None => return !transceiver.stopping,
            Some(_) if transceiver.stopping => return true,
            Some(index) => index,
        };
        self.current
            .as_ref()
            .is_none_or(|agreed| differs(transceiver, agreed, index))
    }
}

/// Whether the descriptions say something else than what the transceiver is now.
fn differs(transceiver: &Transceiver, agreed: &Agreed, index: usize) -> bool {
    let local = agreed.local.session.sections.get(index);
    let remote = agreed.remote.session.sections.get(index);
    let (Some(local), Some(remote)) = (local, remote) else {
        return true;
    };
    let wanted = transceiver.direction;
    let asked = direction::reversed(remote.direction);
    let way_differs = match agreed.local.kind {
        DescriptionType::Offer => local.direction != wanted && asked != wanted,
        _ => local.direction != direction::intersection(wanted, asked),
    };
    let told = local
        .msids
        .iter()
        .map(|msid| msid.stream.as_str())
        .filter(|stream| *stream != "-");
    // An answer that was not asked to send tells no streams; that alone must not make both sides offer in turn for ever.
    let streams_differ = direction::sends(wanted)
        && direction::sends(local.direction)
        && !told.eq(transceiver.streams.iter().map(String::as_str));
    way_differs || streams_differ
}
