//! Who reaches whom, over what, and how late.

use super::dice::Dice;
use super::keys::PEOPLE;

/// A table over pairs of people.
type Pairs = [[bool; PEOPLE]; PEOPLE];

/// The network of one seed. Everything that it does to messages comes from its own dice.
#[derive(Debug)]
pub(super) struct Network {
    dice: Dice,
    /// Nothing gets from the first to the second.
    cut: Pairs,
    /// A data channel exists. It lives through cuts and ends with either process.
    link: Pairs,
    /// A connection exists. It ends with a cut and with either process.
    connection: Pairs,
    /// The host whose page a guest has: the only one that its browser dials.
    origin: Pairs,
    /// Messages lost, in a hundred.
    pub(super) loss: u64,
    /// The longest delay, in microseconds.
    pub(super) delay: u64,
}

/// What a delay is in quiet times: a LAN with Wi-Fi.
pub(super) const QUIET_DELAY: u64 = 20_000;

impl Network {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            dice: Dice::new(seed ^ 0x6e65_7477_6f72_6b00),
            cut: [[false; PEOPLE]; PEOPLE],
            link: [[false; PEOPLE]; PEOPLE],
            connection: [[false; PEOPLE]; PEOPLE],
            origin: [[false; PEOPLE]; PEOPLE],
            loss: 0,
            delay: QUIET_DELAY,
        }
    }

    /// Whether a message comes twice.
    pub(super) fn doubles(&mut self) -> bool {
        self.dice.chance(2)
    }

    /// When a message arrives after it was sent, in microseconds; `None`: never.
    pub(super) fn carry(&mut self, from: usize, to: usize) -> Option<u64> {
        if self.cut[from][to] || !self.has_path(from, to) || self.dice.chance(self.loss) {
            return None;
        }
        Some(self.dice.between(300, self.delay))
    }

    fn has_path(&self, a: usize, b: usize) -> bool {
        self.link[a][b] || self.connection[a][b] || self.origin[a][b]
    }

    pub(super) fn is_quiet(&self) -> bool {
        self.loss == 0 && self.delay == QUIET_DELAY
    }

    /// Both ways.
    pub(super) fn is_open(&self, a: usize, b: usize) -> bool {
        !self.cut[a][b] && !self.cut[b][a]
    }

    /// Whether they could speak if they wanted to.
    pub(super) fn is_connected(&self, a: usize, b: usize, both_dial: bool) -> bool {
        self.is_open(a, b) && (both_dial || self.has_path(a, b))
    }

    pub(super) fn cut_one_way(&mut self, from: usize, to: usize) {
        self.cut[from][to] = true;
        self.connection[from][to] = false;
        self.connection[to][from] = false;
    }

    pub(super) fn cut(&mut self, a: usize, b: usize) {
        self.cut_one_way(a, b);
        self.cut_one_way(b, a);
    }

    pub(super) fn heal(&mut self) {
        self.cut = [[false; PEOPLE]; PEOPLE];
    }

    pub(super) fn quiet(&mut self) {
        self.loss = 0;
        self.delay = QUIET_DELAY;
    }

    /// Two apps where at least one was dialed.
    pub(super) fn connect(&mut self, a: usize, b: usize) -> bool {
        let open = self.is_open(a, b);
        if open {
            self.connection[a][b] = true;
            self.connection[b][a] = true;
        }
        open
    }

    pub(super) fn set_link(&mut self, a: usize, b: usize) {
        if self.is_open(a, b) {
            self.link[a][b] = true;
            self.link[b][a] = true;
        }
    }

    pub(super) fn set_origin(&mut self, guest: usize, host: usize) {
        self.origin[guest][host] = true;
        self.origin[host][guest] = true;
    }

    /// The process of `a` ended. Its page's address stays what it is.
    pub(super) fn forget(&mut self, a: usize) {
        for b in 0..PEOPLE {
            for table in [&mut self.link, &mut self.connection] {
                table[a][b] = false;
                table[b][a] = false;
            }
        }
    }
}
