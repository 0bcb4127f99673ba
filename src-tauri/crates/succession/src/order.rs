//! The order in which apps follow the host: by cable first, where that is known, then by the time they joined.

use landline_trust::PublicKey;

use crate::record::{Kind, Member};

/// The host, the apps in order, the guests.
pub(crate) fn in_order(members: &mut [Member], host: &PublicKey) {
    members.sort_by_key(|member| {
        let class = match &member.kind {
            _ if member.key == *host => 0,
            Kind::App {
                wired: Some(true), ..
            } => 1,
            Kind::App { wired: None, .. } => 2,
            Kind::App {
                wired: Some(false), ..
            } => 3,
            Kind::Guest => 4,
        };
        (class, member.joined, member.key)
    });
}
