//! Who hosts next, as guests are told beforehand.

use landline_succession::ids::KeyId;
use landline_succession::{Claim, Kind};

use super::driver::{Driver, parse};
use crate::fingerprint::Fingerprint;
use crate::links::guest_url;

impl Driver {
    /// Says it to the room, if it is another one than before.
    pub(super) async fn tell_successor(&mut self) {
        if !self.orders.is_hosting() {
            return;
        }
        let Some(meeting) = self
            .node
            .upgrade()
            .and_then(|node| node.hosting.meeting.borrow().clone())
        else {
            return;
        };
        let secret = meeting.access().borrow().secret.clone();
        let claim = self.survivor.followed();
        let link = claim.and_then(|claim| self.link_of_next(claim, secret.as_deref()));
        if link != self.told {
            self.told.clone_from(&link);
            meeting.set_successor(link).await;
        }
    }

    /// The guest link of the first in the order that is reached.
    fn link_of_next(&self, claim: &Claim, secret: Option<&str>) -> Option<String> {
        let host = *claim.host();
        let header = claim.header();
        let mut apps: Vec<_> = claim.record().members().iter().collect();
        apps.retain(|member| member.key != host && self.links.reaches(&member.key));
        apps.sort_by_key(|member| header.rank(KeyId::of(&member.key)).unwrap_or(usize::MAX));
        let Kind::App {
            fingerprint,
            addresses,
            ..
        } = &apps.into_iter().find(|member| member.is_app())?.kind
        else {
            return None;
        };
        let addresses = parse(addresses);
        // People type and read IPv4 addresses; both work.
        let address = addresses
            .iter()
            .find(|address| address.is_ipv4())
            .or_else(|| addresses.first())?;
        let fingerprint = Fingerprint::from(*fingerprint);
        Some(guest_url(
            address.ip(),
            address.port(),
            &self.shared.meeting_id,
            &fingerprint,
            secret,
        ))
    }
}
