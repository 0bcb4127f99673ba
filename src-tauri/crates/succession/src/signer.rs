//! The key of this participant, and how signatures of others are checked. A trait, so that ten thousand simulated meetings need
//! not wait for a million signatures; everything else uses the real one.

use std::collections::{HashSet, VecDeque};

use landline_trust::{PublicKey, Signature, SigningKey, Statement};

use crate::ids::Hash;
use crate::limits::VERIFIED;

/// Signs with one key, verifies with any.
pub trait Signer: Send + Sync {
    fn public(&self) -> PublicKey;

    /// Nothing, if the system gives no random numbers: then the thing is not said.
    fn sign(&self, statement: &Statement) -> Option<Signature>;

    fn verifies(&self, key: &PublicKey, statement: &Statement, signature: &Signature) -> bool {
        key.verifies(statement, signature)
    }
}

impl Signer for SigningKey {
    fn public(&self) -> PublicKey {
        SigningKey::public(self)
    }

    fn sign(&self, statement: &Statement) -> Option<Signature> {
        SigningKey::sign(self, statement).ok()
    }
}

/// What was verified before, by hash: a chain is shown often and checked once.
#[derive(Debug, Default)]
pub struct Verified {
    known: HashSet<(Hash, [u8; 64])>,
    order: VecDeque<(Hash, [u8; 64])>,
}

impl Verified {
    /// Whether `signature` is good, found out by `good` unless it is remembered. `hash`: that of the statement.
    pub(crate) fn check(
        &mut self,
        hash: Hash,
        signature: &Signature,
        good: impl FnOnce() -> bool,
    ) -> bool {
        let hash = (hash, *signature.bytes());
        if self.known.contains(&hash) {
            return true;
        }
        if !good() {
            return false;
        }
        self.known.insert(hash);
        self.order.push_back(hash);
        if self.order.len() > VERIFIED
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        true
    }
}
