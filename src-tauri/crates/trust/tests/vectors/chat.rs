//! Lines of chat, as both sides sign them.

use data_encoding::HEXLOWER;
use landline_trust::chat::{Said, line_id};
use landline_trust::{PublicKey, Signature, SigningKey};
use serde::{Deserialize, Serialize};

use super::{hex, path, read};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Signed {
    by: String,
    meeting_id: String,
    author: PublicKey,
    clock: u64,
    run: u64,
    sequence: u32,
    at: u64,
    text: String,
    /// What is signed, in hexadecimal digits.
    bytes: String,
    id: String,
    signature: Signature,
}

impl Signed {
    fn said<'a>(&'a self, meeting: &'a [u8; 16]) -> Said<'a> {
        Said {
            meeting,
            author: &self.author,
            clock: self.clock,
            run: self.run,
            sequence: self.sequence,
            unix_ms: self.at,
            text: &self.text,
        }
    }
}

#[test]
fn lines_of_both_sides_have_their_bytes_ids_and_signatures() {
    for name in ["chat.json", "chat-of-page.json"] {
        for line in read::<Vec<Signed>>(name) {
            let meeting = hex(&line.meeting_id).try_into().unwrap();
            let statement = line.said(&meeting).statement();
            assert_eq!(HEXLOWER.encode(statement.bytes()), line.bytes, "{name}");
            assert_eq!(line_id(&statement), line.id, "{name}");
            assert!(line.author.verifies(&statement, &line.signature), "{name}");
        }
    }
}

#[test]
#[ignore = "makes what the tests of both languages read"]
fn write() {
    let key = SigningKey::generate().unwrap();
    let lines = [
        (1, 2, 1, 1_767_225_600_500, "hello"),
        (
            (1 << 53) - 1,
            (1 << 53) - 1,
            u32::MAX,
            8_640_000_000_000_000,
            "\u{738b}\u{82b3}: \u{1f600}\n<b>two lines</b>",
        ),
    ];
    let signed = lines.map(|(clock, run, sequence, at, text)| {
        let mut line = Signed {
            by: "node".into(),
            meeting_id: "3f2a9c0d5b7e41f68a1c2d3e4f506172".into(),
            author: key.public(),
            clock,
            run,
            sequence,
            at,
            text: text.into(),
            bytes: String::new(),
            id: String::new(),
            signature: Signature::from_bytes([0; 64]),
        };
        let meeting = hex(&line.meeting_id).try_into().unwrap();
        let statement = line.said(&meeting).statement();
        line.bytes = HEXLOWER.encode(statement.bytes());
        line.id = line_id(&statement);
        line.signature = key.sign(&statement).unwrap();
        line
    });
    let json = serde_json::to_string_pretty(&signed).unwrap();
    std::fs::write(path("chat.json"), json + "\n").unwrap();
}
