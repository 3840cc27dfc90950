//! Requests that are well-formed but for a fault here and there.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::REQUEST.hold(input));
