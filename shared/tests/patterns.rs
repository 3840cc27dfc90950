//! Patterns: which ones are refused, with what error, and what the others match.

use proptest::prelude::*;
use shared::{
    glob::{Glob, ImagePattern},
    image::ImageRef,
};

/// Tells whether the pattern matches the image.
fn image_matches(pattern: &str, image: &str) -> Result<bool, String> {
    let pattern = ImagePattern::parse(pattern)?;
    let image = ImageRef::parse(image).map_err(|error| format!("image {image:?} {error}"))?;
    Ok(pattern.matches(image.repository()))
}

/// Image patterns: pattern, images that match, images that do not.
#[rustfmt::skip]
const IMAGES: &[(&str, &[&str], &[&str])] = &[
    // A name is the pattern for itself, however it is written.
    ("nginx",
        &["nginx", "nginx:1.27", "docker.io/nginx", "library/nginx", "index.docker.io/library/nginx"],
        &["nginx-unprivileged", "org/nginx", "ghcr.io/nginx", "ghcr.io/library/nginx", "EVIL/nginx",
          "docker.io.evil.com/nginx", "docker.io.evil.com/library/nginx", "nginx/nginx"]),
    ("docker.io/nginx", &["nginx", "library/nginx"], &["docker.io/org/nginx", "docker.io:443/nginx"]),
    ("index.docker.io/nginx", &["nginx", "docker.io/library/nginx"], &["index.docker.io:443/nginx"]),
    ("library/nginx", &["nginx"], &["library/nginx/x", "quay.io/library/nginx"]),
    ("org/app", &["org/app:1", "docker.io/org/app"], &["ghcr.io/org/app", "org/app/x", "org/app2", "ORG/app"]),
    ("ghcr.io/org/app", &["ghcr.io/org/app:1"], &["ghcr.io/org/app/x", "ghcr.io/org", "org/app"]),
    ("localhost/app", &["localhost/app"], &["localhost:5000/app", "docker.io/localhosts/app", "app"]),
    ("[::1]:5000/app", &["[::1]:5000/app"], &["[::1]/app", "[::2]:5000/app"]),
    // A wildcard stays within one part.
    ("ghcr.io/org/*",
        &["ghcr.io/org/app", "ghcr.io/org/x:1"],
        &["ghcr.io/org", "ghcr.io/org/team/app", "ghcr.io/organisation/x", "ghcr.io.evil.com/org/x"]),
    ("ghcr.io/org/app-*", &["ghcr.io/org/app-web", "ghcr.io/org/app-a-b"], &["ghcr.io/org/app", "ghcr.io/org/app-a/b"]),
    ("ghcr.io/*/app", &["ghcr.io/a/app"], &["ghcr.io/app", "ghcr.io/a/b/app"]),
    ("ghcr.io/a*b*c/app", &["ghcr.io/abc/app", "ghcr.io/axbbxc/app"], &["ghcr.io/ab/app", "ghcr.io/acb/app"]),
    ("nginx*", &["nginx", "nginx-unprivileged"], &["org/nginx", "my-nginx", "ghcr.io/nginx"]),
    ("*-debug", &["busybox-debug"], &["debug", "org/busybox-debug"]),
    ("org/*", &["org/app"], &["org/team/app", "orga/app", "ghcr.io/org/app", "org"]),
    // The end of a path needs at least one part, the middle none.
    ("ghcr.io/org/**",
        &["ghcr.io/org/app", "ghcr.io/org/team/app", "ghcr.io/org/a/b/c/d"],
        &["ghcr.io/org", "ghcr.io/organisation/x", "ghcr.io/org-evil/x", "ghcr.io.evil.com/org/x", "org/x"]),
    ("ghcr.io/**/app", &["ghcr.io/app", "ghcr.io/a/app", "ghcr.io/a/b/app"], &["ghcr.io/a/app/x", "app", "ghcr.io/myapp"]),
    ("ghcr.io/a/**/b/**/c", &["ghcr.io/a/b/c", "ghcr.io/a/b/b/x/c", "ghcr.io/a/x/b/c/c"], &["ghcr.io/a/c", "ghcr.io/a/c/b"]),
    ("registry:5000/team/**",
        &["registry:5000/team/app", "registry:5000/team/a/b"],
        &["registry:5000/team", "registry:5000/teams/app", "registry:5001/team/app", "registry/team/app",
          "registry.evil.com:5000/team/app", "team/app"]),
    ("ghcr.io/**", &["ghcr.io/a", "ghcr.io/a/b"], &["ghcr.io:443/a", "nginx", "ghcr.io.evil.com/a", "evil.com/ghcr.io/a"]),
    // All of Docker Hub, and its official images.
    ("docker.io/**",
        &["nginx", "org/app", "index.docker.io/org/a/b"],
        &["docker.io.evil.com/nginx", "docker.io:443/nginx", "registry-1.docker.io/library/nginx", "EVIL/app",
          "evil.com/docker.io/x", "a_b.io/app"]),
    ("docker.io/*", &["nginx", "library/redis"], &["org/app", "docker.io.evil.com/nginx"]),
    ("docker.io/*/*", &["nginx", "org/app"], &["org/team/app"]),
    ("docker.io/**/app", &["app", "org/app", "org/team/app"], &["ghcr.io/app"]),
    ("docker.io/team-*/app", &["team-a/app"], &["team-a.example.com/app", "team-a:5000/app"]),
    // Wildcards in the registry host.
    ("*.corp.example/**",
        &["registry.corp.example/app", "a.b.corp.example/x/y"],
        &["corp.example/app", "registry.corp.example:5000/app", "evilcorp.example/app",
          "registry.corp.example.evil.com/app", "evil.com/registry.corp.example/app"]),
    ("registry-*.corp.example:5000/*", &["registry-eu.corp.example:5000/app"], &["registry-eu.corp.example/app"]),
    ("registry.corp.example:*/app", &["registry.corp.example:1/app"], &["registry.corp.example/app"]),
    ("**/distroless/*",
        &["gcr.io/distroless/static", "distroless/static", "registry:5000/a/b/distroless/cc"],
        &["gcr.io/distroless/a/b", "gcr.io/distroless", "gcr.io/mydistroless/static", "DISTROLESS/static"]),
    ("**/nginx", &["nginx", "ghcr.io/nginx", "a/b/nginx", "a_b.io/nginx"], &["NGINX/app", "ghcr.io/nginx/app"]),
    // The case of a host does not matter.
    ("GHCR.io/org/*", &["ghcr.io/org/app", "ghcr.IO/org/app"], &["ghcr.io/organisation/app"]),
    ("ghcr.io/org/*", &["GHCR.IO/org/app"], &["GHCR.IO:443/org/app"]),
    ("EVIL/**", &["EVIL/app", "Evil/a/b"], &["evil/app", "docker.io/evil/app"]),
    // A first part with a dot that is not a valid host.
    ("a_b.io/*", &["a_b.io/app"], &["docker.io/a_b.io/app", "a_b.io/x/y"]),
];

#[test]
fn image_patterns_match_as_in_the_table() {
    for (pattern, yes, no) in IMAGES {
        for image in *yes {
            assert_eq!(image_matches(pattern, image), Ok(true), "{pattern} {image}");
        }
        for image in *no {
            assert_eq!(image_matches(pattern, image), Ok(false), "{pattern} {image}");
        }
    }
}

/// Image patterns that are refused: pattern, error.
#[rustfmt::skip]
const REFUSED_IMAGES: &[(&str, &str)] = &[
    ("", "empty pattern"),
    ("*", "pattern is only wildcards; name a registry or a repository"),
    ("**", "pattern is only wildcards; name a registry or a repository"),
    ("***", "pattern is only wildcards; name a registry or a repository"),
    ("*/*", "pattern is only wildcards; name a registry or a repository"),
    ("*/**", "pattern is only wildcards; name a registry or a repository"),
    ("**/*", "pattern is only wildcards; name a registry or a repository"),
    ("*.*/**", "pattern is only wildcards; name a registry or a repository"),
    ("*:*/**", "pattern is only wildcards; name a registry or a repository"),
    ("nginx:1.27", "pattern has a tag; patterns name repositories"),
    ("nginx:*", "pattern has a tag; patterns name repositories"),
    ("ghcr.io/org/*:latest", "pattern has a tag; patterns name repositories"),
    ("registry:5000", "pattern has a tag; patterns name repositories"),
    ("nginx@sha256:0000000000000000000000000000000000000000000000000000000000000000",
        "pattern has a digest; patterns name repositories"),
    ("nginx@sha256:*", "pattern has a digest; patterns name repositories"),
    (" ", "pattern has a character that no repository name has"),
    ("ghcr.io/org/* ", "pattern has a character that no repository name has"),
    ("ghcr.io/org/*\n", "pattern has a character that no repository name has"),
    ("ghcr.io/org/é*", "pattern has a character that no repository name has"),
    ("https://ghcr.io/org/*", "pattern starts with a URL scheme; write it without the scheme"),
    ("ghcr.io/org/", "pattern has an empty part; check its slashes"),
    ("/org/app", "pattern has an empty part; check its slashes"),
    ("ghcr.io//app", "pattern has an empty part; check its slashes"),
    ("ghcr.io/Org/*", "pattern has uppercase letters in the repository name"),
    ("ghcr.io/org/[ab]*", "pattern has a character that no repository name has"),
    ("ghcr.io/org/app?", "pattern has a character that no repository name has"),
    ("a!*.io/app", "pattern has an invalid registry host"),
    ("ghcr.io/org/a**", "pattern has ** next to other text; use * within a part"),
    ("ghcr.io/org/***", "pattern has ** next to other text; use * within a part"),
    ("**.corp.example/app", "pattern has ** next to other text; use * within a part"),
    ("ghcr.io", "pattern is a registry without a repository; end it in /**"),
    ("*.corp.example", "pattern is a registry without a repository; end it in /**"),
    ("localhost", "pattern is a registry without a repository; end it in /**"),
    ("ghcr.io*/org/*", "pattern has a registry host that ends in a wildcard"),
    ("ghcr.*/org/*", "pattern has a registry host that ends in a wildcard"),
    ("registry*:5000/app", "pattern has a registry host that ends in a wildcard"),
    ("*:5000/app", "pattern has a registry host that ends in a wildcard"),
    ("*/app", "pattern starts with a wildcard that may stand for a registry or for a name on \
        Docker Hub; write docker.io/ or **/ before it"),
    ("team-*/app", "pattern starts with a wildcard that may stand for a registry or for a name on \
        Docker Hub; write docker.io/ or **/ before it"),
];

#[test]
fn refused_image_patterns_have_the_error_of_the_table() {
    for (pattern, error) in REFUSED_IMAGES {
        assert_eq!(ImagePattern::parse(pattern), Err((*error).into()), "{pattern:?}");
    }
}

/// Globs: pattern, names that match, names that do not.
#[rustfmt::skip]
const NAMES: &[(&str, &[&str], &[&str])] = &[
    ("kube-system", &["kube-system"], &["kube-system2", "my-kube-system", "", "Kube-system"]),
    ("team-*", &["team-", "team-a", "team-a-b"], &["team", "my-team-a", "Team-a"]),
    ("*-system", &["kube-system", "-system", "a-system-system"], &["system", "kube-system-2"]),
    ("a*b*c", &["abc", "a-b-c", "abcbc", "aXbXbXc"], &["ab", "ac", "acb", "abcd"]),
    ("a**b", &["ab", "a-b"], &["a", "b"]),
    ("*a*", &["a", "bab", "aaa"], &["", "b"]),
    ("system:serviceaccount:*:builder", &["system:serviceaccount:ci:builder"], &["system:serviceaccount:ci:deployer"]),
    ("ci/*", &["ci/builder", "ci/"], &["cii/builder", "ci"]),
    ("*/builder", &["ci/builder"], &["builder", "ci/builders"]),
    ("CN=Platform Admins,*", &["CN=Platform Admins,OU=IT"], &["CN=Platform Admins"]),
    ("jürgen*", &["jürgen", "jürgen@example.com"], &["jurgen"]),
    ("?", &["?"], &["a"]),
    ("[ab]", &["[ab]"], &["a"]),
];

#[test]
fn globs_match_as_in_the_table() {
    for (pattern, yes, no) in NAMES {
        let glob = Glob::parse(pattern).unwrap_or_else(|error| panic!("{pattern:?}: {error}"));
        for name in *yes {
            assert!(glob.matches(name), "{pattern} must match {name:?}");
        }
        for name in *no {
            assert!(!glob.matches(name), "{pattern} must not match {name:?}");
        }
    }
}

#[test]
fn refused_globs_say_why() {
    for (pattern, error) in [
        ("", "empty pattern"),
        ("*", "pattern is only wildcards, which match everything"),
        ("**", "pattern is only wildcards, which match everything"),
        (" ", "pattern starts or ends with white space"),
        (" a", "pattern starts or ends with white space"),
        ("a\n", "pattern starts or ends with white space"),
        ("a\tb", "pattern has a control character"),
        ("a\0", "pattern has a control character"),
    ] {
        assert_eq!(Glob::parse(pattern), Err(error.into()), "{pattern:?}");
    }
}

#[test]
fn patterns_are_at_most_256_bytes() {
    let error = Err("pattern is longer than 256 bytes".into());
    let longest = "a".repeat(256);
    assert!(Glob::parse(&longest).is_ok_and(|glob| glob.matches(&longest)));
    assert_eq!(Glob::parse(&"a".repeat(257)).map(|_| ()), error);
    let longest = format!("ghcr.io/{}", "a".repeat(248));
    assert_eq!(image_matches(&longest, &longest), Ok(true));
    assert_eq!(ImagePattern::parse(&format!("{longest}a")).map(|_| ()), error);
}

#[test]
fn patterns_full_of_wildcards_do_not_blow_up() {
    let glob = Glob::parse(&format!("{}b", "a*".repeat(127))).expect("valid");
    assert!(!glob.matches(&"a".repeat(10_000)));
    let deep = format!("x.io/{}c", "a/".repeat(126));
    assert_eq!(image_matches(&format!("{}b", "**/a/".repeat(50)), &deep), Ok(false));
}

/// The meaning of a glob, by recursion.
fn glob_by_recursion(pattern: &[u8], name: &[u8]) -> bool {
    match (pattern.split_first(), name.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), _) if glob_by_recursion(rest, name) => true,
        (Some((b'*', _)), Some((_, later))) => glob_by_recursion(pattern, later),
        (Some((expected, rest)), Some((found, later))) => expected == found && glob_by_recursion(rest, later),
        _ => false,
    }
}

proptest! {
    #[test]
    fn globs_match_by_their_meaning(pattern in "[ab*]{1,8}", name in "[ab]{0,10}") {
        if let Ok(glob) = Glob::parse(&pattern) {
            let expected = glob_by_recursion(pattern.as_bytes(), name.as_bytes());
            prop_assert_eq!(glob.matches(&name), expected);
        }
    }

    #[test]
    fn a_repository_is_a_pattern_for_itself(
        name in "(ghcr\\.io/|EVIL/|reg:5000/|docker\\.io/)?[a-z]{1,5}(/[a-z]{1,5}){0,3}",
    ) {
        prop_assume!(name != "localhost");
        prop_assert_eq!(image_matches(&name, &name), Ok(true));
    }

    #[test]
    fn everything_below_a_registry_matches_and_nothing_in_another(
        path in "[a-z]{1,5}(/[a-z]{1,5}){0,3}",
    ) {
        let matches = |host: &str| image_matches("ghcr.io/**", &format!("{host}/{path}"));
        prop_assert_eq!(matches("ghcr.io"), Ok(true));
        prop_assert_eq!(matches("ghcr.io.evil.example"), Ok(false));
        prop_assert_eq!(matches("evil.example/ghcr.io"), Ok(false));
    }

    #[test]
    fn any_text_is_read_without_a_panic(
        pattern in prop_oneof![any::<String>(), "[a-cA-C.:/@*-]{0,20}"],
        image in "[a-cA-C]{1,3}([./:][a-c]{1,3}){0,4}",
    ) {
        let _ = Glob::parse(&pattern).is_ok_and(|glob| glob.matches(&image));
        if let (Ok(pattern), Ok(image)) = (ImagePattern::parse(&pattern), ImageRef::parse(&image)) {
            let _ = pattern.matches(image.repository());
        }
    }
}
