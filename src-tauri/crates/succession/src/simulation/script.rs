//! What happens in one seed, in advance: so a story can be read before it is told.

use super::dice::Dice;

/// One event. People are chosen when it happens, from those that fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Two groups that hear nothing of each other, chosen by the bits.
    Split(u64),
    /// Each pair may be cut, chosen by the dice: people reach one another through others.
    Sparse(u64),
    CutPair,
    OneWay,
    Heal,
    /// Percent of messages lost, longest delay in microseconds.
    Weather(u64, u64),
    Quiet,
    /// A process ends and begins anew after so many microseconds.
    Restart(u64),
    RestartHost(u64),
    Kill,
    KillHost,
    /// A process is halted for so many microseconds.
    Pause(u64),
    PauseHost(u64),
    Leave,
    LeaveHost,
    Ban,
    Role,
    Say,
    Arrive,
    /// Nobody new comes in, or somebody does.
    Lock(bool),
    /// An app gets other addresses, by cable or not.
    Move(bool),
    /// A host gives up somebody's seat.
    Forget,
    BannedReturns,
    /// The first lets in the second. Not of a script: it follows from knocking.
    Admit(usize, usize),
}

impl Step {
    /// Network or processes, not what people say and rule.
    pub(super) fn disturbs(self) -> bool {
        !matches!(
            self,
            Self::Say
                | Self::Role
                | Self::Ban
                | Self::Lock(_)
                | Self::Move(_)
                | Self::Forget
                | Self::Admit(..)
                | Self::Arrive
                | Self::BannedReturns
        )
    }
}

/// A seed's plan.
#[derive(Debug)]
pub(super) struct Script {
    pub(super) apps: usize,
    pub(super) guests: usize,
    /// Microseconds, and what happens then.
    pub(super) steps: Vec<(u64, Step)>,
    /// When the network comes to rest.
    pub(super) rest: u64,
    /// How the network stays.
    pub(super) stays: Step,
}

const SECOND: u64 = 1_000_000;
/// People have come by then.
const FIRST: u64 = 3 * SECOND;

impl Script {
    pub(super) fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let apps = 2 + dice.index(4);
        let guests = dice.index(3);
        // A third is stormy: the next thing happens before the last was dealt with.
        let (count, apart) = if dice.chance(33) {
            (dice.between(4, 14), SECOND)
        } else {
            (dice.between(1, 7), 3 * SECOND)
        };
        let mut at = FIRST;
        let mut steps = Vec::new();
        for _ in 0..count {
            at += dice.between(50_000, apart);
            steps.push((at, step(&mut dice)));
        }
        let rest = at + dice.between(100_000, 4 * SECOND);
        for _ in 0..dice.between(2, 6) {
            steps.push((dice.between(2 * SECOND, rest), Step::Say));
        }
        if dice.chance(40) {
            steps.push((dice.between(FIRST, rest), Step::Ban));
        }
        steps.sort_by_key(|(at, _)| *at);
        Self {
            apps,
            guests,
            steps,
            rest,
            stays: match dice.below(10) {
                0 | 1 => Step::Split(dice.next()),
                2 | 3 => Step::Sparse(dice.next()),
                _ => Step::Heal,
            },
        }
    }
}

fn step(dice: &mut Dice) -> Step {
    match dice.below(39) {
        0..=5 => Step::Split(dice.next()),
        34 => Step::Lock(dice.chance(50)),
        35 | 36 => Step::Move(dice.chance(50)),
        37 | 38 => Step::Forget,
        32 | 33 => Step::Sparse(dice.next()),
        6 | 7 => Step::CutPair,
        8 => Step::OneWay,
        9..=11 => Step::Heal,
        12 => Step::Weather(dice.between(1, 30), dice.between(20_000, 800_000)),
        13 => Step::Quiet,
        14 => Step::Restart(dice.between(100_000, 6 * SECOND)),
        15 | 16 => Step::RestartHost(dice.between(100_000, 6 * SECOND)),
        17 => Step::Kill,
        18..=20 => Step::KillHost,
        21 => Step::Pause(dice.between(300_000, 8 * SECOND)),
        22 | 23 => Step::PauseHost(dice.between(300_000, 8 * SECOND)),
        24 => Step::Leave,
        25 | 26 => Step::LeaveHost,
        27 => Step::Ban,
        28 => Step::Role,
        29 => Step::Say,
        30 => Step::Arrive,
        _ => Step::BannedReturns,
    }
}
