//! The form of tags.

use proptest::prelude::*;
use shared::image::tag::{
    Content, Hash, Version, content, is_build, is_build_word, is_calver, is_date, is_digits, is_only_variant,
    is_pre_release, is_unreleased, is_variant, variant, words,
};

#[test]
fn a_version_is_read_in_parts() {
    let parts = |tag| Version::read(tag).map(|v| (v.v_prefix, v.numbers, v.after_dash, v.build, v.unparsed));
    for (tag, expected) in [
        ("1.2.3", Some((false, "1.2.3", None, None, ""))),
        ("v1.27-rc.1", Some((true, "1.27", Some("rc.1"), None, ""))),
        ("1.2.3-rc.1-alpine3.19_build.5", Some((false, "1.2.3", Some("rc.1-alpine3.19"), Some("build.5"), ""))),
        ("1.2.3_", Some((false, "1.2.3", None, Some(""), ""))),
        ("1.2.3-", Some((false, "1.2.3", Some(""), None, ""))),
        ("1.2.3rc1", Some((false, "1.2.3", None, None, "rc1"))),
        ("1.2.x-1", Some((false, "1.2", None, None, ".x-1"))),
        ("1..2", Some((false, "1..2", None, None, ""))),
        ("v", None),
        ("vv1", None),
        ("V1.2.3", None),
        ("", None),
    ] {
        assert_eq!(parts(tag), expected, "{tag}");
    }
}

#[test]
fn a_version_is_split_at_the_first_suffix() {
    for (tag, expected) in [
        ("1.2.3-alpine3.19", (None, Some("alpine3.19"))),
        ("1.2.3-rc.1-slim-bookworm", (Some("rc.1"), Some("slim-bookworm"))),
        ("1.2.3-rc.1", (Some("rc.1"), None)),
        ("1.2.3-alpines", (Some("alpines"), None)),
        ("1.2.3", (None, None)),
    ] {
        assert_eq!(Version::read(tag).map(|version| version.split(&is_variant)), Some(expected), "{tag}");
    }
}

#[test]
fn a_variant_is_named_after_any_dash() {
    for (tag, expected) in [
        ("alpine3.20", Some("alpine3.20")),
        ("1.27-alpine", Some("alpine")),
        ("lts-bookworm-slim", Some("bookworm-slim")),
        ("bookworm-20241111-slim", Some("bookworm-20241111-slim")),
        ("alpines", None),
        ("1.27_alpine", None),
        ("", None),
    ] {
        assert_eq!(variant(tag), expected, "{tag}");
    }
    for tag in ["alpine", "slim-bookworm", "debian-12", "debian-12-r3", "nanoserver-1809", "jdk21"] {
        assert!(is_only_variant(tag), "{tag}");
    }
    for tag in ["stable", "3-alpine", "bookworm-20241111", "alpine-1.27", "slim-8f2d1c0", "jdk-21.0.5"] {
        assert!(!is_only_variant(tag), "{tag}");
    }
}

#[test]
fn a_word_says_which_build_it_is() {
    assert_eq!(words("main-8f2d1c0_17").collect::<Vec<_>>(), ["main", "8f2d1c0", "17"]);
    for word in ["1.2.3", "v1.2.3", "1.2.3rc1", "2024.01.15", "17", "20240115", "20240115t0300", "8f2d1c0", "g8f2d1c0"]
    {
        assert!(is_build_word(word), "{word}");
    }
    for word in ["", "1.27", "v1", "cafe", "py312", "b17", "main", "g"] {
        assert!(!is_build_word(word), "{word}");
    }
}

#[test]
fn git_describe_is_commits_and_a_hash_behind_a_version() {
    let is = |tag| Version::read(tag).is_some_and(|version| version.is_git_describe());
    for tag in ["v1.2.3-14-gabc1234", "1.2-0-gabcd", "1.2.3-rc.1-2-g1234567"] {
        assert!(is(tag), "{tag}");
    }
    for tag in
        ["v1.2.3", "v1.2.3-gabc1234", "1.2.3-014-gabc1234", "1.2.3-14-gABC1234", "1.2.3-14-gabc", "1.2.3-14-abc1234"]
    {
        assert!(!is(tag), "{tag}");
    }
}

#[test]
fn a_hash_has_the_length_of_sha_1_or_sha_256() {
    for (length, expected) in [(6, false), (7, true), (40, true), (41, false), (63, false), (64, true), (65, false)] {
        let hash = Hash::read(&"a".repeat(length)).expect("hexadecimal digits");
        assert_eq!(hash.has_length(7, 100), expected, "{length}");
    }
    assert_eq!(Hash::read("12AB").map(|hash| (hash.is_lower, hash.has_letter)), Some((false, true)));
    assert_eq!(Hash::read("1234").map(|hash| (hash.is_lower, hash.has_letter)), Some((true, false)));
    assert_eq!(Hash::read("12g4"), None);
    assert_eq!(Hash::read(""), None);
}

#[test]
fn a_calendar_version_starts_with_year_and_month() {
    for tag in
        ["2024.01.15", "2024.1", "24.04", "v2024.11.2-rc.1", "2024-11-15-2", "20241115", "20241115-a.b", "2024.1.2.3"]
    {
        assert!(is_calver(tag), "{tag}");
    }
    for tag in [
        "",
        "v",
        "1.2.3",
        "24.4",
        "2024",
        "2024.13",
        "2024.00",
        "1999.01",
        "2024.1.2.3.4",
        "2024.01-",
        "2024-1.2",
        "2024.1.x",
        "2024.1.1234567",
    ] {
        assert!(!is_calver(tag), "{tag}");
    }
    assert!(is_date("20240229") && !is_date("20240232") && !is_date("20241301") && !is_date("2024011é"));
}

#[test]
fn an_unreleased_tag_says_so_as_a_whole_or_by_a_word_after_the_first() {
    for tag in [
        "latest",
        "LATEST",
        "1.2-latest",
        "1.2.latest",
        "1.2.3-latest-alpine",
        "1.2.3-SNAPSHOT",
        "1.2.3-SNAPSHOT-20260101",
        "1.2.3-snapshot.5",
        "1.2.3.BUILD-SNAPSHOT",
        "v1-dirty",
        "8f2d1c0-dirty_2",
    ] {
        assert!(is_unreleased(tag), "{tag}");
    }
    for tag in ["latest-alpine", "dirty", "snapshot", "snapshot-20260101", "latest1", "latest.1", "1.2-notlatest"] {
        assert!(!is_unreleased(tag), "{tag}");
    }
}

#[test]
fn a_tag_holds_a_commit_a_date_or_a_version() {
    for (tag, expected) in [
        ("main-8f2d1c0a-1611840548", Some(Content::Commit("8f2d1c0a"))),
        ("20241115_g8f2d1c0", Some(Content::Commit("8f2d1c0"))),
        ("MAIN-8F2D1C0", Some(Content::Commit("8F2D1C0"))),
        ("RELEASE.2024-01-16T16-07-38Z", Some(Content::Date("2024-01-16"))),
        ("bookworm-20240110-slim", Some(Content::Date("20240110"))),
        ("snapshot-20260101", Some(Content::Date("20260101"))),
        ("20240101.1", Some(Content::Date("20240101"))),
        ("20240115t0300", Some(Content::Date("20240115"))),
        ("build-20240115123456", Some(Content::Date("20240115"))),
        ("r2024.01.15", Some(Content::Date("2024.01.15"))),
        ("nightly_2024_01_15", Some(Content::Date("2024_01_15"))),
        ("php-8.3.13-fpm", Some(Content::Version("8.3.13"))),
        ("php-8.3.13rc1-fpm", Some(Content::Version("8.3.13"))),
        ("release-1.2.3-rc.1", Some(Content::Version("1.2.3"))),
        ("main-accede-7", None),
        ("main-acceded", None),
        ("main-12345678", None),
        ("build-120240115", None),
        ("build-202401159", None),
        ("build-20241315", None),
        ("build-2024-01.15", None),
        ("build-2024-0115", None),
        ("build-17", None),
        ("prod", None),
        ("", None),
    ] {
        assert_eq!(content(tag), expected, "{tag}");
    }
}

proptest! {
    #[test]
    fn every_version_of_semver_is_read_whole(
        numbers in "(0|[1-9][0-9]{0,5})(\\.(0|[1-9][0-9]{0,5})){2}",
        pre_release in "([a-z][0-9A-Za-z-]{0,6}|[1-9][0-9]{0,3})(\\.([a-z][0-9A-Za-z]{0,6}|0)){0,3}",
        build in "[0-9A-Za-z-]{1,8}",
    ) {
        let tag = format!("v{numbers}-{pre_release}_{build}");
        let version = Version::read(&tag).expect("a version");
        prop_assert_eq!(version.numbers, numbers.as_str());
        prop_assert_eq!(version.after_dash, Some(pre_release.as_str()));
        prop_assert!(is_pre_release(&pre_release) && is_build(&build));
        let broken = [format!("{pre_release}.01"), format!("{pre_release}.")];
        prop_assert!(!broken.iter().any(|text| is_pre_release(text)));
    }

    #[test]
    fn any_text_can_be_asked(tag in "\\PC{0,64}|[v0-9.a-g_-]{0,64}") {
        if let Some(version) = Version::read(&tag) {
            let _ = (version.split(&is_variant), version.is_git_describe());
        }
        let _ = (content(&tag), variant(&tag), is_only_variant(&tag), is_build_word(&tag));
        let _ = (Hash::read(&tag), is_calver(&tag), is_date(&tag), is_digits(&tag), is_unreleased(&tag));
    }
}
