//! Who somebody is in one meeting: a lasting key that signs the fingerprint of the DTLS certificate which that
//! participant's links use. The signature names the meeting, so it says nothing in another one.

use data_encoding::HEXLOWER_PERMISSIVE;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::key::{PublicKey, Signature};
use crate::statement::Statement;

/// What a participant shows to the others, as it travels. Nothing of it is true before [`Identity::verify`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    pub key: PublicKey,
    /// SHA-256 of the DTLS certificate. In JSON 64 hexadecimal digits, no colons.
    #[serde(serialize_with = "write_hex", deserialize_with = "read_hex")]
    pub fingerprint: [u8; 32],
    /// Over [`dtls_statement`].
    pub signature: Signature,
}

/// A key and the fingerprint that it signed for this meeting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    pub key: PublicKey,
    pub fingerprint: [u8; 32],
}

impl Identity {
    /// What this identity says, if its key said it for this meeting.
    #[must_use]
    pub fn verify(&self, meeting_id: &str) -> Option<Verified> {
        let statement = dtls_statement(meeting_id, &self.fingerprint);
        self.key
            .verifies(&statement, &self.signature)
            .then_some(Verified {
                key: self.key,
                fingerprint: self.fingerprint,
            })
    }
}

/// "In this meeting my links use the certificate with this SHA-256 fingerprint."
#[must_use]
pub fn dtls_statement(meeting_id: &str, fingerprint: &[u8; 32]) -> Statement {
    Statement::new("dtls")
        .field(meeting_id.as_bytes())
        .field(fingerprint)
}

/// "I join this meeting at the host with this certificate, and answer its `nonce`."
#[must_use]
pub fn join_statement(
    meeting_id: &str,
    host_fingerprint: &[u8; 32],
    nonce: &[u8],
    dtls_fingerprint: &[u8; 32],
) -> Statement {
    Statement::new("join")
        .field(meeting_id.as_bytes())
        .field(host_fingerprint)
        .field(nonce)
        .field(dtls_fingerprint)
}

fn write_hex<S: Serializer>(bytes: &[u8; 32], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&HEXLOWER_PERMISSIVE.encode(bytes))
}

fn read_hex<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; 32], D::Error> {
    let text = String::deserialize(deserializer)?;
    HEXLOWER_PERMISSIVE
        .decode(text.as_bytes())
        .ok()
        .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok())
        .ok_or_else(|| D::Error::custom("64 hexadecimal digits"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::SigningKey;

    fn identity(key: &SigningKey, meeting: &str, fingerprint: [u8; 32]) -> Identity {
        Identity {
            key: key.public(),
            fingerprint,
            signature: key.sign(&dtls_statement(meeting, &fingerprint)).unwrap(),
        }
    }

    #[test]
    fn an_identity_holds_for_its_meeting_its_fingerprint_and_its_key() {
        let (ada, eve) = (
            SigningKey::generate().unwrap(),
            SigningKey::generate().unwrap(),
        );
        let good = identity(&ada, "m", [7; 32]);
        assert_eq!(good.verify("m").map(|found| found.key), Some(ada.public()));
        assert_eq!(good.verify("n"), None);
        let mut swapped = good.clone();
        swapped.fingerprint[0] ^= 1;
        assert_eq!(swapped.verify("m"), None);
        let stolen = Identity {
            key: eve.public(),
            ..good
        };
        assert_eq!(stolen.verify("m"), None);
    }

    #[test]
    fn an_identity_travels_as_three_texts() {
        let key = SigningKey::generate().unwrap();
        let good = identity(&key, "m", [0xab; 32]);
        let json = serde_json::to_value(&good).unwrap();
        assert_eq!(json["fingerprint"], "ab".repeat(32));
        assert_eq!(
            serde_json::from_value::<Identity>(json.clone()).unwrap(),
            good
        );
        for bad in ["", "ab", &"ab".repeat(33), &"zz".repeat(32)] {
            let mut other = json.clone();
            other["fingerprint"] = bad.into();
            assert!(serde_json::from_value::<Identity>(other).is_err(), "{bad}");
        }
    }

    #[test]
    fn to_join_is_not_to_own_a_certificate() {
        assert_ne!(
            dtls_statement("m", &[1; 32]).bytes(),
            join_statement("m", &[1; 32], b"", &[1; 32]).bytes()
        );
    }
}
