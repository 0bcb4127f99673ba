//! The address behind a name that a browser made up for a candidate (draft-ietf-mmusic-mdns-ice-candidates §3.1).
//!
//! Invariant: only names of that form are ever asked for, since the names come from strangers and each question goes to the
//! whole network.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use mdns_sd::{HostnameResolutionEvent, Receiver};
use tokio::sync::watch;

use crate::advertise::random_name;
use crate::discovery::Discovery;
use crate::interfaces::LocalAddress;
use crate::question::{Question, ask_at_once};
use crate::responder::Responder;
use crate::wanted::Shared;

/// How long an answer may take. Questions go out at once, and at about 0.1 and 1.1 s; a responder that has just announced the
/// name may answer a second later (RFC 6762 §6).
const RESOLVE_WITHIN: Duration = Duration::from_millis(1_500);
/// Names asked for at once: sixteen participants with four addresses each. A name above that stays unknown.
const LOOKUPS: usize = 64;

/// A name that somebody waits for.
#[derive(Debug)]
pub(crate) struct HostWish {
    /// Tells this wish from an earlier one for the same name.
    id: u64,
    waiting: usize,
    found: watch::Sender<Vec<IpAddr>>,
}

/// One who waits, as long as it lives.
#[derive(Debug)]
pub(crate) struct Lookup {
    discovery: Discovery,
    name: String,
    found: watch::Receiver<Vec<IpAddr>>,
}

impl Lookup {
    /// None if this is no name to ask for, or too many are being asked for.
    pub(crate) fn start(discovery: Discovery, name: &str) -> Option<Self> {
        let name = candidate_name(name)?;
        let found = discovery.shared.change(|wanted| {
            if !wanted.hosts.contains_key(&name) && wanted.hosts.len() >= LOOKUPS {
                return None;
            }
            let id = wanted.next_id();
            let wish = wanted
                .hosts
                .entry(name.clone())
                .or_insert_with(|| HostWish {
                    id,
                    waiting: 0,
                    found: watch::Sender::default(),
                });
            wish.waiting += 1;
            Some(wish.found.subscribe())
        })?;
        Some(Self {
            discovery,
            name,
            found,
        })
    }

    /// Empty if nobody answers in time.
    pub(crate) async fn addresses(mut self) -> Vec<IpAddr> {
        let answer = self.found.wait_for(|found| !found.is_empty());
        match tokio::time::timeout(RESOLVE_WITHIN, answer).await {
            Ok(Ok(found)) => found.clone(),
            Ok(Err(_)) | Err(_) => Vec::new(),
        }
    }
}

impl Drop for Lookup {
    fn drop(&mut self) {
        self.discovery.shared.change(|wanted| {
            if let Some(wish) = wanted.hosts.get_mut(&self.name) {
                wish.waiting = wish.waiting.saturating_sub(1);
                if wish.waiting == 0 {
                    wanted.hosts.remove(&self.name);
                }
            }
        });
    }
}

/// What the network is being asked for.
#[derive(Debug, Default)]
pub(crate) struct Lookups {
    /// By name, the wish on whose behalf.
    asked: BTreeMap<String, u64>,
}

impl Lookups {
    /// Asks for what is newly wanted, and stops asking for what is not wanted any more.
    pub(crate) fn follow(
        &mut self,
        shared: &Shared,
        responder: Option<&Responder>,
        local: &[LocalAddress],
    ) {
        let Some(responder) = responder else {
            self.asked.clear();
            return;
        };
        let wanted = shared.wanted();
        self.asked.retain(|name, id| {
            let kept = wanted.hosts.get(name).is_some_and(|wish| wish.id == *id);
            if !kept && let Err(error) = responder.stop_resolving(name) {
                tracing::debug!(%error, "a name is asked for in vain");
            }
            kept
        });
        for (name, wish) in &wanted.hosts {
            if self.asked.contains_key(name) {
                continue;
            }
            match responder.resolve(name, RESOLVE_WITHIN) {
                Ok(events) => {
                    let asking = Asking {
                        name: name.clone(),
                        local: local.to_vec(),
                        found: wish.found.clone(),
                    };
                    tokio::spawn(asking.pass_on(events));
                    self.asked.insert(name.clone(), wish.id);
                }
                Err(error) => tracing::debug!(%error, "a name cannot be asked for"),
            }
        }
    }
}

/// One name that the network is being asked for.
struct Asking {
    name: String,
    local: Vec<LocalAddress>,
    found: watch::Sender<Vec<IpAddr>>,
}

impl Asking {
    /// Ends when the library stops asking, or nobody waits any more.
    async fn pass_on(self, events: Receiver<HostnameResolutionEvent>) {
        let mut asked = false;
        while let Ok(event) = events.recv_async().await {
            let addresses = match event {
                HostnameResolutionEvent::AddressesFound(_, addresses) => addresses,
                // The library listens, and says so at each of its questions.
                HostnameResolutionEvent::SearchStarted(_) if !asked => {
                    asked = true;
                    ask_at_once(&self.local, Question::Host(&self.name), &random_name());
                    continue;
                }
                _ => continue,
            };
            let mut addresses: Vec<IpAddr> = addresses
                .iter()
                .map(mdns_sd::ScopedIp::to_ip_addr)
                .filter(|address| usable(*address))
                .collect();
            addresses.sort_unstable();
            self.found.send_replace(addresses);
            if self.found.is_closed() {
                return;
            }
        }
    }
}

/// Browsers hide addresses of their network behind such names, and no others; these have no meaning beyond one link.
fn usable(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => !v4.is_unspecified() && !v4.is_multicast() && !v4.is_broadcast(),
        IpAddr::V6(v6) => !v6.is_unspecified() && !v6.is_multicast() && !v6.is_unicast_link_local(),
    }
}

/// `<uuid>.local` in lower case, with the dot at the end that the library wants. None for any other name.
fn candidate_name(name: &str) -> Option<String> {
    /// Lengths of the parts of a UUID (RFC 9562 §4).
    const PARTS: [usize; 5] = [8, 4, 4, 4, 12];
    let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    let mut parts = name.strip_suffix(".local")?.split('-');
    let is_uuid = PARTS.iter().all(|&length| {
        parts
            .next()
            .is_some_and(|part| part.len() == length && is_hexadecimal(part))
    }) && parts.next().is_none();
    is_uuid.then(|| format!("{name}."))
}

fn is_hexadecimal(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "8c5a1cd0-7f3e-4a52-9b1d-0123456789ab.local";

    #[test]
    fn only_names_that_browsers_make_up_are_asked_for() {
        assert_eq!(candidate_name(NAME), Some(format!("{NAME}.")));
        assert_eq!(
            candidate_name(&NAME.to_ascii_uppercase()),
            Some(format!("{NAME}."))
        );
        assert_eq!(
            candidate_name(&format!("{NAME}.")),
            Some(format!("{NAME}."))
        );
        for other in [
            "",
            ".local",
            "printer.local",
            "8c5a1cd0-7f3e-4a52-9b1d-0123456789ab",
            "8c5a1cd0-7f3e-4a52-9b1d-0123456789ab.example",
            "8c5a1cd0-7f3e-4a52-9b1d-0123456789ab.evil.local",
            "8c5a1cd0-7f3e-4a52-9b1d-0123456789ag.local",
            "8c5a1cd0-7f3e-4a52-9b1d-0123456789ab-1.local",
            "8c5a1cd07f3e4a529b1d0123456789ab.local",
        ] {
            assert_eq!(candidate_name(other), None, "{other}");
        }
    }

    #[test]
    fn addresses_that_mean_nothing_elsewhere_are_left_out() {
        for address in ["192.168.1.20", "10.0.0.1", "fd00::1", "2001:db8::7"] {
            assert!(usable(address.parse().unwrap()), "{address}");
        }
        for address in ["0.0.0.0", "224.0.0.251", "fe80::1", "ff02::fb", "::"] {
            assert!(!usable(address.parse().unwrap()), "{address}");
        }
    }

    #[tokio::test]
    async fn those_who_wait_for_one_name_share_its_question_and_the_last_ends_it() {
        let discovery = Discovery::new(vec!["no-such-interface".to_owned()]);
        let waiting = |discovery: &Discovery| {
            let wanted = discovery.shared.wanted();
            wanted
                .hosts
                .values()
                .map(|wish| wish.waiting)
                .sum::<usize>()
        };
        let first = Lookup::start(discovery.clone(), NAME).unwrap();
        let second = Lookup::start(discovery.clone(), &NAME.to_uppercase()).unwrap();
        assert_eq!(discovery.shared.wanted().hosts.len(), 1);
        assert_eq!(waiting(&discovery), 2);
        drop(first);
        assert!(discovery.shared.wanted().is_active());
        drop(second);
        assert!(!discovery.shared.wanted().is_active());
    }

    #[tokio::test]
    async fn the_number_of_questions_is_bounded() {
        let discovery = Discovery::new(vec!["no-such-interface".to_owned()]);
        let name = |n: usize| format!("00000000-0000-0000-0000-{n:012x}.local");
        let lookups: Vec<_> = (0..LOOKUPS)
            .map(|n| Lookup::start(discovery.clone(), &name(n)).unwrap())
            .collect();
        assert!(Lookup::start(discovery.clone(), &name(LOOKUPS)).is_none());
        assert!(Lookup::start(discovery.clone(), &name(0)).is_some());
        drop(lookups);
        assert!(Lookup::start(discovery.clone(), &name(LOOKUPS)).is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn a_name_that_nobody_answers_for_is_given_up() {
        let discovery = Discovery::new(vec!["no-such-interface".to_owned()]);
        assert!(discovery.resolve_host(NAME).await.is_empty());
        assert!(!discovery.shared.wanted().is_active());
    }
}
