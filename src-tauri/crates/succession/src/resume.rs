//! Taking one's seat again at another host: a signature over the host's own challenge. No token crosses hosts, so a host that was
//! shown one resume can use it nowhere else, and nobody can use it twice.

use std::collections::VecDeque;

use landline_trust::{PublicKey, Signature, Statement};

use crate::ids::{Hash, MeetingId};
use crate::limits::NONCES;
use crate::signer::Signer;

/// The host's part of a resume.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Challenge {
    pub meeting: MeetingId,
    pub epoch: u32,
    /// SHA-256 of the certificate that the connection was made with, as the participant sees it.
    pub fingerprint: Hash,
    /// From the host, for this connection.
    pub nonce: [u8; 32],
}

/// Why a resume is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Never given out, given out long ago, or used before.
    #[error("the nonce is not good, or not any more")]
    Nonce,
    #[error("the signature is of another key, host, epoch or meeting")]
    Signature,
}

impl Challenge {
    fn statement(&self) -> Statement {
        Statement::new("resume")
            .field(&self.meeting.0)
            .field(&self.epoch.to_be_bytes())
            .field(&self.fingerprint)
            .field(&self.nonce)
    }

    /// The participant's answer.
    pub fn answer(&self, signer: &dyn Signer) -> Option<Signature> {
        signer.sign(&self.statement())
    }
}

/// The host's side: what it asked, each good for one answer.
#[derive(Debug, Default)]
pub struct Desk {
    open: VecDeque<[u8; 32]>,
}

impl Desk {
    /// A connection was opened and is asked to answer `nonce`, which is 32 random bytes. The oldest of more than [`NONCES`] is
    /// forgotten: its connection has to begin anew.
    pub fn open(&mut self, nonce: [u8; 32]) {
        if self.open.len() >= NONCES {
            self.open.pop_front();
        }
        self.open.push_back(nonce);
    }

    /// Whether the holder of `key` answered.
    ///
    /// # Errors
    /// [`Refusal`]. The nonce is used up either way.
    pub fn redeem(
        &mut self,
        challenge: &Challenge,
        key: &PublicKey,
        answer: &Signature,
        signer: &dyn Signer,
    ) -> Result<(), Refusal> {
        let place = self.open.iter().position(|open| *open == challenge.nonce);
        place
            .and_then(|place| self.open.remove(place))
            .ok_or(Refusal::Nonce)?;
        if signer.verifies(key, &challenge.statement(), answer) {
            Ok(())
        } else {
            Err(Refusal::Signature)
        }
    }
}

#[cfg(test)]
mod tests {
    use landline_trust::SigningKey;

    use super::*;

    fn challenge(nonce: u8) -> Challenge {
        Challenge {
            meeting: MeetingId([1; 16]),
            epoch: 2,
            fingerprint: [3; 32],
            nonce: [nonce; 32],
        }
    }

    #[test]
    fn a_resume_is_good_once() {
        let key = SigningKey::generate().unwrap();
        let mut desk = Desk::default();
        desk.open([7; 32]);
        let answer = challenge(7).answer(&key).unwrap();
        let mut redeem = || desk.redeem(&challenge(7), &key.public(), &answer, &key);
        assert_eq!(redeem(), Ok(()));
        assert_eq!(redeem(), Err(Refusal::Nonce));
    }

    #[test]
    fn a_resume_shown_to_one_host_is_of_no_use_at_another() {
        let key = SigningKey::generate().unwrap();
        let shown = challenge(7).answer(&key).unwrap();
        let elsewhere = [
            Challenge {
                epoch: 3,
                ..challenge(7)
            },
            Challenge {
                fingerprint: [4; 32],
                ..challenge(7)
            },
            Challenge {
                meeting: MeetingId([2; 16]),
                ..challenge(7)
            },
            challenge(8),
        ];
        for challenge in elsewhere {
            let mut desk = Desk::default();
            desk.open(challenge.nonce);
            let result = desk.redeem(&challenge, &key.public(), &shown, &key);
            assert_eq!(result, Err(Refusal::Signature), "{challenge:?}");
        }
    }

    #[test]
    fn somebody_elses_answer_is_refused() {
        let (ada, eve) = (
            SigningKey::generate().unwrap(),
            SigningKey::generate().unwrap(),
        );
        let mut desk = Desk::default();
        desk.open([7; 32]);
        let answer = challenge(7).answer(&eve).unwrap();
        let result = desk.redeem(&challenge(7), &ada.public(), &answer, &ada);
        assert_eq!(result, Err(Refusal::Signature));
    }

    #[test]
    fn challenges_are_bounded() {
        let key = SigningKey::generate().unwrap();
        let mut desk = Desk::default();
        desk.open([7; 32]);
        for _ in 0..NONCES {
            desk.open([8; 32]);
        }
        assert_eq!(desk.open.len(), NONCES);
        let answer = challenge(7).answer(&key).unwrap();
        let result = desk.redeem(&challenge(7), &key.public(), &answer, &key);
        assert_eq!(result, Err(Refusal::Nonce));
    }
}
