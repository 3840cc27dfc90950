//! Shell scripts and argument vectors.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::SHELL.hold(input));
