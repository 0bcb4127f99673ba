//! Makes the fixtures. Hashes and what is signed are put together here once more, field by field.

use std::fs;

use data_encoding::HEXLOWER;
use landline_trust::rounds::{Body, Message};
use landline_trust::{Identity, SigningKey, Statement, dtls_statement, join_statement};
use serde::Serialize;

use super::{
    Case, Join, Person, Sent, Shown, Signed, Stated, base64, bytes32, hex, path, statement,
};

fn write<T: Serialize>(name: &str, value: &T) {
    let json = serde_json::to_string_pretty(value).unwrap();
    fs::write(path(name), json + "\n").unwrap();
}

/// A round from its description alone.
fn describe(meeting_id: &str, round: u32, names: &[&str]) -> Case {
    let number = round.to_be_bytes();
    let mut people: Vec<(Person, SigningKey)> = names
        .iter()
        .zip(1..)
        .map(|(name, n): (_, u8)| {
            let pkcs8 = SigningKey::generate_pkcs8().unwrap();
            let key = SigningKey::from_pkcs8(&pkcs8).unwrap();
            let person = Person {
                client_id: (*name).to_owned(),
                private_key: base64(&pkcs8),
                key: key.public(),
                fingerprint: HEXLOWER.encode(&[n * 17; 32]),
                nonce: base64(&std::array::from_fn::<u8, 32, _>(|at| {
                    n.wrapping_mul(61) ^ u8::try_from(at).unwrap()
                })),
                commitment: String::new(),
            };
            (person, key)
        })
        .collect();
    people.sort_by_key(|(person, _)| *person.key.bytes());
    let roster = people
        .iter()
        .fold(
            Statement::new("roster").field(meeting_id.as_bytes()),
            |made, (person, _)| {
                made.field(person.key.bytes())
                    .field(&hex(&person.fingerprint))
                    .field(person.client_id.as_bytes())
            },
        )
        .hash();
    for (person, _) in &mut people {
        let commitment = Statement::new("commitment")
            .field(meeting_id.as_bytes())
            .field(&roster)
            .field(&number)
            .field(person.key.bytes())
            .field(&bytes32(&person.nonce))
            .hash();
        person.commitment = base64(&commitment);
    }
    let start = |label: &str| Statement::new(label).field(&roster).field(&number);
    let commitments = people
        .iter()
        .fold(start("commitments"), |made, (person, _)| {
            made.field(&bytes32(&person.commitment))
        })
        .hash();
    let hash = people
        .iter()
        .fold(start("code"), |made, (person, _)| {
            made.field(&bytes32(&person.commitment))
                .field(&bytes32(&person.nonce))
        })
        .hash();
    let bits = u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]) >> 2;
    let code =
        [24, 18, 12, 6, 0].map(|shift: u32| u8::try_from((bits >> shift) & 0b11_1111).unwrap());
    let messages = people
        .iter()
        .flat_map(|(person, key)| {
            let of = (meeting_id, roster, round);
            sign(of, person, key, commitments)
        })
        .collect();
    Case {
        meeting_id: meeting_id.to_owned(),
        round,
        people: people.into_iter().map(|(person, _)| person).collect(),
        roster: base64(&roster),
        commitments: base64(&commitments),
        code,
        messages,
    }
}

/// Both messages of one of the people.
fn sign(
    (meeting_id, roster, round): (&str, [u8; 32], u32),
    person: &Person,
    key: &SigningKey,
    commitments: [u8; 32],
) -> [Sent; 2] {
    let start = |kind: &str| {
        Statement::new("verify")
            .field(kind.as_bytes())
            .field(meeting_id.as_bytes())
            .field(&roster)
            .field(&round.to_be_bytes())
            .field(person.client_id.as_bytes())
    };
    let (nonce, commitment) = (bytes32(&person.nonce), bytes32(&person.commitment));
    let commit = start("commit").field(&commitment);
    let reveal = start("reveal").field(&nonce).field(&commitments);
    let bodies = [
        (commit, Body::Commit { commitment }),
        (
            reveal,
            Body::Reveal {
                nonce,
                commitments,
                done: false,
            },
        ),
    ];
    bodies.map(|(statement, body)| Sent {
        by: "node".to_owned(),
        from: person.client_id.clone(),
        data: Message {
            roster,
            round,
            body,
            signature: key.sign(&statement).unwrap(),
        },
    })
}

#[test]
#[ignore = "writes the fixtures anew"]
fn write_fixtures() {
    let key = SigningKey::generate().unwrap();
    let fields: [&[&[u8]]; 4] = [
        &[],
        &[b""],
        &[b"m", &[0, 255, 128]],
        &["Größe 会议".as_bytes(), &[7; 300]],
    ];
    let all = fields.map(|fields| fields.iter().map(|field| HEXLOWER.encode(field)).collect());
    write(
        "statements.json",
        &all.clone().map(|fields: Vec<String>| {
            let made = statement("test", &fields);
            Stated {
                label: "test".to_owned(),
                bytes: HEXLOWER.encode(made.bytes()),
                hash: HEXLOWER.encode(&made.hash()),
                fields,
            }
        }),
    );
    write(
        "signed-by-node.json",
        &all.map(|fields: Vec<String>| Signed {
            by: "node".to_owned(),
            key: key.public(),
            label: "test".to_owned(),
            signature: key.sign(&statement("test", &fields)).unwrap(),
            fields,
        }),
    );
    let (meeting_id, fingerprint) = ("0123456789abcdef0123456789abcdef", [0xab; 32]);
    let signature = key.sign(&dtls_statement(meeting_id, &fingerprint)).unwrap();
    let identity = Identity {
        key: key.public(),
        fingerprint,
        signature,
    };
    let join = join_statement(meeting_id, &[1; 32], &[2; 16], &fingerprint);
    write(
        "identities.json",
        &Shown {
            meeting_id: meeting_id.to_owned(),
            identities: vec![("node".to_owned(), identity)],
            join: Join {
                host_fingerprint: HEXLOWER.encode(&[1; 32]),
                nonce: HEXLOWER.encode(&[2; 16]),
                dtls_fingerprint: HEXLOWER.encode(&fingerprint),
                bytes: HEXLOWER.encode(join.bytes()),
            },
        },
    );
    write(
        "rounds.json",
        &[
            describe(meeting_id, 0, &["k3v9x0q2m7ab", "p0aaaaaaaaaa"]),
            describe("会议", 7, &["a", "b", "ç", "𝄞"]),
        ],
    );
}
