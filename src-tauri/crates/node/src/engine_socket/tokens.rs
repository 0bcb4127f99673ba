//! Who may be the page of an engine session: one token for each of its two sockets, good once and for a short while.
//!
//! Tokens are compared by their HMAC under a random key, so that the time of a comparison tells nothing about them.

use std::time::Instant;

use ring::hmac;

use crate::random::{self, NoRandomness};

/// What a socket is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Control,
    Media,
}

/// The tokens as the page gets them. Secret.
pub(super) struct Issued {
    pub(super) control: String,
    pub(super) media: String,
}

/// What is kept of them.
pub(super) struct Tokens {
    key: hmac::Key,
    outstanding: Vec<(Role, hmac::Tag)>,
    expire: Instant,
}

impl Tokens {
    pub(super) fn issue(expire: Instant) -> Result<(Self, Issued), NoRandomness> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &random::key()?);
        let issued = Issued {
            control: random::hexadecimal()?,
            media: random::hexadecimal()?,
        };
        let tag = |token: &str| hmac::sign(&key, token.as_bytes());
        let outstanding = vec![
            (Role::Control, tag(&issued.control)),
            (Role::Media, tag(&issued.media)),
        ];
        let tokens = Self {
            key,
            outstanding,
            expire,
        };
        Ok((tokens, issued))
    }

    /// What the token is good for; for nothing afterwards.
    pub(super) fn redeem(&mut self, token: &str, now: Instant) -> Option<Role> {
        if now >= self.expire {
            return None;
        }
        let at = self
            .outstanding
            .iter()
            .position(|(_, tag)| hmac::verify(&self.key, token.as_bytes(), tag.as_ref()).is_ok())?;
        Some(self.outstanding.swap_remove(at).0)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn each_token_is_good_for_its_own_socket_once() {
        let now = Instant::now();
        let (mut tokens, issued) = Tokens::issue(now + Duration::from_secs(1)).unwrap();
        assert_eq!(issued.control.len(), 64);
        assert_ne!(issued.control, issued.media);
        assert_eq!(tokens.redeem(&issued.media, now), Some(Role::Media));
        assert_eq!(tokens.redeem(&issued.media, now), None);
        assert_eq!(tokens.redeem(&issued.control, now), Some(Role::Control));
        assert_eq!(tokens.redeem(&issued.control, now), None);
    }

    #[test]
    fn nothing_but_the_whole_token_is_good() {
        let now = Instant::now();
        let until = now + Duration::from_secs(1);
        let (mut tokens, issued) = Tokens::issue(until).unwrap();
        let (_, foreign) = Tokens::issue(until).unwrap();
        for wrong in [
            "",
            &issued.control[1..],
            &issued.control.to_uppercase(),
            &foreign.control,
        ] {
            assert_eq!(
                tokens.redeem(wrong, now),
                None,
                "{} characters",
                wrong.len()
            );
        }
        assert_eq!(tokens.redeem(&issued.control, now), Some(Role::Control));
    }

    #[test]
    fn tokens_expire() {
        let now = Instant::now();
        let (mut tokens, issued) = Tokens::issue(now + Duration::from_secs(1)).unwrap();
        let late = now + Duration::from_secs(1);
        assert_eq!(tokens.redeem(&issued.control, late), None);
    }
}
