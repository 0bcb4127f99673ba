//! Ids and resume tokens.

use data_encoding::BASE64URL_NOPAD;
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};

/// Characters of a client id.
const ID_CHARS: usize = 12;
const BASE36: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
/// The largest multiple of 36 in a byte: bytes from there on would make some characters likelier than others.
const FAIR: u8 = 252;

/// Tokens are HMAC-SHA256 over meeting id, client id and name, each with its length before it, so that no two triples
/// give the same bytes.
pub(crate) struct Tokens {
    meeting_id: String,
    key: hmac::Key,
    random: SystemRandom,
}

impl Tokens {
    pub(crate) fn new(meeting_id: String, key: &[u8; 32]) -> Self {
        Self {
            meeting_id,
            key: hmac::Key::new(hmac::HMAC_SHA256, key),
            random: SystemRandom::new(),
        }
    }

    fn fields(&self, client_id: &str, name: Option<&str>) -> Vec<u8> {
        let mut bytes = Vec::new();
        for field in [&self.meeting_id, client_id, name.unwrap_or_default()] {
            bytes.extend_from_slice(&(field.len() as u64).to_be_bytes());
            bytes.extend_from_slice(field.as_bytes());
        }
        bytes
    }
}

impl Tokens {
    pub(crate) fn new_id(&self) -> String {
        id_from(&self.random)
    }

    pub(crate) fn issue(&self, client_id: &str, name: Option<&str>) -> String {
        BASE64URL_NOPAD.encode(hmac::sign(&self.key, &self.fields(client_id, name)).as_ref())
    }

    pub(crate) fn vouches(&self, client_id: &str, name: Option<&str>, token: &str) -> bool {
        BASE64URL_NOPAD
            .decode(token.as_bytes())
            .is_ok_and(|tag| hmac::verify(&self.key, &self.fields(client_id, name), &tag).is_ok())
    }
}

/// A new client id: 12 random characters of base 36.
#[must_use]
pub fn new_client_id() -> String {
    id_from(&SystemRandom::new())
}

fn id_from(random: &SystemRandom) -> String {
    let mut id = String::with_capacity(ID_CHARS);
    while id.len() < ID_CHARS {
        let mut bytes = [0; ID_CHARS * 2];
        // Without randomness ids are alike, which the room notices; nothing secret depends on them.
        let _ = random.fill(&mut bytes);
        let fair = bytes.into_iter().filter(|byte| *byte < FAIR);
        let characters = fair.filter_map(|byte| BASE36.get(usize::from(byte % 36)));
        id.extend(characters.take(ID_CHARS - id.len()).map(|c| char::from(*c)));
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(meeting: &str, key: u8) -> Tokens {
        Tokens::new(meeting.to_owned(), &[key; 32])
    }

    #[test]
    fn a_token_opens_its_own_seat_and_no_other() {
        let host = tokens("m", 1);
        let token = host.issue("abc", Some("Ada"));
        assert!(host.vouches("abc", Some("Ada"), &token));
        assert!(tokens("m", 1).vouches("abc", Some("Ada"), &token));
        assert!(!host.vouches("abc", Some("Adb"), &token));
        assert!(!host.vouches("abcA", Some("da"), &token));
        assert!(!host.vouches("abc", None, &token));
        assert!(!host.vouches("abc", Some("Ada"), ""));
        assert!(!host.vouches("abc", Some("Ada"), &token[1..]));
        assert!(!tokens("n", 1).vouches("abc", Some("Ada"), &token));
        assert!(!tokens("m", 2).vouches("abc", Some("Ada"), &token));
    }

    #[test]
    fn ids_are_twelve_characters_of_base_36_and_differ() {
        let host = tokens("m", 1);
        let ids: std::collections::HashSet<String> = (0..1_000).map(|_| host.new_id()).collect();
        assert_eq!(ids.len(), 1_000);
        assert!(ids.iter().all(|id| {
            id.len() == 12
                && id
                    .bytes()
                    .all(|c| c.is_ascii_digit() || c.is_ascii_lowercase())
        }));
    }
}
