//! What fuzzers call, and tests with seeded bytes: whatever comes in must be refused or taken, never crash.

use std::time::Duration;

use landline_trust::SigningKey;

use crate::chain::Claim;
use crate::message::Message;
use crate::record::Kind;
use crate::signer::Verified;
use crate::{Config, Input, Survivor};

/// A claim: what can be read is written the same way again, and checking it ends.
pub fn fuzz_claim(data: &[u8]) {
    let Ok(claim) = Claim::decode(data) else {
        return;
    };
    assert_eq!(claim.encode(), data);
    if let Ok(key) = SigningKey::generate() {
        let meeting = claim.founding().id();
        // False or true, it is one of both.
        let _ = claim.verify(meeting, &key, &mut Verified::default());
    }
}

/// A message, also given to a host from a stranger.
pub fn fuzz_message(data: &[u8]) {
    let Ok(message) = Message::decode(data) else {
        return;
    };
    assert_eq!(message.encode(), data);
    let (Some(mut host), Ok(stranger)) = (host(), SigningKey::generate()) else {
        return;
    };
    host.handle(
        Input::Received {
            from: stranger.public(),
            message,
        },
        Duration::from_secs(1),
    );
    while host.poll_output().is_some() {}
}

/// Real messages with bytes of the input in their place: `data` says which, where, and what.
pub fn fuzz_changed(data: &[u8]) {
    let [which, high, low, bytes @ ..] = data else {
        return;
    };
    let samples = samples();
    let Some(sample) = samples.get(usize::from(*which) % samples.len().max(1)) else {
        return;
    };
    let mut changed = sample.clone();
    let start = (usize::from(*high) << 8 | usize::from(*low)) % changed.len().max(1);
    for (slot, byte) in changed.iter_mut().skip(start).zip(bytes) {
        *slot = *byte;
    }
    fuzz_message(&changed);
    if let Some((2, claim)) = changed.split_first() {
        fuzz_claim(claim);
    }
}

fn host() -> Option<Survivor> {
    let config = Config {
        client: "c".into(),
        kind: Kind::App {
            fingerprint: [1; 32],
            addresses: vec!["10.0.0.1:1".into()],
            wired: Some(true),
        },
        entropy: [2; 32],
    };
    let key = SigningKey::generate().ok()?;
    Survivor::found(config, [3; 16], 4, Box::new(key), Duration::ZERO)
}

/// What a host sends in its first second to somebody that it has reached, and its claim.
fn samples() -> Vec<Vec<u8>> {
    let (Some(mut host), Ok(peer)) = (host(), SigningKey::generate()) else {
        return Vec::new();
    };
    let from = peer.public();
    host.handle(Input::Reached(from), Duration::from_millis(500));
    for message in [
        Message::AskClaim(None),
        Message::Have {
            lines: Some(vec![1]),
            rulings: Some(vec![2]),
        },
    ] {
        host.handle(
            Input::Received { from, message },
            Duration::from_millis(900),
        );
    }
    std::iter::from_fn(|| host.poll_output())
        .filter_map(|output| match output {
            crate::Output::Send { message, .. } => Some(message.encode()),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::limits::{MEMBERS, TERMS};
    use crate::wire::Malformed;

    /// Of each test here.
    const FOR: Duration = Duration::from_millis(700);

    fn seeded(mut each: impl FnMut(&[u8])) -> u32 {
        let start = Instant::now();
        let mut state = 7_u64;
        let mut random = move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        };
        let mut runs = 0;
        while start.elapsed() < FOR {
            let length = random() % 400;
            let bytes: Vec<u8> = (0..length)
                .map(|_| u8::try_from(random() % 256).unwrap())
                .collect();
            each(&bytes);
            runs += 1;
        }
        runs
    }

    #[test]
    fn no_bytes_crash_the_readers() {
        assert!(seeded(fuzz_claim) > 100);
        assert!(seeded(fuzz_message) > 100);
    }

    #[test]
    fn no_changed_message_crashes_a_host() {
        assert!(samples().len() >= 2, "{}", samples().len());
        let short = |bytes: &[u8]| fuzz_changed(bytes.get(..bytes.len().min(12)).unwrap());
        assert!(seeded(short) > 100);
    }

    #[test]
    fn every_beginning_of_a_message_is_refused() {
        for sample in samples() {
            assert!(Message::decode(&sample).is_ok());
            for length in 0..sample.len() {
                assert!(Message::decode(&sample[..length]).is_err());
            }
            let longer = [&sample[..], &[0]].concat();
            assert_eq!(Message::decode(&longer), Err(Malformed::Long));
        }
    }

    #[test]
    fn counts_beyond_their_bounds_are_refused_before_anything_is_read() {
        let claim = samples().into_iter().find(|bytes| bytes[0] == 2).unwrap();
        let links = 1 + 65 + 16 + 8;
        let mut bytes = claim.clone();
        bytes[links..links + 4].copy_from_slice(&u32::try_from(TERMS).unwrap().to_be_bytes());
        assert_eq!(Message::decode(&bytes), Err(Malformed::Bound));
        let stand = links + 4 + 16 + 4 + 4 + 65 + 32 + 16 + 32 + 32;
        let mut bytes = claim;
        assert_eq!(bytes[stand..stand + 4], [0, 0, 0, 1]);
        bytes[stand..stand + 4].copy_from_slice(&u32::try_from(MEMBERS + 1).unwrap().to_be_bytes());
        assert_eq!(Message::decode(&bytes), Err(Malformed::Bound));
    }
}
