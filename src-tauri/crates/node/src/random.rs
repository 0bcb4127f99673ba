//! Unpredictable values.

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use ring::rand::{SecureRandom, SystemRandom};

/// The system gave no random bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the system has no random numbers")]
pub struct NoRandomness;

/// 32 bytes, for keys.
pub(crate) fn key() -> Result<[u8; 32], NoRandomness> {
    let mut bytes = [0; 32];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| NoRandomness)?;
    Ok(bytes)
}

/// 256 bits in characters that a URL and a WebSocket subprotocol take.
pub(crate) fn secret() -> Result<String, NoRandomness> {
    key().map(|bytes| BASE64URL_NOPAD.encode(&bytes))
}

/// 256 bits in 64 hexadecimal digits.
pub(crate) fn hexadecimal() -> Result<String, NoRandomness> {
    key().map(|bytes| HEXLOWER.encode(&bytes))
}

/// 16 bytes, for what has to be different each time.
pub(crate) fn nonce() -> Result<[u8; 16], NoRandomness> {
    let mut bytes = [0; 16];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| NoRandomness)?;
    Ok(bytes)
}
