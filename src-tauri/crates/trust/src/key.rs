//! ECDSA on P-256 with SHA-256 (FIPS 186-5): the one signature that every browser's `WebCrypto` and ring have.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use ring::error::Unspecified;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _,
    UnparsedPublicKey,
};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::statement::Statement;

/// First byte of an uncompressed point (SEC 1, 2.3.3).
const UNCOMPRESSED: u8 = 4;

/// A participant's public key: an uncompressed point, 65 bytes. As text base64url without padding, 87 characters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey([u8; 65]);

/// A signature: r and s, 32 bytes each. As text base64url without padding, 86 characters.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signature([u8; 64]);

/// Not a public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a public key is an uncompressed point of 65 bytes in base64url")]
pub struct BadKey;

/// Not a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a signature has 64 bytes in base64url")]
pub struct BadSignature;

impl PublicKey {
    /// The point's bytes. Whether they are a point of the curve shows when a signature is verified.
    ///
    /// # Errors
    /// [`BadKey`]: not 65 bytes, or not uncompressed.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BadKey> {
        let bytes = <[u8; 65]>::try_from(bytes).map_err(|_| BadKey)?;
        if bytes.first() == Some(&UNCOMPRESSED) {
            Ok(Self(bytes))
        } else {
            Err(BadKey)
        }
    }

    /// From base64url.
    ///
    /// # Errors
    /// [`BadKey`].
    pub fn from_text(text: &str) -> Result<Self, BadKey> {
        let bytes = BASE64URL_NOPAD
            .decode(text.as_bytes())
            .map_err(|_| BadKey)?;
        Self::from_bytes(&bytes)
    }

    #[must_use]
    pub const fn bytes(&self) -> &[u8; 65] {
        &self.0
    }

    /// Whether the holder of this key made `signature` over `statement`.
    #[must_use]
    pub fn verifies(&self, statement: &Statement, signature: &Signature) -> bool {
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &self.0)
            .verify(statement.bytes(), &signature.0)
            .is_ok()
    }
}

impl Signature {
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 64]) -> Self {
        Self(bytes)
    }

    /// From base64url.
    ///
    /// # Errors
    /// [`BadSignature`].
    pub fn from_text(text: &str) -> Result<Self, BadSignature> {
        BASE64URL_NOPAD
            .decode(text.as_bytes())
            .ok()
            .and_then(|bytes| <[u8; 64]>::try_from(bytes).ok())
            .map(Self)
            .ok_or(BadSignature)
    }

    #[must_use]
    pub const fn bytes(&self) -> &[u8; 64] {
        &self.0
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64URL_NOPAD.encode(&self.0))
    }
}

impl fmt::Debug for PublicKey {
    /// The first characters: enough to tell keys apart in a test's output.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({:.8}…)", BASE64URL_NOPAD.encode(&self.0[1..]))
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64URL_NOPAD.encode(&self.0))
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signature({:.8}…)", BASE64URL_NOPAD.encode(&self.0))
    }
}

impl Serialize for PublicKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PublicKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::from_text(&text).map_err(D::Error::custom)
    }
}

impl Serialize for Signature {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Signature {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::from_text(&text).map_err(D::Error::custom)
    }
}

/// A private key. Never shown: `Debug` says the public one.
pub struct SigningKey {
    pair: EcdsaKeyPair,
    public: PublicKey,
    random: SystemRandom,
}

impl SigningKey {
    /// A new key in PKCS #8, to be kept.
    ///
    /// # Errors
    /// The system gives no random numbers.
    pub fn generate_pkcs8() -> Result<Vec<u8>, Unspecified> {
        EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
            .map(|document| document.as_ref().to_vec())
    }

    /// A new key for one visit.
    ///
    /// # Errors
    /// The system gives no random numbers.
    pub fn generate() -> Result<Self, Unspecified> {
        Self::from_pkcs8(&Self::generate_pkcs8()?).map_err(|_| Unspecified)
    }

    /// # Errors
    /// [`BadKey`]: not a P-256 key in PKCS #8.
    pub fn from_pkcs8(bytes: &[u8]) -> Result<Self, BadKey> {
        let random = SystemRandom::new();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, bytes, &random)
            .map_err(|_| BadKey)?;
        let public = PublicKey::from_bytes(pair.public_key().as_ref())?;
        Ok(Self {
            pair,
            public,
            random,
        })
    }

    #[must_use]
    pub const fn public(&self) -> PublicKey {
        self.public
    }

    /// # Errors
    /// The system gives no random numbers.
    pub fn sign(&self, statement: &Statement) -> Result<Signature, Unspecified> {
        let made = self.pair.sign(&self.random, statement.bytes())?;
        <[u8; 64]>::try_from(made.as_ref())
            .map(Signature)
            .map_err(|_| Unspecified)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey of {:?}", self.public)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_good_for_its_statement_and_its_key_alone() {
        let (ada, eve) = (
            SigningKey::generate().unwrap(),
            SigningKey::generate().unwrap(),
        );
        let statement = Statement::new("test").field(b"a");
        let signature = ada.sign(&statement).unwrap();
        assert!(ada.public().verifies(&statement, &signature));
        assert!(!eve.public().verifies(&statement, &signature));
        assert!(
            !ada.public()
                .verifies(&Statement::new("test").field(b"b"), &signature)
        );
        assert!(
            !ada.public()
                .verifies(&Statement::new("other").field(b"a"), &signature)
        );
        let mut bytes = *signature.bytes();
        bytes[40] ^= 1;
        assert!(
            !ada.public()
                .verifies(&statement, &Signature::from_bytes(bytes))
        );
    }

    #[test]
    fn a_kept_key_is_the_same_key() {
        let kept = SigningKey::generate_pkcs8().unwrap();
        let (one, two) = (
            SigningKey::from_pkcs8(&kept).unwrap(),
            SigningKey::from_pkcs8(&kept).unwrap(),
        );
        assert_eq!(one.public(), two.public());
        assert_eq!(SigningKey::from_pkcs8(b"no key").err(), Some(BadKey));
    }

    #[test]
    fn keys_and_signatures_travel_as_text() {
        let key = SigningKey::generate().unwrap();
        let signature = key.sign(&Statement::new("test")).unwrap();
        let text = key.public().to_string();
        assert_eq!(text.len(), 87);
        assert_eq!(PublicKey::from_text(&text), Ok(key.public()));
        assert_eq!(signature.to_string().len(), 86);
        assert_eq!(Signature::from_text(&signature.to_string()), Ok(signature));
        for bad in ["", "AAAA", &"A".repeat(87), "ä"] {
            assert_eq!(PublicKey::from_text(bad), Err(BadKey), "{bad}");
            assert_eq!(Signature::from_text(bad), Err(BadSignature), "{bad}");
        }
        // One character less of a key has the length of a signature, and is one if its last bits happen to be zero.
        assert_eq!(PublicKey::from_text(&text[1..]), Err(BadKey));
        assert_eq!(Signature::from_text(&text), Err(BadSignature));
        assert!(!format!("{key:?}").contains("pair"));
    }

    #[test]
    fn bytes_that_are_no_point_verify_nothing() {
        let signature = SigningKey::generate()
            .unwrap()
            .sign(&Statement::new("test"))
            .unwrap();
        let mut bytes = [7; 65];
        bytes[0] = UNCOMPRESSED;
        let key = PublicKey::from_bytes(&bytes).unwrap();
        assert!(!key.verifies(&Statement::new("test"), &signature));
    }
}
