//! Drives a connection with arbitrary bytes.

use landline_protocol::engine_api::{
    Description, DescriptionType, Direction, IceCandidate, TrackKind,
};

use super::{Identity, Jsep, Random, ReceiverIds};

/// Takes the first byte as a plan and the rest as text: as an offer and its answer, as an answer to an own offer, as a
/// candidate. Nothing may panic, and a description that was refused must not have changed anything.
pub fn fuzz_descriptions(data: &[u8]) {
    let Some((plan, rest)) = data.split_first() else {
        return;
    };
    let text = String::from_utf8_lossy(rest).into_owned();
    let mut seed = u64::from(*plan);
    let random: Random = Box::new(move || {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        seed
    });
    let identity = Identity {
        fingerprint: [*plan; 32],
    };
    let mut jsep = Jsep::new(identity, random, ReceiverIds::default());
    if plan & 1 != 0 {
        let kinds = [TrackKind::Audio, TrackKind::Video];
        for (id, kind) in (0..).zip(kinds) {
            let _ = jsep.add_transceiver(id, kind, Direction::SendRecv, vec!["stream".to_owned()]);
        }
        let _ = jsep.add_data_section();
    }
    if plan & 2 != 0 {
        let _ = jsep.set_local(None);
    }
    let kind = if plan & 4 == 0 {
        DescriptionType::Offer
    } else {
        DescriptionType::Answer
    };
    let given = |sdp: &str| Description {
        r#type: kind,
        sdp: sdp.to_owned(),
    };
    let before = (jsep.signaling(), jsep.transceivers(), jsep.pending_local());
    if jsep.set_remote(given(&text)).is_err() {
        let after = (jsep.signaling(), jsep.transceivers(), jsep.pending_local());
        assert!(before == after, "a refused description changed something");
    }
    let _ = jsep.add_candidate(&IceCandidate {
        candidate: text.clone(),
        sdp_mid: None,
        sdp_m_line_index: Some(0),
        username_fragment: None,
    });
    let _ = jsep.set_local(Some(given(&text)));
    let _ = jsep.set_local(None);
    // What we write has to be read by ourselves.
    for description in [jsep.current_local(), jsep.pending_local()]
        .into_iter()
        .flatten()
    {
        assert!(
            crate::sdp::read(&description.sdp).is_ok(),
            "an own description cannot be read"
        );
    }
    let _ = jsep.set_remote(given(&text));
    let _ = jsep.create_offer(plan & 8 != 0);
    let _ = jsep.negotiation_needed();
    jsep.close();
}
