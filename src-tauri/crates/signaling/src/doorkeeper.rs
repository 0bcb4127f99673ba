//! Who shows that it knows the code or the secret of a guest link.

use data_encoding::BASE64URL_NOPAD;
use landline_protocol::{Access, AccessMode, ErrorCode, Join};
use landline_rooms::Refusal;
use ring::rand::{SecureRandom, SystemRandom};

/// Digits of a code.
const CODE_DIGITS: usize = 6;
/// Bytes of a secret.
const SECRET_BYTES: usize = 16;

/// Whether `join` shows the code or the secret.
pub(crate) fn clears(join: &Join, access: &Access) -> Result<bool, Refusal> {
    let shown = [(&join.secret, &access.secret), (&join.code, &access.code)];
    for (shown, expected) in shown {
        match (shown, expected) {
            (None, _) => {}
            (Some(shown), Some(expected)) if same(shown, expected) => return Ok(true),
            (Some(_), _) => return Err(ErrorCode::WrongCode.into()),
        }
    }
    Ok(false)
}

/// How one comes in with this mode: with a new code and a new secret, if it takes them.
#[must_use]
pub fn new_access(mode: AccessMode) -> Access {
    let guarded = mode == AccessMode::Code;
    // Without randomness there is no code that could be right, and everybody knocks.
    Access {
        mode,
        code: guarded.then(code).flatten(),
        secret: guarded.then(secret).flatten(),
    }
}

fn code() -> Option<String> {
    let mut code = String::with_capacity(CODE_DIGITS);
    let random = SystemRandom::new();
    while code.len() < CODE_DIGITS {
        let mut bytes = [0; CODE_DIGITS * 2];
        random.fill(&mut bytes).ok()?;
        // The largest multiple of ten in a byte: bytes from there on would make some digits likelier than others.
        let fair = bytes.into_iter().filter(|byte| *byte < 250);
        let digits = fair.map(|byte| char::from(b'0' + byte % 10));
        code.extend(digits.take(CODE_DIGITS - code.len()));
    }
    Some(code)
}

fn secret() -> Option<String> {
    let mut bytes = [0; SECRET_BYTES];
    SystemRandom::new().fill(&mut bytes).ok()?;
    Some(BASE64URL_NOPAD.encode(&bytes))
}

/// In a time that does not depend on where they differ.
fn same(a: &str, b: &str) -> bool {
    a.len() == b.len()
        && a.bytes()
            .zip(b.bytes())
            .fold(0, |differences, (a, b)| differences | (a ^ b))
            == 0
}
