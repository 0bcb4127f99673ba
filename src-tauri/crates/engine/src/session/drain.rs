//! Everything str0m has to say after something happened to it, as this session says it. "Mutate, drain, mutate".

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use str0m::channel::{ChannelData, ChannelId};
use str0m::media::{KeyframeRequestKind, MediaData, Mid};
use str0m::stats::{MediaEgressStats, MediaIngressStats, PeerStats};
use str0m::{Event, IceConnectionState, Output};

use super::link::Link;

/// Rounds in which str0m wants time to pass at once: one for each waiting frame and report. More would be a loop.
const ROUNDS: usize = 256;
/// Errors of one drain: each malformed frame is one. More would be a loop.
const ERRORS: usize = 256;
/// When the rounds are used up.
const BREATH: Duration = Duration::from_millis(1);
/// What str0m gives for "never" lies centuries ahead.
const NEVER: Duration = Duration::from_hours(24);

pub(super) enum Said {
    Transmit {
        source: SocketAddr,
        destination: SocketAddr,
        bytes: Vec<u8>,
    },
    /// ICE chose a pair.
    Path,
    /// DTLS is done.
    Secured,
    /// The other side closed.
    Goodbye,
    Media(Box<MediaData>),
    KeyRequest {
        mid: Mid,
        full: bool,
    },
    /// bit/s
    Estimate(u64),
    ChannelOpen(ChannelId, String),
    ChannelData(ChannelData),
    ChannelClose(ChannelId),
    Peer(Box<PeerStats>),
    Ingress(Box<MediaIngressStats>),
    Egress(Box<MediaEgressStats>),
    /// Nothing works any more: a wrong certificate, or the handshake failed.
    Dead,
}

impl Link {
    /// When str0m wants to be woken; None: not by time.
    pub(super) fn drain(
        &mut self,
        now: Instant,
        mut say: impl FnMut(&mut Self, Said),
    ) -> Option<Instant> {
        let (mut rounds, mut errors) = (0, 0);
        loop {
            match self.rtc.poll_output() {
                Ok(Output::Timeout(at)) if at <= now => {
                    rounds += 1;
                    if rounds > ROUNDS {
                        return Some(now + BREATH);
                    }
                    self.handle_timeout(now);
                }
                Ok(Output::Timeout(at)) => {
                    return (at < now + NEVER).then_some(at);
                }
                Ok(Output::Transmit(transmit)) => {
                    let bytes: Vec<u8> = transmit.contents.into();
                    self.sent.count(&bytes);
                    say(
                        self,
                        Said::Transmit {
                            source: transmit.source,
                            destination: transmit.destination,
                            bytes,
                        },
                    );
                }
                Ok(Output::Event(event)) => {
                    if let Some(said) = translate(event) {
                        say(self, said);
                    }
                }
                Err(error) => {
                    tracing::debug!(%error, "str0m");
                    if !self.rtc.is_alive() {
                        say(self, Said::Dead);
                        return None;
                    }
                    errors += 1;
                    if errors > ERRORS {
                        return Some(now + BREATH);
                    }
                }
            }
        }
    }
}

fn translate(event: Event) -> Option<Said> {
    match event {
        Event::Connected => Some(Said::Secured),
        Event::IceConnectionStateChange(
            IceConnectionState::Connected | IceConnectionState::Completed,
        ) => Some(Said::Path),
        Event::MediaData(data) => Some(Said::Media(Box::new(data))),
        Event::KeyframeRequest(request) => Some(Said::KeyRequest {
            mid: request.mid,
            full: request.kind == KeyframeRequestKind::Fir,
        }),
        Event::EgressBitrateEstimate(str0m::bwe::BweKind::Twcc { estimate, .. }) => {
            Some(Said::Estimate(estimate.as_u64()))
        }
        Event::ChannelOpen(id, label) => Some(Said::ChannelOpen(id, label)),
        Event::ChannelData(data) => Some(Said::ChannelData(data)),
        Event::ChannelClose(id) => Some(Said::ChannelClose(id)),
        Event::PeerStats(stats) => Some(Said::Peer(Box::new(stats))),
        Event::MediaIngressStats(stats) => Some(Said::Ingress(Box::new(stats))),
        Event::MediaEgressStats(stats) => Some(Said::Egress(Box::new(stats))),
        Event::Closed => Some(Said::Goodbye),
        _ => None,
    }
}
