//! Guards: two sides that offer whenever they like, over a room that keeps the order of each, always end up with the same agreement.

use std::collections::VecDeque;

use proptest::prelude::*;

use super::super::signals::SourceMap;
use super::*;

fn description(
    kind: Kind,
    id: Option<String>,
    answers: Option<String>,
    ufrag: &str,
) -> Description {
    Description {
        kind,
        sdp: format!("v=0\r\na=ice-ufrag:{ufrag}\r\n"),
        id,
        answers,
        link: None,
        link_to: None,
        sources: SourceMap::new(),
    }
}

fn candidate(fragment: Option<&str>) -> IceCandidate {
    IceCandidate {
        candidate: "candidate:1".into(),
        sdp_mid: Some("0".into()),
        sdp_m_line_index: None,
        username_fragment: fragment.map(str::to_owned),
    }
}

#[test]
fn an_answer_to_an_earlier_offer_is_ignored() {
    let mut side = Negotiation::new(true);
    side.need(false);
    assert_eq!(
        side.offer(),
        Some(Offer {
            id: 1,
            restart: false
        })
    );
    let theirs = description(Kind::Offer, Some("1".into()), None, "b");
    assert_eq!(side.verdict(&theirs), Verdict::TakeOffer);
    side.took_offer(&theirs, true);
    assert_eq!(
        side.offer(),
        Some(Offer {
            id: 2,
            restart: false
        })
    );
    let late = description(Kind::Answer, None, Some("1".into()), "b");
    assert_eq!(side.verdict(&late), Verdict::Ignore);
    let right = description(Kind::Answer, None, Some("2".into()), "b");
    assert_eq!(side.verdict(&right), Verdict::TakeAnswer);
    side.took_answer(&right);
    assert!(side.is_stable());
    assert_eq!(side.verdict(&right), Verdict::Ignore);
}

#[test]
fn a_restart_that_was_rolled_back_is_offered_again() {
    let mut side = Negotiation::new(true);
    side.need(true);
    assert_eq!(
        side.offer(),
        Some(Offer {
            id: 1,
            restart: true
        })
    );
    side.took_offer(&description(Kind::Offer, None, None, "b"), false);
    assert_eq!(
        side.offer(),
        Some(Offer {
            id: 2,
            restart: true
        })
    );
}

#[test]
fn candidates_wait_for_their_description_and_no_other() {
    let mut side = Negotiation::new(true);
    assert_eq!(side.candidate(candidate(Some("a"))), None);
    assert_eq!(side.candidate(candidate(None)), None);
    assert_eq!(side.candidate(candidate(Some("later"))), None);
    let now = side.took_offer(&description(Kind::Offer, None, None, "a"), false);
    assert_eq!(now, [candidate(Some("a")), candidate(None)]);
    assert!(side.candidate(candidate(Some("a"))).is_some());
    for _ in 0..1_000 {
        side.candidate(candidate(Some("flood")));
    }
    assert_eq!(side.early.len(), MAX_EARLY);
}

/// One side of the model: a negotiation, and what is in force on its connection.
struct Side {
    negotiation: Negotiation,
    /// The offer that both agreed on, as this side sees it: who made it, and its number.
    agreed: Option<(usize, u32)>,
    /// Agreed with a restart that this side asked for.
    restarts_due: bool,
    inbox: VecDeque<Description>,
}

#[derive(Debug, Clone, Copy)]
enum Event {
    Need(usize, bool),
    Deliver(usize),
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        (0..2usize, any::<bool>()).prop_map(|(side, restart)| Event::Need(side, restart)),
        (0..2usize).prop_map(Event::Deliver),
        (0..2usize).prop_map(Event::Deliver),
    ];
    prop::collection::vec(event, 0..60)
}

fn settle(sides: &mut [Side; 2], me: usize) {
    if let Some(Offer { id, restart }) = sides[me].negotiation.offer() {
        if restart {
            sides[me].restarts_due = true;
        }
        let made = description(Kind::Offer, Some(id.to_string()), None, "x");
        sides[1 - me].inbox.push_back(made);
    }
}

/// `unfinished`: what an offer of the other side leaves over when it rolled ours back.
fn deliver(sides: &mut [Side; 2], me: usize) {
    let Some(description_) = sides[me].inbox.pop_front() else {
        return;
    };
    let side = &mut sides[me];
    match side.negotiation.verdict(&description_) {
        Verdict::Ignore => {}
        Verdict::TakeOffer => {
            let id: u32 = description_.id.as_ref().unwrap().parse().unwrap();
            side.agreed = Some((1 - me, id));
            side.negotiation.took_offer(&description_, false);
            let answer = description(Kind::Answer, None, Some(id.to_string()), "x");
            sides[1 - me].inbox.push_back(answer);
        }
        Verdict::TakeAnswer => {
            let id: u32 = description_.answers.as_ref().unwrap().parse().unwrap();
            side.agreed = Some((me, id));
            side.restarts_due = false;
            side.negotiation.took_answer(&description_);
        }
    }
    settle(sides, me);
}

proptest! {
    #[test]
    fn both_sides_agree_whatever_the_glare(events in events()) {
        let side = |polite| Side {
            negotiation: Negotiation::new(polite),
            agreed: None,
            restarts_due: false,
            inbox: VecDeque::new(),
        };
        let mut sides = [side(true), side(false)];
        let mut needs = 0;
        for event in events {
            match event {
                Event::Need(me, restart) => {
                    sides[me].negotiation.need(restart);
                    needs += 1;
                    settle(&mut sides, me);
                }
                Event::Deliver(me) => deliver(&mut sides, me),
            }
        }
        let mut steps = 0;
        while sides.iter().any(|side| !side.inbox.is_empty()) {
            for me in [0, 1] {
                deliver(&mut sides, me);
            }
            steps += 1;
            prop_assert!(steps < 1_000, "they never come to an end");
        }
        let [polite, impolite] = &sides;
        prop_assert!(polite.negotiation.is_stable() && impolite.negotiation.is_stable());
        prop_assert_eq!(polite.agreed, impolite.agreed);
        prop_assert_eq!(needs > 0, polite.agreed.is_some());
        prop_assert!(!polite.restarts_due && !impolite.restarts_due, "a restart got lost");
    }
}
