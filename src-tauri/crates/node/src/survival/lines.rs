//! Signed lines of chat between the room, where they have a sender's client id, and the log that all nodes keep, where they have
//! an author's key.

use data_encoding::HEXLOWER;
use landline_protocol::{ChatLine, LineSignature};
use landline_succession::chat::{Count, Line};
use landline_succession::ids::KeyId;
use landline_succession::{MeetingId, Survivor};
use landline_trust::chat::line_id;
use landline_trust::{PublicKey, Signature};

use super::knowledge::Knowledge;

/// The line as the log takes it. None: it is not signed.
pub(super) fn logged(line: &ChatLine) -> Option<Line> {
    let signed = line.signed.as_ref()?;
    let author = PublicKey::from_text(line.author.as_ref()?).ok()?;
    let signature = Signature::from_text(&signed.signature).ok()?;
    let count = Count {
        clock: signed.clock,
        run: signed.run,
        sequence: signed.sequence,
    };
    Some(Line::new(
        author,
        count,
        signed.at,
        line.text.clone(),
        signature,
    ))
}

/// The line as the room tells it.
pub(super) fn told(
    line: &Line,
    meeting: MeetingId,
    survivor: &Survivor,
    knowledge: &Knowledge,
) -> ChatLine {
    let author = line.author.to_string();
    let member = survivor
        .followed()
        .and_then(|claim| claim.record().member(&line.author));
    let seat = knowledge.seat_of(&author);
    let from = match (member, seat) {
        (Some(member), _) => member.client.clone(),
        (None, Some((client, _))) => client.to_owned(),
        // Somebody who was gone before this node came. Such ids are given to nobody.
        (None, None) => HEXLOWER.encode(&KeyId::of(&line.author).0),
    };
    ChatLine {
        id: line_id(&line.statement(meeting)),
        from,
        name: seat.and_then(|(_, name)| name.map(str::to_owned)),
        text: line.text.clone(),
        at: line.unix_ms,
        author: Some(author),
        signed: Some(LineSignature {
            clock: line.clock,
            run: line.run,
            sequence: line.sequence,
            at: line.unix_ms,
            signature: line.signature.to_string(),
        }),
        after: None,
    }
}

#[cfg(test)]
mod tests {
    use landline_trust::SigningKey;
    use landline_trust::chat::Said;

    use super::*;

    #[test]
    fn a_line_that_is_not_signed_is_not_logged() {
        let key = SigningKey::generate().unwrap();
        let author = key.public();
        let said = Said {
            meeting: &[1; 16],
            author: &author,
            clock: 1,
            run: 2,
            sequence: 3,
            unix_ms: 4,
            text: "hi",
        };
        let signed = LineSignature {
            clock: 1,
            run: 2,
            sequence: 3,
            at: 4,
            signature: key.sign(&said.statement()).unwrap().to_string(),
        };
        let line = ChatLine {
            id: line_id(&said.statement()),
            from: "a".into(),
            name: None,
            text: "hi".into(),
            at: 4,
            author: Some(author.to_string()),
            signed: Some(signed),
            after: None,
        };
        let logged_line = logged(&line).unwrap();
        assert_eq!(logged_line.statement(MeetingId([1; 16])), said.statement());
        let unsigned = ChatLine {
            signed: None,
            ..line
        };
        assert_eq!(logged(&unsigned), None);
    }
}
