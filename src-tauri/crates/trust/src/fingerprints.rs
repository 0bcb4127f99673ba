//! The DTLS fingerprints of a description (RFC 8122 §5): which certificates its links may use.

use data_encoding::HEXLOWER;

/// Whether an SDP allows the certificate with this SHA-256 and no other. A line that may be taken for a fingerprint by somebody and
/// cannot be read counts as another one: refusing one description too many costs a link, one too few the secret.
#[must_use]
pub fn matches(sdp: &str, fingerprint: &[u8; 32]) -> bool {
    let wanted = HEXLOWER.encode(fingerprint);
    let mut lines = sdp
        .split(['\r', '\n'])
        .map(|line| line.trim().to_ascii_lowercase())
        .filter(|line| looks_like_one(line))
        .peekable();
    lines.peek().is_some() && lines.all(|line| value_of(&line) == Some(wanted.clone()))
}

fn looks_like_one(line: &str) -> bool {
    line.strip_prefix('a')
        .and_then(|rest| rest.trim_start().strip_prefix('='))
        .is_some_and(|rest| rest.trim_start().starts_with("fingerprint"))
}

/// The digits without colons, if it is a SHA-256.
fn value_of(line: &str) -> Option<String> {
    let pairs: Vec<&str> = line
        .strip_prefix("a=fingerprint:sha-256 ")?
        .split(':')
        .collect();
    pairs
        .iter()
        .all(|pair| pair.len() == 2)
        .then(|| pairs.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(byte: u8) -> String {
        let pairs = vec![format!("{byte:02X}"); 32];
        format!("a=fingerprint:sha-256 {}", pairs.join(":"))
    }

    #[test]
    fn one_certificate_and_no_other() {
        let sdp = |lines: &[&str]| format!("v=0\r\n{}\r\nm=audio\r\n", lines.join("\r\n"));
        let (ours, other) = (line(0xab), line(0xac));
        assert!(matches(&sdp(&[&ours]), &[0xab; 32]));
        assert!(matches(&sdp(&[&ours, "m=video", &ours]), &[0xab; 32]));
        assert!(!matches(&sdp(&[]), &[0xab; 32]));
        assert!(!matches(&sdp(&[&other]), &[0xab; 32]));
        assert!(!matches(&sdp(&[&ours, &other]), &[0xab; 32]));
        assert!(!matches(
            &sdp(&[&ours, "a=fingerprint:sha-1 AB"]),
            &[0xab; 32]
        ));
        assert!(!matches(
            &sdp(&[&ours, " a = fingerprint : x"]),
            &[0xab; 32]
        ));
        assert!(!matches(&ours.replace("AB:AB", "ABAB"), &[0xab; 32]));
    }
}
