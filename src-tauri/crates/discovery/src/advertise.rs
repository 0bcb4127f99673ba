//! Advertising one meeting: what is said ([`service`]) and for how long ([`Advertisement`]).

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::time::Duration;

use landline_protocol::decode::clean;
use landline_protocol::limits::{NAME_CHARS, ROOM_ID_CHARS, TITLE_CHARS};
use landline_protocol::{PROTOCOL_VERSION, SERVICE_TYPE, TxtKey};
use mdns_sd::ServiceInfo;
use tokio::sync::oneshot;

use crate::discovery::Discovery;
use crate::list::is_fingerprint;
use crate::wanted::{Life, Wish};

/// Longest value of a TXT string: 255 bytes (RFC 6763 §6.1) less the longest key and `=`.
const VALUE_BYTES: usize = 255 - 6;
/// How long [`Advertisement::stop`] waits for the goodbye at most: leaving must not hang on a dead network.
const STOP_LIMIT: Duration = Duration::from_secs(1);

/// A meeting as it is advertised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdvertisedMeeting {
    pub meeting_id: String,
    pub title: String,
    /// The host's name.
    pub host: String,
    pub port: u16,
    /// SHA-256 of the host's certificate, 64 lower-case hexadecimal digits.
    pub fingerprint: String,
    pub participants: u32,
    pub locked: bool,
    /// In milliseconds since 1970. Others are told the second.
    pub started_at: u64,
    /// Leaves out title and name.
    pub private: bool,
    /// How many hosts the meeting had before this one.
    pub epoch: u32,
}

/// Why a meeting cannot be advertised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AdvertiseError {
    #[error("the meeting's id does not fit into a TXT record")]
    MeetingId,
    #[error("the fingerprint is not 64 lower-case hexadecimal digits")]
    Fingerprint,
    #[error("the meeting has no port")]
    Port,
}

/// One meeting that others can see. Dropping it takes the meeting back; [`Advertisement::stop`] also waits until that is
/// said.
#[derive(Debug)]
pub struct Advertisement {
    discovery: Discovery,
    key: u64,
    host_name: String,
}

impl Advertisement {
    pub(crate) fn start(
        discovery: Discovery,
        meeting: AdvertisedMeeting,
    ) -> Result<Self, AdvertiseError> {
        check(&meeting)?;
        let host_name = format!("ll-{}.local", random_name());
        let wish = Wish {
            meeting,
            instance: random_name(),
            host_name: host_name.clone(),
            life: Life::Wished,
        };
        let key = discovery.shared.change(|wanted| wanted.add(wish));
        Ok(Self {
            discovery,
            key,
            host_name,
        })
    }

    /// The host's name in multicast DNS, without the last dot: `ll-<16 digits>.local`. A server accepts it as Host.
    #[must_use]
    pub fn host_name(&self) -> &str {
        &self.host_name
    }

    /// Tells the network how many people are there and whether one can join. May be called as often as it changes: a
    /// burst becomes one record.
    pub fn update(&self, participants: u32, locked: bool) {
        self.discovery.shared.change(|wanted| {
            if let Some(wish) = wanted.wishes.get_mut(&self.key) {
                wish.meeting.participants = participants;
                wish.meeting.locked = locked;
            }
        });
    }

    /// Takes the meeting back and waits until the goodbye was sent, twice; at most one second.
    pub async fn stop(self) {
        let (gone, told) = oneshot::channel();
        self.end(Some(gone));
        if tokio::time::timeout(STOP_LIMIT, told).await.is_err() {
            tracing::warn!("the goodbye of a meeting could not be sent in time");
        }
    }

    fn end(&self, gone: Option<oneshot::Sender<()>>) {
        self.discovery.shared.change(|wanted| {
            if let Some(wish) = wanted.wishes.get_mut(&self.key)
                && matches!(wish.life, Life::Wished)
            {
                wish.life = Life::Ended(gone);
            }
        });
    }
}

impl Drop for Advertisement {
    fn drop(&mut self) {
        self.end(None);
    }
}

fn check(meeting: &AdvertisedMeeting) -> Result<(), AdvertiseError> {
    let id = &meeting.meeting_id;
    if id.len() > VALUE_BYTES || clean(id, ROOM_ID_CHARS).as_ref() != Some(id) {
        Err(AdvertiseError::MeetingId)
    } else if !is_fingerprint(&meeting.fingerprint) {
        Err(AdvertiseError::Fingerprint)
    } else if meeting.port == 0 {
        Err(AdvertiseError::Port)
    } else {
        Ok(())
    }
}

/// The TXT record of a meeting.
pub(crate) fn txt(meeting: &AdvertisedMeeting) -> Vec<(&'static str, String)> {
    let mut txt = vec![
        (TxtKey::Version, PROTOCOL_VERSION.to_string()),
        (TxtKey::Id, meeting.meeting_id.clone()),
        (TxtKey::Fingerprint, meeting.fingerprint.clone()),
        (TxtKey::Participants, meeting.participants.to_string()),
        (TxtKey::Lock, u8::from(meeting.locked).to_string()),
        (TxtKey::Start, (meeting.started_at / 1_000).to_string()),
    ];
    if meeting.epoch > 0 {
        txt.push((TxtKey::Epoch, meeting.epoch.to_string()));
    }
    if !meeting.private {
        let title = clean(&meeting.title, TITLE_CHARS).map(cut);
        let host = clean(&meeting.host, NAME_CHARS).map(cut);
        txt.extend(title.map(|title| (TxtKey::Title, title)));
        txt.extend(host.map(|host| (TxtKey::Host, host)));
    }
    txt.into_iter()
        .map(|(key, value)| (key.as_str(), value))
        .collect()
}

/// At most [`VALUE_BYTES`], in whole characters.
fn cut(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(VALUE_BYTES));
    text
}

/// The service instance of a wish. Its addresses are those of the interfaces in use and follow them; its names are random,
/// so nobody else has them and probing for them (RFC 6762 §8.1), which takes most of a second, is left out.
pub(crate) fn service(wish: &Wish) -> Result<ServiceInfo, mdns_sd::Error> {
    let host = format!("{}.", wish.host_name);
    let txt = txt(&wish.meeting);
    let mut info = ServiceInfo::new(
        SERVICE_TYPE,
        &wish.instance,
        &host,
        (),
        wish.meeting.port,
        txt.as_slice(),
    )?
    .enable_addr_auto();
    info.set_requires_probe(false);
    Ok(info)
}

/// 16 hexadecimal digits that nobody else has. Not secret: the standard library's hash keys are random enough.
pub(crate) fn random_name() -> String {
    format!("{:016x}", RandomState::new().build_hasher().finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::list::{Instance, MeetingList};

    fn meeting() -> AdvertisedMeeting {
        AdvertisedMeeting {
            meeting_id: "m1".to_owned(),
            title: "Weekly".to_owned(),
            host: "Ada".to_owned(),
            port: 4_000,
            fingerprint: "0f".repeat(32),
            participants: 3,
            locked: true,
            started_at: 7_900,
            private: false,
            epoch: 2,
        }
    }

    fn wish(meeting: AdvertisedMeeting) -> Wish {
        Wish {
            meeting,
            instance: random_name(),
            host_name: format!("ll-{}.local", random_name()),
            life: Life::Wished,
        }
    }

    #[test]
    fn what_is_advertised_is_what_the_list_reads() {
        let mut list = MeetingList::default();
        let instance = Instance {
            fullname: "a".to_owned(),
            port: 4_000,
            addresses: vec![("10.0.0.1".parse().unwrap(), 0)],
            txt: txt(&meeting())
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value.into_bytes()))
                .collect(),
        };
        list.resolved(&instance, Duration::ZERO);
        let [found] = list.snapshot().try_into().unwrap();
        assert_eq!(
            (found.title.as_str(), found.host.as_str()),
            ("Weekly", "Ada")
        );
        assert_eq!((found.participants, found.locked), (3, true));
        assert_eq!(found.epoch, 2);
        assert_eq!(found.started_at, 7_000, "the second is told");
        assert_eq!(found.fingerprint, meeting().fingerprint);
    }

    #[test]
    fn a_private_meeting_tells_neither_title_nor_name() {
        let private = AdvertisedMeeting {
            private: true,
            ..meeting()
        };
        let txt = txt(&private);
        assert!(txt.iter().all(|(key, _)| *key != "title" && *key != "host"));
        assert!(!format!("{txt:?}").contains("Ada"));
    }

    #[test]
    fn the_longest_names_fit_into_a_record() {
        let long = AdvertisedMeeting {
            title: "😀".repeat(80),
            host: "😀".repeat(80),
            participants: u32::MAX,
            started_at: u64::MAX,
            meeting_id: "é".repeat(64),
            ..meeting()
        };
        check(&long).unwrap();
        service(&wish(long)).expect("the library takes it");
    }

    #[test]
    fn a_meeting_that_others_could_not_read_is_refused() {
        let refused = |change: fn(&mut AdvertisedMeeting)| {
            let mut meeting = meeting();
            change(&mut meeting);
            check(&meeting).unwrap_err()
        };
        assert_eq!(
            refused(|m| m.meeting_id = String::new()),
            AdvertiseError::MeetingId
        );
        assert_eq!(
            refused(|m| m.meeting_id = "a\nb".to_owned()),
            AdvertiseError::MeetingId
        );
        assert_eq!(
            refused(|m| m.fingerprint = "AB".repeat(32)),
            AdvertiseError::Fingerprint
        );
        assert_eq!(refused(|m| m.port = 0), AdvertiseError::Port);
    }

    #[test]
    fn names_are_not_used_twice() {
        let names: std::collections::BTreeSet<String> = (0..1_000).map(|_| random_name()).collect();
        assert_eq!(names.len(), 1_000);
        assert!(names.iter().all(|name| name.len() == 16));
    }
}
