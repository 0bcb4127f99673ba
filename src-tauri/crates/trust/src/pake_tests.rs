//! What a proof of a code lets through, and what it does not.

use curve25519_dalek::constants::EIGHT_TORSION;
use proptest::prelude::*;

use crate::code::Code;
use crate::key::{PublicKey, SigningKey};
use crate::pake::{Binding, Confirming, Exporter, Host, Joiner, MESSAGE_BYTES, PakeError, Tag};

fn key() -> PublicKey {
    SigningKey::generate().unwrap().public()
}

/// Any two keys will do: they are bytes here.
fn host_key() -> PublicKey {
    PublicKey::from_bytes(&[4; 65]).unwrap()
}

fn binding() -> Binding {
    Binding {
        meeting_id: "m1".into(),
        joiner_key: key(),
        exporter: Exporter([7; 32]),
    }
}

fn code(text: &str) -> Code {
    Code::parse(text).unwrap()
}

/// The whole exchange; what the joiner and the host say at its end.
fn run(joiner: (&str, &Binding), host: (&str, &Binding)) -> Result<(), PakeError> {
    let (state, message) = Joiner::start(&code(joiner.0), joiner.1);
    let (host, reply) = Host::answer(&code(host.0), host.1, &host_key(), &message)?;
    let (joiner, tag) = state.finish(&host_key(), &reply)?;
    let tag = host.check(&tag)?;
    joiner.check(&tag)
}

#[test]
fn the_right_code_on_both_ends_passes() {
    let binding = binding();
    for text in ["000000", "424242", "999999"] {
        assert_eq!(run((text, &binding), (text, &binding)), Ok(()));
    }
}

#[test]
fn of_a_thousand_wrong_codes_none_passes() {
    let binding = binding();
    let passed = (0..1_000)
        .map(|n| format!("{n:06}"))
        .filter(|guess| run((guess, &binding), ("424242", &binding)) != Err(PakeError::WrongCode))
        .count();
    assert_eq!(passed, 0);
}

#[test]
fn the_right_code_with_another_meeting_key_or_connection_does_not_pass() {
    let right = binding();
    let others = [
        Binding {
            meeting_id: "m2".into(),
            ..right.clone()
        },
        Binding {
            joiner_key: key(),
            ..right.clone()
        },
        Binding {
            exporter: Exporter([8; 32]),
            ..right.clone()
        },
    ];
    for other in &others {
        for (joiner, host) in [(&right, other), (other, &right)] {
            assert_eq!(
                run(("424242", joiner), ("424242", host)),
                Err(PakeError::WrongCode)
            );
        }
    }
}

#[test]
fn a_host_whose_key_was_changed_on_the_way_is_refused_by_both_ends() {
    let binding = binding();
    let (joiner, message) = Joiner::start(&code("424242"), &binding);
    let (host, reply) = Host::answer(&code("424242"), &binding, &host_key(), &message).unwrap();
    let (joiner, tag) = joiner.finish(&key(), &reply).unwrap();
    assert_eq!(host.check(&tag), Err(PakeError::WrongCode));
    assert_eq!(joiner.check(&tag), Err(PakeError::WrongCode));
}

/// Somebody between the two, with a TLS connection to each: their exporters differ, and what he relays does not fit.
#[test]
fn a_relay_between_two_connections_is_refused_by_both_ends() {
    let to_joiner = binding();
    let to_host = Binding {
        exporter: Exporter([9; 32]),
        ..to_joiner.clone()
    };
    let (joiner, message) = Joiner::start(&code("424242"), &to_joiner);
    let (host, reply) = Host::answer(&code("424242"), &to_host, &host_key(), &message).unwrap();
    let (joiner, tag) = joiner.finish(&host_key(), &reply).unwrap();
    assert_eq!(host.check(&tag), Err(PakeError::WrongCode));
    // The host gave nothing; whatever he makes up himself is no confirmation.
    assert_eq!(joiner.check(&tag), Err(PakeError::WrongCode));
}

fn started(binding: &Binding) -> (Confirming, Host, Tag) {
    let (joiner, message) = Joiner::start(&code("424242"), binding);
    let (host, reply) = Host::answer(&code("424242"), binding, &host_key(), &message).unwrap();
    let (joiner, tag) = joiner.finish(&host_key(), &reply).unwrap();
    (joiner, host, tag)
}

#[test]
fn tags_of_one_exchange_are_good_for_no_other() {
    let binding = binding();
    let (joiner, host, tag) = started(&binding);
    let host_tag = host.check(&tag).unwrap();
    assert_eq!(joiner.check(&host_tag), Ok(()));

    let (joiner, host, _) = started(&binding);
    assert_eq!(host.check(&tag), Err(PakeError::WrongCode));
    assert_eq!(joiner.check(&host_tag), Err(PakeError::WrongCode));
}

#[test]
fn a_message_replayed_gives_another_reply_and_its_old_tag_is_worth_nothing() {
    let binding = binding();
    let (joiner, message) = Joiner::start(&code("424242"), &binding);
    let (_, reply) = Host::answer(&code("424242"), &binding, &host_key(), &message).unwrap();
    let (_, tag) = joiner.finish(&host_key(), &reply).unwrap();
    let (again, other_reply) =
        Host::answer(&code("424242"), &binding, &host_key(), &message).unwrap();
    assert_ne!(reply, other_reply);
    assert_eq!(again.check(&tag), Err(PakeError::WrongCode));
}

#[test]
fn what_was_sent_does_not_pass_when_it_comes_back() {
    let binding = binding();
    let (joiner, message) = Joiner::start(&code("424242"), &binding);
    assert_eq!(
        joiner.finish(&host_key(), &message).err(),
        Some(PakeError::BadMessage)
    );

    // The same point, said to be the host's.
    let (joiner, mut message) = Joiner::start(&code("424242"), &binding);
    message[0] = b'B';
    assert_eq!(
        joiner.finish(&host_key(), &message).err(),
        Some(PakeError::BadMessage)
    );

    // The joiner's own tag.
    let (joiner, _, tag) = started(&binding);
    assert_eq!(joiner.check(&tag), Err(PakeError::WrongCode));
}

#[test]
fn messages_of_other_sizes_and_points_of_small_order_are_refused() {
    let binding = binding();
    let answer =
        |message: &[u8]| Host::answer(&code("424242"), &binding, &host_key(), message).err();
    let (_, good) = Joiner::start(&code("424242"), &binding);
    for length in [0, 1, 32, 34, 66] {
        let mut message = good.to_vec();
        message.resize(length, 0);
        assert_eq!(answer(&message), Some(PakeError::BadMessage), "{length}");
    }
    let own = curve25519_dalek::edwards::CompressedEdwardsY(good[1..].try_into().unwrap())
        .decompress()
        .unwrap();
    for point in EIGHT_TORSION {
        for (point, allowed) in [(point, false), (point + own, point == EIGHT_TORSION[0])] {
            let mut message = [b'A'; MESSAGE_BYTES];
            message[1..].copy_from_slice(point.compress().as_bytes());
            assert_eq!(answer(&message).is_none(), allowed);
        }
    }
}

#[test]
fn tags_of_other_sizes_are_refused() {
    for length in [0, 31, 33] {
        let (_, host, tag) = started(&binding());
        let mut tag = tag.to_vec();
        tag.resize(length, 0);
        assert_eq!(host.check(&tag), Err(PakeError::WrongCode), "{length}");
    }
}

#[test]
fn no_state_shows_what_it_holds() {
    let binding = binding();
    let (state, _) = Joiner::start(&code("424242"), &binding);
    let (joiner, host, _) = started(&binding);
    assert_eq!(
        format!("{binding:?} {state:?} {joiner:?} {host:?}"),
        "Binding(…) Joiner(…) Confirming(…) Host(…)"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Neither panics nor passes, whatever comes.
    #[test]
    fn bytes_from_anywhere_are_refused(
        message in prop::collection::vec(any::<u8>(), 0..40),
        tag in prop::collection::vec(any::<u8>(), 0..40),
        side in any::<bool>(),
    ) {
        let binding = binding();
        let mut message = message;
        if side && let Some(first) = message.first_mut() {
            *first = b'A';
        }
        if let Ok((host, _)) = Host::answer(&code("424242"), &binding, &host_key(), &message) {
            prop_assert_eq!(host.check(&tag), Err(PakeError::WrongCode));
        }
        let (joiner, _) = Joiner::start(&code("424242"), &binding);
        if let Ok((joiner, _)) = joiner.finish(&host_key(), &message) {
            prop_assert_eq!(joiner.check(&tag), Err(PakeError::WrongCode));
        }
    }
}
