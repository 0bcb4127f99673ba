//! What goes into a survivor and what comes out.

use std::sync::Arc;

use landline_trust::PublicKey;

use crate::chain::Claim;
use crate::chat::Line;
use crate::ids::Hash;
use crate::letter::Refused;
use crate::message::Message;
use crate::record::{Kind, Member};
use crate::rulings::Rule;

/// What a survivor starts from.
#[derive(Debug, Clone)]
pub struct Config {
    /// The own `clientId`: at most [`crate::limits::CLIENT_BYTES`], of enough chance that no other has it.
    pub client: String,
    pub kind: Kind,
    /// 32 random bytes, new at each start: nonces are made of it.
    pub entropy: Hash,
}

/// What happened.
#[derive(Debug, Clone)]
pub enum Input {
    /// The deadline was reached.
    Tick,
    /// The system says that the machine slept.
    Woke,
    /// There is a connection to the node of `.0`, whoever made it, or a data channel.
    Reached(PublicKey),
    /// Came over a connection or data channel whose other end proved to be `from`.
    Received { from: PublicKey, message: Message },
    /// The person wrote a line.
    Say { text: String, unix_ms: u64 },
    /// The person ruled. Nothing happens if it may not.
    Rule(Rule),
    /// Host: who knocked ([`Output::Knock`]) is let in.
    Admit(PublicKey),
    /// Host: who knocked is not.
    Decline(PublicKey, Refused),
    /// Host: everybody with a key who has a seat, as key and client id. Who is not listed is now, as a guest: an app makes itself
    /// known as one when its node comes.
    Seated(Vec<(PublicKey, String)>),
    /// Host: a participant said goodbye, or was removed. Not one that is only away: it may be in another half, which is dialed
    /// as long as the record lists it, and whoever has a newer record does not follow it as a host.
    Gone(PublicKey),
    /// Own addresses or network changed.
    Moved(Kind),
    /// The person leaves. A host hands over first: go on until [`Output::Left`].
    Leave,
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Over the connection and the data channel if it is a hello, else over one of them, whichever works; dropped if none is
    /// there. Never kept for later.
    Send { to: PublicKey, message: Message },
    /// Try once to reach this node, and say [`Input::Reached`] when it worked.
    Dial {
        to: PublicKey,
        fingerprint: Hash,
        addresses: Vec<String>,
    },
    /// Open the room with the state that is there, advertise it: this node is the host now.
    Open(Arc<Claim>),
    /// Resume at this host: it is followed now. A room that was open here closes, without the end of the meeting.
    Follow(Arc<Claim>),
    /// The record is another one: members came or went. To be kept for a restart.
    Roster(Arc<Claim>),
    /// The way to the host: `None` directly, else signaling goes over the data channel to that app, which passes it on.
    Route(Option<PublicKey>),
    /// The host, the first in the order, or a candidate; or none of it any more. The listener stands ready, and serves members only
    /// before [`Output::Open`].
    Ready(bool),
    /// Host: somebody without a ticket wants in.
    Knock(Member),
    /// A line of somebody else's. Its place is in [`crate::chat::Log::lines`].
    Line(Arc<Line>),
    /// Roles, bans, lock or lobby changed.
    Ruled,
    /// The host says no. Over.
    Refused(Refused),
    /// Over: handed over, or left.
    Left,
}
