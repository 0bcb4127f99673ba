//! Whose turn it is to be heard. Who is silent sends what an encoder with discontinuous transmission sends (RFC 6716 §2.1.9): a frame
//! of silence every 400 ms, and behind it the sign that nothing follows. Pure: time is passed in.

use std::time::Duration;

/// Silence, 20 ms, one channel.
const SILENCE: &[u8] = &[0xf8, 0xff, 0xfe];
/// The head of a packet and no frame: nothing comes until the next one.
const NOTHING_FOLLOWS: &[u8] = &[0x78];
/// Packets from one frame of silence to the next.
const REFRESH: u32 = 20;

/// One of several who speak one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Turn {
    pub(crate) nth: u32,
    /// At least one.
    pub(crate) count: u32,
    pub(crate) length: Duration,
}

impl Turn {
    /// `now`: since the first one began.
    fn has_come(&self, now: Duration) -> bool {
        let turns = now.as_nanos() / self.length.as_nanos().max(1);
        turns % u128::from(self.count.max(1)) == u128::from(self.nth)
    }
}

/// What goes out in the place of a packet of sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Said {
    /// The sound itself.
    Sound,
    Quiet(&'static [u8]),
    Nothing,
}

/// One speaker.
#[derive(Debug, Default)]
pub(crate) struct Speech {
    /// None: speaks all the time.
    turn: Option<Turn>,
    /// Packets since it fell silent.
    silent: u32,
}

impl Speech {
    pub(crate) const fn new(turn: Option<Turn>) -> Self {
        Self { turn, silent: 0 }
    }

    /// To be asked for each packet of sound.
    pub(crate) fn next(&mut self, now: Duration) -> Said {
        if self.turn.is_none_or(|turn| turn.has_come(now)) {
            self.silent = 0;
            return Said::Sound;
        }
        let place = self.silent % REFRESH;
        self.silent = self.silent.wrapping_add(1);
        match place {
            0 => Said::Quiet(SILENCE),
            1 => Said::Quiet(NOTHING_FOLLOWS),
            _ => Said::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time_is_heard_and_the_silent_ones_send_next_to_nothing() {
        let length = Duration::from_secs(4);
        let turn = |nth| Turn {
            nth,
            count: 3,
            length,
        };
        let mut all = [0, 1, 2].map(|nth| Speech::new(Some(turn(nth))));
        let mut heard = [[0_u32; 2]; 3];
        for packet in 0..50 * 24 {
            let said = all
                .each_mut()
                .map(|one| one.next(Duration::from_millis(20) * packet));
            let speaking = said.iter().filter(|it| **it == Said::Sound).count();
            assert_eq!(speaking, 1);
            for (count, said) in heard.iter_mut().zip(said) {
                count[0] += u32::from(said == Said::Sound);
                count[1] += u32::from(matches!(said, Said::Quiet(_)));
            }
        }
        for [sound, quiet] in heard {
            assert_eq!(sound, 400);
            // Two of twenty, of 16 s.
            assert!((78..=84).contains(&quiet), "{quiet}");
        }
    }

    #[test]
    fn who_has_no_turn_speaks_all_the_time() {
        let mut speech = Speech::default();
        let said = (0..100).map(|at| speech.next(Duration::from_secs(at)));
        assert!(said.into_iter().all(|it| it == Said::Sound));
    }
}
