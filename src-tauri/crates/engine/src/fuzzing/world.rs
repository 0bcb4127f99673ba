//! Two sessions and a network between them, in virtual time: for fuzzing, and for the tests of sessions.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use landline_protocol::engine_api::{Description, EngineError, IceCandidate, SignalingState};

use crate::jsep::{Random, ReceiverIds};
use crate::session::{Certificate, Session, SessionOutput};

/// Seeded: the same seed gives the same losses (xorshift64*).
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        (self.next() >> 11) % limit.max(1)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Left,
    Right,
}

impl Side {
    pub(crate) fn other(self) -> Self {
        match self {
            Self::Left => Self::Right,
            Self::Right => Self::Left,
        }
    }
}

/// How packets fare.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Weather {
    pub(crate) delay: Duration,
    /// On top, up to so much, by chance: reorders.
    pub(crate) jitter: Duration,
    /// Of a thousand.
    pub(crate) loss: u64,
}

pub(crate) const CALM: Weather = Weather {
    delay: Duration::from_millis(1),
    jitter: Duration::ZERO,
    loss: 0,
};

struct Packet {
    to: Side,
    source: SocketAddr,
    destination: SocketAddr,
    bytes: Vec<u8>,
}

pub(crate) struct End {
    pub(crate) session: Session,
    /// The addresses it has from the next gathering on.
    pub(crate) addresses: Vec<SocketAddr>,
    /// Candidates told and not delivered yet.
    pub(crate) candidates: Vec<IceCandidate>,
    /// Everything else that came of it.
    pub(crate) outputs: Vec<(Instant, SessionOutput)>,
    /// What it sent last: food for mutation.
    pub(crate) last: Option<(SocketAddr, SocketAddr, Vec<u8>)>,
    /// Packets do not reach it nor leave it any more.
    pub(crate) dead: bool,
}

pub(crate) struct World {
    pub(crate) now: Instant,
    pub(crate) left: End,
    pub(crate) right: End,
    pub(crate) weather: Weather,
    pub(crate) dice: Dice,
    under_way: BTreeMap<(Instant, u64), Packet>,
    sent: u64,
    /// Candidates are delivered as soon as they can be.
    pub(crate) trickle: bool,
}

fn random(seed: u64) -> Random {
    let mut dice = Dice::new(seed);
    Box::new(move || dice.next())
}

fn address(host: u8, port: u16) -> SocketAddr {
    SocketAddr::from(([10, 0, 0, host], port))
}

impl World {
    /// None: no certificate could be made.
    pub(crate) fn new(seed: u64) -> Option<Self> {
        let ends = [1, 2].map(|host| {
            let session = Session::new(
                Certificate::generate()?,
                random(seed ^ u64::from(host) << 32),
                ReceiverIds::default(),
            );
            Some(End {
                session,
                addresses: vec![address(host, 5_000)],
                candidates: Vec::new(),
                outputs: Vec::new(),
                last: None,
                dead: false,
            })
        });
        let [left, right] = ends;
        Some(Self {
            now: Instant::now(),
            left: left?,
            right: right?,
            weather: CALM,
            dice: Dice::new(seed),
            under_way: BTreeMap::new(),
            sent: 0,
            trickle: true,
        })
    }

    pub(crate) fn end(&mut self, side: Side) -> &mut End {
        match side {
            Side::Left => &mut self.left,
            Side::Right => &mut self.right,
        }
    }

    /// Carries out what a side wants.
    fn settle(&mut self, side: Side) {
        loop {
            let now = self.now;
            let end = self.end(side);
            let Some(output) = end.session.poll() else {
                break;
            };
            match output {
                SessionOutput::Transmit {
                    source,
                    destination,
                    bytes,
                } => {
                    end.last = Some((source, destination, bytes.clone()));
                    let dead = end.dead
                        || !(end.addresses.contains(&source)
                            || end.session.sockets().contains(&source));
                    self.send(side, dead, source, destination, bytes);
                }
                SessionOutput::Gather => {
                    let addresses = end.addresses.clone();
                    end.session.gathered(now, addresses);
                }
                SessionOutput::Candidate(Some(candidate)) => end.candidates.push(candidate),
                output => end.outputs.push((now, output)),
            }
        }
        if self.trickle {
            self.deliver_candidates(side);
        }
    }

    fn send(
        &mut self,
        from: Side,
        dead: bool,
        source: SocketAddr,
        destination: SocketAddr,
        bytes: Vec<u8>,
    ) {
        let lost = self.dice.below(1_000) < self.weather.loss;
        let spread = u64::try_from(self.weather.jitter.as_micros()).unwrap_or(0) + 1;
        let late = Duration::from_micros(self.dice.below(spread));
        if dead || lost {
            return;
        }
        self.sent += 1;
        self.under_way.insert(
            (self.now + self.weather.delay + late, self.sent),
            Packet {
                to: from.other(),
                source,
                destination,
                bytes,
            },
        );
    }

    /// Those of a side to the other, when that can take them.
    pub(crate) fn deliver_candidates(&mut self, from: Side) {
        let now = self.now;
        let end = self.end(from.other());
        if end.session.jsep.current_remote().is_none()
            && end.session.jsep.pending_remote().is_none()
        {
            return;
        }
        let candidates = std::mem::take(&mut self.end(from).candidates);
        for candidate in candidates {
            // One of a generation that is not known there yet comes again.
            let taken = self
                .end(from.other())
                .session
                .add_candidate(now, &candidate)
                .is_ok();
            if !taken {
                self.end(from).candidates.push(candidate);
            }
        }
    }

    pub(crate) fn settle_both(&mut self) {
        // What one side wants may give the other something to do.
        for side in [Side::Left, Side::Right, Side::Left, Side::Right] {
            self.settle(side);
        }
    }

    /// Lets time pass, packet by packet and timer by timer.
    pub(crate) fn run_for(&mut self, duration: Duration) {
        let until = self.now + duration;
        self.settle_both();
        loop {
            let packet = self.under_way.first_key_value().map(|((at, _), _)| *at);
            let timer = [&self.left, &self.right]
                .into_iter()
                .filter(|end| !end.dead)
                .filter_map(|end| end.session.next_timeout())
                .min();
            let next = packet.into_iter().chain(timer).min();
            let Some(next) = next.filter(|next| *next <= until) else {
                break;
            };
            self.now = self.now.max(next);
            let now = self.now;
            while let Some(entry) = self.under_way.first_entry() {
                if entry.key().0 > now {
                    break;
                }
                let packet = entry.remove();
                self.receive(&packet);
            }
            for side in [Side::Left, Side::Right] {
                let end = self.end(side);
                if !end.dead {
                    end.session.handle_timeout(now);
                    self.settle(side);
                }
            }
        }
        self.now = until;
    }

    fn receive(&mut self, packet: &Packet) {
        let now = self.now;
        let end = self.end(packet.to);
        let reached = end.addresses.contains(&packet.destination)
            || end.session.sockets().contains(&packet.destination);
        if end.dead || !reached {
            return;
        }
        end.session
            .handle_packet(now, packet.source, packet.destination, &packet.bytes);
        self.settle(packet.to);
    }

    /// Offer of a side and answer of the other.
    pub(crate) fn negotiate(&mut self, from: Side) -> Result<(), EngineError> {
        let offer = self.describe(from)?;
        self.hear(from.other(), offer)?;
        let answer = self.describe(from.other())?;
        self.hear(from, answer)
    }

    /// `setLocalDescription()`.
    pub(crate) fn describe(&mut self, side: Side) -> Result<Description, EngineError> {
        let now = self.now;
        let session = &mut self.end(side).session;
        session.set_local(now, None)?;
        let description = match session.jsep.signaling() {
            SignalingState::HaveLocalOffer => session.jsep.pending_local(),
            _ => session.jsep.current_local(),
        };
        self.settle(side);
        description.ok_or(EngineError {
            name: landline_protocol::engine_api::EngineErrorName::InvalidStateError,
            message: "no description".to_owned(),
        })
    }

    /// `setRemoteDescription()`.
    pub(crate) fn hear(&mut self, side: Side, description: Description) -> Result<(), EngineError> {
        let now = self.now;
        self.end(side).session.set_remote(now, description)?;
        self.settle_both();
        Ok(())
    }

    /// A packet out of nowhere.
    pub(crate) fn inject(
        &mut self,
        to: Side,
        source: SocketAddr,
        destination: SocketAddr,
        bytes: &[u8],
    ) {
        let now = self.now;
        self.end(to)
            .session
            .handle_packet(now, source, destination, bytes);
        self.settle(to);
    }
}
