//! What can happen to a room, in any order.

use proptest::prelude::*;

/// How many people there are; more than the room has seats.
pub(crate) const PEOPLE: usize = 7;

#[derive(Debug, Clone, Copy)]
pub(crate) enum How {
    Resume,
    Fresh,
    /// With somebody else's token.
    Forged,
    /// With the token of a seat that was left.
    Left,
    /// With a good token of a seat that this process has never known.
    Ghost,
}

#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// Opens a connection and joins, taking the seat from an older connection if there is one.
    Join {
        person: usize,
        how: How,
        reply_lost: bool,
    },
    Lose {
        person: usize,
    },
    Leave {
        person: usize,
    },
    Closing {
        person: usize,
    },
    Signal {
        person: usize,
        to: Option<usize>,
    },
    Chat {
        person: usize,
    },
    State {
        person: usize,
        on: bool,
    },
    /// A message that is lost with its connection.
    SendLost {
        person: usize,
    },
    Ack {
        person: usize,
    },
    Nonsense {
        person: usize,
    },
    Deliver {
        person: usize,
        count: usize,
    },
    Advance {
        millis: u64,
    },
    /// A connection that never joins sends signals.
    Outsider,
    /// The host is restarted with the same key.
    Restart,
}

pub(crate) fn steps() -> impl Strategy<Value = Step> {
    let person = 0..PEOPLE;
    let how = prop_oneof![
        6 => Just(How::Resume),
        1 => Just(How::Fresh),
        1 => Just(How::Forged),
        1 => Just(How::Left),
        1 => Just(How::Ghost),
    ];
    prop_oneof![
        8 => (person.clone(), how, prop::bool::weighted(0.15))
            .prop_map(|(person, how, reply_lost)| Step::Join { person, how, reply_lost }),
        3 => person.clone().prop_map(|person| Step::Lose { person }),
        1 => person.clone().prop_map(|person| Step::Leave { person }),
        1 => person.clone().prop_map(|person| Step::Closing { person }),
        8 => (person.clone(), prop::option::of(0..PEOPLE))
            .prop_map(|(person, to)| Step::Signal { person, to }),
        2 => person.clone().prop_map(|person| Step::Chat { person }),
        1 => (person.clone(), any::<bool>()).prop_map(|(person, on)| Step::State { person, on }),
        1 => person.clone().prop_map(|person| Step::SendLost { person }),
        2 => person.clone().prop_map(|person| Step::Ack { person }),
        1 => person.clone().prop_map(|person| Step::Nonsense { person }),
        6 => (person, 1..12_usize).prop_map(|(person, count)| Step::Deliver { person, count }),
        3 => prop_oneof![4 => 1..2_000_u64, 1 => 20_000..40_000_u64]
            .prop_map(|millis| Step::Advance { millis }),
        1 => Just(Step::Outsider),
        1 => prop_oneof![5 => Just(Step::Outsider), 1 => Just(Step::Restart)],
    ]
}
