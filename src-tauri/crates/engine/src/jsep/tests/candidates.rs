//! Guards: candidates reach the generation they belong to, and are seen where the standard shows them.

use landline_protocol::engine_api::IceCandidate;

use super::*;
use crate::jsep::{MAX_CANDIDATES, RemoteCandidate};

const LINE: &str = "candidate:1 1 udp 2122260223 192.0.2.1 50000 typ host";

fn init(
    candidate: &str,
    mid: Option<&str>,
    index: Option<u16>,
    ufrag: Option<&str>,
) -> IceCandidate {
    IceCandidate {
        candidate: candidate.to_owned(),
        sdp_mid: mid.map(str::to_owned),
        sdp_m_line_index: index,
        username_fragment: ufrag.map(str::to_owned),
    }
}

/// `other` has the offer of `one`, whose user name fragment is given.
fn offered() -> (Jsep, Jsep, String) {
    let (mut one, mut other) = (with_media(1), jsep(2));
    let ufrag = one.set_local(None).unwrap().gather.unwrap().ufrag;
    other.set_remote(one.pending_local().unwrap()).unwrap();
    (one, other, ufrag)
}

#[test]
fn a_candidate_is_found_by_mid_or_index_and_fragment() {
    let (_, mut other, ufrag) = offered();
    let expected = RemoteCandidate {
        ufrag: ufrag.clone(),
        candidate: Some(LINE.to_owned()),
    };
    for candidate in [
        init(LINE, Some("0"), None, Some(&ufrag)),
        init(LINE, Some("1"), Some(0), None),
        init(LINE, None, Some(1), None),
        init(&format!("a={LINE}"), None, Some(0), Some(&ufrag)),
    ] {
        assert_eq!(
            other.add_candidate(&candidate).unwrap().as_ref(),
            Some(&expected)
        );
    }
    let end = other
        .add_candidate(&init("", None, None, None))
        .unwrap()
        .unwrap();
    assert_eq!((end.ufrag, end.candidate), (ufrag, None));
}

#[test]
fn what_cannot_belong_anywhere_is_refused_as_the_standard_says() {
    let (_, mut other, _) = offered();
    let mut refused = |candidate: IceCandidate| name(other.add_candidate(&candidate));
    assert_eq!(
        refused(init(LINE, Some("9"), None, None)),
        EngineErrorName::OperationError
    );
    assert_eq!(
        refused(init(LINE, None, Some(9), None)),
        EngineErrorName::OperationError
    );
    assert_eq!(
        refused(init(LINE, None, None, None)),
        EngineErrorName::OperationError
    );
    assert_eq!(
        refused(init(LINE, Some("0"), None, Some("nobody"))),
        EngineErrorName::OperationError
    );
    assert_eq!(
        refused(init("nonsense", Some("0"), None, None)),
        EngineErrorName::OperationError
    );
    let early = with_media(3).add_candidate(&init(LINE, Some("0"), None, None));
    assert_eq!(name(early), EngineErrorName::InvalidStateError);
}

#[test]
fn candidates_of_no_use_are_taken_and_left() {
    let (_, mut other, _) = offered();
    let tcp = "candidate:1 1 tcp 1518280447 192.0.2.1 9 typ host tcptype active";
    let rtcp = "candidate:1 2 udp 2122260223 192.0.2.1 50001 typ host";
    assert_eq!(
        other
            .add_candidate(&init(tcp, Some("0"), None, None))
            .unwrap(),
        None
    );
    assert_eq!(
        other
            .add_candidate(&init(rtcp, Some("0"), None, None))
            .unwrap(),
        None
    );
}

#[test]
fn during_a_restart_candidates_of_both_generations_are_told_apart() {
    let (mut one, mut other) = (with_media(1), jsep(2));
    let (before, _) = negotiate(&mut one, &mut other);
    one.restart_ice();
    let after = one.set_local(None).unwrap().gather.unwrap();
    other.set_remote(one.pending_local().unwrap()).unwrap();
    let old = init(LINE, Some("0"), None, Some(&before.local_ice.ufrag));
    assert_eq!(
        other.add_candidate(&old).unwrap().unwrap().ufrag,
        before.local_ice.ufrag
    );
    let new = init(LINE, Some("0"), None, None);
    assert_eq!(
        other.add_candidate(&new).unwrap().unwrap().ufrag,
        after.ufrag
    );
    other.set_local(None).unwrap();
    assert_eq!(
        name(other.add_candidate(&old)),
        EngineErrorName::OperationError
    );
}

#[test]
fn candidates_in_a_description_are_told_with_their_end() {
    let (mut one, mut other) = (with_media(1), jsep(2));
    let ufrag = one.set_local(None).unwrap().gather.unwrap().ufrag;
    one.add_local_candidate(&ufrag, Some(LINE)).unwrap();
    one.add_local_candidate(&ufrag, None).unwrap();
    let offer = one.pending_local().unwrap();
    assert!(has(&offer.sdp, 0, &format!("a={LINE}")) && has(&offer.sdp, 0, "a=end-of-candidates"));
    assert!(!has(&offer.sdp, 1, &format!("a={LINE}")));
    let told = other.set_remote(offer).unwrap().candidates;
    let lines: Vec<_> = told.iter().map(|each| each.candidate.as_deref()).collect();
    assert_eq!(lines, [Some(LINE), None]);
    assert!(told.iter().all(|each| each.ufrag == ufrag));
}

#[test]
fn own_candidates_are_told_for_the_first_bundled_section() {
    let mut one = with_media(1);
    assert_eq!(one.add_local_candidate("none", Some(LINE)), None);
    let ufrag = one.set_local(None).unwrap().gather.unwrap().ufrag;
    let told = one.add_local_candidate(&ufrag, Some(LINE)).unwrap();
    assert_eq!(told, init(LINE, Some("0"), Some(0), Some(&ufrag)));
    for _ in 1..MAX_CANDIDATES {
        one.add_local_candidate(&ufrag, Some(LINE)).unwrap();
    }
    assert_eq!(one.add_local_candidate(&ufrag, Some(LINE)), None);
    // A later offer tells what was gathered before.
    assert!(one.create_offer(false).unwrap().sdp.contains(LINE));
}

#[test]
fn trickled_candidates_stand_in_the_remote_description() {
    let (_, mut other, _) = offered();
    other
        .add_candidate(&init(LINE, Some("0"), None, None))
        .unwrap();
    other
        .add_candidate(&init(LINE, Some("1"), None, None))
        .unwrap();
    let remote = other.pending_remote().unwrap().sdp;
    assert!(has(&remote, 0, &format!("a={LINE}")) && has(&remote, 1, &format!("a={LINE}")));
    assert_eq!(remote.matches(LINE).count(), 2);
    assert!(crate::sdp::read(&remote).is_ok());
}
