//! Any bytes as the payload of `validate`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::PAYLOAD.hold(input));
