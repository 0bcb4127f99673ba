//! What a negotiation came to. Made by `jsep` each time the signaling state becomes stable through an answer; applied to
//! str0m by `session`. Complete each time: the transport compares with what it has.

use landline_protocol::engine_api::TrackKind;

/// RFC 8839 §5.4.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IceCredentials {
    pub ufrag: String,
    pub pwd: String,
}

/// The agreed state of one connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Negotiated {
    /// Differs from the last one after an ICE restart.
    pub local_ice: IceCredentials,
    pub remote_ice: IceCredentials,
    /// We were the offerer of the first negotiation (RFC 8445 §6.1.1).
    pub ice_controlling: bool,
    /// SHA-256 of the other side's certificate.
    pub remote_fingerprint: [u8; 32],
    /// We start the DTLS handshake (`a=setup:active` is ours). Fixed by the first negotiation.
    pub dtls_active: bool,
    pub codecs: Codecs,
    /// Header extensions by the ids both use, 1 to 14. Fixed by the first negotiation of each.
    pub extensions: Vec<(u8, Extension)>,
    /// In the order of the sections; data and refused sections are left out.
    pub media: Vec<NegotiatedMedia>,
    /// There is a data section that both accepted.
    pub data: bool,
    /// `a=max-message-size` of the other side; 0 there means none, here `u32::MAX`.
    pub remote_max_message_size: u32,
}

/// Payload types of the first sections of each codec, the offerer's. All are there in a [`Negotiated`]: what was not agreed is
/// reserved.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Codecs {
    pub opus: Option<u8>,
    pub vp8: Option<u8>,
    pub vp8_rtx: Option<u8>,
}

/// What the browsers give to Opus, VP8 and its repair: Firefox, then Chromium.
pub(crate) const USUAL: [[u8; 3]; 2] = [[109, 120, 124], [111, 96, 97]];

/// What Chromium gives to redundant sound; nobody else has it.
pub(crate) const RED: u8 = 63;

impl Codecs {
    /// Further payload types of Opus: a browser that took ours in one section gives its own to the sections that it adds.
    pub(crate) fn more_opus(self) -> impl Iterator<Item = u8> {
        USUAL
            .into_iter()
            .map(|[opus, ..]| opus)
            .filter(move |number| !self.has(*number))
    }

    /// Further payload types of VP8, each with that of its repair.
    pub(crate) fn more_vp8(self) -> impl Iterator<Item = (u8, u8)> {
        USUAL
            .into_iter()
            .map(|[_, vp8, rtx]| (vp8, rtx))
            .filter(move |(vp8, rtx)| !self.has(*vp8) && !self.has(*rtx))
    }

    fn has(self, number: u8) -> bool {
        [self.opus, self.vp8, self.vp8_rtx].contains(&Some(number))
    }
}

/// RTP header extensions that we know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Extension {
    /// RFC 6464.
    AudioLevel,
    /// <http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time>
    AbsoluteSendTime,
    /// draft-holmer-rmcat-transport-wide-cc-extensions-01.
    TransportSequenceNumber,
    /// RFC 8843 §15.
    Mid,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NegotiatedMedia {
    pub transceiver: u32,
    /// Id of the receiver in binary frames.
    pub receiver: u32,
    /// At most 16 characters, or the section was refused.
    pub mid: String,
    pub kind: TrackKind,
    pub payload_type: u8,
    /// Sound that carries the packet before it along has this payload type (RFC 2198).
    pub red: Option<u8>,
    pub send: bool,
    pub receive: bool,
    pub local_ssrc: u32,
    /// Video with RTX agreed.
    pub local_rtx: Option<u32>,
    /// None: not told; recognised by the `mid` extension.
    pub remote_ssrc: Option<u32>,
    pub remote_rtx: Option<u32>,
    /// The other side answers NACK for this section.
    pub nack: bool,
}
