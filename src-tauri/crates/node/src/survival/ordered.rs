//! What the own page ordered as a moderator: signed by this node once the room has carried it out, so that it holds whoever hosts,
//! and in whichever half it was ordered.

use std::collections::VecDeque;
use std::time::Duration;

use landline_protocol::{AccessMode, LeaveReason, Moderation};
use landline_succession::rulings::{Role, Rule, Rulings};
use landline_trust::PublicKey;

use super::knowledge::Heard;

/// Orders that wait for the room: more than a person gives within [`WAITS`].
const ORDERS: usize = 64;
/// A room that is there answers within this time, also over a connection that was just lost.
const WAITS: Duration = Duration::from_secs(15);

/// Orders of the page that the room has not carried out yet.
#[derive(Debug, Clone, Default)]
pub(super) struct Ordered(VecDeque<(Duration, Moderation)>);

impl Ordered {
    pub(super) fn give(&mut self, order: Moderation, now: Duration) {
        let rules = matches!(
            order,
            Moderation::Remove { .. }
                | Moderation::SetRole { .. }
                | Moderation::HandOver { .. }
                | Moderation::SetAccess { .. }
        );
        if rules {
            self.0.push_back((now, order));
            if self.0.len() > ORDERS {
                self.0.pop_front();
            }
        }
    }

    /// What to sign, now that this was heard. `key_of`: of a seat; `own`: the key of the page.
    pub(super) fn carried_out(
        &mut self,
        heard: &Heard,
        key_of: impl Fn(&str) -> Option<PublicKey>,
        own: PublicKey,
        now: Duration,
    ) -> Vec<Rule> {
        self.0
            .retain(|(given, _)| now.saturating_sub(*given) < WAITS);
        match heard {
            Heard::PeerLeft {
                client_id,
                reason: Some(LeaveReason::Removed),
            } => {
                let removal = |order: &Moderation| matches!(order, Moderation::Remove { to } if to == client_id);
                let key = self.take(removal).and_then(|_| key_of(client_id));
                // The door of an open meeting is shut with it.
                if key.is_some() {
                    let mode = AccessMode::Lobby;
                    self.give(Moderation::SetAccess { mode }, now);
                }
                key.map(|key| Rule::Ban(key, true)).into_iter().collect()
            }
            Heard::PeerRole { client_id, role } => {
                let given = *role;
                let order = self.take(|order| match order {
                    Moderation::SetRole { to, role } => to == client_id && *role == given,
                    Moderation::HandOver { to } => {
                        to == client_id && given == landline_protocol::Role::Host
                    }
                    _ => false,
                });
                let Some(key) = key_of(client_id) else {
                    return Vec::new();
                };
                match order {
                    None => Vec::new(),
                    Some(Moderation::HandOver { .. }) => vec![
                        Rule::Role(key, Role::Host),
                        Rule::Role(own, Role::Moderator),
                    ],
                    Some(_) => vec![Rule::Role(key, role_of(given))],
                }
            }
            Heard::Access { access } => {
                let same = |order: &Moderation| matches!(order, Moderation::SetAccess { mode } if *mode == access.mode);
                let order = self.take(same);
                order.map_or_else(Vec::new, |_| rules_of(access.mode))
            }
            _ => Vec::new(),
        }
    }

    fn take(&mut self, fits: impl Fn(&Moderation) -> bool) -> Option<Moderation> {
        let place = self.0.iter().position(|(_, order)| fits(order))?;
        self.0.remove(place).map(|(_, order)| order)
    }
}

/// A role of the wire.
pub(super) fn role_of(role: landline_protocol::Role) -> Role {
    match role {
        landline_protocol::Role::Participant => Role::Participant,
        landline_protocol::Role::CoHost => Role::Moderator,
        landline_protocol::Role::Host => Role::Host,
    }
}

/// A role on the wire.
pub(super) fn wire_role(role: Role) -> landline_protocol::Role {
    match role {
        Role::Participant => landline_protocol::Role::Participant,
        Role::Moderator => landline_protocol::Role::CoHost,
        Role::Host => landline_protocol::Role::Host,
    }
}

/// What a mode says about lock and lobby. Codes are no matter of rulings.
pub(super) fn rules_of(mode: AccessMode) -> Vec<Rule> {
    match mode {
        AccessMode::Locked => vec![Rule::Lock(true)],
        AccessMode::Lobby => vec![Rule::Lobby(true), Rule::Lock(false)],
        AccessMode::Open | AccessMode::Code => vec![Rule::Lock(false), Rule::Lobby(false)],
    }
}

/// The other way round; of a meeting that is neither locked nor has a lobby, `Open`.
pub(super) fn mode_of(rulings: &Rulings) -> AccessMode {
    if rulings.is_locked() {
        AccessMode::Locked
    } else if rulings.has_lobby() {
        AccessMode::Lobby
    } else {
        AccessMode::Open
    }
}

/// Whether it need not be ruled any more.
pub(super) fn holds(rule: &Rule, counts: &Rulings) -> bool {
    match rule {
        Rule::Role(key, given) => counts.role(key) == *given,
        Rule::Ban(key, on) => counts.is_banned(key) == *on,
        Rule::Lock(on) => counts.is_locked() == *on,
        Rule::Lobby(on) => counts.has_lobby() == *on,
    }
}

#[cfg(test)]
mod tests {
    use landline_protocol::Access;
    use landline_trust::SigningKey;

    use super::*;

    const NOW: Duration = Duration::from_secs(1);

    fn removed(who: &str) -> Heard {
        Heard::PeerLeft {
            client_id: who.into(),
            reason: Some(LeaveReason::Removed),
        }
    }

    fn access(mode: AccessMode) -> Heard {
        let access = Access {
            mode,
            ..Access::default()
        };
        Heard::Access { access }
    }

    #[test]
    fn an_order_is_signed_once_the_room_has_carried_it_out_and_not_before() {
        let (own, eve) = (
            SigningKey::generate().unwrap().public(),
            SigningKey::generate().unwrap().public(),
        );
        let key_of = |who: &str| (who == "eve").then_some(eve);
        let mut ordered = Ordered::default();
        assert!(
            ordered
                .carried_out(&removed("eve"), key_of, own, NOW)
                .is_empty(),
            "somebody else's"
        );
        ordered.give(Moderation::Remove { to: "eve".into() }, NOW);
        assert!(
            ordered
                .carried_out(&access(AccessMode::Lobby), key_of, own, NOW)
                .is_empty()
        );
        let rules = ordered.carried_out(&removed("eve"), key_of, own, NOW);
        assert_eq!(rules, [Rule::Ban(eve, true)]);
        let rules = ordered.carried_out(&access(AccessMode::Lobby), key_of, own, NOW);
        assert_eq!(rules, [Rule::Lobby(true), Rule::Lock(false)]);
        assert!(
            ordered
                .carried_out(&removed("eve"), key_of, own, NOW)
                .is_empty()
        );
    }

    #[test]
    fn handing_over_makes_a_host_and_a_moderator() {
        let (own, ben) = (
            SigningKey::generate().unwrap().public(),
            SigningKey::generate().unwrap().public(),
        );
        let mut ordered = Ordered::default();
        ordered.give(Moderation::HandOver { to: "ben".into() }, NOW);
        let heard = Heard::PeerRole {
            client_id: "ben".into(),
            role: landline_protocol::Role::Host,
        };
        let rules = ordered.carried_out(&heard, |_| Some(ben), own, NOW);
        let expected = [
            Rule::Role(ben, Role::Host),
            Rule::Role(own, Role::Moderator),
        ];
        assert_eq!(rules, expected);
    }

    #[test]
    fn an_order_that_the_room_did_not_heed_is_forgotten() {
        let own = SigningKey::generate().unwrap().public();
        let mut ordered = Ordered::default();
        let mode = AccessMode::Locked;
        ordered.give(Moderation::SetAccess { mode }, NOW);
        let late = NOW + WAITS;
        assert!(
            ordered
                .carried_out(&access(mode), |_| None, own, late)
                .is_empty()
        );
    }
}
