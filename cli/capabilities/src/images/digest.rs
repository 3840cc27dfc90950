//! The digests of blobs.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256, Sha384, Sha512};

/// Refuses content that is not what its digest names.
///
/// # Errors
///
/// The text of oci-client.
pub(crate) fn require(digest: &str, content: &[u8]) -> Result<(), String> {
    let (algorithm, _) = digest.split_once(':').ok_or("Digest error: Missing digest algorithm")?;
    let actual = match algorithm {
        "sha256" => hex(&Sha256::digest(content)),
        "sha384" => hex(&Sha384::digest(content)),
        "sha512" => hex(&Sha512::digest(content)),
        other => return Err(format!("Digest error: Unsupported digest algorithm: {other}")),
    };
    let actual = format!("{algorithm}:{actual}");
    if actual == digest {
        Ok(())
    } else {
        Err(format!("Digest error: Invalid digest. Expected {digest}, got {actual}"))
    }
}

/// The algorithm and the digits of a digest that is safe as the name of a file.
pub(crate) fn file_name(digest: &str) -> Option<(&str, &str)> {
    let (algorithm, digits) = digest.split_once(':')?;
    let is_plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (is_plain(algorithm) && is_plain(digits)).then_some((algorithm, digits))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn content_has_to_be_what_the_digest_names() {
        assert_eq!(require(EMPTY, b""), Ok(()));
        let other = "sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881";
        assert_eq!(require(EMPTY, b"x"), Err(format!("Digest error: Invalid digest. Expected {EMPTY}, got {other}")));
        let sha512 = "sha512:cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce\
                      47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e";
        assert_eq!(require(sha512, b""), Ok(()));
        assert_eq!(require("md5:00", b""), Err("Digest error: Unsupported digest algorithm: md5".to_owned()));
        assert_eq!(require("latest", b""), Err("Digest error: Missing digest algorithm".to_owned()));
    }

    #[test]
    fn only_a_plain_digest_names_a_file() {
        assert_eq!(file_name("sha256:00ff"), Some(("sha256", "00ff")));
        for other in ["sha256", "sha256:", ":00", "sha256:../../etc/passwd", "../sha256:00"] {
            assert_eq!(file_name(other), None, "{other}");
        }
    }
}
