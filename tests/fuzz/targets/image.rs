//! Image references.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::IMAGE.hold(input));
