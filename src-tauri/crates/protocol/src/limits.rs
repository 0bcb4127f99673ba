//! Every bound of the wire, with its reason. Sizes are in bytes unless the name says otherwise.

use std::time::Duration;

/// Longest room id. Ours are 32 hexadecimal digits; the wire allows 1 to 64.
pub const ROOM_ID_CHARS: usize = 64;
/// Longest name. Longer ones are cut: people's names are not errors.
pub const NAME_CHARS: usize = 64;
/// Longest title of a meeting. A TXT string holds 255 bytes, and a character takes up to four.
pub const TITLE_CHARS: usize = 60;
/// People whom a page asks about at once.
pub const PEOPLE_MET: usize = 64;
/// Fields of a statement to be signed, and the longest of them as text: a line of chat, each of whose characters takes up to four
/// bytes, in base64url.
pub const SIGN_FIELDS: usize = 16;
pub const SIGN_FIELD_CHARS: usize = CHAT_TEXT_CHARS * 4 * 4 / 3 + 4;
/// What JavaScript holds exactly.
pub const LARGEST_NUMBER: u64 = (1 << 53) - 1;
/// The last point in time that JavaScript can write, in milliseconds since 1970 (ECMA-262, 21.4.1.1).
pub const LAST_TIME: u64 = 8_640_000_000_000_000;
/// Largest message either way. An offer with every codec and 30 candidates has some 12 kB, so this is ample.
pub const MESSAGE_BYTES: usize = 256 * 1024;
/// Longest line of chat: some two pages.
pub const CHAT_TEXT_CHARS: usize = 4_000;
/// Lines of chat that a room keeps for those who come late.
pub const CHAT_LINES: usize = 500;
/// All chat that a room keeps, so that `joined` stays below [`MESSAGE_BYTES`] with its roster.
pub const CHAT_BYTES: usize = 160 * 1024;
/// People in one room. A mesh ends before that; the number bounds memory.
pub const ROOM_PARTICIPANTS: usize = 32;
/// A public key as text: 65 bytes in base64url.
pub const KEY_CHARS: usize = 87;
/// A signature as text: 64 bytes in base64url.
pub const SIGNATURE_CHARS: usize = 86;
/// A SHA-256 in hexadecimal digits.
pub const FINGERPRINT_CHARS: usize = 64;
/// Longest code, secret, message or tag of an admission; ours have 6, 22, 44 and 43 characters.
pub const ADMISSION_CHARS: usize = 64;
/// People who knock at once: as many as a room has seats. More are told that it is full.
pub const KNOCKS: usize = 32;
/// Keys of those who were sent out. The oldest are forgotten when there are more.
pub const REMOVED_KEYS: usize = 256;
/// One message of the agreement on the meeting's code: a key, two hashes and a signature.
pub const VERIFY_BYTES: usize = 2_048;
/// Open connections of one address: a household behind one address fits, a flood does not.
pub const CONNECTIONS_PER_ADDRESS: usize = 40;
/// Open connections in all.
pub const CONNECTIONS: usize = 256;
/// How long the seat of a lost connection is kept.
pub const SEAT_KEPT: Duration = Duration::from_secs(30);
/// How long the seat of a page that said it is closing is kept: a reload takes less.
pub const CLOSING_GRACE: Duration = Duration::from_millis(1_500);
/// How long seats given by a host before its restart are given back.
pub const RESTORE_GRACE: Duration = Duration::from_secs(30);
/// Time between pings. Two unanswered ones end a connection.
pub const PING_EVERY: Duration = Duration::from_secs(4);
/// Unanswered pings after which a connection counts as lost.
pub const PING_MISSES: u32 = 2;
/// Time for a TLS handshake, and for the first `join` on a connection.
pub const HANDSHAKE: Duration = Duration::from_secs(5);
/// Both sides acknowledge after this many messages, or after [`PING_EVERY`] if there is something to acknowledge.
pub const ACK_EVERY: u32 = 16;

/// The bounds of one server, so that a benchmark can pass its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Seats in the room.
    pub participants: usize,
    pub message_bytes: usize,
    pub connections: usize,
    pub connections_per_address: usize,
    /// Messages that may come at once from one connection before the token bucket is empty.
    pub burst_messages: u32,
    /// Messages a second that refill the bucket.
    pub messages_per_second: u32,
    /// Messages waiting for one connection; it is closed when there are more.
    pub queue_messages: usize,
    /// Bytes waiting for one connection; it is closed when there are more.
    pub queue_bytes: usize,
    /// Messages kept for a seat until they are acknowledged, and their bytes.
    pub replay_messages: usize,
    pub replay_bytes: usize,
}

impl Limits {
    /// The bounds that follow from the number of seats: a newcomer gets an offer of each member and sends each an answer,
    /// with some 20 candidates a link either way; a restart of ICE on all links comes on top.
    #[must_use]
    pub fn for_participants(participants: usize) -> Self {
        let links = participants.max(2);
        let per_link = 24;
        Self {
            participants,
            message_bytes: MESSAGE_BYTES,
            connections: CONNECTIONS.max(participants * 2),
            connections_per_address: CONNECTIONS_PER_ADDRESS,
            burst_messages: u32::try_from(links * per_link * 2).unwrap_or(u32::MAX),
            messages_per_second: u32::try_from(links * 8).unwrap_or(u32::MAX),
            queue_messages: links * per_link * 4,
            queue_bytes: 4 * 1024 * 1024,
            replay_messages: links * per_link * 2,
            replay_bytes: 2 * 1024 * 1024,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::for_participants(ROOM_PARTICIPANTS)
    }
}
