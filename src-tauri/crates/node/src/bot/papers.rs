//! Who a bot is: a key of its own for the visit, which vouches for the certificate of its engine.

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use landline_protocol::Identity;
use landline_trust::SigningKey;
use landline_trust::identity::{dtls_statement, join_statement};

use super::seat::Papers;
use crate::fingerprint::Fingerprint;

/// A bot's key and what it is bound to.
pub(crate) struct Passport {
    pub(super) key: SigningKey,
    pub(super) meeting_id: String,
    /// Of the host that it was dialled at.
    host: Fingerprint,
    /// Of the engine's certificate.
    pub(super) dtls: [u8; 32],
    secret: Option<String>,
}

impl Passport {
    /// None: the system gives no random numbers.
    pub(crate) fn issue(
        meeting_id: String,
        host: Fingerprint,
        dtls: [u8; 32],
        secret: Option<String>,
    ) -> Option<Self> {
        Some(Self {
            key: SigningKey::generate().ok()?,
            meeting_id,
            host,
            dtls,
            secret,
        })
    }

    /// What answers the room's `challenge`. None for a nonce that is none.
    pub(crate) fn answer(&self, nonce: &str) -> Option<Papers> {
        let nonce = BASE64URL_NOPAD.decode(nonce.as_bytes()).ok()?;
        let vouched = dtls_statement(&self.meeting_id, &self.dtls);
        let possession = join_statement(&self.meeting_id, self.host.bytes(), &nonce, &self.dtls);
        Some(Papers {
            identity: Identity {
                key: self.key.public().to_string(),
                fingerprint: HEXLOWER.encode(&self.dtls),
                signature: self.key.sign(&vouched).ok()?.to_string(),
            },
            proof: self.key.sign(&possession).ok()?.to_string(),
            secret: self.secret.clone(),
        })
    }
}
