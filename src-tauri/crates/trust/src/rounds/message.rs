//! What members of a round tell each other: the `data` of `verify`.

use serde::{Deserialize, Serialize};

use crate::bytes32;
use crate::key::Signature;

/// Largest `data` in bytes of JSON. A reveal has some 380.
pub const DATA_BYTES: usize = 2_048;

/// One message. Nothing of it is true before its signature was checked against the roster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The roster hash R.
    #[serde(with = "bytes32")]
    pub roster: [u8; 32],
    /// Counts the rounds over one roster, from 0.
    pub round: u32,
    #[serde(flatten)]
    pub body: Body,
    /// By the sender's key, over the statement that belongs to the body.
    pub signature: Signature,
}

/// The two steps of a round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "lowercase")]
pub enum Body {
    /// "I will show the nonce that this commits to." Its sender lacks something of the others.
    Commit {
        #[serde(with = "bytes32")]
        commitment: [u8; 32],
    },
    /// "I hold all commitments, and this is my nonce." Good without the commit before it, which follows from it.
    Reveal {
        #[serde(with = "bytes32")]
        nonce: [u8; 32],
        /// Hash over all commitments that the sender holds.
        #[serde(with = "bytes32")]
        commitments: [u8; 32],
        /// The sender has the code; otherwise it still lacks something. Not signed: it only asks others to send again.
        done: bool,
    },
}

impl Message {
    /// From `data` as it came; `None` if it is too large or no message of ours.
    #[must_use]
    pub fn parse(data: &str) -> Option<Self> {
        (data.len() <= DATA_BYTES)
            .then(|| serde_json::from_str(data).ok())
            .flatten()
    }

    /// As JSON, for `data`.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Texts, numbers and booleans: writing them cannot fail.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Whether the sender lacks something that others might send again.
    pub(crate) const fn asks(&self) -> bool {
        !matches!(self.body, Body::Reveal { done: true, .. })
    }

    pub(crate) const fn is_commit(&self) -> bool {
        matches!(self.body, Body::Commit { .. })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn reveal() -> Message {
        Message {
            roster: [1; 32],
            round: u32::MAX,
            body: Body::Reveal {
                nonce: [2; 32],
                commitments: [3; 32],
                done: false,
            },
            signature: Signature::from_bytes([4; 64]),
        }
    }

    #[test]
    fn a_message_travels() {
        let json = reveal().to_json();
        assert!(json.len() < 400, "{}", json.len());
        assert_eq!(Message::parse(&json), Some(reveal()));
        let commit = Message {
            body: Body::Commit {
                commitment: [5; 32],
            },
            ..reveal()
        };
        assert!(commit.to_json().contains(r#""is":"commit""#));
        assert_eq!(Message::parse(&commit.to_json()), Some(commit));
    }

    #[test]
    fn fields_of_a_newer_version_are_passed_over_and_large_data_is_not_read() {
        let json = reveal().to_json();
        let newer = json.replacen('{', r#"{"later":[1,{}],"#, 1);
        assert_eq!(Message::parse(&newer), Some(reveal()));
        let large = json.replacen('{', &format!(r#"{{"x":"{}","#, "y".repeat(DATA_BYTES)), 1);
        assert_eq!(Message::parse(&large), None);
    }

    #[test]
    fn what_is_no_message_is_nothing() {
        let json = reveal().to_json();
        for bad in [
            String::new(),
            "[]".to_owned(),
            json.replace("reveal", "other"),
            json.replace("4294967295", "4294967296"),
            json.replace("4294967295", "-1"),
            json.replace("4294967295", "1.5"),
            json.replace("false", "0"),
            json.replacen("AQEB", "AQE", 1),
            // Not the one way to write these bytes.
            json.replacen("AQE\"", "AQF\"", 1),
        ] {
            assert_eq!(Message::parse(&bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_fail(text in ".{0,300}") {
            let _ = Message::parse(&text);
        }

        #[test]
        fn what_is_read_is_what_is_written(at in 0_usize..400, byte in 0_u8..128) {
            let mut json = reveal().to_json().into_bytes();
            let length = json.len();
            json[at % length] = byte;
            if let Some(read) = Message::parse(&String::from_utf8(json).unwrap()) {
                prop_assert_eq!(Message::parse(&read.to_json()), Some(read));
            }
        }
    }
}
