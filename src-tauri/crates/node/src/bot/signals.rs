//! What two links tell each other through the room: the `data` of a signal (docs/PROTOCOL.md, "Signals"). Pure. Everything that is read
//! here comes from another participant: what makes no sense is none, unknown members are passed over.

use std::collections::BTreeMap;

use landline_protocol::client::SignalType;
use landline_protocol::engine_api::IceCandidate;
use serde::Serialize;
use serde_json::Value;

/// Ids are ours or a peer's own; longer ones are nonsense.
const ID_CHARS: usize = 64;
/// A mid has at most 16 characters in the engine, and few more elsewhere.
const MID_CHARS: usize = 32;
/// A candidate line has some 200 characters.
const CANDIDATE_CHARS: usize = 1_024;
/// A description with more sections is refused: four sources need four, and each costs a transceiver for good.
const MAX_SECTIONS: usize = 12;

/// What a section carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    Microphone,
    Camera,
    Screen,
    ScreenAudio,
}

impl Source {
    pub(crate) const ALL: [Self; 4] = [
        Self::Microphone,
        Self::Camera,
        Self::Screen,
        Self::ScreenAudio,
    ];

    pub(crate) const fn is_audio(self) -> bool {
        matches!(self, Self::Microphone | Self::ScreenAudio)
    }

    fn of(name: &str) -> Option<Self> {
        match name {
            "microphone" => Some(Self::Microphone),
            "camera" => Some(Self::Camera),
            "screen" => Some(Self::Screen),
            "screen-audio" => Some(Self::ScreenAudio),
            _ => None,
        }
    }
}

/// By `mid`.
pub(crate) type SourceMap = BTreeMap<String, Source>;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Offer,
    Answer,
}

/// An offer or an answer. What is none was not told, as minimal clients do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Description {
    #[serde(rename = "type")]
    pub(crate) kind: Kind,
    pub(crate) sdp: String,
    /// Offers: chosen by the offerer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<String>,
    /// Answers: the `id` of the offer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) answers: Option<String>,
    /// The sender's connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) link: Option<String>,
    /// The receiver's connection as far as the sender knows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) link_to: Option<String>,
    pub(crate) sources: SourceMap,
}

/// A signal, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LinkSignal {
    Description(Description),
    Candidate(IceCandidate),
    Hangup,
}

/// None for what makes no sense, and for the end of candidates, which nobody needs.
pub(crate) fn read(signal_type: SignalType, data: Value) -> Option<LinkSignal> {
    match signal_type {
        SignalType::Offer => description(Kind::Offer, &data).map(LinkSignal::Description),
        SignalType::Answer => description(Kind::Answer, &data).map(LinkSignal::Description),
        SignalType::IceCandidate => candidate(data).map(LinkSignal::Candidate),
        SignalType::Hangup => Some(LinkSignal::Hangup),
    }
}

fn description(kind: Kind, data: &Value) -> Option<Description> {
    let wanted = match kind {
        Kind::Offer => "offer",
        Kind::Answer => "answer",
    };
    if data.get("type")?.as_str()? != wanted {
        return None;
    }
    let sdp = data.get("sdp")?.as_str()?;
    let sections = sdp.lines().filter(|line| line.starts_with("m=")).count();
    if !sdp.starts_with("v=0") || sections > MAX_SECTIONS {
        return None;
    }
    Some(Description {
        kind,
        sdp: sdp.to_owned(),
        id: id(data, "id"),
        answers: id(data, "answers"),
        link: id(data, "link"),
        link_to: id(data, "linkTo"),
        sources: sources(data),
    })
}

fn candidate(data: Value) -> Option<IceCandidate> {
    let mut candidate: IceCandidate = serde_json::from_value(data).ok()?;
    if candidate.candidate.is_empty() || candidate.candidate.len() > CANDIDATE_CHARS {
        return None;
    }
    if candidate
        .sdp_mid
        .as_ref()
        .is_some_and(|mid| mid.len() > MID_CHARS)
    {
        return None;
    }
    if candidate.username_fragment.is_none() {
        let mut words = candidate.candidate.split(' ');
        words.find(|word| *word == "ufrag");
        candidate.username_fragment = words.next().map(str::to_owned);
    }
    Some(candidate)
}

fn id(data: &Value, key: &str) -> Option<String> {
    let text = data.get(key)?.as_str()?;
    (1..=ID_CHARS)
        .contains(&text.len())
        .then(|| text.to_owned())
}

fn sources(data: &Value) -> SourceMap {
    let Some(told) = data.get("sources").and_then(Value::as_object) else {
        return SourceMap::new();
    };
    told.iter()
        .take(MAX_SECTIONS)
        .filter(|(mid, _)| mid.len() <= MID_CHARS)
        .filter_map(|(mid, source)| Some((mid.clone(), Source::of(source.as_str()?)?)))
        .collect()
}

/// The participant's connection that a description comes from: its `link`, or for a minimal client the session id of the description
/// (RFC 8866 §5.2).
pub(crate) fn sender_of(description: &Description) -> Option<String> {
    description.link.clone().or_else(|| {
        let origin = description
            .sdp
            .lines()
            .find_map(|line| line.strip_prefix("o="))?;
        Some(format!("session {}", origin.split(' ').nth(1)?))
    })
}

/// Whether the other side offers data channels (RFC 8841): a section that is not refused.
pub(crate) fn has_data(sdp: &str) -> bool {
    sdp.lines()
        .any(|line| line.starts_with("m=application ") && !line.starts_with("m=application 0 "))
}

/// Whether a description is for the connection that we have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Generation {
    Ours,
    /// For an earlier one, or for somebody else.
    Past,
    /// From a new connection of the other side: ours has to be made anew.
    Renewed,
}

/// `own` and `other`: the connections of both sides, the other's from the last description that was taken. `live`: media flow.
pub(crate) fn generation(
    own: &str,
    other: Option<&str>,
    description: &Description,
    live: bool,
) -> Generation {
    if description.link_to.as_ref().is_some_and(|to| to != own) {
        return Generation::Past;
    }
    let sender = sender_of(description);
    let (Some(other), Some(sender)) = (other, sender) else {
        return Generation::Ours;
    };
    match (sender == other, &description.link, description.kind) {
        // A minimal client sends to all: as ours works, this is of another connection of its, for somebody else.
        (false, None, _) if live => Generation::Past,
        (false, _, Kind::Offer) => Generation::Renewed,
        (true, _, _) | (false, None, Kind::Answer) => Generation::Ours,
        (false, Some(_), Kind::Answer) => Generation::Past,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(signal_type: SignalType, data: &str) -> Option<LinkSignal> {
        super::read(signal_type, serde_json::from_str(data).ok()?)
    }

    fn offer(text: &str) -> Description {
        match read(SignalType::Offer, text) {
            Some(LinkSignal::Description(description)) => description,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_description_of_the_page_is_read_and_ours_is_written_alike() {
        let text = r#"{"type":"offer","sdp":"v=0\r\no=- 77 2 IN IP4 0.0.0.0\r\n","id":"3","link":"ab12","linkTo":"cd34","sources":{"0":"microphone","1":"screen-audio"}}"#;
        let read = offer(text);
        assert_eq!(
            (read.id.as_deref(), read.answers.as_deref()),
            (Some("3"), None)
        );
        assert_eq!(
            (read.link.as_deref(), read.link_to.as_deref()),
            (Some("ab12"), Some("cd34"))
        );
        assert_eq!(read.sources.get("1"), Some(&Source::ScreenAudio));
        let written: Value = serde_json::to_value(&read).unwrap();
        assert_eq!(written, serde_json::from_str::<Value>(text).unwrap());
    }

    #[test]
    fn a_minimal_description_is_read_and_nonsense_is_not() {
        let minimal =
            offer(r#"{"type":"offer","sdp":"v=0\r\no=- 77 2 IN IP4 0.0.0.0\r\n","id":7}"#);
        assert_eq!((minimal.id.as_ref(), minimal.sources.len()), (None, 0));
        assert_eq!(sender_of(&minimal).as_deref(), Some("session 77"));
        for nonsense in [
            "null",
            "{",
            r#"{"type":"answer","sdp":"v=0"}"#,
            r#"{"type":"offer","sdp":"x"}"#,
        ] {
            assert_eq!(read(SignalType::Offer, nonsense), None, "{nonsense}");
        }
        let many = format!(
            r#"{{"type":"offer","sdp":"v=0\r\n{}"}}"#,
            r"m=audio 9\r\n".repeat(13)
        );
        assert_eq!(read(SignalType::Offer, &many), None);
    }

    #[test]
    fn a_candidate_has_the_fragment_that_stands_in_its_line() {
        let line =
            r#"{"candidate":"candidate:1 1 udp 2 10.0.0.1 9 typ host ufrag Ab3d","sdpMid":"0"}"#;
        let Some(LinkSignal::Candidate(candidate)) = read(SignalType::IceCandidate, line) else {
            panic!("not read");
        };
        assert_eq!(candidate.username_fragment.as_deref(), Some("Ab3d"));
        assert_eq!(read(SignalType::IceCandidate, "null"), None);
        assert_eq!(read(SignalType::IceCandidate, r#"{"candidate":""}"#), None);
    }

    #[test]
    fn descriptions_of_other_connections_are_told_apart() {
        let from = |link: Option<&str>, to: Option<&str>, kind| Description {
            kind,
            sdp: "v=0\r\no=- 77 2 IN IP4 0.0.0.0\r\n".into(),
            id: None,
            answers: None,
            link: link.map(str::to_owned),
            link_to: to.map(str::to_owned),
            sources: SourceMap::new(),
        };
        let judge =
            |description: &Description, live| generation("me", Some("them"), description, live);
        assert_eq!(
            judge(&from(Some("them"), Some("me"), Kind::Offer), true),
            Generation::Ours
        );
        assert_eq!(
            judge(&from(Some("them"), Some("old"), Kind::Offer), true),
            Generation::Past
        );
        assert_eq!(
            judge(&from(Some("new"), None, Kind::Offer), true),
            Generation::Renewed
        );
        assert_eq!(
            judge(&from(Some("new"), None, Kind::Answer), true),
            Generation::Past
        );
        assert_eq!(
            judge(&from(None, None, Kind::Offer), true),
            Generation::Past
        );
        assert_eq!(
            judge(&from(None, None, Kind::Offer), false),
            Generation::Renewed
        );
        assert_eq!(
            generation("me", None, &from(Some("x"), None, Kind::Offer), false),
            Generation::Ours
        );
    }

    proptest! {
        #[test]
        fn any_data_is_read_or_refused(data in ".{0,200}") {
            for signal_type in [SignalType::Offer, SignalType::Answer, SignalType::IceCandidate] {
                let _ = read(signal_type, &data);
            }
        }
    }
}
