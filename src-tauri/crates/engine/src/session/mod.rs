//! One connection, sans-IO: [`Jsep`] above, str0m below ([`link`]), time and packets passed in. After each call
//! [`Session::poll`] gives what came of it, until there is nothing more.

mod candidates;
mod certificate;
mod channel_options;
mod channels;
mod counters;
mod drain;
mod link;
mod media;
mod negotiate;
pub(crate) mod red;
mod setup;
mod states;
mod stats;
mod timeline;

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use bytes::Bytes;
use landline_protocol::engine_api::{
    ChannelOptions, ChannelState, ConnectionState, EngineError, EngineErrorName, GatheringState,
    IceCandidate, IceConnectionState, PeerConnectionState,
};

use crate::jsep::{Identity, Jsep, Random, ReceiverIds};
use crate::negotiated::IceCredentials;
use candidates::Named;
pub(crate) use certificate::Certificate;
use channels::{ChannelEvent, Channels};
use drain::Said;
use link::Link;
use media::Media;
pub(crate) use media::Outgoing;
use setup::{FIRST_ESTIMATE, LARGEST_MESSAGE};
use states::States;

/// Packets that came before there was anybody to read them: the checks of an answerer whose answer is still under way.
const EARLY: usize = 32;
/// Remote candidates of a generation that is not agreed yet, and questions under way.
const HELD: usize = 64;
/// How often channels are looked at while something waits in them.
const CHANNELS_EVERY: Duration = Duration::from_millis(20);

/// What comes of it.
#[derive(Debug)]
pub(crate) enum SessionOutput {
    Transmit {
        source: SocketAddr,
        destination: SocketAddr,
        bytes: Vec<u8>,
    },
    /// Open sockets and call [`Session::gathered`].
    Gather,
    /// Ask for the addresses of a name and call [`Session::resolved`].
    Resolve {
        question: u64,
        name: String,
    },
    Candidate(Option<IceCandidate>),
    /// States changed by themselves.
    State,
    /// What is sent and received changed.
    Negotiated,
    Video {
        receiver: u32,
        key: bool,
        gap: bool,
        timestamp: u32,
        arrival: Instant,
        payload: Bytes,
    },
    Audio {
        receiver: u32,
        timestamp: u32,
        arrival: Instant,
        payload: Bytes,
    },
    /// The other side needs a key frame.
    KeyRequest {
        transceiver: u32,
    },
    /// [`Session::estimate`] changed.
    Estimate,
    ChannelCreated {
        channel: u32,
        label: String,
        options: ChannelOptions,
    },
    ChannelState {
        channel: u32,
        state: ChannelState,
        id: Option<u16>,
    },
    ChannelBuffered {
        channel: u32,
        bytes: u32,
    },
    ChannelMessage {
        channel: u32,
        binary: bool,
        payload: Bytes,
    },
}

impl From<ChannelEvent> for SessionOutput {
    fn from(event: ChannelEvent) -> Self {
        match event {
            ChannelEvent::Created {
                channel,
                label,
                options,
            } => Self::ChannelCreated {
                channel,
                label,
                options,
            },
            ChannelEvent::State { channel, state, id } => Self::ChannelState { channel, state, id },
            ChannelEvent::Buffered { channel, bytes } => Self::ChannelBuffered { channel, bytes },
        }
    }
}

struct Held {
    ufrag: String,
    line: String,
}

struct Question {
    number: u64,
    ufrag: String,
    named: Named,
}

pub(crate) struct Session {
    pub(crate) jsep: Jsep,
    certificate: Certificate,
    link: Option<Link>,
    states: States,
    gathering: GatheringState,
    /// Under which candidates are, or were last, gathered.
    gathered_for: Option<IceCredentials>,
    sockets: Vec<SocketAddr>,
    early: VecDeque<(SocketAddr, SocketAddr, Vec<u8>)>,
    held: VecDeque<Held>,
    questions: VecDeque<Question>,
    asked: u64,
    channels: Channels,
    media: Media,
    estimate: u64,
    outputs: VecDeque<SessionOutput>,
    /// When str0m wants to be woken.
    wake: Option<Instant>,
    /// Something was done to str0m since it was last drained.
    stirred: bool,
    shown: (IceConnectionState, PeerConnectionState),
    closed: bool,
}

fn closed() -> EngineError {
    EngineError {
        name: EngineErrorName::InvalidStateError,
        message: "the connection is closed".to_owned(),
    }
}

impl Session {
    pub(crate) fn new(certificate: Certificate, random: Random, receivers: ReceiverIds) -> Self {
        let identity = Identity {
            fingerprint: certificate.fingerprint,
        };
        Self {
            jsep: Jsep::new(identity, random, receivers),
            certificate,
            link: None,
            states: States::new(),
            gathering: GatheringState::New,
            gathered_for: None,
            sockets: Vec::new(),
            early: VecDeque::new(),
            held: VecDeque::new(),
            questions: VecDeque::new(),
            asked: 0,
            channels: Channels::default(),
            media: Media::default(),
            estimate: FIRST_ESTIMATE,
            outputs: VecDeque::new(),
            wake: None,
            stirred: false,
            shown: (IceConnectionState::New, PeerConnectionState::New),
            closed: false,
        }
    }

    pub(crate) fn state(&self) -> ConnectionState {
        ConnectionState {
            signaling: self.jsep.signaling(),
            gathering: self.gathering,
            ice: self.states.ice(),
            connection: self.states.connection(),
            negotiation_needed: self.jsep.negotiation_needed(),
            current_local: self.jsep.current_local(),
            pending_local: self.jsep.pending_local(),
            current_remote: self.jsep.current_remote(),
            pending_remote: self.jsep.pending_remote(),
            transceivers: self.jsep.transceivers(),
            max_message_size: self.max_message_size(),
        }
    }

    /// Largest message that can be sent; None without a data section.
    pub(crate) fn max_message_size(&self) -> Option<u32> {
        let theirs = self.jsep.max_message_size()?;
        Some(theirs.min(LARGEST_MESSAGE))
    }

    pub(crate) fn sockets(&self) -> &[SocketAddr] {
        &self.sockets
    }

    pub(crate) fn estimate(&self) -> u64 {
        self.estimate
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.states.connection() == PeerConnectionState::Connected
    }

    pub(crate) fn handle_packet(
        &mut self,
        now: Instant,
        source: SocketAddr,
        destination: SocketAddr,
        bytes: &[u8],
    ) {
        let Some(link) = &mut self.link else {
            if !self.closed && self.early.len() < EARLY {
                self.early.push_back((source, destination, bytes.to_vec()));
            }
            return;
        };
        if link.handle_packet(now, source, destination, bytes) {
            self.states.heard(now);
            self.stirred = true;
            self.settle(now);
        }
    }

    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        self.states.handle_timeout(now);
        if self.wake.is_some_and(|wake| wake <= now)
            && let Some(link) = &mut self.link
        {
            link.handle_timeout(now);
            self.stirred = true;
        }
        self.settle(now);
    }

    /// When [`Session::handle_timeout`] is due.
    pub(crate) fn next_timeout(&self) -> Option<Instant> {
        [self.wake, self.states.next()].into_iter().flatten().min()
    }

    pub(crate) fn poll(&mut self) -> Option<SessionOutput> {
        self.outputs.pop_front()
    }

    /// Answer to [`SessionOutput::Resolve`].
    pub(crate) fn resolved(&mut self, now: Instant, question: u64, addresses: &[IpAddr]) {
        let Some(at) = self.questions.iter().position(|q| q.number == question) else {
            return;
        };
        let Some(asked) = self.questions.remove(at) else {
            return;
        };
        let Some(link) = &mut self.link else { return };
        if link.agreed().remote_ice.ufrag != asked.ufrag {
            return;
        }
        for candidate in addresses.iter().filter_map(|a| asked.named.with(*a)) {
            link.add_remote(candidate);
            self.stirred = true;
        }
        self.settle(now);
    }

    /// Says goodbye on the wire; nothing comes after what [`Session::poll`] still gives.
    pub(crate) fn close(&mut self, now: Instant) {
        if self.closed {
            return;
        }
        if let Some(link) = &mut self.link {
            link.close();
            self.stirred = true;
        }
        self.settle(now);
        self.closed = true;
        self.jsep.close();
        self.states.close();
        self.link = None;
        self.wake = None;
        self.outputs
            .retain(|output| matches!(output, SessionOutput::Transmit { .. }));
    }

    /// Drains str0m and tells what changed.
    fn settle(&mut self, now: Instant) {
        if let Some(mut link) = self.link.take() {
            if self.stirred || self.channels.busy() {
                self.stirred = false;
                let channels = &mut self.channels;
                let outputs = &mut self.outputs;
                channels.progress(&mut link.rtc, |event| outputs.push_back(event.into()));
                self.wake = link.drain(now, |link, said| self.said(now, link, said));
                if self.channels.busy() {
                    let look = now + CHANNELS_EVERY;
                    self.wake = Some(self.wake.map_or(look, |wake| wake.min(look)));
                }
            }
            self.link = Some(link);
        }
        let shown = (self.states.ice(), self.states.connection());
        if shown != self.shown {
            self.shown = shown;
            self.outputs.push_back(SessionOutput::State);
        }
    }

    fn said(&mut self, now: Instant, link: &mut Link, said: Said) {
        let outputs = &mut self.outputs;
        match said {
            Said::Transmit {
                source,
                destination,
                bytes,
            } => outputs.push_back(SessionOutput::Transmit {
                source,
                destination,
                bytes,
            }),
            Said::Path => self.states.path(now),
            Said::Secured => self.states.secured(),
            Said::Goodbye => {
                self.states.goodbye(now);
                self.channels.close_all(|e| outputs.push_back(e.into()));
            }
            Said::Dead => {
                self.states.dtls_failed();
                self.channels.close_all(|e| outputs.push_back(e.into()));
            }
            Said::Media(data) => self.media.received(now, link, *data, outputs),
            Said::KeyRequest { mid, full } => {
                if let Some(transceiver) = self.media.asked(link, mid, full) {
                    outputs.push_back(SessionOutput::KeyRequest { transceiver });
                }
            }
            Said::Estimate(estimate) => {
                self.estimate = estimate;
                outputs.push_back(SessionOutput::Estimate);
            }
            Said::ChannelOpen(id, label) => self
                .channels
                .opened(&mut link.rtc, id, label, |e| outputs.push_back(e.into())),
            Said::ChannelData(data) => {
                if let Some(channel) = self.channels.received(data.id, data.data.len()) {
                    outputs.push_back(SessionOutput::ChannelMessage {
                        channel,
                        binary: data.binary,
                        payload: Bytes::from(data.data),
                    });
                }
            }
            Said::ChannelClose(id) => self.channels.closed(id, |e| outputs.push_back(e.into())),
            Said::Peer(stats) => self.media.peer = Some(*stats),
            Said::Ingress(stats) => self.media.ingress(*stats),
            Said::Egress(stats) => self.media.egress(*stats),
        }
    }
}
