//! Who this installation is to others: a self-signed certificate with its private key, the key with which its person signs, and
//! the key of resume tokens.
//!
//! Invariant: all lie in one file, so that they belong together at any time. A file that cannot be used is kept aside and a
//! new identity made. Others recognise a host by its certificate's fingerprint: a renewed certificate is a new face, so that
//! people who typed its address are told that it has changed, and links given out before do not fit any more.

use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use data_encoding::{BASE64, HEXLOWER};
use landline_trust::SigningKey;
use rcgen::{CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::CertifiedKey;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use crate::fingerprint::Fingerprint;
use crate::random;
use crate::storage::files;

const FILE: &str = "identity.json";
/// Apple's systems refuse certificates of servers that are valid for more than 825 days, even after the person's exception.
const VALID_DAYS: i64 = 820;
/// A certificate is renewed when less is left: not in the middle of a meeting.
const RENEW_DAYS: i64 = 30;
/// Begins before its making, for guests whose clock is behind.
const BEFORE_DAYS: i64 = 2;
/// Longest common name (RFC 5280, ub-common-name).
const COMMON_NAME_CHARS: usize = 64;

/// The identity of one installation.
pub(crate) struct Identity {
    certificate: CertificateDer<'static>,
    private_key: PrivatePkcs8KeyDer<'static>,
    /// HMAC key of resume tokens: kept, so that a restarted host knows the tokens it gave. Secret.
    pub(crate) resume_key: [u8; 32],
    pub(crate) fingerprint: Fingerprint,
    /// By which others recognise the person. It outlives certificates.
    pub(crate) signing_key: Arc<SigningKey>,
    /// The same in PKCS #8. Secret.
    signing_key_kept: Vec<u8>,
    /// In seconds since 1970.
    expires_at: i64,
}

/// Why no identity could be made.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    #[error("no certificate could be made: {0}")]
    Certificate(#[from] rcgen::Error),
    #[error(transparent)]
    Random(#[from] random::NoRandomness),
    #[error("no signing key could be made")]
    SigningKey,
    #[error("the certificate cannot be used: {0}")]
    Tls(#[from] rustls::Error),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stored {
    /// DER in base64.
    certificate: String,
    /// PKCS #8 in base64.
    private_key: String,
    /// In hexadecimal digits.
    resume_key: String,
    /// PKCS #8 in base64. Installations from before there was one make it at their next start.
    #[serde(default)]
    signing_key: Option<String>,
    expires_at: i64,
}

/// What stays when a certificate is made anew.
struct Lasting {
    resume_key: [u8; 32],
    signing_key: Vec<u8>,
}

impl Lasting {
    fn generate() -> Result<Self, IdentityError> {
        Ok(Self {
            resume_key: random::key()?,
            signing_key: SigningKey::generate_pkcs8().map_err(|_| IdentityError::SigningKey)?,
        })
    }
}

impl Identity {
    /// The identity kept in `dir`, or a new one. Without a folder, or when it cannot be written, it lives as long as the process.
    pub(crate) fn open(
        dir: Option<&Path>,
        computer_name: &str,
        now: SystemTime,
    ) -> Result<Self, IdentityError> {
        let Some(path) = dir.map(|dir| dir.join(FILE)) else {
            return Self::generate(computer_name, now, Lasting::generate()?);
        };
        match read(&path) {
            Ok(Some(kept)) if !kept.identity.is_due(now) => {
                if kept.incomplete
                    && let Err(error) = files::replace(&path, &kept.identity.to_bytes())
                {
                    tracing::warn!(%error, "the signing key cannot be written");
                }
                return Ok(kept.identity);
            }
            Ok(Some(kept)) => {
                let lasting = Lasting {
                    resume_key: kept.identity.resume_key,
                    signing_key: kept.identity.signing_key_kept,
                };
                let renewed = Self::generate(computer_name, now, lasting)?;
                tracing::info!("the certificate is renewed");
                if let Err(error) = files::replace(&path, &renewed.to_bytes()) {
                    tracing::warn!(%error, "the renewed certificate cannot be written");
                }
                return Ok(renewed);
            }
            Ok(None) => {}
            Err(reason) => {
                tracing::warn!(reason, "the certificate cannot be used; a new one is made");
                if let Err(error) = files::keep_aside(&path) {
                    tracing::warn!(%error, "the damaged certificate cannot be kept aside");
                }
            }
        }
        let identity = Self::generate(computer_name, now, Lasting::generate()?)?;
        match files::create(&path, &identity.to_bytes()) {
            Ok(true) => Ok(identity),
            // Another process of this installation was a moment faster; its identity is ours.
            Ok(false) => Ok(read(&path)
                .ok()
                .flatten()
                .map_or(identity, |kept| kept.identity)),
            Err(error) => {
                tracing::warn!(%error, "the certificate cannot be kept");
                Ok(identity)
            }
        }
    }

    /// For a TLS server that shows this certificate.
    pub(crate) fn server_config(&self) -> Result<Arc<ServerConfig>, IdentityError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(
                vec![self.certificate.clone()],
                PrivateKeyDer::Pkcs8(self.private_key.clone_key()),
            )?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }

    /// The same person with a certificate for one meeting, in which nothing is of this installation.
    pub(crate) fn unrecognised(&self, now: SystemTime) -> Result<Self, IdentityError> {
        let lasting = Lasting {
            resume_key: self.resume_key,
            signing_key: self.signing_key_kept.clone(),
        };
        Self::with_name("Landline", now, lasting)
    }

    fn generate(
        computer_name: &str,
        now: SystemTime,
        lasting: Lasting,
    ) -> Result<Self, IdentityError> {
        Self::with_name(&format!("Landline on {computer_name}"), now, lasting)
    }

    fn with_name(
        common_name: &str,
        now: SystemTime,
        lasting: Lasting,
    ) -> Result<Self, IdentityError> {
        let now = OffsetDateTime::from(now);
        let expires = now + Duration::days(VALID_DAYS - BEFORE_DAYS);
        let mut params = CertificateParams::new(vec!["localhost".to_owned()])?;
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(
            DnType::CommonName,
            common_name
                .chars()
                .take(COMMON_NAME_CHARS)
                .collect::<String>(),
        );
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.not_before = now - Duration::days(BEFORE_DAYS);
        params.not_after = expires;
        let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?;
        let certificate = params.self_signed(&key)?.der().clone();
        let signing_key =
            SigningKey::from_pkcs8(&lasting.signing_key).map_err(|_| IdentityError::SigningKey)?;
        Ok(Self {
            signing_key: Arc::new(signing_key),
            signing_key_kept: lasting.signing_key,
            fingerprint: Fingerprint::of(&certificate),
            certificate,
            private_key: PrivatePkcs8KeyDer::from(key.serialize_der()),
            resume_key: lasting.resume_key,
            expires_at: expires.unix_timestamp(),
        })
    }

    fn is_due(&self, now: SystemTime) -> bool {
        let left = self.expires_at - OffsetDateTime::from(now).unix_timestamp();
        left < Duration::days(RENEW_DAYS).whole_seconds()
    }

    fn to_bytes(&self) -> Vec<u8> {
        let stored = Stored {
            certificate: BASE64.encode(&self.certificate),
            private_key: BASE64.encode(self.private_key.secret_pkcs8_der()),
            resume_key: HEXLOWER.encode(&self.resume_key),
            signing_key: Some(BASE64.encode(&self.signing_key_kept)),
            expires_at: self.expires_at,
        };
        // Four strings and a number always serialise.
        serde_json::to_vec_pretty(&stored).unwrap_or_default()
    }
}

/// An identity as it was found.
struct Kept {
    identity: Identity,
    /// Something was made anew that the file does not have.
    incomplete: bool,
}

/// The reason is text without anything secret in it.
fn read(path: &Path) -> Result<Option<Kept>, &'static str> {
    let Some(bytes) = files::read(path).map_err(|_| "unreadable file")? else {
        return Ok(None);
    };
    let stored: Stored = serde_json::from_slice(&bytes).map_err(|_| "not the expected JSON")?;
    let decode = |text: &str| BASE64.decode(text.as_bytes()).map_err(|_| "not base64");
    let certificate = CertificateDer::from(decode(&stored.certificate)?);
    let private_key = PrivatePkcs8KeyDer::from(decode(&stored.private_key)?);
    let resume_key = HEXLOWER
        .decode(stored.resume_key.as_bytes())
        .ok()
        .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok())
        .ok_or("no resume key")?;
    let incomplete = stored.signing_key.is_none();
    let signing_key_kept = match &stored.signing_key {
        Some(text) => decode(text)?,
        None => SigningKey::generate_pkcs8().map_err(|_| "no randomness")?,
    };
    let signing_key =
        SigningKey::from_pkcs8(&signing_key_kept).map_err(|_| "no key to sign with")?;
    let tls_key =
        rustls::crypto::ring::sign::any_ecdsa_type(&PrivateKeyDer::Pkcs8(private_key.clone_key()))
            .map_err(|_| "no private key")?;
    CertifiedKey::new(vec![certificate.clone()], tls_key)
        .keys_match()
        .map_err(|_| "key and certificate do not belong together")?;
    let identity = Identity {
        fingerprint: Fingerprint::of(&certificate),
        certificate,
        private_key,
        signing_key: Arc::new(signing_key),
        signing_key_kept,
        resume_key,
        expires_at: stored.expires_at,
    };
    Ok(Some(Kept {
        identity,
        incomplete,
    }))
}

#[cfg(test)]
#[path = "identity_tests.rs"]
mod tests;
