//! What lets somebody in: a code that is said aloud, and a secret that a link carries.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use ring::error::Unspecified;
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use zeroize::{Zeroize as _, Zeroizing};

/// Digits of a code: as many as are said and typed without writing them down. A million of them hold because each try
/// needs the host's answer, and [`crate::tries`] counts those.
pub const CODE_DIGITS: usize = 6;
/// Codes that there are.
const CODES: u32 = 1_000_000;
/// The largest multiple of [`CODES`] in 32 bits: numbers from there on would make some codes likelier than others.
const FAIR: u32 = u32::MAX - u32::MAX % CODES;
/// Draws before giving up; one in 4,442 is unfair.
const DRAWS: usize = 16;
/// Bytes of a secret: nobody guesses 128 bits, however many tries there are.
const SECRET_BYTES: usize = 16;

/// Not a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a code has six digits")]
pub struct BadCode;

/// Six digits.
#[derive(Clone)]
pub struct Code(Zeroizing<[u8; CODE_DIGITS]>);

impl Code {
    /// A new code; all are equally likely.
    ///
    /// # Errors
    /// The system gives no random numbers.
    pub fn generate() -> Result<Self, Unspecified> {
        let random = SystemRandom::new();
        for _ in 0..DRAWS {
            let mut bytes = [0; 4];
            random.fill(&mut bytes)?;
            let number = u32::from_be_bytes(bytes);
            if number < FAIR {
                return Self::parse(&format!("{:06}", number % CODES)).map_err(|_| Unspecified);
            }
        }
        Err(Unspecified)
    }

    /// What somebody typed: six digits, with spaces or hyphens between them where they like.
    ///
    /// # Errors
    /// [`BadCode`].
    pub fn parse(text: &str) -> Result<Self, BadCode> {
        let mut digits = Zeroizing::new([0; CODE_DIGITS]);
        let mut typed = text
            .bytes()
            .filter(|byte| !byte.is_ascii_whitespace() && *byte != b'-');
        for digit in digits.iter_mut() {
            *digit = typed.next().filter(u8::is_ascii_digit).ok_or(BadCode)?;
        }
        if typed.next().is_some() {
            return Err(BadCode);
        }
        Ok(Self(digits))
    }

    pub(crate) fn digits(&self) -> &[u8; CODE_DIGITS] {
        &self.0
    }

    /// The digits, to be shown to the host. Never for a log.
    #[must_use]
    pub fn reveal(&self) -> String {
        self.0.iter().map(|digit| char::from(*digit)).collect()
    }

    /// Whether `typed` is this code. Takes the same time for each code.
    #[must_use]
    pub fn matches(&self, typed: &Self) -> bool {
        same(self.0.as_slice(), typed.0.as_slice())
    }
}

/// 128 random bits, as text 22 characters of base64url.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// A new secret.
    ///
    /// # Errors
    /// The system gives no random numbers.
    pub fn generate() -> Result<Self, Unspecified> {
        let mut bytes = [0; SECRET_BYTES];
        SystemRandom::new().fill(&mut bytes)?;
        let text = BASE64URL_NOPAD.encode(&bytes);
        bytes.zeroize();
        Ok(Self(Zeroizing::new(text)))
    }

    /// A secret that was kept. Anything else than 128 bits in base64url is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
        let long_enough = bytes.len() == SECRET_BYTES;
        bytes.zeroize();
        long_enough.then(|| Self(Zeroizing::new(text.to_owned())))
    }

    /// The text, to be put into a link. Never for a log.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether `sent` is this secret. How long it takes says nothing about where they differ.
    #[must_use]
    pub fn matches(&self, sent: &str) -> bool {
        same(self.0.as_bytes(), sent.as_bytes())
    }
}

/// Compares HMACs under a key that is thrown away: what the comparison's time could tell is about those.
fn same(kept: &[u8], given: &[u8]) -> bool {
    let mut key = [0; 32];
    if SystemRandom::new().fill(&mut key).is_err() {
        return false;
    }
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    hmac::verify(&key, given, hmac::sign(&key, kept).as_ref()).is_ok()
}

impl fmt::Debug for Code {
    /// A code is not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(…)")
    }
}

impl fmt::Debug for Secret {
    /// A secret is not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_six_digits_and_each_first_digit_comes() {
        let mut first = [0_u32; 10];
        for _ in 0..2_000 {
            let code = Code::generate().unwrap().reveal();
            assert_eq!(code.len(), CODE_DIGITS);
            first[code[..1].parse::<usize>().unwrap()] += 1;
        }
        // 200 are expected of each: fewer than 120 or more than 280 come once in 10^8 runs.
        assert!(first.iter().all(|n| (120..280).contains(n)), "{first:?}");
        assert_eq!(FAIR % CODES, 0);
    }

    #[test]
    fn a_code_is_read_as_people_write_it() {
        let code = Code::parse("012345").unwrap();
        for typed in ["012345", " 012 345 ", "012-345", "01 23 45"] {
            assert!(code.matches(&Code::parse(typed).unwrap()), "{typed}");
        }
        for bad in ["", "01234", "0123456", "01234a", "٠١٢٣٤٥", "01234\u{a0}5"] {
            assert_eq!(Code::parse(bad).err(), Some(BadCode), "{bad}");
        }
        assert!(!code.matches(&Code::parse("012346").unwrap()));
    }

    #[test]
    fn a_secret_is_128_bits_and_only_itself() {
        let (one, two) = (Secret::generate().unwrap(), Secret::generate().unwrap());
        assert_eq!(one.reveal().len(), 22);
        assert!(one.matches(Secret::parse(one.reveal()).unwrap().reveal()));
        assert!(!one.matches(two.reveal()));
        assert!(!one.matches(""));
        assert!(!one.matches(&one.reveal()[..21]));
        assert!(Secret::parse("AAAA").is_none());
        assert!(Secret::parse("").is_none());
    }

    #[test]
    fn neither_is_shown() {
        let code = Code::parse("424242").unwrap();
        let secret = Secret::generate().unwrap();
        let shown = format!("{code:?} {secret:?} {:#?}", (&code, &secret));
        assert!(!shown.contains("424242") && !shown.contains(secret.reveal()));
        assert!(!shown.contains("52, 50")); // the bytes of the digits
    }
}
