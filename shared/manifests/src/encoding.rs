//! From the bytes of a file to its text.

use crate::problem::Problem;
use crate::yaml::claims_an_object;

/// The text of a file: UTF-8, or UTF-16 with a byte order mark, as some shells of Windows write it and kubectl reads it.
///
/// # Errors
///
/// Names line and column of the first bytes that are not text.
pub fn decode(bytes: Vec<u8>) -> Result<String, Problem> {
    match bytes.as_slice() {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ => String::from_utf8(bytes).map_err(|error| {
            let valid = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
            fault("not UTF-8 text; save the file as UTF-8", &String::from_utf8_lossy(valid), error.as_bytes())
        }),
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, Problem> {
    let (pairs, rest) = bytes.as_chunks();
    let mut text = String::new();
    for character in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
        match character {
            Ok(character) => text.push(character),
            Err(_) => return Err(fault("not UTF-16 text; save the file as UTF-8", &text, text.as_bytes())),
        }
    }
    if rest.is_empty() {
        Ok(text)
    } else {
        Err(fault("not UTF-16 text; save the file as UTF-8", &text, text.as_bytes()))
    }
}

/// The problem after a valid part of a file.
fn fault(message: &str, valid: &str, whole: &[u8]) -> Problem {
    let line = valid.matches('\n').count() + 1;
    let column = valid.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    let problem = Problem::new(message).at(line, column);
    if claims_an_object(&String::from_utf8_lossy(whole)) { problem } else { problem.of_no_object() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf16_is_read_in_both_orders() {
        let units: Vec<u16> = "a: é😀\n".encode_utf16().collect();
        let little = units.iter().flat_map(|unit| unit.to_le_bytes());
        let big = units.iter().flat_map(|unit| unit.to_be_bytes());
        assert_eq!(decode([0xff, 0xfe].into_iter().chain(little).collect()).unwrap(), "a: é😀\n");
        assert_eq!(decode([0xfe, 0xff].into_iter().chain(big).collect()).unwrap(), "a: é😀\n");
    }

    #[test]
    fn bytes_that_are_not_text_are_named_with_line_and_column() {
        let problem = decode(b"a: 1\n\xc3\xa9: \xff".to_vec()).unwrap_err();
        assert_eq!((problem.line, problem.column), (Some(2), Some(4)));
        for bytes in [&b"\xff\xfea\0\n\0\0\xd8"[..], b"\xff\xfea\0\n\0b"] {
            let problem = decode(bytes.to_vec()).unwrap_err();
            assert_eq!((problem.line, problem.column), (Some(2), Some(1)));
        }
    }

    #[test]
    fn a_byte_order_mark_is_left_to_the_reader_of_documents() {
        assert_eq!(decode("\u{feff}a: 1".into()).unwrap(), "\u{feff}a: 1");
    }
}
