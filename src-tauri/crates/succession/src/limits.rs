//! Every bound and every time of succession, with its reason.

use std::time::Duration;

/// Members of one record: a room of 32 and as many who are away.
pub const MEMBERS: usize = 64;
/// Hosts of one meeting, one after the other. A chain of that many with 32 members each has some 55 kB; with more, the meeting
/// ends with its host.
pub const TERMS: usize = 64;
/// Bytes of a client id: the wire's room ids have as many at most.
pub const CLIENT_BYTES: usize = 64;
/// Addresses of one app: each interface with IPv4 and IPv6.
pub const ADDRESSES: usize = 8;
/// Bytes of one address with its port and scope.
pub const ADDRESS_BYTES: usize = 64;
/// Bytes of one line of chat: 4,000 characters of up to four bytes.
pub const LINE_BYTES: usize = 16_000;
/// Lines of chat kept.
pub const LINES: usize = 500;
/// Bytes of all chat kept: what the wire's `joined` has room for.
pub const CHAT_BYTES: usize = 160 * 1024;
/// Bytes of a line besides its text: key, numbers, signature.
pub const LINE_OVERHEAD: usize = 160;
/// Chat that is sent at once: data channels carry 64 KiB.
pub const PIECE_BYTES: usize = 32 * 1024;
/// How far a line's clock may be ahead of all that was seen: lines of another half come in order, so a jump is an attempt to
/// stand last for ever.
pub const CLOCK_LEAP: u64 = 1 << 20;
/// Rulings kept. Some hundred times what people do in a meeting; beyond it nothing new is ruled.
pub const RULINGS: usize = 512;
/// Participants spoken with, members or not.
pub const NEIGHBOURS: usize = 80;
/// Claims of other hosts remembered.
pub const RIVALS: usize = 4;
/// Pulses of others that one hello carries.
pub const PULSES: usize = 4;
/// Handovers remembered.
pub const HANDOVERS: usize = 8;
/// Terms whose pulses are remembered: some times as many as there can be hosts at once.
pub const COUNTS: usize = 64;
/// Letters remembered, so that none is passed on twice.
pub const LETTERS: usize = 1_024;
/// Times that a letter is passed on.
pub const HOPS: u8 = 8;
/// Headers whose signature was checked, remembered.
pub const VERIFIED: usize = 512;
/// Nonces of a host that wait for a resume.
pub const NONCES: usize = 256;
/// Bytes of one message: that of the wire.
pub const MESSAGE_BYTES: usize = 256 * 1024;

/// Time between pulses of a host, and the longest time between two hellos to one neighbour.
pub const BEAT_EVERY: Duration = Duration::from_millis(500);
/// A pulse is passed on as soon as this has gone by since the last hello: news is quick, and a flood is not.
pub const HELLO_LEAST: Duration = Duration::from_millis(200);
/// Without a new pulse for so long a host is lost: four beats and the way of the fifth. Below the three seconds promised, so that
/// the question to the others fits as well.
pub const LOST_AFTER: Duration = Duration::from_millis(2_400);
/// A neighbour without a hello for so long does not answer.
pub const SILENT_AFTER: Duration = Duration::from_millis(2_400);
/// A candidate without a new pulse for so long has given up.
pub const CANDIDATE_FRESH: Duration = Duration::from_millis(1_400);
/// How long a candidate asks before it takes over: a pulse gets through the part and back.
pub const CANDIDATE_FOR: Duration = Duration::from_millis(500);
/// The same while somebody earlier in the order answers, who may be about to notice.
pub const CANDIDATE_YIELDS: Duration = Duration::from_millis(1_600);
/// A clock that moved so far between two looks was stopped: sleep, or a halted process.
pub const CLOCK_JUMP: Duration = Duration::from_secs(2);
/// How long a host asks after its clock jumped before it speaks again.
pub const ASK_FOR: Duration = Duration::from_millis(1_500);
/// How long a leaving host waits for its successor.
pub const HANDS_OVER_FOR: Duration = Duration::from_secs(2);
/// Claims of hosts that are not heard any more are remembered so long.
pub const RIVAL_KEPT: Duration = Duration::from_secs(30);
/// Time between attempts to reach somebody who is lost.
pub const DIAL_EVERY: Duration = Duration::from_secs(1);
/// Time between attempts to be listed by the host.
pub const ENTER_EVERY: Duration = Duration::from_secs(1);
/// Least time between two exchanges with the same neighbour of what either lacks.
pub const SYNC_EVERY: Duration = Duration::from_millis(600);
/// Least time between two times that somebody is told that it was removed.
pub const SHOW_OUT_EVERY: Duration = Duration::from_secs(2);
/// How long members have to sign that they are present.
pub const MUSTER_FOR: Duration = Duration::from_millis(1_200);
/// Another host that does not answer a proposal is in another merge, or gone.
pub const PROPOSED_FOR: Duration = Duration::from_millis(1_200);
/// A merge that takes longer is begun anew.
pub const MERGE_FOR: Duration = Duration::from_secs(5);
/// Time between attempts to merge with the same host.
pub const MERGE_EVERY: Duration = Duration::from_millis(500);
