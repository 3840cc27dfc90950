//! Image references: a table of our own, the answers of distribution/reference, and properties.

use std::{collections::BTreeSet, fs, io, path::Path};

use proptest::prelude::*;
use serde::Deserialize;
use shared::image::ImageRef;

/// Texts that are references: text, registry host, path, tag, digest. An absent part is empty.
/// `‹ab×3›` stands for `ababab`.
#[rustfmt::skip]
const VALID: &[(&str, &str, &str, &str, &str)] = &[
    ("nginx", "docker.io", "library/nginx", "", ""), // I1
    ("nginx:latest", "docker.io", "library/nginx", "latest", ""), // I2
    ("registry:5000/nginx", "registry:5000", "nginx", "", ""), // I3
    ("registry:5000/nginx:1.2.3", "registry:5000", "nginx", "1.2.3", ""), // I4
    ("localhost/nginx", "localhost", "nginx", "", ""), // I5
    ("localhost:5000/a/b/c:v1.2.3", "localhost:5000", "a/b/c", "v1.2.3", ""), // I5
    ("test.com:5000", "docker.io", "library/test.com", "5000", ""), // I6
    ("nginx:LATEST", "docker.io", "library/nginx", "LATEST", ""), // I7
    ("nginx:Latest", "docker.io", "library/nginx", "Latest", ""), // I7
    ("nginx:latest-alpine", "docker.io", "library/nginx", "latest-alpine", ""), // I8
    ("nginx:1.2-latest", "docker.io", "library/nginx", "1.2-latest", ""), // I8
    ("latest:1.0.0", "docker.io", "library/latest", "1.0.0", ""), // I8
    ("latest/app:1.0.0", "docker.io", "latest/app", "1.0.0", ""), // I8
    ("x.latest/app:1.0.0", "x.latest", "app", "1.0.0", ""), // I8
    ("nginx:v1_10", "docker.io", "library/nginx", "v1_10", ""), // I9
    ("repo:1.0.0_build", "docker.io", "library/repo", "1.0.0_build", ""), // I9
    ("nginx@sha256:‹0f×32›", "docker.io", "library/nginx", "", "sha256:‹0f×32›"), // I10
    ("nginx:1.2.3@sha256:‹0f×32›", "docker.io", "library/nginx", "1.2.3", "sha256:‹0f×32›"), // I11
    ("nginx:latest@sha256:‹0f×32›", "docker.io", "library/nginx", "latest", "sha256:‹0f×32›"), // I12
    ("registry:5000/nginx@sha256:‹0f×32›", "registry:5000", "nginx", "", "sha256:‹0f×32›"), // I13
    ("nginx@sha384:‹0f×48›", "docker.io", "library/nginx", "", "sha384:‹0f×48›"),
    ("nginx@sha512:‹0f×64›", "docker.io", "library/nginx", "", "sha512:‹0f×64›"),
    ("[2001:db8::1]:5000/app:1.2.3", "[2001:db8::1]:5000", "app", "1.2.3", ""), // I15
    ("[::1]/app", "[::1]", "app", "", ""), // I15
    ("[2001:DB8::A]/app:1", "[2001:DB8::A]", "app", "1", ""),
    ("[AB]/app", "[AB]", "app", "", ""), // the library does not check the address itself
    ("[::1]:5000/a/b@sha256:‹0f×32›", "[::1]:5000", "a/b", "", "sha256:‹0f×32›"),
    ("EVIL/app:1.2.3", "EVIL", "app", "1.2.3", ""), // I17
    ("EVIL:5000/app", "EVIL:5000", "app", "", ""),
    ("Docker.io/nginx", "Docker.io", "nginx", "", ""), // only the lowercase name is Docker Hub
    ("DOCKER.IO/library/nginx:1", "DOCKER.IO", "library/nginx", "1", ""),
    ("ghcr.IO/org/app", "ghcr.IO", "org/app", "", ""),
    ("docker.io/nginx:1.0.0", "docker.io", "library/nginx", "1.0.0", ""), // I19
    ("index.docker.io/library/nginx:1.0.0", "docker.io", "library/nginx", "1.0.0", ""), // I19
    ("index.docker.io/nginx", "docker.io", "library/nginx", "", ""),
    ("docker.io/library/nginx", "docker.io", "library/nginx", "", ""),
    ("library/nginx", "docker.io", "library/nginx", "", ""),
    ("docker.io/org/app", "docker.io", "org/app", "", ""),
    ("index.docker.io/org/app", "docker.io", "org/app", "", ""),
    ("org/app", "docker.io", "org/app", "", ""),
    ("org/team/app:1", "docker.io", "org/team/app", "1", ""),
    ("docker.io:443/nginx", "docker.io:443", "nginx", "", ""), // a port makes it another registry
    ("registry-1.docker.io/library/nginx", "registry-1.docker.io", "library/nginx", "", ""),
    ("docker.io.evil.com/nginx", "docker.io.evil.com", "nginx", "", ""),
    ("docker.io", "docker.io", "library/docker.io", "", ""), // without a slash it is a name
    ("localhost", "docker.io", "library/localhost", "", ""),
    ("localhost:5000", "docker.io", "library/localhost", "5000", ""),
    ("localhost.localdomain/app", "localhost.localdomain", "app", "", ""),
    ("localhosts/app", "docker.io", "localhosts/app", "", ""),
    ("a_b.io/app:1", "", "a_b.io/app", "1", ""), // no host, but a path
    ("a__b.io/app", "", "a__b.io/app", "", ""),
    ("192.168.0.1:5000/app:1", "192.168.0.1:5000", "app", "1", ""),
    ("10.0.0.1/app", "10.0.0.1", "app", "", ""),
    ("a.b.c.d.e/f", "a.b.c.d.e", "f", "", ""),
    ("xn--n3h.com/app", "xn--n3h.com", "app", "", ""),
    ("a--b.com/app", "a--b.com", "app", "", ""),
    ("registry.example:00443/app", "registry.example:00443", "app", "", ""),
    ("registry:99999/app", "registry:99999", "app", "", ""), // the library does not limit ports
    ("registry:0/app", "registry:0", "app", "", ""),
    ("‹a×300›.example/app", "‹a×300›.example", "app", "", ""), // nor the length of a host
    ("a", "docker.io", "library/a", "", ""),
    ("0", "docker.io", "library/0", "", ""),
    ("a.b", "docker.io", "library/a.b", "", ""),
    ("a_b", "docker.io", "library/a_b", "", ""),
    ("a__b", "docker.io", "library/a__b", "", ""),
    ("a-b", "docker.io", "library/a-b", "", ""),
    ("a-----b", "docker.io", "library/a-----b", "", ""),
    ("a.b_c__d-e--f", "docker.io", "library/a.b_c__d-e--f", "", ""),
    ("gcr.io/a.b/c_d/e__f/g-h", "gcr.io", "a.b/c_d/e__f/g-h", "", ""),
    ("app:a", "docker.io", "library/app", "a", ""),
    ("app:_", "docker.io", "library/app", "_", ""),
    ("app:_x", "docker.io", "library/app", "_x", ""),
    ("app:1.", "docker.io", "library/app", "1.", ""),
    ("app:1-", "docker.io", "library/app", "1-", ""),
    ("app:1..2--3__4", "docker.io", "library/app", "1..2--3__4", ""),
    ("app:__TAG__", "docker.io", "library/app", "__TAG__", ""), // a placeholder that is a legal tag
    ("app:‹a×128›", "docker.io", "library/app", "‹a×128›", ""), // I24
    ("‹a×247›", "docker.io", "library/‹a×247›", "", ""), // I24, library/ counts
    ("ghcr.io/‹a×255›:1", "ghcr.io", "‹a×255›", "1", ""), // I24, the host does not
    ("app:01.2.3", "docker.io", "library/app", "01.2.3", ""), // I26
    ("app:1.2", "docker.io", "library/app", "1.2", ""), // I26
    ("app:v1.2.3", "docker.io", "library/app", "v1.2.3", ""), // I26
    ("app:1.2.3-rc.1", "docker.io", "library/app", "1.2.3-rc.1", ""), // I26
    ("app:1.2.3-01", "docker.io", "library/app", "1.2.3-01", ""), // I26
    ("app:1234567", "docker.io", "library/app", "1234567", ""), // I27
    ("app:DEADBEE", "docker.io", "library/app", "DEADBEE", ""), // I27
    ("app:git-‹0f×20›", "docker.io", "library/app", "git-‹0f×20›", ""), // I27
    ("app:‹0f×32›", "docker.io", "library/app", "‹0f×32›", ""), // I27
    ("reg/model:latest", "docker.io", "reg/model", "latest", ""), // I30
    ("‹0f×32›:1", "docker.io", "library/‹0f×32›", "1", ""), // an image ID only when alone
    ("docker.io/‹0f×32›", "docker.io", "library/‹0f×32›", "", ""),
    ("‹0f×31›", "docker.io", "library/‹0f×31›", "", ""),
    ("123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app:1.4.2", "123456789012.dkr.ecr.eu-west-1.amazonaws.com", "team/app", "1.4.2", ""),
    ("europe-west1-docker.pkg.dev/project/repo/app:1", "europe-west1-docker.pkg.dev", "project/repo/app", "1", ""),
    ("registry.k8s.io/ingress-nginx/controller:v1.11.2@sha256:‹0f×32›", "registry.k8s.io", "ingress-nginx/controller", "v1.11.2", "sha256:‹0f×32›"),
    ("mcr.microsoft.com/dotnet/aspnet:8.0", "mcr.microsoft.com", "dotnet/aspnet", "8.0", ""),
    ("quay.io/org/app@sha512:‹0f×64›", "quay.io", "org/app", "", "sha512:‹0f×64›"),
];

/// Texts that are not references: text, error.
#[rustfmt::skip]
const INVALID: &[(&str, &str)] = &[
    ("nginx@sha256:‹0×63›", "has a digest of 63 hex digits, sha256 needs 64"), // I14
    ("nginx@sha256:‹0×65›", "has a digest of 65 hex digits, sha256 needs 64"), // I14
    ("nginx@sha256:‹0F×32›", "has uppercase letters in the digest"), // I14
    ("nginx@sha512:‹0×64›", "has a digest of 64 hex digits, sha512 needs 128"), // I14
    ("nginx@sha384:‹0×64›", "has a digest of 64 hex digits, sha384 needs 96"),
    ("nginx@md5:‹0×32›", "has a digest algorithm other than sha256, sha384 and sha512"), // I14
    ("nginx@sha256:", "has a digest of 0 hex digits, sha256 needs 64"), // I14
    ("nginx:1@sha256:abc", "has a digest of 3 hex digits, sha256 needs 64"),
    ("nginx@SHA256:‹0×64›", "has a digest algorithm other than sha256, sha384 and sha512"),
    ("nginx@sha256+b64:‹0×64›", "has a digest algorithm other than sha256, sha384 and sha512"),
    ("nginx@:‹0×64›", "has a digest algorithm other than sha256, sha384 and sha512"),
    ("nginx@sha1:‹0×40›", "has a digest algorithm other than sha256, sha384 and sha512"),
    ("nginx@‹0×64›", "has a digest without an algorithm, such as sha256:"),
    ("user@example", "has a digest without an algorithm, such as sha256:"),
    ("nginx@sha256:‹g×64›", "has characters in the digest that are not hexadecimal digits"),
    ("nginx@sha256:‹0×63›/", "has characters in the digest that are not hexadecimal digits"),
    ("nginx@sha256:‹0×64›:1.2", "has a tag after the digest; the tag comes first"),
    ("[::1]:5000", "has a registry host but no repository name"), // I16
    ("[2001:db8::1]", "has a registry host but no repository name"),
    ("[fe80::1%eth0]:5000/a:1", "has an invalid IPv6 address as registry host"), // I16
    ("[::ffff:1.2.3.4]/app", "has an invalid IPv6 address as registry host"),
    ("[::1/app", "has an invalid IPv6 address as registry host"),
    ("[::1]x/app", "has an invalid IPv6 address as registry host"),
    ("[]:5000/app", "has an invalid IPv6 address as registry host"),
    ("[zz]:5000/app", "has an invalid IPv6 address as registry host"),
    ("[::1]:/app", "has a registry port that is not a number"),
    ("[ab]/app", "has \"[\" in the repository name"), // not a host: no colon
    ("Nginx:1.0.0", "has uppercase letters in the repository name"), // I18
    ("reg.io/App:1.0.0", "has uppercase letters in the repository name"), // I18
    ("org/App", "has uppercase letters in the repository name"),
    ("My_Org/app", "has uppercase letters in the repository name"),
    ("docker.io/Library/nginx", "has uppercase letters in the repository name"),
    ("NGINX", "has uppercase letters in the repository name, as placeholders have"),
    ("IMAGE_PLACEHOLDER", "has uppercase letters in the repository name, as placeholders have"),
    ("us-docker.pkg.dev/PROJECT_ID/shop/app:1.0", "has uppercase letters in the repository name, as placeholders have"),
    ("REGION-docker.pkg.dev/PROJECT-ID/app", "has uppercase letters in the repository name, as placeholders have"),
    ("REGION_NAME-docker.pkg.dev/PROJECT_ID/app:1.0", "has uppercase letters in the repository name, as placeholders have"),
    ("YOUR_REGISTRY/app:1.2.3", "has uppercase letters in the repository name, as placeholders have"),
    ("shop/A", "has uppercase letters in the repository name"),
    ("nginx:100%", "has \"%\" in the tag"),
    ("", "is empty"), // I20
    (" ", "is empty"),
    (" nginx:1.0.0", "has a space"), // I21
    ("nginx:1.0.0 ", "has a space"),
    ("nginx: 1.0.0", "has a space"),
    ("nginx 1.0.0", "has a space"),
    ("nginx:1.0.0\n", "has a line break"), // I21
    ("nginx:1.0.0\r\n", "has a line break"),
    ("nginx\tx", "has a control character"), // I21
    ("nginx\0", "has a control character"), // I21
    ("nginx\u{7f}", "has a control character"),
    ("\u{1b}[31mnginx", "has a control character"),
    ("nginx\u{200b}:1", "has characters outside ASCII"), // I21
    ("nginx:ｌatest", "has characters outside ASCII"), // I21
    ("ngіnx:1", "has characters outside ASCII"), // a Cyrillic letter
    ("nginx:1.0.0\u{a0}", "has characters outside ASCII"),
    ("café", "has characters outside ASCII"),
    ("nginx:a:b", "has two tags"), // I22
    ("registry:5000/nginx:a:b", "has two tags"),
    ("nginx::1", "has two tags"),
    ("nginx@@sha256:‹0×64›", "has more than one @"), // I22
    ("nginx@sha256:‹0×64›@sha256:‹0×64›", "has more than one @"),
    ("nginx:", "has an empty tag"), // I22
    ("nginx:@sha256:‹0×64›", "has an empty tag"),
    ("registry:5000/nginx:", "has an empty tag"),
    ("nginx@", "has an empty digest"), // I22
    ("nginx:1@", "has an empty digest"),
    ("@", "has an empty digest"),
    ("/nginx:1", "starts with a slash"), // I22
    ("/", "starts with a slash"),
    ("//nginx", "starts with a slash"),
    ("nginx//x:1", "has two slashes in a row"), // I22
    ("ghcr.io//x:1", "has two slashes in a row"),
    ("nginx/", "has no name after the last slash"),
    ("ghcr.io/org/:1", "has no name after the last slash"),
    ("http://nginx:1.0.0", "starts with a URL scheme"), // I22
    ("https://ghcr.io/org/app", "starts with a URL scheme"),
    ("ftp://nginx", "starts with a URL scheme"),
    ("docker://nginx", "starts with the transport docker://"),
    ("docker://nginx:1.25.3", "starts with the transport docker://"),
    ("oci://registry:5000/app", "starts with the transport oci://"),
    ("docker-daemon:shop/app:1.2.3", "starts with the transport docker-daemon:"),
    ("docker-archive:/tmp/app.tar", "starts with the transport docker-archive:"),
    ("oci:/tmp/app:1.2.3", "starts with the transport oci:"),
    ("dir:/tmp/app", "starts with the transport dir:"),
    ("ko://github.com/acme/shop/cmd/web", "is a ko reference, which names source code and not an image"),
    ("ko://shop/cmd/web:1.2.3", "is a ko reference, which names source code and not an image"),
    ("‹0f×32›", "is 64 hexadecimal digits, which is an image ID and not a name"), // I23
    ("ghcr.io/‹a×256›:1", "has a repository name longer than 255 characters"), // I24
    ("‹a×248›", "has a repository name longer than 255 characters"), // I24, library/ counts
    ("docker.io/‹a×248›", "has a repository name longer than 255 characters"),
    ("a_b.io/‹a×249›", "has a repository name longer than 255 characters"),
    ("app:‹a×129›", "has a tag longer than 128 characters"), // I24
    ("__DOCKER_IMAGE_NAME__", "has a placeholder that was not replaced"), // I25
    ("__REGISTRY__/app:1", "has a placeholder that was not replaced"),
    ("ghcr.io/__ORG__/app", "has a placeholder that was not replaced"),
    ("app:%VERSION%", "has a placeholder that was not replaced"),
    ("%REGISTRY%/app:1.2.3", "has a placeholder that was not replaced"),
    ("shop/app:@project.version@", "has a placeholder that was not replaced"),
    ("@image@", "has a placeholder that was not replaced"),
    ("shop/app:1.0@TAG@sha256:‹0×64›", "has a placeholder that was not replaced"),
    ("app:[TAG]", "has a placeholder that was not replaced"),
    ("[REGISTRY]/app:1.2.3", "has a placeholder that was not replaced"),
    ("((image))", "has a placeholder that was not replaced"),
    ("app:%(tag)s", "has a placeholder that was not replaced"),
    ("<no value>/nginx", "has a placeholder that was not replaced"),
    ("<your-image>", "has a placeholder that was not replaced"),
    ("nginx:<version>", "has a placeholder that was not replaced"),
    ("${TAG}", "has a variable that was not replaced"), // I25
    ("nginx:${TAG}", "has a variable that was not replaced"),
    ("nginx:$TAG", "has a variable that was not replaced"),
    ("$(REGISTRY)/app:1", "has a variable that was not replaced"),
    ("shop/app:$(params.tag)", "has a variable that was not replaced"),
    ("{{ .Values.tag }}", "looks like an unrendered template"), // I25
    ("nginx:{{ .Values.tag }}", "looks like an unrendered template"),
    ("nginx:{{ $.Values.tag }}", "looks like an unrendered template"),
    ("app:{tag}", "looks like an unrendered template"),
    ("[[ .Image ]]", "looks like an unrendered template"),
    ("#{TAG}#", "looks like an unrendered template"),
    ("‹/×10000›", "starts with a slash"), // I28
    ("a‹/×10000›a", "has a repository name longer than 255 characters"), // I28
    ("a‹:×10000›", "has two tags"), // I28
    (":1", "has no repository name"),
    ("@sha256:‹0×64›", "has no repository name"),
    ("nginx:.1", "has a tag that does not start with a letter, digit or underscore"),
    ("nginx:-1", "has a tag that does not start with a letter, digit or underscore"),
    ("nginx:1.2.3+build", "has \"+\" in the tag"),
    ("nginx:1~2", "has \"~\" in the tag"),
    ("nginx:*", "has \"*\" in the tag"),
    ("nginx:\"", "has \"\"\" in the tag"),
    ("ghcr.io/org/*:1", "has \"*\" in the repository name"),
    ("nginx,redis", "has \",\" in the repository name"),
    ("org\\app:1", "has \"\\\" in the repository name"),
    ("org/app:v1/x", "has \":\" in the repository name"),
    ("-nginx", "has a part of the repository name that does not start with a letter or digit"),
    ("_nginx", "has a part of the repository name that does not start with a letter or digit"),
    ("ghcr.io/.org/app", "has a part of the repository name that does not start with a letter or digit"),
    ("org/-app", "has a part of the repository name that does not start with a letter or digit"),
    (".", "has a part of the repository name that does not start with a letter or digit"),
    ("..", "has a part of the repository name that does not start with a letter or digit"),
    ("__", "has a part of the repository name that does not start with a letter or digit"),
    ("____", "has a part of the repository name that does not start with a letter or digit"), // no name to fill in
    ("nginx-", "has a part of the repository name that does not end in a letter or digit"),
    ("nginx_:1", "has a part of the repository name that does not end in a letter or digit"),
    ("org-/app", "has a part of the repository name that does not end in a letter or digit"),
    ("ghcr.io/org/app.", "has a part of the repository name that does not end in a letter or digit"),
    ("a..b", "has punctuation in a row in the repository name other than __ or dashes"),
    ("a___b", "has punctuation in a row in the repository name other than __ or dashes"),
    ("a._b", "has punctuation in a row in the repository name other than __ or dashes"),
    ("a-_b", "has punctuation in a row in the repository name other than __ or dashes"),
    ("ghcr.io/a.-b/c", "has punctuation in a row in the repository name other than __ or dashes"),
    ("-ghcr.io/app", "has an invalid registry host"),
    ("ghcr-.io/app", "has an invalid registry host"),
    ("ghcr..io/app", "has an invalid registry host"),
    (".ghcr.io/app", "has an invalid registry host"),
    ("ghcr.io./app", "has an invalid registry host"),
    ("a_b.io:5000/app", "has an invalid registry host"), // with a port it can be no path
    ("../app", "has an invalid registry host"),
    (":5000/app", "has an invalid registry host"),
    ("registry:/app", "has a registry port that is not a number"),
    ("registry:50a/app", "has a registry port that is not a number"),
    ("registry:5000:5000/app", "has a registry port that is not a number"),
    ("nginx:1.27/x", "has a registry port that is not a number"),
];

/// The number of variants of `ParseError`; each has a row in `INVALID`.
const ERRORS: usize = 40;

/// Writes out `‹text×count›`.
fn expand(row: &str) -> String {
    let piece = |piece: &str| match piece.split_once('‹') {
        None => piece.to_owned(),
        Some((before, repeat)) => {
            let (text, count) = repeat.split_once('×').unwrap_or((repeat, ""));
            before.to_owned() + &text.repeat(count.parse().unwrap_or_default())
        }
    };
    row.split('›').map(piece).collect()
}

/// The parts of a reference as they are in a row of `VALID`.
fn parts(image: &ImageRef<'_>) -> [String; 4] {
    [
        image.domain().to_owned(),
        image.path().into_owned(),
        image.tag().unwrap_or_default().to_owned(),
        image.digest().map(|digest| digest.to_string()).unwrap_or_default(),
    ]
}

#[test]
fn the_table_has_at_least_150_rows() {
    let rows: BTreeSet<&str> = VALID.iter().map(|row| row.0).chain(INVALID.iter().map(|row| row.0)).collect();
    assert_eq!(rows.len(), VALID.len() + INVALID.len(), "a row is there twice");
    assert!(rows.len() >= 150, "{}", rows.len());
}

#[test]
fn valid_references_have_the_parts_of_the_table() {
    for (input, domain, path, tag, digest) in VALID {
        let input = expand(input);
        let image = ImageRef::parse(&input).unwrap_or_else(|error| panic!("image {input:?} {error}"));
        assert_eq!(parts(&image), [domain, path, tag, digest].map(|part| expand(part)), "{input}");
    }
}

#[test]
fn invalid_references_have_the_error_of_the_table() {
    for (input, error) in INVALID {
        let input = expand(input);
        match ImageRef::parse(&input) {
            Ok(image) => panic!("image {input:?} is valid: {image}"),
            Err(found) => assert_eq!(&found.to_string(), error, "image {input:?}"),
        }
    }
}

#[test]
fn every_error_has_a_row_in_the_table() {
    let kinds: BTreeSet<String> = INVALID
        .iter()
        .filter_map(|(input, _)| ImageRef::parse(&expand(input)).err())
        .map(|error| {
            let name = format!("{error:?}");
            name.split(['(', ' ']).next().unwrap_or_default().to_owned()
        })
        .collect();
    assert_eq!(kinds.len(), ERRORS, "{kinds:?}");
}

#[test]
fn the_name_is_what_was_written_before_tag_and_digest() {
    for (input, name) in [
        ("nginx", "nginx"),
        ("nginx:1.27", "nginx"),
        ("registry:5000/nginx", "registry:5000/nginx"),
        ("registry:5000/team/nginx:1.27", "registry:5000/team/nginx"),
        ("index.docker.io/nginx:1@sha256:‹0f×32›", "index.docker.io/nginx"),
        ("nginx@sha256:‹0f×32›", "nginx"),
        ("[::1]:5000/nginx:1", "[::1]:5000/nginx"),
        ("a:a", "a"),
    ] {
        let input = expand(input);
        assert_eq!(ImageRef::parse(&input).expect(&input).name(), name, "{input}");
    }
}

#[test]
fn a_digest_gives_algorithm_and_digits() {
    let input = expand("nginx@sha384:‹0f×48›");
    let digest = ImageRef::parse(&input).expect(&input).digest().expect(&input);
    assert_eq!((digest.algorithm(), digest.hex()), ("sha384", expand("‹0f×48›").as_str()));
}

#[test]
fn a_repository_prints_without_tag_and_digest() {
    let input = expand("docker.io/nginx:1@sha256:‹0f×32›");
    let repository = ImageRef::parse(&input).expect(&input).repository();
    assert_eq!(repository.to_string(), "docker.io/library/nginx");
    assert_eq!(repository.segments().collect::<Vec<_>>(), ["docker.io", "library", "nginx"]);
}

#[test]
fn errors_compose_with_the_quoted_image() {
    let error: Box<dyn std::error::Error> = ImageRef::parse("nginx:").expect_err("no tag").into();
    assert_eq!(format!("image \"nginx:\" {error}"), "image \"nginx:\" has an empty tag");
}

#[test]
fn texts_of_one_mebibyte_are_judged() {
    for unit in ["a", "A", "/", ":", "@", ".", "_", "-", "[", "[:", "a/", "a:", "A/a/", "é", " ", "{"] {
        let input = unit.repeat((1 << 20) / unit.len());
        assert!(ImageRef::parse(&input).is_err(), "{unit}");
        assert!(ImageRef::parse(&format!("nginx:1@sha256:{input}")).is_err(), "{unit}");
    }
    // The library limits the path and not the host.
    let host = format!("{}.example/app:1", "a".repeat(1 << 20));
    assert_eq!(ImageRef::parse(&host).expect("valid").to_string(), host);
}

/// The verdict of the library on one text. Absent parts are empty in its answer.
#[derive(Debug, Deserialize)]
struct Line {
    input: String,
    ok: bool,
    #[serde(default)]
    domain: String,
    #[serde(default)]
    path: String,
    tag: Option<String>,
    digest: Option<String>,
}

impl Line {
    fn agrees(&self) -> bool {
        match ImageRef::parse(&self.input) {
            Err(_) => !self.ok,
            Ok(image) => {
                self.ok
                    && image.domain() == self.domain
                    && image.path() == self.path
                    && image.tag() == self.tag.as_deref()
                    && image.digest().map(|digest| digest.to_string()) == self.digest
            }
        }
    }
}

#[test]
fn every_line_of_the_corpus_agrees() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpora/image-references.jsonl");
    let text = match fs::read_to_string(&corpus) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            println!("skipped: there is no {}", corpus.display());
            return;
        }
        Err(error) => panic!("{}: {error}", corpus.display()),
    };
    let lines: Vec<Line> = text.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    assert!(lines.len() >= 6_828, "the corpus has only {} lines", lines.len());
    let different: Vec<String> = lines
        .iter()
        .filter(|line| !line.agrees())
        .map(|line| format!("{line:?}\n  but {:?}", ImageRef::parse(&line.input)))
        .collect();
    assert!(
        different.is_empty(),
        "{} of {} lines differ, the first are:\n{}",
        different.len(),
        lines.len(),
        different.iter().take(20).cloned().collect::<Vec<_>>().join("\n")
    );
}

/// A registry host, or nothing. None of them is Docker Hub.
fn domains() -> impl Strategy<Value = String> {
    let host = "(localhost|[A-Z][a-zA-Z0-9]{0,8}|[a-z0-9]{1,8}(-[a-z0-9]{1,4})?(\\.[a-zA-Z0-9]{1,8}){1,3}\
        |\\[[0-9a-f]{0,4}(:[0-9a-f]{0,4}){1,7}\\])(:[0-9]{1,5})?/";
    prop_oneof![Just(String::new()), host]
}

const PATH: &str = "[a-z0-9]{1,8}((\\.|_|__|-{1,4})[a-z0-9]{1,4}){0,2}";

proptest! {
    #[test]
    fn generated_references_have_the_parts_they_are_made_of(
        domain in domains(),
        path in prop::collection::vec(PATH, 2..6),
        tag in "(:[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127})?",
        digest in "(@sha256:[0-9a-f]{64}|@sha384:[0-9a-f]{96}|@sha512:[0-9a-f]{128})?",
    ) {
        // Without a host, the first part must not look like one.
        let path = path.join("/");
        let path = if domain.is_empty() { format!("x/{path}") } else { path };
        let input = format!("{domain}{path}{tag}{digest}");
        let image = ImageRef::parse(&input).map_err(|error| TestCaseError::fail(
            format!("image {input:?} {error}")
        ))?;
        let domain = if domain.is_empty() { "docker.io/" } else { &domain };
        prop_assert_eq!(image.to_string(), format!("{domain}{path}{tag}{digest}"));
        prop_assert_eq!(parts(&image), [
            domain.trim_end_matches('/').to_owned(),
            path,
            tag.trim_start_matches(':').to_owned(),
            digest.trim_start_matches('@').to_owned(),
        ]);
    }

    #[test]
    fn printing_and_parsing_again_changes_nothing(
        input in "(localhost/|Reg/|a.b(:1)?/|a_b.c/|docker.io/|index.docker.io/)?[a-z0-9]{1,3}([-./][a-z0-9]{1,3}){0,3}(:[a-zA-Z0-9_.]{1,5})?(@sha256:[0-9a-f]{64})?",
    ) {
        if let Ok(image) = ImageRef::parse(&input) {
            let printed = image.to_string();
            let again = ImageRef::parse(&printed).map_err(|error| TestCaseError::fail(
                format!("image {printed:?} {error}")
            ))?;
            prop_assert_eq!(parts(&again), parts(&image));
            prop_assert_eq!(again.to_string(), printed);
        }
    }

    #[test]
    fn any_text_is_judged_without_a_panic(
        input in prop_oneof![any::<String>(), "[a-cA-C0-1.:/@_\\[\\]{} é-]{0,40}"],
    ) {
        match ImageRef::parse(&input) {
            Ok(image) => prop_assert_eq!(
                ImageRef::parse(&image.to_string()).map(|again| parts(&again)),
                Ok(parts(&image))
            ),
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
    }
}
