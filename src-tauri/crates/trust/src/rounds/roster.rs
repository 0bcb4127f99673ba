//! Who takes part in a round, in the order that everybody finds by itself.

use std::collections::BTreeMap;

use crate::identity::Verified;
use crate::key::PublicKey;
use crate::statement::Statement;

/// Most members of one round. A room has 32 seats; a hostile server may name more, and those are unverifiable.
pub const MAX_MEMBERS: usize = 64;
/// Longest client id in bytes. Ours have 12.
pub const CLIENT_ID_BYTES: usize = 64;

/// Somebody in the room, as the caller knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Participant {
    /// Stamped by the server.
    pub client_id: String,
    /// What [`Identity::verify`](crate::identity::Identity::verify) gave; `None` for a client without an identity or with a bad one.
    pub identity: Option<Verified>,
}

/// Somebody who can take part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) client_id: String,
    pub(crate) key: PublicKey,
    pub(crate) fingerprint: [u8; 32],
}

/// The members of a round, sorted by key, fingerprint and client id, and the hash over them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Roster {
    pub(crate) members: Vec<Member>,
    /// R: see [`roster_hash`].
    pub(crate) hash: [u8; 32],
    /// Our place among the members.
    pub(crate) me: usize,
}

impl Roster {
    /// The roster of `me` and `others`, and the client ids of those who are in no roster. Of two with one client id the first
    /// counts, and ourselves before all: what the server says about us counts for nothing.
    pub(crate) fn new(
        meeting_id: &str,
        me: &Member,
        others: &[Participant],
    ) -> (Self, Vec<String>) {
        let mut known: BTreeMap<&str, Option<Verified>> = BTreeMap::new();
        for Participant {
            client_id,
            identity,
        } in others
        {
            if *client_id != me.client_id && client_id.len() <= CLIENT_ID_BYTES {
                known.entry(client_id).or_insert(*identity);
            }
        }
        let mut unverifiable = Vec::new();
        let mut members = Vec::new();
        for (client_id, identity) in known {
            let room = members.len() + 1 < MAX_MEMBERS;
            match identity {
                Some(Verified { key, fingerprint }) if room => members.push(Member {
                    client_id: client_id.to_owned(),
                    key,
                    fingerprint,
                }),
                _ => unverifiable.push(client_id.to_owned()),
            }
        }
        members.push(me.clone());
        members.sort_by(|a, b| a.order().cmp(&b.order()));
        let place = members.iter().position(|member| member == me);
        let roster = Self {
            hash: roster_hash(meeting_id, &members),
            members,
            me: place.unwrap_or_default(),
        };
        (roster, unverifiable)
    }

    pub(crate) fn place_of(&self, client_id: &str) -> Option<usize> {
        self.members
            .iter()
            .position(|member| member.client_id == client_id)
    }

    /// The client ids of all but ourselves.
    pub(crate) fn others(&self) -> impl Iterator<Item = &str> {
        self.members
            .iter()
            .enumerate()
            .filter(|(place, _)| *place != self.me)
            .map(|(_, member)| member.client_id.as_str())
    }
}

impl Member {
    fn order(&self) -> (&[u8; 65], &[u8; 32], &[u8]) {
        (
            self.key.bytes(),
            &self.fingerprint,
            self.client_id.as_bytes(),
        )
    }
}

/// R = SHA-256 of `roster`, the meeting, and of each member in order: key, fingerprint, client id.
fn roster_hash(meeting_id: &str, members: &[Member]) -> [u8; 32] {
    members
        .iter()
        .fold(
            Statement::new("roster").field(meeting_id.as_bytes()),
            |statement, member| {
                statement
                    .field(member.key.bytes())
                    .field(&member.fingerprint)
                    .field(member.client_id.as_bytes())
            },
        )
        .hash()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(n: u8) -> PublicKey {
        let mut bytes = [n; 65];
        bytes[0] = 4;
        PublicKey::from_bytes(&bytes).unwrap()
    }

    fn member(id: &str, n: u8) -> Member {
        Member {
            client_id: id.to_owned(),
            key: key(n),
            fingerprint: [n; 32],
        }
    }

    fn participant(id: &str, n: u8) -> Participant {
        Participant {
            client_id: id.to_owned(),
            identity: Some(Verified {
                key: key(n),
                fingerprint: [n; 32],
            }),
        }
    }

    #[test]
    fn everybody_finds_the_same_order_and_hash() {
        let (a, _) = Roster::new(
            "m",
            &member("a", 3),
            &[participant("b", 1), participant("c", 2)],
        );
        let (c, _) = Roster::new(
            "m",
            &member("c", 2),
            &[participant("a", 3), participant("b", 1)],
        );
        assert_eq!(a.members, c.members);
        assert_eq!(a.hash, c.hash);
        assert_eq!((a.me, c.me), (2, 1));
        assert_ne!(
            a.hash,
            Roster::new(
                "n",
                &member("a", 3),
                &[participant("b", 1), participant("c", 2)]
            )
            .0
            .hash
        );
    }

    #[test]
    fn key_fingerprint_and_client_id_all_count() {
        let hash = |other: Participant| Roster::new("m", &member("a", 3), &[other]).0.hash;
        let plain = hash(participant("b", 1));
        let mut swapped = participant("b", 1);
        swapped.identity.as_mut().unwrap().fingerprint[31] ^= 1;
        assert_ne!(hash(swapped), plain);
        let mut swapped = participant("b", 1);
        swapped.identity.as_mut().unwrap().key = key(9);
        assert_ne!(hash(swapped), plain);
        assert_ne!(hash(participant("x", 1)), plain);
    }

    #[test]
    fn who_has_no_identity_is_named_and_not_in_the_roster() {
        let minimal = Participant {
            client_id: "old".to_owned(),
            identity: None,
        };
        let (roster, unverifiable) =
            Roster::new("m", &member("a", 3), &[minimal, participant("b", 1)]);
        assert_eq!(unverifiable, ["old"]);
        assert_eq!(roster.others().collect::<Vec<_>>(), ["b"]);
    }

    #[test]
    fn nobody_stands_there_twice_and_nobody_in_our_place() {
        let (roster, _) = Roster::new(
            "m",
            &member("a", 3),
            &[
                participant("a", 9),
                participant("b", 1),
                participant("b", 2),
            ],
        );
        assert_eq!(roster.members, [member("b", 1), member("a", 3)]);
    }

    #[test]
    fn a_roster_is_bounded() {
        let crowd: Vec<Participant> = (0..200)
            .map(|n| participant(&format!("{n:03}"), n))
            .collect();
        let (roster, unverifiable) = Roster::new("m", &member("a", 3), &crowd);
        assert_eq!(roster.members.len(), MAX_MEMBERS);
        assert_eq!(unverifiable.len(), 201 - MAX_MEMBERS);
    }
}
