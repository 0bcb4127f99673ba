//! Who may drive the node from a browser: one token for the life of the process, and tickets good once and for a short while.
//!
//! Values are compared by their HMAC under a random key, so that the time of a comparison tells nothing about them.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use ring::hmac;

use crate::random::{self, NoRandomness};

/// How long a ticket is good: a browser starts within that time even on a slow machine.
const TICKET_LIFE: Duration = Duration::from_secs(30);
/// Tickets out at once; the oldest gives way.
const TICKETS: usize = 16;

/// Token and tickets.
pub(super) struct Tokens {
    key: hmac::Key,
    token: String,
    token_tag: hmac::Tag,
    tickets: Mutex<VecDeque<Ticket>>,
}

struct Ticket {
    tag: hmac::Tag,
    expires: Instant,
}

impl Tokens {
    pub(super) fn new() -> Result<Self, NoRandomness> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &random::key()?);
        let token = random::secret()?;
        Ok(Self {
            token_tag: hmac::sign(&key, token.as_bytes()),
            key,
            token,
            tickets: Mutex::default(),
        })
    }

    pub(super) fn token(&self) -> &str {
        &self.token
    }

    pub(super) fn accepts_token(&self, value: &str) -> bool {
        self.matches(value, &self.token_tag)
    }

    pub(super) fn issue_ticket(&self, now: Instant) -> Result<String, NoRandomness> {
        let value = random::secret()?;
        let mut tickets = self.tickets.lock().unwrap_or_else(PoisonError::into_inner);
        tickets.retain(|ticket| ticket.expires > now);
        if tickets.len() >= TICKETS {
            tickets.pop_front();
        }
        tickets.push_back(Ticket {
            tag: hmac::sign(&self.key, value.as_bytes()),
            expires: now + TICKET_LIFE,
        });
        Ok(value)
    }

    /// Whether the ticket is good; it is not afterwards.
    pub(super) fn redeem_ticket(&self, value: &str, now: Instant) -> bool {
        let mut tickets = self.tickets.lock().unwrap_or_else(PoisonError::into_inner);
        tickets.retain(|ticket| ticket.expires > now);
        let before = tickets.len();
        tickets.retain(|ticket| !self.matches(value, &ticket.tag));
        tickets.len() < before
    }

    fn matches(&self, value: &str, tag: &hmac::Tag) -> bool {
        hmac::verify(&self.key, value.as_bytes(), tag.as_ref()).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_and_nothing_else_is_accepted() {
        let tokens = Tokens::new().unwrap();
        assert!(tokens.accepts_token(tokens.token()));
        assert!(!tokens.accepts_token(""));
        assert!(!tokens.accepts_token(&tokens.token()[1..]));
        assert!(!tokens.accepts_token(Tokens::new().unwrap().token()));
    }

    #[test]
    fn a_ticket_is_good_once() {
        let (tokens, now) = (Tokens::new().unwrap(), Instant::now());
        let ticket = tokens.issue_ticket(now).unwrap();
        let other = tokens.issue_ticket(now).unwrap();
        assert!(!tokens.accepts_token(&ticket));
        assert!(tokens.redeem_ticket(&ticket, now));
        assert!(!tokens.redeem_ticket(&ticket, now));
        assert!(tokens.redeem_ticket(&other, now));
        assert!(!tokens.redeem_ticket(tokens.token(), now));
    }

    #[test]
    fn a_ticket_expires() {
        let (tokens, now) = (Tokens::new().unwrap(), Instant::now());
        let ticket = tokens.issue_ticket(now).unwrap();
        assert!(!tokens.redeem_ticket(&ticket, now + TICKET_LIFE));
    }

    #[test]
    fn the_number_of_tickets_is_bounded() {
        let (tokens, now) = (Tokens::new().unwrap(), Instant::now());
        let first = tokens.issue_ticket(now).unwrap();
        let second = tokens.issue_ticket(now).unwrap();
        for _ in 1..TICKETS {
            tokens.issue_ticket(now).unwrap();
        }
        assert!(!tokens.redeem_ticket(&first, now));
        assert!(tokens.redeem_ticket(&second, now));
    }
}
