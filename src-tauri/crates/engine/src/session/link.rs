//! str0m, set up and changed by what was negotiated, through its Direct API: ICE, DTLS-SRTP, RTP and SCTP of one connection.
//!
//! Built at the first negotiation, because payload types and header extensions are fixed for its life.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use landline_protocol::engine_api::TrackKind;
use str0m::bwe::Bitrate;
use str0m::config::Fingerprint;
use str0m::media::{Frequency, KeyframeRequestKind, MediaKind, MediaTime, Mid};
use str0m::net::{Protocol, Receive};
use str0m::{Candidate, Input, Rtc};

use super::candidates::credentials;
use super::certificate::Certificate;
use super::counters::{Direction, Kind, kind};
use super::setup::{config, pt};
use crate::negotiated::{Extension, Negotiated, NegotiatedMedia};

/// Addresses from which checks with our password came.
const SOURCES: usize = 16;
/// Remote candidates of one generation.
const REMOTE: usize = 64;
/// What Chromium takes for peer-reflexive candidates: type preference 110 (RFC 8445 §5.1.2.2).
const REFLEXIVE_PRIORITY: u32 = 110 << 24 | 65_535 << 8 | 255;

fn reflexive(address: SocketAddr) -> Option<Candidate> {
    let line = format!(
        "candidate:1 1 udp {REFLEXIVE_PRIORITY} {} {} typ prflx",
        address.ip(),
        address.port()
    );
    Candidate::from_sdp_string(&line).ok()
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum LinkError {
    #[error("str0m: {0}")]
    Rtc(#[from] str0m::RtcError),
}

pub(crate) struct Link {
    pub(super) rtc: Rtc,
    agreed: Negotiated,
    locals: Vec<Candidate>,
    remotes: Vec<Candidate>,
    /// Whence non-STUN packets are taken (str0m itself would refuse early DTLS).
    sources: VecDeque<SocketAddr>,
    /// Remote addresses given up by a restart. str0m ignores them from then on, unless they are told again.
    forgotten: Vec<SocketAddr>,
    pub(super) received: Direction,
    pub(super) sent: Direction,
}

fn mid(media: &NegotiatedMedia) -> Mid {
    Mid::from(media.mid.as_str())
}

impl Link {
    pub(crate) fn new(
        now: Instant,
        certificate: &Certificate,
        agreed: Negotiated,
        addresses: &[SocketAddr],
    ) -> Result<Self, LinkError> {
        let mut rtc = config(certificate, &agreed).build(now);
        let mut direct = rtc.direct_api();
        direct.set_ice_controlling(agreed.ice_controlling);
        direct.set_remote_ice_credentials(credentials(&agreed.remote_ice));
        direct.set_remote_fingerprint(Fingerprint {
            hash_func: "sha-256".to_owned(),
            bytes: agreed.remote_fingerprint.to_vec(),
        });
        if agreed
            .extensions
            .iter()
            .any(|(_, e)| *e == Extension::TransportSequenceNumber)
        {
            direct.enable_twcc_feedback();
        }
        let mut link = Self {
            rtc,
            agreed: Negotiated {
                media: Vec::new(),
                data: false,
                ..agreed.clone()
            },
            locals: Vec::new(),
            remotes: Vec::new(),
            sources: VecDeque::new(),
            forgotten: Vec::new(),
            received: Direction::default(),
            sent: Direction::default(),
        };
        link.set_locals(addresses);
        link.rtc.direct_api().start_dtls(agreed.dtls_active)?;
        link.apply(agreed);
        Ok(link)
    }

    /// Takes over a later negotiation. True when ICE starts anew.
    pub(crate) fn apply(&mut self, agreed: Negotiated) -> bool {
        let restart = agreed.local_ice != self.agreed.local_ice
            || agreed.remote_ice != self.agreed.remote_ice;
        if restart {
            self.restart(&agreed);
        }
        let gone: Vec<Mid> = self
            .agreed
            .media
            .iter()
            .filter(|old| {
                !agreed
                    .media
                    .iter()
                    .any(|m| m.mid == old.mid && m.kind == old.kind)
            })
            .map(mid)
            .collect();
        for gone in gone {
            self.rtc.direct_api().remove_media(gone);
        }
        for media in &agreed.media {
            self.apply_media(media, &agreed);
        }
        if agreed.data && !self.agreed.data {
            self.rtc.direct_api().start_sctp(agreed.dtls_active);
        }
        let data = agreed.data || self.agreed.data;
        self.agreed = Negotiated { data, ..agreed };
        restart
    }

    fn apply_media(&mut self, media: &NegotiatedMedia, agreed: &Negotiated) {
        let mid = mid(media);
        if self.rtc.media(mid).is_none() {
            let kind = match media.kind {
                TrackKind::Audio => MediaKind::Audio,
                TrackKind::Video => MediaKind::Video,
            };
            self.rtc.direct_api().declare_media(mid, kind);
        }
        let before = self.agreed.media.iter().find(|m| m.mid == media.mid);
        let known = before
            .and_then(|m| m.remote_ssrc)
            .filter(|_| before.is_some_and(|m| m.receive));
        let by_mid = agreed.extensions.iter().any(|(_, e)| *e == Extension::Mid);
        let mut direct = self.rtc.direct_api();
        if media.send && direct.stream_tx_by_mid(mid, None).is_none() {
            let stream = direct.declare_stream_tx(
                media.local_ssrc.into(),
                media.local_rtx.map(Into::into),
                mid,
                None,
            );
            // A key frame must not hold up sound.
            stream.set_unpaced(media.kind == TrackKind::Audio);
        }
        if !media.receive {
            return;
        }
        if let Some(ssrc) = media.remote_ssrc {
            // A changed source is recognised by its `mid` extension: only then str0m also starts its reordering buffer anew.
            if known.is_some_and(|known| known != ssrc) {
                if by_mid {
                    return;
                }
                if let Some(known) = known {
                    direct.remove_stream_rx(known.into());
                }
            }
            direct
                .expect_stream_rx(ssrc.into(), media.remote_rtx.map(Into::into), mid, None)
                .suppress_nack(!media.nack);
        }
    }

    /// The Direct API has no restart of its own: new credentials, and the old remote candidates are forgotten with their pairs.
    /// Media go on over the last chosen path until a new pair succeeds.
    fn restart(&mut self, agreed: &Negotiated) {
        let mut direct = self.rtc.direct_api();
        self.forgotten.clear();
        for old in self.remotes.drain(..) {
            direct.invalidate_candidate(&old);
            self.forgotten.push(old.addr());
        }
        // Sources that were never told are peer-reflexive candidates within str0m.
        for source in &self.sources {
            if let Some(old) = reflexive(*source) {
                direct.invalidate_candidate(&old);
                self.forgotten.push(*source);
            }
        }
        direct.set_local_ice_credentials(credentials(&agreed.local_ice));
        direct.set_remote_ice_credentials(credentials(&agreed.remote_ice));
    }

    /// The addresses of our sockets; those of before are not used any more.
    pub(crate) fn set_locals(&mut self, addresses: &[SocketAddr]) {
        let gone: Vec<Candidate> = self
            .locals
            .extract_if(.., |c| !addresses.contains(&c.addr()))
            .collect();
        for gone in gone {
            self.rtc.direct_api().invalidate_candidate(&gone);
        }
        for address in addresses {
            if self.locals.iter().any(|c| c.addr() == *address) {
                continue;
            }
            if let Ok(candidate) = Candidate::host(*address, "udp") {
                self.rtc.add_local_candidate(candidate.clone());
                self.locals.push(candidate);
            }
        }
    }

    pub(crate) fn add_remote(&mut self, candidate: Candidate) {
        if self.remotes.len() >= REMOTE || self.remotes.iter().any(|c| c.addr() == candidate.addr())
        {
            return;
        }
        self.forgotten.retain(|a| *a != candidate.addr());
        self.remotes.push(candidate.clone());
        self.rtc.add_remote_candidate(candidate);
    }

    pub(crate) fn agreed(&self) -> &Negotiated {
        &self.agreed
    }

    /// True: it came from the other side.
    pub(crate) fn handle_packet(
        &mut self,
        now: Instant,
        source: SocketAddr,
        destination: SocketAddr,
        bytes: &[u8],
    ) -> bool {
        let Ok(receive) = Receive::new(Protocol::Udp, source, destination, bytes) else {
            return false;
        };
        let input = Input::Receive(now, receive);
        let stun = matches!(
            kind(bytes),
            Kind::StunRequest | Kind::StunSuccess | Kind::StunOther
        );
        if stun {
            if !self.rtc.accepts(&input) {
                return false;
            }
            if !self.sources.contains(&source) {
                if self.sources.len() >= SOURCES {
                    self.sources.pop_front();
                }
                self.sources.push_back(source);
            }
            // Checks of the new generation may overtake the candidates they come from.
            if self.forgotten.contains(&source)
                && let Some(again) = reflexive(source)
            {
                self.forgotten.retain(|a| *a != source);
                self.rtc.add_remote_candidate(again);
            }
        } else if !self.sources.contains(&source) {
            return false;
        }
        self.received.count(bytes);
        if let Err(error) = self.rtc.handle_input(input) {
            tracing::debug!(%error, "a packet was refused");
        }
        true
    }

    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        if let Err(error) = self.rtc.handle_input(Input::Timeout(now)) {
            tracing::debug!(%error, "time could not pass");
        }
    }

    pub(crate) fn media(&self, transceiver: u32) -> Option<&NegotiatedMedia> {
        self.agreed
            .media
            .iter()
            .find(|m| m.transceiver == transceiver)
    }

    /// str0m's ids of sections are shortened to what fits a header extension.
    pub(super) fn section(&self, id: Mid) -> Option<&NegotiatedMedia> {
        self.agreed.media.iter().find(|m| mid(m) == id)
    }

    /// False: it cannot be sent now.
    pub(crate) fn write(
        &mut self,
        now: Instant,
        transceiver: u32,
        payload_type: u8,
        timestamp: u64,
        payload: &Arc<[u8]>,
    ) -> bool {
        let Some(media) = self.media(transceiver).filter(|m| m.send) else {
            return false;
        };
        let rate = match media.kind {
            TrackKind::Audio => Frequency::FORTY_EIGHT_KHZ,
            TrackKind::Video => Frequency::NINETY_KHZ,
        };
        let (pt, mid) = (pt(payload_type), mid(media));
        let Some(writer) = self.rtc.writer(mid) else {
            return false;
        };
        let time = MediaTime::new(timestamp, rate);
        match writer.write(pt, now, time, Arc::clone(payload)) {
            Ok(()) => true,
            Err(error) => {
                tracing::debug!(%error, "a frame was not taken");
                false
            }
        }
    }

    /// How long the oldest packet of a section waited when str0m last looked.
    pub(crate) fn backlog(&mut self, transceiver: u32) -> Duration {
        let Some(mid) = self.media(transceiver).map(mid) else {
            return Duration::ZERO;
        };
        self.rtc
            .direct_api()
            .stream_tx_by_mid(mid, None)
            .and_then(|stream| stream.queue_info())
            .and_then(|queue| {
                // As of the sample: what was sent since would look old.
                let since = queue.first_unsent()?;
                Some(queue.created_at().saturating_duration_since(since))
            })
            .unwrap_or(Duration::ZERO)
    }

    /// Picture loss indication to the sender (RFC 4585 §6.3.1).
    pub(crate) fn request_key_frame(&mut self, mid: &str) {
        if let Some(stream) = self.rtc.direct_api().stream_rx_by_mid(Mid::from(mid), None) {
            stream.request_keyframe(KeyframeRequestKind::Pli);
        }
    }

    /// What the estimate should make room for, bit/s; `least` is filled up with padding so that it does not fall behind.
    pub(crate) fn set_bitrate(&mut self, least: u64, desired: u64) {
        self.rtc
            .bwe()
            .set_bitrate(Bitrate::bps(least), Bitrate::bps(desired));
    }

    /// Queues the goodbye.
    pub(crate) fn close(&mut self) {
        if let Err(error) = self.rtc.close() {
            tracing::debug!(%error, "no goodbye");
        }
    }
}
