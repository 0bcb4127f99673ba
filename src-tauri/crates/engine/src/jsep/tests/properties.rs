//! Guards: whatever two ends do, and however their messages cross, they end up agreeing.

use std::collections::VecDeque;

use landline_protocol::engine_api::EngineError;
use proptest::prelude::*;

use super::*;
use crate::jsep::{direction, fuzz_descriptions};

#[derive(Debug, Clone, Copy)]
enum Step {
    Add(usize, TrackKind, Direction),
    Turn(usize, prop::sample::Index, Direction),
    Stop(usize, prop::sample::Index),
    Data(usize),
    Restart(usize),
    Offer(usize),
    /// An offer that is given up before anybody saw it.
    ThinkAgain(usize),
    /// The oldest message to this side arrives; an offer is first taken and given up if so.
    Deliver(usize, bool),
}

fn any_direction() -> impl Strategy<Value = Direction> {
    (any::<bool>(), any::<bool>()).prop_map(|(send, receive)| direction::new(send, receive))
}

fn any_step() -> impl Strategy<Value = Step> {
    let side = || 0..2_usize;
    let kind = prop_oneof![Just(TrackKind::Audio), Just(TrackKind::Video)];
    prop_oneof![
        3 => (side(), kind, any_direction()).prop_map(|(side, kind, way)| Step::Add(side, kind, way)),
        2 => (side(), any::<prop::sample::Index>(), any_direction())
            .prop_map(|(side, which, way)| Step::Turn(side, which, way)),
        1 => (side(), any::<prop::sample::Index>()).prop_map(|(side, which)| Step::Stop(side, which)),
        1 => side().prop_map(Step::Data),
        1 => side().prop_map(Step::Restart),
        4 => side().prop_map(Step::Offer),
        1 => side().prop_map(Step::ThinkAgain),
        8 => (side(), any::<bool>()).prop_map(|(side, twice)| Step::Deliver(side, twice)),
    ]
}

/// Two ends doing perfect negotiation (W3C webrtc §10.7); the second is polite.
struct Pair {
    ends: [Jsep; 2],
    inbox: [VecDeque<Description>; 2],
    /// What each was told last.
    agreed: [Option<Negotiated>; 2],
    added: u32,
}

/// More would not fit into one description once both sides' are put together.
const MOST_ADDED: u32 = 8;

impl Pair {
    fn new() -> Self {
        Self {
            ends: [jsep(1), jsep(2)],
            inbox: Default::default(),
            agreed: [None, None],
            added: 0,
        }
    }

    fn step(&mut self, step: Step) -> Result<(), EngineError> {
        match step {
            Step::Add(side, kind, way) => {
                if self.added < MOST_ADDED {
                    self.added += 1;
                    self.ends[side].add_transceiver(
                        self.added,
                        kind,
                        way,
                        vec!["stream".to_owned()],
                    )?;
                }
            }
            Step::Turn(side, which, way) => {
                if let Some(id) = self.pick(side, which) {
                    self.ends[side].set_direction(id, way)?;
                }
            }
            Step::Stop(side, which) => {
                if let Some(id) = self.pick(side, which) {
                    self.ends[side].stop_transceiver(id)?;
                }
            }
            Step::Data(side) => self.ends[side].add_data_section()?,
            Step::Restart(side) => self.ends[side].restart_ice(),
            Step::Offer(side) => {
                if self.ends[side].signaling() == SignalingState::Stable {
                    let offer = offer_of(&mut self.ends[side]);
                    self.inbox[1 - side].push_back(offer);
                }
            }
            Step::ThinkAgain(side) => {
                if self.ends[side].signaling() == SignalingState::Stable {
                    self.ends[side].set_local(None)?;
                    self.ends[side].set_local(Some(rollback()))?;
                }
            }
            Step::Deliver(side, twice) => self.deliver(side, twice)?,
        }
        Ok(())
    }

    fn pick(&self, side: usize, which: prop::sample::Index) -> Option<u32> {
        let mut alive = self.ends[side].transceivers();
        alive.retain(|each| !each.stopped);
        (!alive.is_empty()).then(|| which.get(&alive).transceiver)
    }

    fn deliver(&mut self, side: usize, twice: bool) -> Result<(), EngineError> {
        let Some(message) = self.inbox[side].pop_front() else {
            return Ok(());
        };
        let end = &mut self.ends[side];
        let offering = end.signaling() == SignalingState::HaveLocalOffer;
        if message.r#type == DescriptionType::Answer {
            // One that answers an offer which was given up for the other side's never comes: that was ignored.
            assert!(offering, "an answer to nothing");
            self.agreed[side] = end.set_remote(message)?.negotiated;
            return Ok(());
        }
        if offering && side == 0 {
            return Ok(());
        }
        if twice && !offering {
            end.set_remote(message.clone())?;
            end.set_remote(rollback())?;
        }
        end.set_remote(message)?;
        let answered = end.set_local(None)?;
        self.agreed[side] = answered.negotiated;
        let answer = end.current_local().unwrap();
        self.inbox[1 - side].push_back(answer);
        Ok(())
    }

    /// Delivers all, and lets each side offer as long as it needs to.
    fn finish(&mut self) -> Result<(), EngineError> {
        for round in 0..40 {
            while self.inbox.iter().any(|each| !each.is_empty()) {
                self.deliver(round % 2, false)?;
                self.deliver(1 - round % 2, false)?;
            }
            let needed = |side: &usize| self.ends[*side].negotiation_needed();
            let Some(side) = [round % 2, 1 - round % 2].into_iter().find(needed) else {
                return Ok(());
            };
            self.step(Step::Offer(side))?;
        }
        panic!("negotiation never ends");
    }

    fn check(&self) {
        let [one, other] = &self.ends;
        assert_eq!(one.signaling(), SignalingState::Stable);
        assert_eq!(other.signaling(), SignalingState::Stable);
        let (mine, theirs) = (one.transceivers(), other.transceivers());
        assert_eq!(mine.len(), theirs.len());
        for state in &mine {
            let mirror = at(other, state.mid.as_ref().unwrap());
            assert_eq!(state.kind, mirror.kind);
            let current = state.current_direction.unwrap();
            assert_eq!(
                direction::reversed(current),
                mirror.current_direction.unwrap()
            );
            assert!(state.receiving || !direction::receives(current));
        }
        let [Some(ours), Some(yours)] = &self.agreed else {
            assert_eq!(self.agreed[0], self.agreed[1]);
            return;
        };
        agrees(ours, yours);
        agrees(yours, ours);
        assert_eq!(ours.media.len(), mine.len());
    }
}

fn agrees(one: &Negotiated, other: &Negotiated) {
    assert_eq!(one.local_ice, other.remote_ice);
    assert_ne!(one.ice_controlling, other.ice_controlling);
    assert_ne!(one.dtls_active, other.dtls_active);
    assert_ne!(one.remote_fingerprint, other.remote_fingerprint);
    assert_eq!((one.codecs, one.data), (other.codecs, other.data));
    let mut extensions = (one.extensions.clone(), other.extensions.clone());
    extensions.0.sort_by_key(|each| each.0);
    extensions.1.sort_by_key(|each| each.0);
    assert_eq!(extensions.0, extensions.1);
    assert_eq!(one.media.len(), other.media.len());
    for (mine, theirs) in one.media.iter().zip(&other.media) {
        assert_eq!((&mine.mid, mine.kind), (&theirs.mid, theirs.kind));
        assert_eq!(mine.send, theirs.receive);
        if theirs.send {
            assert_eq!(mine.remote_ssrc, Some(theirs.local_ssrc));
            assert_eq!(mine.remote_rtx, theirs.local_rtx);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn two_ends_always_end_up_agreeing(steps in prop::collection::vec(any_step(), 1..60)) {
        let mut pair = Pair::new();
        for step in steps {
            pair.step(step).unwrap();
        }
        pair.finish().unwrap();
        pair.check();
    }
}

#[test]
fn no_bytes_make_a_connection_panic() {
    const SEEDS: [&str; 4] = [
        include_str!("../../../fixtures/chromium-offer.sdp"),
        include_str!("../../../fixtures/chromium-answer.sdp"),
        include_str!("../../../fixtures/firefox-offer.sdp"),
        include_str!("../../../fixtures/firefox-answer.sdp"),
    ];
    let mut random = random(3);
    let mut below =
        |limit: usize| usize::try_from(random() % u64::try_from(limit).unwrap()).unwrap();
    for round in 0..1_500 {
        let mut lines: Vec<&str> = SEEDS[round % SEEDS.len()].lines().collect();
        for _ in 0..below(6) {
            let (from, to) = (below(lines.len()), below(lines.len()));
            match below(3) {
                0 => lines.swap(from, to),
                1 => lines.insert(to, lines[from]),
                _ => {
                    lines.remove(from);
                }
            }
        }
        let mut bytes = lines.join("\n").into_bytes();
        for _ in 0..below(4) {
            let place = below(bytes.len());
            bytes[place] = u8::try_from(below(256)).unwrap();
        }
        bytes.push(b'\n');
        bytes.insert(0, u8::try_from(below(256)).unwrap());
        fuzz_descriptions(&bytes);
    }
    fuzz_descriptions(&[]);
    fuzz_descriptions(&[0xff; 64]);
}
