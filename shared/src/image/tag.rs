//! The form of an image tag: a version, a git commit, a date.
//!
//! Several readings may hold at once: `1234567` is a number, and a git hash without letters. So each has a function of its
//! own, which says what it sees and leaves it to the settings of a policy what to make of that. All of them are pure,
//! borrow, and visit each byte a fixed number of times.

/// A tag that starts as a version does: numbers with dots between them.
///
/// Source: Semantic Versioning 2.0.0, read leniently. A tag cannot hold the `+` of build metadata; Helm and others
/// write `_` instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version<'a> {
    /// A `v` stands before the numbers.
    pub v_prefix: bool,
    /// The numbers and the dots between them, however many: `1.27` of `v1.27-rc.1`.
    pub numbers: &'a str,
    /// The text after the dash that follows the numbers: `rc.1-alpine3.19` of `1.2.3-rc.1-alpine3.19`.
    pub after_dash: Option<&'a str>,
    /// The build metadata: `build.5` of `1.2.3_build.5`.
    pub build: Option<&'a str>,
    /// The text that follows the numbers without a dash: `rc1` of `1.2.3rc1`. Empty in a version.
    pub unparsed: &'a str,
}

/// Names of distributions and image variants that stand after versions, with or without a version of their own.
const VARIANTS: [&str; 40] = [
    "alpine",
    "amazonlinux",
    "apache",
    "bionic",
    "bookworm",
    "bullseye",
    "buster",
    "busybox",
    "centos",
    "chiseled",
    "cli",
    "debian",
    "debug",
    "dind",
    "distroless",
    "fedora",
    "focal",
    "fpm",
    "gnu",
    "jammy",
    "jdk",
    "jre",
    "ltsc",
    "management",
    "minimal",
    "musl",
    "nanoserver",
    "noble",
    "nonroot",
    "perl",
    "rockylinux",
    "scratch",
    "slim",
    "stretch",
    "trixie",
    "ubi",
    "ubuntu",
    "windows",
    "windowsservercore",
    "wolfi",
];

impl<'a> Version<'a> {
    /// Reads a tag. `None` when it does not start with a number, or with `v` and a number.
    #[must_use]
    pub fn read(tag: &'a str) -> Option<Self> {
        let bare = tag.strip_prefix('v').unwrap_or(tag);
        if !bare.starts_with(|first: char| first.is_ascii_digit()) {
            return None;
        }
        let digits_and_dots = bare.find(|c: char| c != '.' && !c.is_ascii_digit()).unwrap_or(bare.len());
        let numbers = bare.get(..digits_and_dots)?.trim_end_matches('.');
        let tail = bare.strip_prefix(numbers)?;
        let (after, build) = match tail.split_once('_') {
            Some((after, build)) => (after, Some(build)),
            None => (tail, None),
        };
        let (after_dash, unparsed) = match after.strip_prefix('-') {
            Some(after) => (Some(after), ""),
            None => (None, after),
        };
        Some(Self { v_prefix: bare.len() < tag.len(), numbers, after_dash, build, unparsed })
    }

    /// Splits what follows the dash into the pre-release and the first suffix, at a dash, that `is_suffix` knows:
    /// `rc.1` and `slim-bookworm` of `3.12.1-rc.1-slim-bookworm`.
    #[must_use]
    pub fn split(&self, is_suffix: &dyn Fn(&str) -> bool) -> (Option<&'a str>, Option<&'a str>) {
        self.after_dash.map_or((None, None), |after| split(after, is_suffix))
    }

    /// Returns `true` if the tag is what `git describe` prints of a commit after a tagged one: `v1.2.3-14-gabc1234`.
    #[must_use]
    pub fn is_git_describe(&self) -> bool {
        let Some((after, hash)) = self.after_dash.and_then(|after| after.rsplit_once('-')) else { return false };
        let commits = after.rsplit_once('-').map_or(after, |(_, commits)| commits);
        let hash = hash.strip_prefix('g').and_then(Hash::read);
        is_number(commits) && hash.is_some_and(|hash| hash.is_lower && hash.has_length(4, 64))
    }
}

/// Returns `true` if a suffix starts with the well-known name of a distribution or an image variant, as `alpine3.19` and
/// `slim-bookworm` do. SemVer takes it for a pre-release.
#[must_use]
pub fn is_variant(suffix: &str) -> bool {
    let word = suffix.split_once('-').map_or(suffix, |(word, _)| word);
    VARIANTS.contains(&word.trim_end_matches(|c: char| c == '.' || c.is_ascii_digit()))
}

/// The variant of an image that a tag names, with what follows it: `alpine3.19` of `1.27-alpine3.19` and of `alpine3.19`.
#[must_use]
pub fn variant(tag: &str) -> Option<&str> {
    split(tag, &is_variant).1
}

/// Splits a text into what stands before the first suffix, at a dash, that `is_suffix` knows, and that suffix.
fn split<'t>(text: &'t str, is_suffix: &dyn Fn(&str) -> bool) -> (Option<&'t str>, Option<&'t str>) {
    let mut start = 0_usize;
    for word in text.split('-') {
        let suffix = text.get(start..).unwrap_or_default();
        if is_suffix(suffix) {
            return (start.checked_sub(1).and_then(|end| text.get(..end)), Some(suffix));
        }
        start = start.saturating_add(word.len()).saturating_add(1);
    }
    (Some(text), None)
}

/// The words of a tag: what stands between dashes and underscores.
pub fn words(tag: &str) -> impl Iterator<Item = &str> {
    tag.split(is_joint as Joint)
}

/// One type for all, so that a module has the code once.
type Joint = fn(char) -> bool;

fn is_joint(char: char) -> bool {
    matches!(char, '-' | '_')
}

/// Returns `true` if a word of a tag identifies a build: a version of three numbers or more, a date, a commit or a number.
#[must_use]
pub fn is_build_word(word: &str) -> bool {
    let hash = Hash::read(word.strip_prefix('g').unwrap_or(word));
    dots(word) > 1 || is_digits(word) || hash.is_some_and(|hash| hash.length > 6) || word.get(..8).is_some_and(is_date)
}

/// The number of dots in a word that starts as a version does.
fn dots(word: &str) -> usize {
    let is_version = word.strip_prefix('v').unwrap_or(word).starts_with(|first: char| first.is_ascii_digit());
    word.bytes().filter(|byte| is_version && *byte == b'.').count()
}

/// Returns `true` if a tag names a variant of an image and nothing that says which build it is: `alpine`, `slim-bookworm`.
#[must_use]
pub fn is_only_variant(tag: &str) -> bool {
    // A short number is of the variant itself: `debian-12`, `nanoserver-1809`.
    let is_version = |word: &str| word.len() > 4 && is_build_word(word) || dots(word) > 0;
    is_variant(tag) && !words(tag).skip(1).any(is_version)
}

/// The part of a tag that identifies a build, beside other words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content<'a> {
    /// A git commit hash, of any case.
    Commit(&'a str),
    /// A date, to the day.
    Date(&'a str),
    /// A version of three numbers or more.
    Version(&'a str),
}

/// The first commit in a tag; else the first date, or the first version: `8f2d1c0` of `main-8f2d1c0-1731628800`.
#[must_use]
pub fn content(tag: &str) -> Option<Content<'_>> {
    // A hash without a letter is a number, and one without a digit is a word.
    let is_commit = |hash: &&str| {
        let mixed = hash.bytes().any(|byte| byte.is_ascii_digit());
        Hash::read(hash).is_some_and(|read| mixed && read.has_letter && read.has_length(7, 64))
    };
    let commit = words(tag).map(|word| word.strip_prefix('g').unwrap_or(word)).find(is_commit);
    let numbers = |word| Some(Version::read(word)?.numbers).filter(|numbers| numbers.split('.').count() > 2);
    let version = || words(tag).find_map(numbers).map(Content::Version);
    commit.map(Content::Commit).or_else(|| date(tag).map(Content::Date)).or_else(version)
}

/// The first date in a text, with or without dashes, dots or underscores in it, that no other digit touches but those of a
/// time: `2024-01-16` of `RELEASE.2024-01-16T16-07-38Z`.
fn date(text: &str) -> Option<&str> {
    let starts = text.bytes().enumerate().filter(|(_, byte)| *byte == b'2').map(|(start, _)| start);
    let is_inside = |start: &usize| {
        let before = start.checked_sub(1).and_then(|before| text.as_bytes().get(before));
        before.is_some_and(u8::is_ascii_digit)
    };
    starts.filter(|start| !is_inside(start)).find_map(|start| {
        let rest = text.get(start..)?;
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let plain = rest.get(..8).filter(|day| matches!(digits, 8 | 12 | 14) && is_date(day));
        plain.or_else(|| rest.get(..10).filter(|day| digits == 4 && is_separated_date(day)))
    })
}

/// Returns `true` if a text of ten bytes is a date with the same mark twice: `2024-01-16`.
fn is_separated_date(text: &str) -> bool {
    let [Some(year), Some(month), Some(day)] = [0..4, 5..7, 8..10].map(|part| text.get(part)) else { return false };
    let mark = text.as_bytes().get(4);
    let is_mark = mark.is_some_and(|mark| b"-._".contains(mark)) && mark == text.as_bytes().get(7);
    is_mark && is_date(&[year, month, day].concat())
}

/// Returns `true` if a text is a pre-release of SemVer: parts between dots, of which those that are numbers have no
/// leading zero.
#[must_use]
pub fn is_pre_release(text: &str) -> bool {
    text.split('.').all(|part| is_identifier(part) && !has_leading_zero(part))
}

/// Returns `true` if a text is build metadata of SemVer.
#[must_use]
pub fn is_build(text: &str) -> bool {
    text.split('.').all(is_identifier)
}

/// A tag, or a part of one, that is hexadecimal digits and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hash {
    /// The number of digits.
    pub length: usize,
    /// No digit is an uppercase letter.
    pub is_lower: bool,
    /// A digit is a letter.
    pub has_letter: bool,
}

impl Hash {
    /// Reads hexadecimal digits of any number and case. `None` when there is anything else, or nothing.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| Self {
            length: text.len(),
            is_lower: !text.bytes().any(|byte| byte.is_ascii_uppercase()),
            has_letter: text.bytes().any(|byte| byte.is_ascii_alphabetic()),
        })
    }

    /// Returns `true` if the length is one of a commit within `min` and `max`: at most the 40 digits of SHA-1, or the 64
    /// of SHA-256.
    #[must_use]
    pub fn has_length(&self, min: usize, max: usize) -> bool {
        (min..=max).contains(&self.length) && (self.length <= 40 || self.length == 64)
    }
}

/// Returns `true` if a tag is a calendar version: `2024.01.15`, `24.04`, `2024-01-15`, `20240115`, each with or without a `v`
/// before it and a modifier after a dash.
///
/// Source: calver.org. The year is first, of four or two digits, then the month, then up to two more numbers; dashes
/// or dots between them. A two-digit year needs a month of two digits, or `1.2` would be one.
#[must_use]
pub fn is_calver(tag: &str) -> bool {
    let tag = tag.strip_prefix('v').unwrap_or(tag);
    let separator = if tag.as_bytes().get(4) == Some(&b'-') { '-' } else { '.' };
    let (numbers, modifier) = if separator == '-' {
        // Three numbers; what follows the third is the modifier.
        let third = tag.match_indices('-').nth(2).map_or(tag.len(), |(index, _)| index);
        let (numbers, modifier) = tag.split_at_checked(third).unwrap_or((tag, ""));
        (numbers, modifier.strip_prefix('-'))
    } else {
        tag.split_once('-').map_or((tag, None), |(numbers, modifier)| (numbers, Some(modifier)))
    };
    if modifier.is_some_and(|modifier| !is_build(modifier)) {
        return false;
    }
    if is_date(numbers) {
        return true;
    }
    let mut parts = numbers.split(separator);
    let (Some(year), Some(month)) = (parts.next(), parts.next()) else { return false };
    let year = match year.len() {
        4 => year.starts_with("20"),
        2 => month.len() == 2,
        _ => false,
    } && is_digits(year);
    let rest = parts.clone().count() <= 2 && parts.all(|part| is_digits(part) && part.len() <= 6);
    year && is_month(month) && rest
}

/// Returns `true` if a tag is a date in eight digits, from the year 2000 to 2099: `20240115`.
#[must_use]
pub fn is_date(tag: &str) -> bool {
    let (Some(month), Some(day)) = (tag.get(4..6), tag.get(6..)) else { return false };
    let day = is_digits(day) && day.len() == 2 && ("01"..="31").contains(&day);
    is_digits(tag) && tag.starts_with("20") && is_month(month) && day
}

fn is_month(text: &str) -> bool {
    is_digits(text) && text.len() <= 2 && text.parse().is_ok_and(|month: u8| (1..=12).contains(&month))
}

/// Returns `true` if a text is decimal digits and nothing else.
#[must_use]
pub fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns `true` if a text is a number of SemVer.
fn is_number(text: &str) -> bool {
    is_digits(text) && !has_leading_zero(text)
}

fn has_leading_zero(text: &str) -> bool {
    text.len() > 1 && text.starts_with('0') && is_digits(text)
}

/// Returns `true` if a text is one part of a pre-release or of build metadata.
fn is_identifier(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_alphanumeric())
}

/// Returns `true` if a tag marks an image as not released, whatever the case: it is `latest`, or `latest`, `SNAPSHOT` or
/// `dirty` is a word in it after the first.
#[must_use]
pub fn is_unreleased(tag: &str) -> bool {
    let is = |word: &str, name: &str| word.eq_ignore_ascii_case(name);
    let is_unreleased = |word: &str| is(word, "latest") || is(word, "snapshot") || is(word, "dirty");
    is(tag, "latest") || words(tag).flat_map(|word| word.split('.')).skip(1).any(is_unreleased)
}
