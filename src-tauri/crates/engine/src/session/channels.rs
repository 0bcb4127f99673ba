//! Data channels of one connection (W3C webrtc §6, RFC 8831): the page's ids above, str0m's below, and what waits to be sent.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use landline_protocol::engine_api::{
    ChannelOptions, ChannelState, EngineError, EngineErrorName, REMOTE_IDS,
};
use str0m::Rtc;
use str0m::channel::ChannelId;

use super::channel_options::{config, options};

/// Of one connection. Landline uses two.
const CHANNELS: usize = 128;
/// As libwebrtc: what waits to be sent on one channel, bytes.
const WAITING: usize = 16 * 1024 * 1024;
/// Progress is told in steps of this, and when all is sent.
const TOLD: usize = 16 * 1024;
/// SCTP's last stream that can be used (RFC 8832 §6).
const LAST_STREAM: u16 = 65_534;

#[derive(Debug)]
struct Channel {
    id: u32,
    state: ChannelState,
    options: ChannelOptions,
    label: String,
    /// None until there is an association to open it in.
    under: Option<ChannelId>,
    waiting: VecDeque<(bool, Bytes)>,
    waiting_bytes: usize,
    /// Last `bufferedAmount` told.
    told: usize,
    counts: Counts,
    /// SCTP was asked to end its streams (RFC 8831 §6.7).
    reset: bool,
}

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    pub(super) messages_sent: u64,
    pub(super) bytes_sent: u64,
    pub(super) messages_received: u64,
    pub(super) bytes_received: u64,
}

/// Something to tell the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ChannelEvent {
    Created {
        channel: u32,
        label: String,
        options: ChannelOptions,
    },
    State {
        channel: u32,
        state: ChannelState,
        id: Option<u16>,
    },
    Buffered {
        channel: u32,
        bytes: u32,
    },
}

/// For statistics.
pub(super) struct Described<'a> {
    pub(super) id: u32,
    pub(super) label: &'a str,
    pub(super) protocol: &'a str,
    pub(super) state: ChannelState,
    pub(super) counts: Counts,
}

#[derive(Debug, Default)]
pub(super) struct Channels {
    all: BTreeMap<u32, Channel>,
    remote: u32,
}

fn error(name: EngineErrorName, message: &str) -> EngineError {
    EngineError {
        name,
        message: message.to_owned(),
    }
}

impl Channels {
    pub(super) fn create(
        &mut self,
        id: u32,
        label: String,
        options: ChannelOptions,
    ) -> Result<(), EngineError> {
        if self.all.len() >= CHANNELS {
            return Err(error(
                EngineErrorName::QuotaExceededError,
                "too many channels",
            ));
        }
        if id >= REMOTE_IDS || self.all.contains_key(&id) {
            return Err(error(
                EngineErrorName::InvalidAccessError,
                "the channel's id is taken",
            ));
        }
        if label.len() > usize::from(u16::MAX) || options.protocol.len() > usize::from(u16::MAX) {
            return Err(error(
                EngineErrorName::QuotaExceededError,
                "label or protocol is too long",
            ));
        }
        if options.negotiated {
            let taken = |stream| {
                self.all
                    .values()
                    .any(|c| c.options.negotiated && c.options.id == Some(stream))
            };
            match options.id {
                None => {
                    return Err(error(
                        EngineErrorName::InvalidAccessError,
                        "a negotiated channel needs an id",
                    ));
                }
                Some(stream) if stream > LAST_STREAM || taken(stream) => {
                    return Err(error(
                        EngineErrorName::OperationError,
                        "the stream is taken",
                    ));
                }
                Some(_) => {}
            }
        }
        self.all.insert(
            id,
            Channel {
                id,
                state: ChannelState::Connecting,
                options,
                label,
                under: None,
                waiting: VecDeque::new(),
                waiting_bytes: 0,
                told: 0,
                counts: Counts::default(),
                reset: false,
            },
        );
        Ok(())
    }

    /// There is an association: opens what was made before.
    pub(super) fn open(&mut self, rtc: &mut Rtc) {
        for channel in self.all.values_mut() {
            if channel.under.is_some() || channel.state != ChannelState::Connecting {
                continue;
            }
            let config = config(&channel.label, &channel.options);
            // str0m panics over a stream that is taken, also by the other side.
            if let Some(stream) = config.negotiated
                && rtc
                    .direct_api()
                    .channel_id_by_sctp_stream_id(stream)
                    .is_some()
            {
                continue;
            }
            channel.under = Some(rtc.direct_api().create_data_channel(config));
        }
    }

    pub(super) fn send(
        &mut self,
        id: u32,
        binary: bool,
        payload: Bytes,
        limit: u32,
    ) -> Result<(), EngineError> {
        let Some(channel) = self.all.get_mut(&id) else {
            return Err(error(
                EngineErrorName::InvalidStateError,
                "there is no such channel",
            ));
        };
        if channel.state != ChannelState::Open {
            return Err(error(
                EngineErrorName::InvalidStateError,
                "the channel is not open",
            ));
        }
        if payload.is_empty() {
            return Err(error(
                EngineErrorName::NotSupportedError,
                "empty messages cannot be sent",
            ));
        }
        let size = payload.len();
        if size > usize::try_from(limit).unwrap_or(usize::MAX) {
            return Err(error(
                EngineErrorName::OperationError,
                "the other side takes no message as large",
            ));
        }
        if channel.waiting_bytes + size > WAITING {
            return Err(error(
                EngineErrorName::OperationError,
                "too much waits to be sent",
            ));
        }
        channel.counts.messages_sent += 1;
        channel.counts.bytes_sent += size as u64;
        channel.waiting_bytes += size;
        channel.waiting.push_back((binary, payload));
        Ok(())
    }

    pub(super) fn close(&mut self, id: u32, mut say: impl FnMut(ChannelEvent)) {
        if let Some(channel) = self.all.get_mut(&id) {
            match (channel.state, channel.under) {
                (ChannelState::Connecting, None) => {
                    say(channel.set(ChannelState::Closed, None));
                    self.all.remove(&id);
                }
                (ChannelState::Connecting | ChannelState::Open, _) => {
                    channel.state = ChannelState::Closing;
                }
                (ChannelState::Closing | ChannelState::Closed, _) => {}
            }
        }
    }

    /// Hands over what fits, tells what was sent, closes what is done.
    pub(super) fn progress(&mut self, rtc: &mut Rtc, mut say: impl FnMut(ChannelEvent)) {
        for channel in self.all.values_mut() {
            let Some(under) = channel.under else { continue };
            let mut buffered = 0;
            if let Some(mut sctp) = rtc.channel(under) {
                while let Some((binary, payload)) = channel.waiting.front() {
                    match sctp.write(*binary, payload) {
                        Ok(true) => {
                            channel.waiting_bytes -= payload.len();
                            channel.waiting.pop_front();
                        }
                        Ok(false) => break,
                        Err(error) => {
                            tracing::debug!(%error, "a channel takes no message");
                            channel.waiting.clear();
                            channel.waiting_bytes = 0;
                        }
                    }
                }
                buffered = sctp.buffered_amount();
            }
            let total = channel.waiting_bytes + buffered;
            let done = total == 0 && channel.told != 0;
            if done || total.abs_diff(channel.told) >= TOLD {
                channel.told = total;
                say(ChannelEvent::Buffered {
                    channel: channel.id,
                    bytes: u32::try_from(total).unwrap_or(u32::MAX),
                });
            }
            if channel.state == ChannelState::Closing && total == 0 && !channel.reset {
                channel.reset = true;
                rtc.direct_api().close_data_channel(under);
            }
        }
    }

    /// Something waits that could be handed over.
    pub(super) fn busy(&self) -> bool {
        self.all.values().any(|c| {
            c.waiting_bytes > 0 || c.told > 0 || (c.state == ChannelState::Closing && !c.reset)
        })
    }

    pub(super) fn opened(
        &mut self,
        rtc: &mut Rtc,
        under: ChannelId,
        label: String,
        mut say: impl FnMut(ChannelEvent),
    ) {
        let stream = rtc.direct_api().sctp_stream_id_by_channel_id(under);
        if let Some(channel) = self.all.values_mut().find(|c| c.under == Some(under)) {
            if channel.state == ChannelState::Connecting {
                say(channel.set(ChannelState::Open, stream));
            }
            return;
        }
        if self.all.len() >= CHANNELS {
            rtc.direct_api().close_data_channel(under);
            return;
        }
        let options = options(
            rtc.channel(under)
                .as_ref()
                .and_then(str0m::channel::Channel::config),
            stream,
        );
        let id = REMOTE_IDS.wrapping_add(self.remote);
        self.remote = self.remote.wrapping_add(1) % REMOTE_IDS;
        self.all.insert(
            id,
            Channel {
                id,
                state: ChannelState::Open,
                options: options.clone(),
                label: label.clone(),
                under: Some(under),
                waiting: VecDeque::new(),
                waiting_bytes: 0,
                told: 0,
                counts: Counts::default(),
                reset: false,
            },
        );
        say(ChannelEvent::Created {
            channel: id,
            label,
            options,
        });
    }

    /// The page's id of the channel on which a message came.
    pub(super) fn received(&mut self, under: ChannelId, size: usize) -> Option<u32> {
        let channel = self.all.values_mut().find(|c| c.under == Some(under))?;
        channel.counts.messages_received += 1;
        channel.counts.bytes_received += size as u64;
        Some(channel.id)
    }

    pub(super) fn closed(&mut self, under: ChannelId, mut say: impl FnMut(ChannelEvent)) {
        let id = self
            .all
            .values()
            .find(|c| c.under == Some(under))
            .map(|c| c.id);
        if let Some(mut channel) = id.and_then(|id| self.all.remove(&id)) {
            say(channel.set(ChannelState::Closed, None));
        }
    }

    /// The association is gone.
    pub(super) fn close_all(&mut self, mut say: impl FnMut(ChannelEvent)) {
        for (_, mut channel) in std::mem::take(&mut self.all) {
            say(channel.set(ChannelState::Closed, None));
        }
    }

    pub(super) fn describe(&self) -> impl Iterator<Item = Described<'_>> {
        self.all.values().map(|channel| Described {
            id: channel.id,
            label: &channel.label,
            protocol: &channel.options.protocol,
            state: channel.state,
            counts: channel.counts,
        })
    }
}

impl Channel {
    fn set(&mut self, state: ChannelState, stream: Option<u16>) -> ChannelEvent {
        self.state = state;
        if stream.is_some() {
            self.options.id = stream;
        }
        ChannelEvent::State {
            channel: self.id,
            state,
            id: self.options.id,
        }
    }
}
