//! Long-lived keys where short-lived identities would do. Reasons and settings: README.

mod aws;
mod azure;
mod base64;
mod google;
mod mounted;
mod texts;
mod workloads;

use shared::kinds::{Kinds, Resource};
use shared::object::{Entry, Object};
use shared::place::Judged;
use shared::prelude::*;
use texts::{Text, layers};

policy! {
    /// No long-lived key of a cloud is in a Secret, a ConfigMap or a workload.
    pub struct Keyless: Facts {
        title: "Keyless",
        severity: Severity::High,
        guide: Guide::operating("Best practices for operating containers", ""),
        kinds: Kinds { workloads: true, objects: &[SECRET, CONFIG_MAP] },
        kilobytes: 163,
        ..Facts::DEFAULT
    }
    reads: [command_line, volumes, volume_mounts, secret_volumes, every_annotation],
    rules: {
        /// A text holds a key of a Google service account.
        GOOGLE_KEY = "google-key": Deny,
        /// A Google service account logs in to a registry with its key.
        REGISTRY_KEY = "registry-key": Deny,
        /// An access key of AWS stands beside its secret.
        AWS_KEY = "aws-key": Deny,
        /// A client secret of Azure stands beside its tenant and client.
        AZURE_SECRET = "azure-secret": Warn,
        /// A text holds a token that renews the credentials of a user of Google.
        REFRESH_TOKEN = "refresh-token": Warn,
        /// A private key stands beside the e-mail address of a Google service account.
        SPLIT_KEY = "split-key": Warn,
        /// A container reads a key of a Google service account from a Secret.
        KEY_MOUNTED = "key-mounted": Warn,
        /// The data of a Secret are not base64, so that nobody can see what they are.
        UNREADABLE_DATA = "unreadable-data": Deny,
    }
}

const SECRET: Resource = Resource { group: "", version: "v1", kind: "Secret", plural: "secrets" };
const CONFIG_MAP: Resource = Resource { group: "", version: "v1", kind: "ConfigMap", plural: "configmaps" };

impl Policy for Keyless {
    type Settings = NoSettings;

    fn check_object(_: &NoSettings, object: &Object<'_>, findings: &mut Findings) -> Checked {
        let (data, plain) = if object.kind() == SECRET.kind { ("data", "stringData") } else { ("binaryData", "data") };
        let (encoded, mut entries) = (object.entries(data)?, object.entries(plain)?);
        entries.extend(object.annotations()?);
        let mut texts: Vec<Text<'_, Entry<'_>>> =
            entries.iter().map(|entry| Text::new(entry, entry.key, layers(entry.text))).collect();
        for entry in &encoded {
            // What the API server merges: a plain entry takes the place of an encoded one.
            if entries.iter().any(|other| other.key == entry.key && object.kind() == SECRET.kind) {
                continue;
            }
            match base64::decode(entry.text) {
                Some(bytes) => {
                    texts.extend(String::from_utf8(bytes).ok().map(|text| Text::new(entry, entry.key, layers(&text))));
                }
                None => {
                    findings.add(entry, [UNREADABLE_DATA.found("it is not base64", "encode it, or use stringData")]);
                }
            }
        }
        judge(&texts, findings);
        Ok(())
    }

    fn check_pod(check: &Check<'_, NoSettings>, findings: &mut Findings) -> Checked {
        for annotation in check.pod.every_annotation()? {
            let text = annotation.field.value.unwrap_or_default();
            judge(&[Text::new(&annotation.field, annotation.key, layers(text))], findings);
        }
        mounted::check(check.pod, findings)?;
        for container in check.pod.containers() {
            workloads::check(container, findings)?;
        }
        Ok(())
    }
}

/// Adds what is found in texts that stand beside each other.
fn judge<J: Judged>(texts: &[Text<'_, J>], findings: &mut Findings) {
    for text in texts {
        findings.add(text.judged, google::found(text));
    }
    for (judged, found) in [google::split(texts), aws::found(texts), azure::found(texts)].into_iter().flatten() {
        findings.add(judged, [found]);
    }
}
