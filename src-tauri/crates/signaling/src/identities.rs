//! Whether somebody is who it says: the key vouches for the DTLS certificate, and whoever is on the connection has the key.

use std::collections::HashMap;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use landline_protocol::{ChatLine, Join, ServerMessage};
use landline_rooms::ConnectionId;
use landline_trust::chat::{Said, line_id, meeting_field};
use landline_trust::{PublicKey, Signature, Statement};
use ring::rand::{SecureRandom, SystemRandom};

/// Proves possession of a key for one connection: fields are meeting id, host's fingerprint, nonce, DTLS fingerprint. The
/// host's fingerprint keeps somebody in between from passing the proof on.
pub(crate) struct Identities {
    meeting_id: String,
    /// Of the certificate that the server shows.
    fingerprint: [u8; 32],
    nonces: HashMap<ConnectionId, [u8; 32]>,
}

impl Identities {
    pub(crate) fn new(meeting_id: String, fingerprint: [u8; 32]) -> Self {
        Self {
            meeting_id,
            fingerprint,
            nonces: HashMap::new(),
        }
    }

    pub(crate) fn challenge(&mut self, connection: ConnectionId) -> ServerMessage {
        let mut nonce = [0; 32];
        if SystemRandom::new().fill(&mut nonce).is_ok() {
            self.nonces.insert(connection, nonce);
        }
        ServerMessage::Challenge {
            nonce: BASE64URL_NOPAD.encode(&nonce),
            fingerprint: HEXLOWER.encode(&self.fingerprint),
        }
    }

    /// Good once for each challenge.
    pub(crate) fn proves(&mut self, connection: ConnectionId, join: &Join) -> bool {
        let nonce = self.nonces.remove(&connection);
        let proven = || {
            let identity = join.identity.as_ref()?;
            let key = PublicKey::from_text(&identity.key).ok()?;
            let dtls = HEXLOWER.decode(identity.fingerprint.as_bytes()).ok()?;
            let vouched = Signature::from_text(&identity.signature).ok()?;
            let proof = Signature::from_text(join.proof.as_ref()?).ok()?;
            let certificate = Statement::new("dtls")
                .field(self.meeting_id.as_bytes())
                .field(&dtls);
            let possession = Statement::new("join")
                .field(self.meeting_id.as_bytes())
                .field(&self.fingerprint)
                .field(&nonce?)
                .field(&dtls);
            Some(key.verifies(&certificate, &vouched) && key.verifies(&possession, &proof))
        };
        proven().unwrap_or(false)
    }

    /// Whether its author signed this line, in this meeting, and its id is the line's own.
    pub(crate) fn wrote(&self, line: &ChatLine) -> bool {
        let written = || {
            let meeting = meeting_field(&self.meeting_id);
            let author = PublicKey::from_text(line.author.as_ref()?).ok()?;
            let signed = line.signed.as_ref()?;
            let said = Said {
                meeting: &meeting,
                author: &author,
                clock: signed.clock,
                run: signed.run,
                sequence: signed.sequence,
                unix_ms: signed.at,
                text: &line.text,
            };
            let statement = said.statement();
            let signature = Signature::from_text(&signed.signature).ok()?;
            Some(line.id == line_id(&statement) && author.verifies(&statement, &signature))
        };
        written().unwrap_or(false)
    }

    pub(crate) fn forget(&mut self, connection: ConnectionId) {
        self.nonces.remove(&connection);
    }
}

#[cfg(test)]
mod tests {
    use landline_protocol::{Identity, LineSignature};
    use landline_trust::SigningKey;

    use super::*;

    const CONNECTION: ConnectionId = ConnectionId(1);

    fn nonce_of(challenge: &ServerMessage) -> Vec<u8> {
        let ServerMessage::Challenge { nonce, .. } = challenge else {
            panic!("{challenge:?}");
        };
        BASE64URL_NOPAD.decode(nonce.as_bytes()).unwrap()
    }

    fn join(key: &SigningKey, meeting: &str, host: [u8; 32], nonce: &[u8]) -> Join {
        let dtls = [7; 32];
        let vouched = Statement::new("dtls")
            .field(meeting.as_bytes())
            .field(&dtls);
        let proof = Statement::new("join")
            .field(meeting.as_bytes())
            .field(&host)
            .field(nonce)
            .field(&dtls);
        Join {
            room_id: meeting.into(),
            name: None,
            v: Some(1),
            kind: None,
            state: None,
            resume: None,
            identity: Some(Identity {
                key: key.public().to_string(),
                fingerprint: HEXLOWER.encode(&dtls),
                signature: key.sign(&vouched).unwrap().to_string(),
            }),
            proof: Some(key.sign(&proof).unwrap().to_string()),
            secret: None,
            code: None,
            knock: false,
        }
    }

    #[test]
    fn a_proof_is_good_once_on_its_connection_to_its_host_in_its_meeting() {
        let key = SigningKey::generate().unwrap();
        let mut here = Identities::new("m".into(), [1; 32]);
        let nonce = nonce_of(&here.challenge(CONNECTION));
        let good = join(&key, "m", [1; 32], &nonce);
        assert!(here.proves(CONNECTION, &good));
        assert!(!here.proves(CONNECTION, &good), "replayed");
        here.challenge(CONNECTION);
        assert!(!here.proves(CONNECTION, &good), "another nonce");
        let nonce = nonce_of(&here.challenge(ConnectionId(2)));
        assert!(!here.proves(CONNECTION, &join(&key, "m", [1; 32], &nonce)));
        let nonce = nonce_of(&here.challenge(CONNECTION));
        assert!(!here.proves(CONNECTION, &join(&key, "m", [2; 32], &nonce)));
        let nonce = nonce_of(&here.challenge(CONNECTION));
        assert!(!here.proves(CONNECTION, &join(&key, "n", [1; 32], &nonce)));
    }

    #[test]
    fn a_certificate_of_somebody_else_is_not_vouched_for() {
        let (ada, eve) = (
            SigningKey::generate().unwrap(),
            SigningKey::generate().unwrap(),
        );
        let mut here = Identities::new("m".into(), [1; 32]);
        let nonce = nonce_of(&here.challenge(CONNECTION));
        let mut forged = join(&eve, "m", [1; 32], &nonce);
        let honest = join(&ada, "m", [1; 32], &nonce);
        forged.identity = honest.identity;
        assert!(!here.proves(CONNECTION, &forged), "no key to the identity");
        let nonce = nonce_of(&here.challenge(CONNECTION));
        let mut unproven = join(&ada, "m", [1; 32], &nonce);
        unproven.proof = None;
        assert!(!here.proves(CONNECTION, &unproven));
    }

    #[test]
    fn a_line_is_its_authors_in_its_meeting_with_its_own_id() {
        let (ada, eve) = (
            SigningKey::generate().unwrap(),
            SigningKey::generate().unwrap(),
        );
        let meeting = [5; 16];
        let said = Said {
            meeting: &meeting,
            author: &ada.public(),
            clock: 1,
            run: 2,
            sequence: 3,
            unix_ms: 4,
            text: "hi",
        };
        let statement = said.statement();
        let good = ChatLine {
            id: line_id(&statement),
            from: "a".into(),
            name: None,
            text: "hi".into(),
            at: 4,
            author: Some(ada.public().to_string()),
            signed: Some(LineSignature {
                clock: 1,
                run: 2,
                sequence: 3,
                at: 4,
                signature: ada.sign(&statement).unwrap().to_string(),
            }),
            after: None,
        };
        let here = Identities::new(HEXLOWER.encode(&meeting), [1; 32]);
        assert!(here.wrote(&good));
        let elsewhere = Identities::new(HEXLOWER.encode(&[6; 16]), [1; 32]);
        assert!(!elsewhere.wrote(&good));
        assert!(!Identities::new("m".into(), [1; 32]).wrote(&good));
        let signed = good.signed.clone().unwrap();
        for bad in [
            ChatLine {
                text: "ho".into(),
                ..good.clone()
            },
            ChatLine {
                id: "0".repeat(32),
                ..good.clone()
            },
            ChatLine {
                author: Some(eve.public().to_string()),
                ..good.clone()
            },
            ChatLine {
                signed: Some(LineSignature { clock: 9, ..signed }),
                ..good.clone()
            },
        ] {
            assert!(!here.wrote(&bad), "{bad:?}");
        }
    }
}
