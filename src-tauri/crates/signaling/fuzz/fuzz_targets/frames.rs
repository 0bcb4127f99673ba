#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| landline_signaling::fuzzing::fuzz_frames(data));
