//! One member's machine, with the others played by the test.

use std::rc::Rc;
use std::time::Duration;

use proptest::prelude::*;

use super::machine::{MAX_COMPARING, ROUND_AFTER, Status};
use super::message::{Body, Message};
use super::proof;
use super::roster::Participant;

mod someone;

use someone::{Someone, commitment, of, two, two_with_a_code};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn without_losses_each_says_two_things_and_all_have_the_code_at_once() {
    let (mut ada, mut bob) = two();
    let now = Duration::ZERO;
    let (a, b) = (ada.tick(now), bob.tick(now));
    ada.hears(now, &bob, &b);
    bob.hears(now, &ada, &a);
    let (a, b) = (ada.tick(now), bob.tick(now));
    assert_eq!((a.len(), b.len()), (1, 1));
    ada.hears(now, &bob, &b);
    bob.hears(now, &ada, &a);
    assert_eq!(ada.code(now), bob.code(now));
    assert!(ada.code(now).unwrap().iter().all(|number| *number < 64));
    assert_eq!(ada.tick(now), []);
    assert_eq!(ada.rounds.wake_at(), None);
}

#[test]
fn a_nonce_leaves_only_when_all_commitments_are_held() {
    let (mut ada, bob, cem) = (
        Someone::new("ada"),
        Someone::new("bob"),
        Someone::new("cem"),
    );
    ada.sees(&[bob.shown(), cem.shown()]);
    let mut now = Duration::ZERO;
    let first = ada.tick(now);
    let roster = first[0].roster;
    ada.hears(now, &bob, &[bob.commit(roster, 0, [7; 32])]);
    for _ in 0..100 {
        now += SECOND;
        let said = ada.tick(now);
        assert!(said.iter().all(Message::is_commit), "{said:?}");
    }
    let missing = vec!["cem".to_owned()];
    assert_eq!(ada.status(now), Status::Waiting { missing });
    ada.hears(now, &cem, &[cem.commit(roster, 0, [8; 32])]);
    assert!(!ada.tick(now)[0].is_commit());
}

#[test]
fn what_a_member_committed_to_first_stays() {
    let (mut ada, bob) = two();
    let now = Duration::ZERO;
    let first = ada.tick(now);
    let roster = first[0].roster;
    ada.hears(now, &bob, &[bob.commit(roster, 0, [7; 32])]);
    let shown = ada.tick(now);
    assert!(!shown[0].is_commit());
    // Bob knows Ada's nonce now and would like another of his own.
    let second = bob.commit(roster, 0, [9; 32]);
    let all = proof::commitments(
        of(&roster, 0),
        [commitment(&first[0]), commitment(&second)].iter(),
    );
    ada.hears(now, &bob, &[second, bob.reveal(roster, [9; 32], all)]);
    assert_eq!(ada.code(now), None);
    let again = ada.tick(now + ROUND_AFTER);
    assert_eq!(again[0].round, 1);
    assert_ne!(commitment(&again[0]), commitment(&first[0]));
}

#[test]
fn a_nonce_that_does_not_open_its_commitment_is_none() {
    let (mut ada, bob) = two();
    let now = Duration::ZERO;
    let first = ada.tick(now);
    let roster = first[0].roster;
    ada.hears(now, &bob, &[bob.commit(roster, 0, [7; 32])]);
    let Body::Reveal { commitments, .. } = ada.tick(now)[0].body else {
        panic!("no reveal");
    };
    // All that Bob says is true but the nonce, which he chose after he saw Ada's.
    ada.hears(now, &bob, &[bob.reveal(roster, [9; 32], commitments)]);
    assert_eq!(ada.code(now), None);
    assert_eq!(ada.tick(now + ROUND_AFTER)[0].round, 1);
}

#[test]
fn a_commitment_is_not_changed_while_others_are_missing_either() {
    let (mut ada, bob, cem) = (
        Someone::new("ada"),
        Someone::new("bob"),
        Someone::new("cem"),
    );
    ada.sees(&[bob.shown(), cem.shown()]);
    let now = Duration::ZERO;
    let roster = ada.tick(now)[0].roster;
    ada.hears(now, &bob, &[bob.commit(roster, 0, [7; 32])]);
    ada.hears(now, &bob, &[bob.commit(roster, 0, [9; 32])]);
    assert_eq!(ada.tick(now + ROUND_AFTER)[0].round, 1);
}

#[test]
fn a_signed_name_is_needed_even_for_what_is_true() {
    let (mut ada, bob) = two();
    let eve = Someone::new("bob");
    let now = Duration::ZERO;
    let first = ada.tick(now);
    let roster = first[0].roster;
    let bobs = bob.commit(roster, 0, [7; 32]);
    let forged = Message {
        signature: eve.commit(roster, 0, [7; 32]).signature,
        ..bobs.clone()
    };
    ada.hears(now, &bob, &[forged]);
    assert_eq!(ada.tick(now), []);
    ada.hears(now, &bob, &[bobs]);
    let Body::Reveal { commitments, .. } = ada.tick(now)[0].body else {
        panic!("no reveal");
    };
    let opens = bob.reveal(roster, [7; 32], commitments);
    let forged = Message {
        signature: eve.reveal(roster, [7; 32], commitments).signature,
        ..opens.clone()
    };
    ada.hears(now, &bob, &[forged]);
    assert_eq!(ada.code(now), None);
    ada.hears(now, &bob, &[opens]);
    assert!(ada.code(now).is_some());
}

#[test]
fn who_saw_other_commitments_is_named_and_no_code_is_shown() {
    let (mut ada, bob) = two();
    let now = Duration::ZERO;
    let roster = ada.tick(now)[0].roster;
    ada.hears(now, &bob, &[bob.commit(roster, 0, [7; 32])]);
    ada.tick(now);
    ada.hears(now, &bob, &[bob.reveal(roster, [7; 32], [0; 32])]);
    let missing = vec!["bob".to_owned()];
    assert_eq!(ada.status(now), Status::Waiting { missing });
}

#[test]
fn a_lost_commit_is_made_up_for_by_the_nonce() {
    let (mut ada, mut bob) = two();
    let now = Duration::ZERO;
    ada.tick(now);
    let said = bob.tick(now);
    ada.hears(now, &bob, &said);
    let said = ada.tick(now);
    bob.hears(now, &ada, &said);
    let said = bob.tick(now);
    ada.hears(now, &bob, &said);
    assert!(bob.code(now).is_some());
    assert_eq!(ada.code(now), bob.code(now));
}

#[test]
fn what_came_before_the_roster_is_kept() {
    let (mut ada, mut bob) = (Someone::new("ada"), Someone::new("bob"));
    let now = Duration::ZERO;
    bob.sees(&[ada.shown()]);
    let said = bob.tick(now);
    ada.hears(now, &bob, &said);
    ada.sees(&[bob.shown()]);
    let said = ada.tick(now);
    assert_eq!(
        said.iter().map(Message::is_commit).collect::<Vec<_>>(),
        [true, false]
    );
}

#[test]
fn only_a_member_can_begin_again_and_only_every_two_seconds() {
    let (mut ada, bob, last) = two_with_a_code();
    let eve = Someone::new("bob");
    let roster = last.roster;
    let now = Duration::from_millis(100);
    ada.hears(now, &eve, &[eve.commit(roster, 5, [1; 32])]);
    let unsigned = Message {
        round: 6,
        ..bob.commit(roster, 5, [1; 32])
    };
    ada.hears(now, &bob, &[unsigned]);
    assert_eq!(ada.rounds.wake_at(), None);
    let mut began = 0;
    for step in 1..=100 {
        let now = Duration::from_millis(100 * step);
        let number = u32::try_from(step).unwrap() * 10;
        ada.hears(now, &bob, &[bob.commit(roster, number, [1; 32])]);
        let said = ada.tick(now);
        began += said.iter().filter(|message| message.is_commit()).count();
    }
    assert_eq!(began, 5);
}

#[test]
fn rosters_that_change_all_the_time_make_one_round_in_two_seconds() {
    let (mut ada, bob) = two();
    let mut began = 0;
    for step in 0..100 {
        let mut other = bob.shown();
        other.identity.as_mut().unwrap().fingerprint = [step; 32];
        ada.sees(&[other]);
        let said = ada.tick(Duration::from_millis(100 * u64::from(step)));
        began += said.iter().filter(|message| message.round == 0).count();
    }
    // One in each two seconds, and each was sent again once after one.
    assert!(began <= 10, "{began}");
}

#[test]
fn two_windows_of_one_key_are_two_members() {
    let (mut ada, mut bob) = two();
    let mut window = Someone::with_key("window", Rc::clone(&ada.key));
    ada.sees(&[bob.shown(), window.shown()]);
    bob.sees(&[ada.shown(), window.shown()]);
    window.sees(&[ada.shown(), bob.shown()]);
    let now = Duration::ZERO;
    for _ in 0..3 {
        for (from, to, other) in [(0, 1, 2), (1, 0, 2), (2, 0, 1)] {
            let all = [&mut ada, &mut bob, &mut window];
            let said = all[from].tick(now);
            let id = all[from].id;
            for message in said {
                all[to].rounds.receive(now, id, message.clone());
                // The name of the other window does not hold for it.
                all[other].rounds.receive(now, "window", message.clone());
                all[other].rounds.receive(now, id, message);
            }
        }
    }
    assert!(ada.code(now).is_some());
    assert_eq!(ada.code(now), bob.code(now));
    assert_eq!(ada.code(now), window.code(now));
}

#[test]
fn a_roster_that_is_there_again_gets_a_new_number() {
    let (mut ada, bob) = two();
    let cem = Someone::new("cem");
    ada.tick(Duration::ZERO);
    ada.sees(&[bob.shown(), cem.shown()]);
    ada.tick(2 * SECOND);
    ada.sees(&[bob.shown()]);
    assert_eq!(ada.tick(4 * SECOND)[0].round, 1);
}

#[test]
fn nothing_begins_while_people_compare() {
    let (mut ada, bob, _) = two_with_a_code();
    let code = ada.code(Duration::ZERO);
    let cem = Someone::new("cem");
    ada.rounds.comparing(3 * SECOND, true);
    ada.sees(&[bob.shown(), cem.shown()]);
    let now = 60 * SECOND;
    assert_eq!(ada.tick(now), []);
    assert_eq!(ada.code(now), code);
    let Status::Code { with, current, .. } = ada.status(now) else {
        panic!("no code");
    };
    assert_eq!((with, current), (vec!["bob".to_owned()], false));
    ada.rounds.comparing(now, false);
    assert_eq!(ada.code(now), None);
    assert!(ada.tick(now)[0].is_commit());
}

#[test]
fn a_window_left_open_does_not_hold_up_newcomers_for_ever() {
    let (mut ada, bob, _) = two_with_a_code();
    let cem = Someone::new("cem");
    ada.rounds.comparing(3 * SECOND, true);
    ada.sees(&[bob.shown(), cem.shown()]);
    let until = 3 * SECOND + MAX_COMPARING;
    assert_eq!(ada.rounds.wake_at(), Some(until));
    assert!(ada.tick(until)[0].is_commit());
}

#[test]
fn while_there_is_nothing_to_compare_rounds_go_on() {
    let (mut ada, bob) = two();
    let cem = Someone::new("cem");
    ada.rounds.comparing(Duration::ZERO, true);
    ada.tick(Duration::ZERO);
    ada.sees(&[bob.shown(), cem.shown()]);
    assert!(ada.tick(ROUND_AFTER)[0].is_commit());
}

#[test]
fn who_is_behind_is_answered_once_a_second() {
    let (mut ada, bob, mut asks) = two_with_a_code();
    if let Body::Reveal { done, .. } = &mut asks.body {
        *done = false;
    }
    let mut answers = 0;
    for step in 0..100 {
        let now = Duration::from_millis(100 * step);
        ada.hears(now, &bob, std::slice::from_ref(&asks));
        answers += ada.tick(now).len();
    }
    assert_eq!(answers, 9);
}

#[test]
fn alone_there_is_no_code_and_minimal_clients_are_named() {
    let mut ada = Someone::new("ada");
    assert_eq!(ada.status(SECOND), Status::Alone);
    ada.sees(&[Participant {
        client_id: "old".to_owned(),
        identity: None,
    }]);
    assert_eq!(ada.tick(SECOND), []);
    let view = ada.rounds.view(SECOND);
    assert_eq!(view.status, Status::Alone);
    assert_eq!(view.unverifiable, ["old"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_others_say_a_code_needs_their_signed_nonce(
        said in prop::collection::vec((0_u8..4, 0_u8..3, 0_u32..3, any::<bool>()), 0..40)
    ) {
        let (mut ada, bob) = two();
        let eve = Someone::new("bob");
        let mut now = Duration::ZERO;
        let first = ada.tick(now);
        let roster = first[0].roster;
        for (kind, nonce, number, wait) in said {
            let nonce = [nonce; 32];
            // Bob commits truly, and never reveals; Eve says anything in his name.
            let message = match kind {
                0 => bob.commit(roster, number, nonce),
                1 => eve.commit(roster, number, nonce),
                2 => eve.reveal(roster, nonce, [0; 32]),
                _ => Message { signature: first[0].signature, ..eve.reveal(roster, nonce, roster) },
            };
            ada.hears(now, &bob, &[message]);
            if wait {
                now += SECOND;
            }
            ada.tick(now);
            prop_assert_eq!(ada.code(now), None);
        }
    }
}
