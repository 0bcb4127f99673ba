//! Guards: frames in their order, at their times, with timestamps that go on over the end of the loop.

use super::super::ivf::IvfFrame;
use super::*;

fn ivf(codec: [u8; 4], keys: &[usize], times: &[u64]) -> Ivf {
    let key = [0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01];
    let frames = times.iter().enumerate().map(|(at, time)| IvfFrame {
        time: *time,
        data: if keys.contains(&at) {
            Bytes::copy_from_slice(&key)
        } else {
            Bytes::from_static(&[0x11])
        },
    });
    Ivf {
        codec,
        width: 640,
        height: 360,
        rate: 30,
        scale: 1,
        frames: frames.collect(),
    }
}

fn film() -> Film {
    Film::of(&ivf(*b"VP80", &[0, 3], &[0, 1, 2, 3, 4, 5])).unwrap()
}

const FRAME: Duration = Duration::from_nanos(33_333_334);

#[test]
fn frames_come_when_they_are_due_and_the_loop_has_no_seam() {
    let mut playhead = Playhead::of_film(&film(), 0);
    for count in 0..20u32 {
        let due = playhead.take(FRAME * count).unwrap();
        assert_eq!(due.index, count as usize % 6);
        assert_eq!(due.key, due.index.is_multiple_of(3));
        assert_eq!(due.timestamp, count * 3_000);
        assert_eq!(playhead.take(FRAME * count), None);
    }
}

#[test]
fn players_can_begin_apart_and_timestamps_still_begin_at_now() {
    let mut playhead = Playhead::of_film(&film(), 1);
    let first = playhead.take(Duration::ZERO).unwrap();
    assert_eq!((first.index, first.timestamp), (3, 0));
}

#[test]
fn a_key_frame_can_be_had_at_once() {
    let mut playhead = Playhead::of_film(&film(), 0);
    for (at, index) in [(0, 0), (1, 1)] {
        assert_eq!(playhead.take(FRAME * at).unwrap().index, index);
    }
    playhead.jump_to_key();
    let due = playhead.take(FRAME * 2).unwrap();
    assert_eq!((due.index, due.key, due.timestamp), (3, true, 6_000));
    playhead.jump_to_key();
    let due = playhead.take(FRAME * 3).unwrap();
    assert_eq!((due.index, due.timestamp), (0, 9_000));
    assert_eq!(playhead.take(FRAME * 4).unwrap().index, 1);
}

#[test]
fn a_player_that_was_suspended_does_not_make_up_for_it() {
    let mut playhead = Playhead::of_film(&film(), 0);
    playhead.take(Duration::ZERO).unwrap();
    let now = Duration::from_hours(1);
    let due = playhead.take(now).unwrap();
    assert_eq!((due.index, due.timestamp), (1, 3_600 * 90_000));
    assert_eq!(playhead.take(now), None);
}

#[test]
fn a_player_that_is_a_little_late_catches_up() {
    let mut playhead = Playhead::of_film(&film(), 0);
    let mut taken = 0;
    while playhead.take(FRAME * 4).is_some() {
        taken += 1;
    }
    assert_eq!(taken, 5);
}

#[test]
fn only_files_that_can_be_shown_are_taken() {
    let error = |ivf: &Ivf| Film::of(ivf).unwrap_err();
    assert_eq!(
        error(&ivf(*b"VP90", &[0], &[0])),
        FilmError::NotVp8("VP90".into())
    );
    assert_eq!(error(&ivf(*b"VP80", &[1], &[0, 1])), FilmError::NoKeyFrame);
    assert_eq!(error(&ivf(*b"VP80", &[0], &[0, 2, 2])), FilmError::Times);
    assert_eq!(
        error(&ivf(*b"VP80", &[0], &[0, u64::MAX])),
        FilmError::Times
    );
    let one = Film::of(&ivf(*b"VP80", &[0], &[7])).unwrap();
    assert_eq!(one.timeline.length, 3_000);
}

#[test]
fn sizes_that_differ_in_time_are_not_mixed() {
    let other = Film::of(&ivf(*b"VP80", &[0, 2], &[0, 1, 2, 3, 4, 5])).unwrap();
    let apart = Film::together(film(), [film(), other]).unwrap_err();
    assert_eq!(apart, FilmError::Apart);
    let sizes = Film::together(film(), [film()]).unwrap().sizes;
    assert_eq!(sizes.len(), 2);
}
