//! The golden values in `fixtures/`, which the page's tests read too: a change of what is hashed, signed or sent on one side alone
//! fails here or there. [`write`] makes
//! them from their description, field by field, without the code that they are for.
//!
//! After a change on purpose: `cargo test -p landline-trust --test vectors -- --ignored`, then the same for the page (see
//! `ui/src/trust/vectors.test.ts`).

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod chat;
mod write;

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use landline_trust::rounds::{Body, Me, Message, Participant, Rounds, Status};
use landline_trust::{
    Identity, PublicKey, Signature, SigningKey, Statement, Verified, join_statement,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Stated {
    label: String,
    /// Hexadecimal, as the two below.
    fields: Vec<String>,
    bytes: String,
    hash: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Signed {
    /// Who has signed: the node's library or the page's.
    by: String,
    key: PublicKey,
    label: String,
    fields: Vec<String>,
    signature: Signature,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    meeting_id: String,
    /// By whom, and what.
    identities: Vec<(String, Identity)>,
    join: Join,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Join {
    host_fingerprint: String,
    nonce: String,
    dtls_fingerprint: String,
    bytes: String,
}

/// One round that ends with a code.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Case {
    meeting_id: String,
    round: u32,
    /// In the roster's order.
    people: Vec<Person>,
    roster: String,
    commitments: String,
    code: [u8; 5],
    /// All messages of all people, signed by the node's library and by the page's.
    messages: Vec<Sent>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Person {
    client_id: String,
    /// PKCS #8.
    private_key: String,
    key: PublicKey,
    fingerprint: String,
    nonce: String,
    commitment: String,
}

#[derive(Serialize, Deserialize)]
struct Sent {
    by: String,
    from: String,
    data: Message,
}

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(name)
}

fn read<T: DeserializeOwned>(name: &str) -> T {
    serde_json::from_str(&fs::read_to_string(path(name)).unwrap()).unwrap()
}

fn hex(text: &str) -> Vec<u8> {
    HEXLOWER.decode(text.as_bytes()).unwrap()
}

fn hex32(text: &str) -> [u8; 32] {
    hex(text).try_into().unwrap()
}

fn base64(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

fn bytes32(text: &str) -> [u8; 32] {
    let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).unwrap();
    bytes.try_into().unwrap()
}

fn statement(label: &str, fields: &[String]) -> Statement {
    fields
        .iter()
        .fold(Statement::new(label), |made, field| made.field(&hex(field)))
}

#[test]
fn statements_have_their_bytes_and_hashes() {
    for stated in read::<Vec<Stated>>("statements.json") {
        let made = statement(&stated.label, &stated.fields);
        assert_eq!(HEXLOWER.encode(made.bytes()), stated.bytes);
        assert_eq!(HEXLOWER.encode(&made.hash()), stated.hash);
    }
}

#[test]
fn signatures_of_both_libraries_are_good_in_this_one() {
    for name in ["signed-by-node.json", "signed-by-page.json"] {
        for signed in read::<Vec<Signed>>(name) {
            let made = statement(&signed.label, &signed.fields);
            assert!(signed.key.verifies(&made, &signed.signature), "{name}");
        }
    }
}

#[test]
fn identities_of_both_libraries_are_good_in_this_one() {
    for name in ["identities.json", "identities-of-page.json"] {
        let Shown {
            meeting_id,
            identities,
            join,
        } = read(name);
        for (by, identity) in identities {
            assert!(identity.verify(&meeting_id).is_some(), "{by}");
            assert!(identity.verify("another").is_none(), "{by}");
        }
        let made = join_statement(
            &meeting_id,
            &hex32(&join.host_fingerprint),
            &hex(&join.nonce),
            &hex32(&join.dtls_fingerprint),
        );
        assert_eq!(HEXLOWER.encode(made.bytes()), join.bytes);
    }
}

#[test]
fn rounds_end_as_written_for_each_of_their_people() {
    for name in ["rounds.json", "rounds-of-page.json"] {
        for case in read::<Vec<Case>>(name) {
            for me in &case.people {
                play(&case, me);
            }
        }
    }
}

/// One of the people, with the messages of the others as written.
fn play(case: &Case, me: &Person) {
    let pkcs8 = BASE64URL_NOPAD.decode(me.private_key.as_bytes()).unwrap();
    let key = SigningKey::from_pkcs8(&pkcs8).unwrap();
    assert_eq!(key.public(), me.key);
    let mut rounds = Rounds::new(&case.meeting_id, key.public());
    let now = Duration::ZERO;
    for sent in case
        .messages
        .iter()
        .filter(|sent| sent.from != me.client_id)
    {
        rounds.receive(now, &sent.from, sent.data.clone());
    }
    let others: Vec<Participant> = case
        .people
        .iter()
        .filter(|person| person.client_id != me.client_id)
        .map(|person| Participant {
            client_id: person.client_id.clone(),
            identity: Some(Verified {
                key: person.key,
                fingerprint: hex32(&person.fingerprint),
            }),
        })
        .collect();
    let who = Me {
        client_id: me.client_id.clone(),
        fingerprint: hex32(&me.fingerprint),
    };
    rounds.roster(&who, &others);
    let said = rounds.tick(now, &key, bytes32(&me.nonce)).unwrap();
    assert_eq!(said.len(), 2);
    for message in &said {
        assert_eq!(base64(&message.roster), case.roster);
        assert_eq!(message.round, case.round);
        match &message.body {
            Body::Commit { commitment } => assert_eq!(base64(commitment), me.commitment),
            Body::Reveal {
                nonce, commitments, ..
            } => {
                assert_eq!(base64(nonce), me.nonce);
                assert_eq!(base64(commitments), case.commitments);
            }
        }
    }
    let Status::Code { code, .. } = rounds.view(now).status else {
        panic!("no code");
    };
    assert_eq!(code, case.code);
}
