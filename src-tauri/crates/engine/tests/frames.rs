//! The binary frames between page and engine: nothing is lost on the way, and nothing that is no frame is taken for one.

use bytes::Bytes;
use landline_engine::frame::{FrameError, FrameIn, FrameOut};
use landline_protocol::engine_api::FRAME_PAYLOAD;
use proptest::collection::vec;
use proptest::prelude::*;

fn payload() -> impl Strategy<Value = Bytes> {
    vec(any::<u8>(), 1..200).prop_map(Bytes::from)
}

fn frame_in() -> impl Strategy<Value = FrameIn> {
    let video = (any::<(u32, u8, bool, u32, u16, u16)>(), payload()).prop_map(
        |((track, layer, key, timestamp, width, height), payload)| FrameIn::Video {
            track,
            layer,
            key,
            timestamp,
            width,
            height,
            payload,
        },
    );
    let audio =
        (any::<(u32, u32)>(), payload()).prop_map(|((track, timestamp), payload)| FrameIn::Audio {
            track,
            timestamp,
            payload,
        });
    let channel = (any::<(u32, u32, bool)>(), payload()).prop_map(
        |((connection, channel, binary), payload)| FrameIn::Channel {
            connection,
            channel,
            binary,
            payload,
        },
    );
    let key = any::<u32>().prop_map(|receiver| FrameIn::KeyRequest { receiver });
    prop_oneof![video, audio, channel, key]
}

fn frame_out() -> impl Strategy<Value = FrameOut> {
    (any::<(u32, bool, bool, u32, u32, u8)>(), payload()).prop_map(
        |((receiver, key, gap, timestamp, arrival_ms, kind), payload)| match kind % 3 {
            0 => FrameOut::Video {
                receiver,
                key,
                gap,
                timestamp,
                arrival_ms,
                payload,
            },
            1 => FrameOut::Audio {
                receiver,
                gap,
                timestamp,
                arrival_ms,
                payload,
            },
            _ => FrameOut::Channel {
                connection: receiver,
                channel: timestamp,
                binary: key,
                payload,
            },
        },
    )
}

proptest! {
    #[test]
    fn a_frame_to_the_engine_arrives_as_it_was(frame in frame_in()) {
        prop_assert_eq!(FrameIn::decode(frame.encode()), Ok(frame));
    }

    #[test]
    fn a_frame_from_the_engine_arrives_as_it_was(frame in frame_out()) {
        prop_assert_eq!(FrameOut::decode(frame.encode()), Ok(frame));
    }

    #[test]
    fn any_bytes_are_a_frame_or_an_error(bytes in vec(any::<u8>(), 0..80)) {
        landline_engine::fuzzing::fuzz_frames(&bytes);
    }
}

#[test]
fn what_is_no_frame_is_refused_by_name() {
    let with = |kind: u8, size: usize| {
        let mut bytes = vec![0; 16 + size];
        bytes[0] = kind;
        FrameIn::decode(Bytes::from(bytes))
    };
    assert_eq!(
        FrameIn::decode(Bytes::from_static(&[1; 15])),
        Err(FrameError::Short)
    );
    assert_eq!(with(9, 1), Err(FrameError::Kind(9)));
    assert_eq!(with(1, 0), Err(FrameError::Empty));
    assert_eq!(with(1, FRAME_PAYLOAD + 1), Err(FrameError::Large));
}

#[test]
fn the_header_is_laid_out_as_the_protocol_says() {
    let frame = FrameIn::Video {
        track: 0x0102_0304,
        layer: 5,
        key: true,
        timestamp: 0x0607_0809,
        width: 640,
        height: 480,
        payload: Bytes::from_static(b"v"),
    };
    let expected = [1, 1, 5, 0, 4, 3, 2, 1, 9, 8, 7, 6, 0xe0, 1, 0x80, 2, b'v'];
    assert_eq!(frame.encode(), Bytes::from(expected.to_vec()));
}
