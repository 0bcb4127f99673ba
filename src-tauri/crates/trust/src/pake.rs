//! That both ends of a connection know the same code, without sending it: SPAKE2 (RFC 9382) with key confirmation.
//!
//! ```text
//! joiner                          host
//! start  ── message ─────────────▶ answer      a try counts from here
//! finish ◀───────────── reply ──── Host
//! Joined ── tag ─────────────────▶ check       wrong: the host tells nothing but that
//! check  ◀─────────────── tag ──── Joined
//! ```
//! Each exchange tests one guess of one side: what goes over the wire tells a listener nothing about the code, and one who takes
//! part learns whether the one code that he used is right. The joiner confirms first, so that somebody who pretends to be the
//! joiner learns that from the host alone, which counts; somebody who pretends to be the host gets one tag from each joiner who
//! comes to him, and a tag is good for testing the one code with which he replied.
//!
//! What both ends have to have in common besides the code is in [`Binding`], the TLS connection among it (RFC 9266): somebody
//! in the middle with a connection to either side relays messages that do not fit.
//!
//! `spake2` 0.4 has the points M and N and the transcript of its Python original, which differ from the RFC's, no confirmation
//! and no check for points of small order. The last two are done here.

use std::fmt;

use curve25519_dalek::edwards::CompressedEdwardsY;
use curve25519_dalek::traits::IsIdentity as _;
use ring::{hkdf, hmac};
use spake2::{Ed25519Group, Identity, Password, Spake2};
use zeroize::Zeroizing;

use crate::code::Code;
use crate::key::PublicKey;
use crate::statement::Statement;

/// Bytes of a message: which side it is from, and a point.
pub const MESSAGE_BYTES: usize = 33;
/// Bytes of a tag.
pub const TAG_BYTES: usize = 32;
/// Bytes that the TLS connection gives for being told from others (RFC 9266 §4.1).
pub const EXPORTER_BYTES: usize = 32;
/// The label under which TLS gives them, with an empty context (RFC 9266 §4.2).
pub const EXPORTER_LABEL: &[u8] = b"EXPORTER-Channel-Binding";

/// A message between the two: joiner's or host's.
pub type Message = [u8; MESSAGE_BYTES];
/// A confirmation: HMAC-SHA256.
pub type Tag = [u8; TAG_BYTES];

/// What tells one TLS connection from all others, the same at its two ends and nowhere else: what it exports under
/// [`EXPORTER_LABEL`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Exporter(pub [u8; EXPORTER_BYTES]);

/// What both ends have to agree on besides the code, and besides the host's key, which comes with its reply.
#[derive(Clone, PartialEq, Eq)]
pub struct Binding {
    pub meeting_id: String,
    /// The joiner's identity.
    pub joiner_key: PublicKey,
    /// Of their TLS connection. TLS 1.3 only: in older versions two connections can have the same.
    pub exporter: Exporter,
}

/// Why a proof failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PakeError {
    /// Not a message or tag: wrong size, no point, a point of small order, or our own message come back.
    #[error("not a message of this exchange")]
    BadMessage,
    /// The other end used another code, or another [`Binding`].
    #[error("the other side does not know the code")]
    WrongCode,
}

/// The joiner, waiting for the host's reply.
pub struct Joiner {
    exchange: Exchange,
}

/// The joiner, waiting for the host's confirmation.
pub struct Confirming {
    keys: Keys,
}

/// The host, waiting for the joiner's confirmation. It is used up by one: each guess costs an exchange.
pub struct Host {
    keys: Keys,
}

impl Joiner {
    /// Begins; the message goes to the host.
    #[must_use]
    pub fn start(code: &Code, binding: &Binding) -> (Self, Message) {
        let exchange = Exchange::start(Side::Joiner, code, binding);
        let message = exchange.message;
        (Self { exchange }, message)
    }

    /// Takes the host's reply and the key that came with it; the tag goes to the host.
    ///
    /// # Errors
    /// [`PakeError::BadMessage`].
    pub fn finish(
        self,
        host_key: &PublicKey,
        reply: &[u8],
    ) -> Result<(Confirming, Tag), PakeError> {
        let keys = self.exchange.finish(host_key, reply)?;
        let tag = keys.tag(Side::Joiner);
        Ok((Confirming { keys }, tag))
    }
}

impl Confirming {
    /// Takes the host's tag. Ok: whoever is at the other end of this connection knows the code, and goes by this key.
    ///
    /// # Errors
    /// [`PakeError::WrongCode`].
    pub fn check(self, tag: &[u8]) -> Result<(), PakeError> {
        self.keys.check(Side::Host, tag)
    }
}

impl Host {
    /// Takes the joiner's message; the reply goes to the joiner, with the host's key. From then on a try has to be counted.
    ///
    /// # Errors
    /// [`PakeError::BadMessage`]: no reply, and no try.
    pub fn answer(
        code: &Code,
        binding: &Binding,
        host_key: &PublicKey,
        message: &[u8],
    ) -> Result<(Self, Message), PakeError> {
        let exchange = Exchange::start(Side::Host, code, binding);
        let reply = exchange.message;
        let keys = exchange.finish(host_key, message)?;
        Ok((Self { keys }, reply))
    }

    /// Takes the joiner's tag; the tag that is given goes to the joiner, who is proven.
    ///
    /// # Errors
    /// [`PakeError::WrongCode`].
    pub fn check(self, tag: &[u8]) -> Result<Tag, PakeError> {
        self.keys.check(Side::Joiner, tag)?;
        Ok(self.keys.tag(Side::Host))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Joiner,
    Host,
}

impl Side {
    const fn label(self) -> &'static str {
        match self {
            Self::Joiner => "pake/joiner",
            Self::Host => "pake/host",
        }
    }
}

impl Binding {
    /// The identity of one side: which side it is, and what both know from the start.
    fn identity(&self, side: Side) -> Statement {
        Statement::new(side.label())
            .field(self.meeting_id.as_bytes())
            .field(self.joiner_key.bytes())
            .field(&self.exporter.0)
    }
}

/// One side between its own message and the other's.
struct Exchange {
    side: Side,
    spake2: Spake2<Ed25519Group>,
    message: Message,
    binding: Binding,
}

impl Exchange {
    fn start(side: Side, code: &Code, binding: &Binding) -> Self {
        let password = Password::new(code.digits());
        let joiner = Identity::new(binding.identity(Side::Joiner).bytes());
        let host = Identity::new(binding.identity(Side::Host).bytes());
        let (spake2, sent) = match side {
            Side::Joiner => Spake2::start_a(&password, &joiner, &host),
            Side::Host => Spake2::start_b(&password, &joiner, &host),
        };
        let mut message = [0; MESSAGE_BYTES];
        // Its length is fixed by the group; were it another one, the other side would refuse the message.
        for (to, from) in message.iter_mut().zip(sent) {
            *to = from;
        }
        Self {
            side,
            spake2,
            message,
            binding: binding.clone(),
        }
    }

    fn finish(self, host_key: &PublicKey, received: &[u8]) -> Result<Keys, PakeError> {
        let received = Message::try_from(received).map_err(|_| PakeError::BadMessage)?;
        let [_, point @ ..] = received;
        let [_, own_point @ ..] = self.message;
        if point == own_point || !is_in_group(point) {
            return Err(PakeError::BadMessage);
        }
        // It checks the first byte, so a message of our own side does not pass.
        let shared = self
            .spake2
            .finish(&received)
            .map(Zeroizing::new)
            .map_err(|_| PakeError::BadMessage)?;
        let (first, second) = match self.side {
            Side::Joiner => (&self.message, &received),
            Side::Host => (&received, &self.message),
        };
        // `spake2` wants identities before there is the host's key; both confirmations are over it here, which is as good.
        let transcript = Statement::new("pake/transcript")
            .field(self.binding.identity(Side::Joiner).bytes())
            .field(self.binding.identity(Side::Host).bytes())
            .field(first)
            .field(second)
            .field(host_key.bytes());
        Keys::derive(&shared, transcript)
    }
}

/// Whether these are the canonical bytes of a point of the prime-order group, not the identity: RFC 9382 §3.1 wants
/// membership checked, and points of small order would let a part of the key be chosen.
fn is_in_group(bytes: [u8; 32]) -> bool {
    CompressedEdwardsY(bytes).decompress().is_some_and(|point| {
        point.compress().0 == bytes && !point.is_identity() && point.is_torsion_free()
    })
}

/// What the exchange yields: a key for the confirmation of each side (RFC 9382 §4).
struct Keys {
    joiner: hmac::Key,
    host: hmac::Key,
    transcript: Statement,
}

impl Keys {
    fn derive(shared: &[u8], transcript: Statement) -> Result<Self, PakeError> {
        let extracted = hkdf::Salt::new(hkdf::HKDF_SHA256, &[]).extract(shared);
        let derive = |side: Side| {
            let label = Statement::new(side.label());
            extracted
                .expand(&[label.bytes(), transcript.bytes()], hmac::HMAC_SHA256)
                .map(hmac::Key::from)
                .map_err(|_| PakeError::BadMessage)
        };
        let (joiner, host) = (derive(Side::Joiner)?, derive(Side::Host)?);
        Ok(Self {
            joiner,
            host,
            transcript,
        })
    }

    const fn of(&self, side: Side) -> &hmac::Key {
        match side {
            Side::Joiner => &self.joiner,
            Side::Host => &self.host,
        }
    }

    fn tag(&self, side: Side) -> Tag {
        let mut tag = [0; TAG_BYTES];
        tag.copy_from_slice(hmac::sign(self.of(side), self.transcript.bytes()).as_ref());
        tag
    }

    /// Takes the same time wherever the tags differ.
    fn check(&self, side: Side, tag: &[u8]) -> Result<(), PakeError> {
        hmac::verify(self.of(side), self.transcript.bytes(), tag).map_err(|_| PakeError::WrongCode)
    }
}

/// None of the states shows what it holds.
macro_rules! hidden {
    ($($state:ident)*) => {$(
        impl fmt::Debug for $state {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($state), "(…)"))
            }
        }
    )*};
}

hidden!(Exporter Binding Joiner Confirming Host);
