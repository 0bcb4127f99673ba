//! `candidate:` lines (RFC 8839 §5.1), checked as far as one has to know them.

/// Longest candidate that is taken, bytes; those of browsers have some 150.
pub const MAX_CANDIDATE_LENGTH: usize = 512;

/// A candidate's text and what was read from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CandidateLine<'a> {
    /// `candidate:…`, without an `a=` in front.
    pub text: &'a str,
    /// 1: RTP and, with `rtcp-mux`, all there is.
    pub component: u16,
    pub udp: bool,
    /// Its `ufrag` extension.
    pub ufrag: Option<&'a str>,
}

impl<'a> CandidateLine<'a> {
    /// None: not a candidate: foundation, component, transport, priority, address, port, `typ`, type, extensions.
    pub fn read(text: &'a str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_prefix("a=").unwrap_or(text);
        if text.len() > MAX_CANDIDATE_LENGTH || text.contains(['\r', '\n', '\0']) {
            return None;
        }
        let words: Vec<&str> = text.strip_prefix("candidate:")?.split(' ').collect();
        let [
            foundation,
            component,
            transport,
            priority,
            address,
            port,
            typ,
            kind,
            rest @ ..,
        ] = words.as_slice()
        else {
            return None;
        };
        let known = ["host", "srflx", "prflx", "relay"].contains(kind);
        let whole = !foundation.is_empty() && !address.is_empty() && *typ == "typ" && known;
        priority.parse::<u32>().ok()?;
        port.parse::<u16>().ok()?;
        let ufrag = rest.chunks_exact(2).find_map(|pair| match pair {
            ["ufrag", value] => Some(*value),
            _ => None,
        });
        whole.then_some(Self {
            text,
            component: component.parse().ok()?,
            udp: transport.eq_ignore_ascii_case("udp"),
            ufrag,
        })
    }
}
