//! What the pictures of a link get of what its path carries. Pure.

use crate::session::red::TWICE_FROM;

/// Of an estimate, what pictures may take: the rest is for headers, repair, sound of more sources, and doubt.
const SHARE: f64 = 0.85;
/// One Opus sender with headers.
const SOUND: u64 = 64_000;
/// The same where each packet carries the one before it along.
const SOUND_TWICE: u64 = 120_000;

/// What paths carry.
#[derive(Debug, Clone, Copy)]
pub(super) struct Path {
    /// bit/s
    pub(super) estimate: u64,
    /// Sound senders on it.
    pub(super) sounds: u32,
}

/// A part of a rate.
pub(super) fn part(of: u64, share: f64) -> u64 {
    // Rates are far below 2^52, and not negative.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss
    )]
    let part = (of as f64 * share) as u64;
    part
}

/// Shares of a link's estimate, in the order of its senders: first what each needs least, then evenly.
pub(super) fn shares(path: Path, wishes: &[(u64, u64)]) -> Vec<u64> {
    let sound = if path.estimate >= TWICE_FROM {
        SOUND_TWICE
    } else {
        SOUND
    };
    let mut left = part(path.estimate, SHARE).saturating_sub(u64::from(path.sounds) * sound);
    let mut given: Vec<u64> = Vec::with_capacity(wishes.len());
    for (least, _) in wishes {
        let share = left.min(*least);
        left -= share;
        given.push(share);
    }
    // Each round satisfies one at least, or gives everything away.
    for _ in 0..wishes.len() {
        let open = given
            .iter()
            .zip(wishes)
            .filter(|(got, (_, most))| *got < most)
            .count() as u64;
        if open == 0 {
            break;
        }
        let each = left / open;
        for (got, (_, most)) in given.iter_mut().zip(wishes) {
            let more = each.min(most.saturating_sub(*got));
            *got += more;
            left -= more;
        }
    }
    given
}
