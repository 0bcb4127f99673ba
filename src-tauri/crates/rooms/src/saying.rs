//! What is said in the chat, and by whom: a line that its author signed is carried on with that signature, to be checked by all.

use landline_protocol::{ChatLine, ErrorCode, LineSignature, ServerMessage};

use crate::authority::Authority;
use crate::output::{Output, body_of};
use crate::room::{Now, Room};
use crate::seat::{SeatNumber, Wire};

/// How far a line's clock may be ahead of all that was seen, so that nothing stands last for ever. Logs of nodes take as much.
const CLOCK_LEAP: u64 = 1 << 20;

/// A line as its author sends it.
pub(crate) struct Said {
    pub(crate) id: String,
    pub(crate) text: String,
    pub(crate) signed: Option<LineSignature>,
}

impl Room {
    pub(crate) fn say(
        &mut self,
        number: SeatNumber,
        said: Said,
        now: Now,
        authority: &mut dyn Authority,
    ) -> Result<(), ErrorCode> {
        let Some(seat) = self.seats.get(&number) else {
            return Ok(());
        };
        if self.chat.knows(&said.id) {
            return Ok(());
        }
        let Said { id, text, signed } = said;
        let line = ChatLine {
            id,
            from: seat.client_id.to_string(),
            name: seat.name.clone(),
            text,
            at: signed.as_ref().map_or(now.unix_ms, |signed| signed.at),
            author: seat.key().filter(|_| signed.is_some()).map(str::to_owned),
            after: Some(self.chat.clock()).filter(|clock| signed.is_none() && *clock > 0),
            signed,
        };
        if !self.is_good(&line, authority) {
            return Err(ErrorCode::BadSignature);
        }
        if self.chat.say(line.clone()) {
            self.tell_line(None, line.clone());
            self.pass_on(line);
        }
        Ok(())
    }

    /// Lines of before the restart, or of another half, from somebody who was there. Heard once from each, and in the grace only.
    pub(crate) fn take_history(
        &mut self,
        number: SeatNumber,
        lines: Vec<ChatLine>,
        now: Now,
        authority: &mut dyn Authority,
    ) {
        let Some(Wire::Full(progress)) = self.seats.get_mut(&number).map(|seat| &mut seat.wire)
        else {
            return;
        };
        if std::mem::replace(&mut progress.gave_history, true) || self.restore_grace(now).is_none()
        {
            return;
        }
        let past: Vec<ChatLine> = lines
            .into_iter()
            .filter(|line| !self.chat.knows(&line.id) && self.is_good(line, authority))
            .map(|line| ChatLine {
                // Nothing was said in the future, and such a line would stay the last for ever. What is signed stays as it is.
                at: if line.signed.is_some() {
                    line.at
                } else {
                    line.at.min(now.unix_ms)
                },
                ..line
            })
            .collect();
        for line in self.chat.merge(past) {
            self.tell_line(Some(number), line.clone());
            self.pass_on(line);
        }
    }

    /// Lines that were said elsewhere in the meeting, and whose signatures were checked: everybody here is told.
    pub fn said_elsewhere(&mut self, lines: Vec<ChatLine>) {
        for line in self.chat.merge(lines) {
            self.tell_line(None, line);
        }
    }

    /// A line without a signature is nobody's word, and taken as such.
    fn is_good(&self, line: &ChatLine, authority: &mut dyn Authority) -> bool {
        line.signed.as_ref().is_none_or(|signed| {
            line.author.is_some()
                && line.at == signed.at
                && signed.clock <= self.chat.clock().saturating_add(CLOCK_LEAP)
                && authority.wrote(line)
        })
    }

    fn pass_on(&mut self, line: ChatLine) {
        if line.signed.is_some() {
            self.put(Output::Line(Box::new(line)));
        }
    }

    fn tell_line(&mut self, except: Option<SeatNumber>, line: ChatLine) {
        let body = body_of(&ServerMessage::Chat {
            room_id: self.config.meeting_id.clone(),
            line,
        });
        for number in self.numbers_but(except) {
            self.post(number, Some(&body), None);
        }
    }
}
