//! Any bytes as settings.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::SETTINGS.hold(input));
