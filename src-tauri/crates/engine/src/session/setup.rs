//! How str0m is set up for a connection: what it is told once and for all.

use std::time::Duration;

use str0m::Rtc;
use str0m::bwe::Bitrate;
use str0m::format::{Codec, FormatParams};
use str0m::media::{Frequency, Pt};

use super::candidates::credentials;
use super::certificate::Certificate;
use crate::negotiated::{Extension, Negotiated, RED};

/// Connectivity checks of a working pair: three may be lost before a path counts as silent.
pub(crate) const CHECK_EVERY: Duration = Duration::from_secs(1);
/// Unanswered checks before a pair is given up: not before [`super::states`] calls the connection failed.
const CHECKS: usize = 20;
/// Where the bandwidth estimate begins: on a local network a 640×480 key frame must not take 300 ms, as with libwebrtc's 300 kbit/s.
pub(crate) const FIRST_ESTIMATE: u64 = 2_000_000;
const STATS_EVERY: Duration = Duration::from_secs(1);
/// SCTP takes no more before the other side has confirmed some: the largest messages have to fit.
const SCTP_BUFFER: usize = 4 * 1024 * 1024;
/// The Direct API has no way to tell str0m of a larger limit of the other side than this, its default (RFC 8841 §6).
pub(crate) const LARGEST_MESSAGE: u32 = 64 * 1024;
pub(super) fn config(certificate: &Certificate, agreed: &Negotiated) -> str0m::RtcConfig {
    let mut config = Rtc::builder()
        .set_dtls_cert(certificate.dtls.clone())
        .set_local_ice_credentials(credentials(&agreed.local_ice))
        .enable_bwe(Some(Bitrate::bps(FIRST_ESTIMATE)))
        .set_stats_interval(Some(STATS_EVERY))
        // Sound goes on at once, late packets too: the page's jitter buffer orders them by time.
        .set_reordering_size_audio(0)
        .set_reordering_timeout_audio(None)
        .set_sctp_max_buffered_amount(SCTP_BUFFER)
        .clear_extension_map();
    config.set_max_stun_rto(CHECK_EVERY);
    config.set_max_stun_retransmits(CHECKS);
    for (id, extension) in &agreed.extensions {
        if (1..=14).contains(id) {
            config = config.set_extension(*id, wire(*extension));
        }
    }
    let types = agreed.codecs;
    let codecs = config.codec_config();
    codecs.clear();
    // What is in redundant packets, `red.rs` takes out.
    for opus in types.opus.into_iter().chain(types.more_opus()).chain([RED]) {
        codecs.add_config(
            pt(opus),
            None,
            Codec::Opus,
            Frequency::FORTY_EIGHT_KHZ,
            Some(2),
            FormatParams::default(),
        );
    }
    let first = types.vp8.map(|vp8| (vp8, types.vp8_rtx));
    let more = types.more_vp8().map(|(vp8, rtx)| (vp8, Some(rtx)));
    for (vp8, rtx) in first.into_iter().chain(more) {
        codecs.add_config(
            pt(vp8),
            rtx.map(pt),
            Codec::Vp8,
            Frequency::NINETY_KHZ,
            None,
            FormatParams::default(),
        );
    }
    config
}

pub(super) fn pt(number: u8) -> Pt {
    Pt::new_with_value(number)
}

fn wire(extension: Extension) -> str0m::rtp::Extension {
    match extension {
        Extension::AudioLevel => str0m::rtp::Extension::AudioLevel,
        Extension::AbsoluteSendTime => str0m::rtp::Extension::AbsoluteSendTime,
        Extension::TransportSequenceNumber => str0m::rtp::Extension::TransportSequenceNumber,
        Extension::Mid => str0m::rtp::Extension::RtpMid,
    }
}
