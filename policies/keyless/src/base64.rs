//! Base64. Source: RFC 4648, sections 4 and 5.

/// The bytes of a text in base64, with or without padding, in the standard alphabet or that for URLs. White space is skipped, as
/// YAML may fold long values. `None` for any other text.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let (mut bits, mut count, mut padding) = (0_u32, 0_u32, 0_u32);
    for byte in text.bytes().filter(|byte| !byte.is_ascii_whitespace()) {
        if byte == b'=' {
            padding = padding.saturating_add(1);
            continue;
        }
        if padding > 0 {
            return None;
        }
        bits = bits << 6 | u32::from(value(byte)?);
        count = count.saturating_add(6);
        if count >= 8 {
            count = count.saturating_sub(8);
            bytes.push(u8::try_from(bits >> count & 0xff).unwrap_or_default());
        }
    }
    // The rest of the last byte: none of six bits alone.
    (count < 6 && padding <= 2).then_some(bytes)
}

/// Returns `true` if the byte is one of either alphabet.
pub(crate) fn is_digit(byte: u8) -> bool {
    value(byte).is_some()
}

fn value(byte: u8) -> Option<u8> {
    Some(match byte {
        b'A'..=b'Z' => byte.wrapping_sub(b'A'),
        b'a'..=b'z' => byte.wrapping_sub(b'a').saturating_add(26),
        b'0'..=b'9' => byte.wrapping_sub(b'0').saturating_add(52),
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    })
}
