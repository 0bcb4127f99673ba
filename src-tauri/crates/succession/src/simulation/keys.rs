//! Keys of simulated people: real ones, or ones that cost nothing.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, OnceLock};

use landline_trust::{PublicKey, Signature, SigningKey, Statement};

use crate::signer::Signer;

/// People in one meeting, at most.
pub(super) const PEOPLE: usize = 10;

/// As many real keys as there are people. Made once: making one takes long.
fn pool() -> &'static Vec<Arc<SigningKey>> {
    static POOL: OnceLock<Vec<Arc<SigningKey>>> = OnceLock::new();
    POOL.get_or_init(|| {
        (0..PEOPLE)
            .map(|_| Arc::new(SigningKey::generate().unwrap()))
            .collect()
    })
}

/// The signer of one person. Its order of keys is that of the indices turned by the seed.
pub(super) fn signer(person: usize, seed: u64, real: bool) -> Box<dyn Signer> {
    if real {
        return Box::new(Real(pool()[person].clone()));
    }
    let mut bytes = [4; 65];
    bytes[1] = u8::try_from((person as u64).wrapping_mul(7).wrapping_add(seed) % 251).unwrap();
    bytes[2] = u8::try_from(person).unwrap();
    Box::new(Quick(PublicKey::from_bytes(&bytes).unwrap()))
}

struct Real(Arc<SigningKey>);

impl Signer for Real {
    fn public(&self) -> PublicKey {
        self.0.public()
    }

    fn sign(&self, statement: &Statement) -> Option<Signature> {
        self.0.sign(statement).ok()
    }
}

/// A checksum in place of a signature: nobody forges in the simulation, forgeries have tests of their own.
struct Quick(PublicKey);

fn checksum(key: &PublicKey, statement: &Statement) -> Signature {
    let mut hasher = DefaultHasher::new();
    key.bytes().hash(&mut hasher);
    hasher.write(statement.bytes());
    let mut bytes = [0; 64];
    bytes[..8].copy_from_slice(&hasher.finish().to_be_bytes());
    Signature::from_bytes(bytes)
}

impl Signer for Quick {
    fn public(&self) -> PublicKey {
        self.0
    }

    fn sign(&self, statement: &Statement) -> Option<Signature> {
        Some(checksum(&self.0, statement))
    }

    fn verifies(&self, key: &PublicKey, statement: &Statement, signature: &Signature) -> bool {
        checksum(key, statement) == *signature
    }
}
