//! Guards: what browsers send is read as they mean it, and nothing that anybody sends does harm.

use landline_protocol::engine_api::Direction;
use proptest::prelude::*;

use super::*;

/// Chromium 156 and Firefox 153, taken from `localDescription`.
const BROWSERS: [&str; 6] = [
    include_str!("../../fixtures/chromium-offer.sdp"),
    include_str!("../../fixtures/chromium-answer.sdp"),
    include_str!("../../fixtures/chromium-simulcast-offer.sdp"),
    include_str!("../../fixtures/firefox-offer.sdp"),
    include_str!("../../fixtures/firefox-answer.sdp"),
    include_str!("../../fixtures/firefox-simulcast-offer.sdp"),
];
const LEAST: &str = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n";

fn with(lines: &[&str]) -> Result<Session, ReadError> {
    read(&format!("{LEAST}{}\r\n", lines.join("\r\n")))
}

#[test]
fn every_browsers_sections_have_what_a_connection_needs() {
    for text in BROWSERS {
        let session = read(text).unwrap();
        assert_eq!(session.bundle, ["0", "1", "2"]);
        for section in &session.sections {
            let ice = section.ice.as_ref().unwrap();
            assert!(ice.ufrag.len() >= 4 && ice.pwd.len() >= 22);
            assert!(section.fingerprint.is_some() && section.setup.is_some());
            assert!(!section.rejected());
        }
    }
}

#[test]
fn firefox_means_its_bundle_only_sections_and_session_attributes() {
    let session = read(BROWSERS[3]).unwrap();
    let [audio, video, data] = session.sections.as_slice() else {
        panic!("three sections");
    };
    assert!(video.bundle_only && video.port == 0 && data.bundle_only);
    assert_eq!(audio.fingerprint, data.fingerprint);
    assert_eq!(video.ssrc_groups[0].ssrcs.len(), 2);
    assert_eq!(data.max_message_size, Some(1_073_741_823));
    assert!(
        audio
            .extensions
            .iter()
            .any(|each| each.direction == Direction::RecvOnly)
    );
    assert_eq!(audio.codecs[0].name, "opus");
    assert_eq!(
        (audio.codecs[0].clock, audio.codecs[0].channels),
        (48_000, 2)
    );
}

#[test]
fn line_ends_do_not_matter() {
    for text in BROWSERS {
        assert_eq!(read(text), read(&text.replace('\n', "\r\n")));
    }
}

#[test]
fn what_is_written_is_read_as_it_was() {
    for text in BROWSERS {
        let mut session = read(text).unwrap();
        for section in &mut session.sections {
            // Only attributes of codecs with an `a=rtpmap` are written, after it; the older place of `msid` is not.
            let place = |number: u8| {
                section
                    .codecs
                    .iter()
                    .position(|each| each.payload_type == number)
            };
            section
                .parameters
                .retain(|each| place(each.payload_type).is_some());
            section
                .parameters
                .sort_by_key(|each| place(each.payload_type));
            section
                .feedback
                .retain(|each| each.payload_type.and_then(place).is_some());
            section
                .feedback
                .sort_by_key(|each| each.payload_type.and_then(place));
            for each in &mut section.ssrcs {
                each.msid = None;
            }
        }
        let written = session.to_string();
        assert!(read(&written).unwrap() == session, "{written}");
    }
}

#[test]
fn session_attributes_hold_for_sections_that_say_nothing() {
    let session = with(&[
        "a=sendonly",
        "a=setup:passive",
        "a=ice-ufrag:abcd",
        "a=ice-pwd:abcdefghijklmnopqrstuv",
        "m=audio 9 UDP/TLS/RTP/SAVPF 0",
        "m=audio 9 UDP/TLS/RTP/SAVPF 0",
        "a=inactive",
        "a=setup:active",
    ])
    .unwrap();
    let [first, second] = session.sections.as_slice() else {
        panic!("two sections");
    };
    assert_eq!(
        (first.direction, first.setup),
        (Direction::SendOnly, Some(Setup::Passive))
    );
    assert_eq!(
        (second.direction, second.setup),
        (Direction::Inactive, Some(Setup::Active))
    );
    assert_eq!(first.ice, second.ice);
}

#[test]
fn what_is_broken_and_matters_refuses_the_description() {
    let section = "m=audio 9 UDP/TLS/RTP/SAVPF 0";
    for line in [
        "a=ice-ufrag:ab",
        "a=ice-pwd:short",
        "a=ice-ufrag:ab cd",
        "a=fingerprint:sha-256 00:11",
        "a=fingerprint:sha-256",
        "a=setup:sometimes",
        "a=mid:",
        "a=mid:a b",
        "a=sctp-port:65536",
        "m=audio x UDP/TLS/RTP/SAVPF 0",
        "m=audio 9 UDP/TLS/RTP/SAVPF",
        "m=audio",
        "no equals sign",
    ] {
        assert_eq!(with(&[section, line]), Err(ReadError::Line(6)), "{line}");
    }
    assert_eq!(read(""), Err(ReadError::Incomplete));
    assert_eq!(read("v=0\r\n"), Err(ReadError::Incomplete));
    assert_eq!(
        read("m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n"),
        Err(ReadError::Incomplete)
    );
    assert_eq!(
        with(&[section, "a=mid:a", section, "a=mid:a"]),
        Err(ReadError::DuplicateMid)
    );
}

#[test]
fn what_is_broken_and_does_not_matter_is_skipped() {
    let lines = [
        "m=audio 9 UDP/TLS/RTP/SAVPF 0",
        "a=extmap:x urn:y",
        "a=ssrc:-1 cname:x",
        "a=rtpmap:300 opus/48000",
    ];
    let session = with(&lines).unwrap();
    let section = &session.sections[0];
    assert!(section.extensions.is_empty() && section.ssrcs.is_empty() && section.codecs.is_empty());
}

#[test]
fn everything_is_bounded() {
    let section = "m=audio 9 UDP/TLS/RTP/SAVPF 0";
    assert!(with(&[section; MAX_SECTIONS]).is_ok());
    assert_eq!(
        with(&[section; MAX_SECTIONS + 1]),
        Err(ReadError::TooManySections)
    );
    assert_eq!(with(&vec!["a=x"; MAX_LINES]), Err(ReadError::TooLong));
    let long = format!("a={}", "x".repeat(MAX_BYTES));
    assert_eq!(with(&[&long]), Err(ReadError::TooLong));
}

#[test]
fn candidates_are_told_from_other_text() {
    let line = "candidate:1 1 udp 2122260223 192.0.2.1 50000 typ host generation 0 ufrag abcd network-id 1";
    let read = CandidateLine::read(line).unwrap();
    assert_eq!(
        (read.component, read.udp, read.ufrag),
        (1, true, Some("abcd"))
    );
    let name = "a=candidate:1 1 UDP 2122260223 0f3b.local 50000 typ host";
    assert_eq!(CandidateLine::read(name).unwrap().text, &name[2..]);
    assert!(
        !CandidateLine::read("candidate:1 1 tcp 1 192.0.2.1 9 typ host tcptype active")
            .unwrap()
            .udp
    );
    for text in [
        "",
        "candidate:",
        "candidate:1 1 udp 1 192.0.2.1 50000 typ",
        "candidate:1 1 udp 1 192.0.2.1 70000 typ host",
        "candidate:1 1 udp -1 192.0.2.1 50000 typ host",
        "candidate:1 x udp 1 192.0.2.1 50000 typ host",
        "candidate:1 1 udp 1 192.0.2.1 50000 type host",
        "candidate:1 1 udp 1 192.0.2.1 50000 typ guess",
        "candidate:1 1 udp 1 192.0.2.1 50000 typ host\r\na=evil",
    ] {
        assert_eq!(CandidateLine::read(text), None, "{text}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "(?s).{0,400}") {
        let _ = read(&text);
        let _ = CandidateLine::read(&text);
    }

    #[test]
    fn no_change_of_a_real_description_makes_it_panic(
        which in 0..BROWSERS.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0_u8..3), 1..12),
    ) {
        let mut bytes = BROWSERS[which].as_bytes().to_vec();
        for (place, byte, how) in changes {
            let place = place.index(bytes.len());
            match how {
                0 => bytes[place] = byte,
                1 => { bytes.remove(place); }
                _ => bytes.insert(place, byte),
            }
        }
        if let Ok(session) = read(&String::from_utf8_lossy(&bytes)) {
            // What was read can be written so that it is read again.
            prop_assert!(read(&session.to_string()).is_ok());
        }
    }
}
