//! What a host shows to newcomers, at `/api/claim`, and keeps for itself, in case that it crashes.

use landline_succession::Claim;

use super::driver::Driver;
use crate::storage::kept::KeptMeeting;

impl Driver {
    /// Shows and keeps the claim of this node, if it is the host.
    pub(super) fn show(&self, claim: &Claim) {
        if *claim.host() != self.credentials.key.public() {
            return;
        }
        let Some(node) = self.node.upgrade() else {
            return;
        };
        let bytes = claim.encode();
        let Some(hosted) = node.hosting.hosted.borrow().clone() else {
            return;
        };
        let mut kept = KeptMeeting::new(hosted.meeting_id, hosted.title, hosted.host);
        kept.set_claim(&bytes);
        kept.started_at = hosted.started_at;
        kept.access = hosted.access;
        kept.private = hosted.private;
        if let Some(roster) = &self.roster {
            let roster = roster.borrow();
            kept.removed.clone_from(&roster.removed);
            kept.roles.clone_from(&roster.roles);
        }
        node.hosting.kept.put(kept);
        if let Some(meeting) = &*node.hosting.meeting.borrow() {
            meeting.set_claim(bytes.into());
        }
    }
}
