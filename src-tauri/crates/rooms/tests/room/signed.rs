//! Lines of chat with their authors' signatures.

use landline_protocol::{ChatLine, Limits, LineSignature};
use landline_rooms::Output;
use serde_json::{Value, json};

use crate::table::{Got, Table, codes, key, signature_of};

fn chat(seq: u32, id: &str, text: &str, signed: Option<Value>) -> Value {
    let mut message = json!({"action": "chat", "roomId": "m", "seq": seq, "id": id, "text": text});
    if let Some(signed) = signed {
        message["signed"] = signed;
    }
    message
}

fn signed(who: &str, clock: u64, text: &str) -> Value {
    let signature = signature_of(&key(who), text);
    json!({"clock": clock, "run": 1, "sequence": 1, "at": 77, "signature": signature})
}

fn table() -> Table {
    let mut table = Table::new(Limits::default(), false);
    table.join_as(1, "ada", &json!({}));
    table.join_as(2, "ben", &json!({}));
    table
}

#[test]
fn a_signed_line_is_carried_on_with_its_authors_key_and_given_to_whoever_keeps_it() {
    let mut table = table();
    let message = chat(1, "line-0001", "hi", Some(signed("ada", 5, "hi")));
    let kept = table.say_and_keep(1, &message);
    let line = &kept[0];
    assert_eq!(line.author.as_deref(), Some(key("ada").as_str()));
    assert_eq!((line.at, line.signed.as_ref().unwrap().clock), (77, 5));
    let joined = table.join_as(3, "dan", &json!({}));
    let Got::Message(_, joined) = &joined[0] else {
        panic!("{joined:?}");
    };
    assert_eq!(joined["chat"][0]["author"], json!(key("ada")));
    assert_eq!(joined["chat"][0]["signed"]["clock"], 5);
    // One that is not signed stands below what its host had seen.
    let got = table.say(2, &chat(1, "line-0002", "ho", None));
    let Got::Message(_, told) = &got[0] else {
        panic!("{got:?}");
    };
    assert_eq!(told["line"]["after"], 5);
    assert_eq!(told["line"].get("author"), None);
}

#[test]
fn a_line_that_its_sender_did_not_sign_is_refused_and_told_to_nobody() {
    let mut table = table();
    let got = table.say(1, &chat(1, "line-0001", "hi", Some(signed("ben", 5, "hi"))));
    assert_eq!(codes(&got), ["bad-signature"]);
    let far = signed("ada", 1 << 21, "hi");
    let got = table.say(1, &chat(2, "line-0002", "hi", Some(far)));
    assert_eq!(
        codes(&got),
        ["bad-signature"],
        "it would stand last for ever"
    );
    table.join(4);
    let got = table.say(4, &chat(1, "line-0003", "hi", Some(signed("ada", 5, "hi"))));
    assert_eq!(codes(&got), ["bad-signature"], "somebody without a key");
    assert!(table.kept().is_empty());
}

fn line(who: &str, id: &str, text: &str, by: &str) -> ChatLine {
    ChatLine {
        id: id.into(),
        from: format!("{who}000000000"),
        name: None,
        text: text.into(),
        at: 9,
        author: Some(key(who)),
        signed: Some(LineSignature {
            clock: 2,
            run: 1,
            sequence: 1,
            at: 9,
            signature: signature_of(&key(by), text),
        }),
        after: None,
    }
}

#[test]
fn in_a_history_that_is_given_back_what_is_signed_wrongly_is_left_out() {
    let mut table = Table::new(Limits::default(), true);
    table.join_as(1, "ada", &json!({}));
    table.join_as(2, "ben", &json!({}));
    let lines = [
        line("eve", "line-0001", "good", "eve"),
        line("eve", "line-0002", "forged", "ada"),
    ];
    let history = json!({"action": "chat-history", "roomId": "m", "seq": 1, "lines": lines});
    let kept = table.say_and_keep(1, &history);
    let texts: Vec<_> = kept.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(texts, ["good"]);
}

#[test]
fn a_line_of_another_half_is_told_to_all_once() {
    let mut table = table();
    let elsewhere = line("eve", "line-0001", "elsewhere", "eve");
    let got = table.said(vec![elsewhere.clone()]);
    assert_eq!(codes(&got), ["chat", "chat"]);
    assert!(table.said(vec![elsewhere]).is_empty());
    assert!(table.kept().is_empty(), "whoever told it has it");
}

impl Table {
    fn said(&mut self, lines: Vec<ChatLine>) -> Vec<Got> {
        self.room.said_elsewhere(lines);
        self.got()
    }

    /// Lines that are to be kept, of what this makes the room say.
    fn say_and_keep(&mut self, connection: u64, message: &Value) -> Vec<ChatLine> {
        self.hear(connection, message);
        self.kept()
    }

    fn kept(&mut self) -> Vec<ChatLine> {
        std::iter::from_fn(|| self.room.poll_output())
            .filter_map(|output| match output {
                Output::Line(line) => Some(*line),
                _ => None,
            })
            .collect()
    }
}
