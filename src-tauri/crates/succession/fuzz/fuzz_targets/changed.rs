#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| landline_succession::fuzzing::fuzz_changed(data));
