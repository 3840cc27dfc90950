//! Judges the manifests of real projects and reports how many containers break a rule.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use json::Node;
use libtest_mimic::Trial;
use serde_json::{Value, json};

use crate::native::native;
use crate::replay::{ask, request};
use shared::kinds::GroupKind;
use shared::module::Module;
use shared::place::Class;
use shared::pod::Pod;
use shared::workload;

/// The location of a collection of manifests, from the directory of a policy: beside the workspace.
const MANIFESTS: &str = "../../../shared/corpora/manifests";
/// The location of the workloads of public repositories: one object per line, compressed.
const WORKLOADS: &str = "../../../shared/corpora/workloads.jsonl.gz";

/// The result for a collection.
#[derive(Default)]
struct Report {
    objects: usize,
    containers: usize,
    denied: usize,
    /// The number of denials or warnings per rule.
    rules: BTreeMap<String, usize>,
    /// The number of workloads that break a rule, per action.
    workloads: BTreeMap<String, usize>,
    /// The lines of all findings.
    lines: Vec<String>,
    /// The objects that were rejected because they cannot be read.
    unreadable: Vec<String>,
}

/// The test that judges every workload of the collection. Fails when one cannot be read, and prints the share of containers
/// with a violation. Ignored without a collection.
pub(super) fn trial<M: Module>(manifest_dir: &str) -> Trial {
    let directory = Path::new(manifest_dir).join(MANIFESTS);
    let absent = !directory.is_dir();
    let run = move || {
        let mut report = Report::default();
        judge::<M>(&directory, &mut report)?;
        let Report { objects, containers, denied, rules, unreadable, .. } = report;
        let thousandths = denied.saturating_mul(1000).checked_div(containers).unwrap_or_default();
        let share = format!("{}.{} %", thousandths / 10, thousandths % 10);
        #[expect(clippy::print_stdout, reason = "the share is what the test is for")]
        {
            println!("{}: {denied} of {containers} containers ({share}) in {objects} workloads: {rules:?}", M::NAME);
        }
        if unreadable.is_empty() { Ok(()) } else { Err(unreadable.join("\n").into()) }
    };
    Trial::test("the manifests of real projects can be judged", run).with_ignored_flag(absent)
}

/// The test that judges the workloads of public repositories. Prints every finding, for a person to read, and the share of
/// workloads that break a rule. Ignored where the collection is not at hand, or cannot be unpacked.
pub(super) fn workloads<M: Module>(manifest_dir: &str) -> Trial {
    let path = Path::new(manifest_dir).join(WORKLOADS);
    let absent = !path.is_file();
    let run = move || {
        let output = Command::new("gzip").arg("-dc").arg(&path).output()?;
        let mut report = Report::default();
        for line in String::from_utf8(output.stdout)?.lines() {
            let row: Value = serde_json::from_str(line)?;
            let start = report.lines.len();
            judge_object::<M>(row.get("object").unwrap_or(&Value::Null), &mut report)?;
            for line in report.lines.iter_mut().skip(start) {
                *line = format!("{} {line}", row.get("source").and_then(Value::as_str).unwrap_or_default());
            }
        }
        #[expect(clippy::print_stdout, reason = "the findings are what the test is for")]
        {
            println!("{}", report.lines.join("\n"));
            for (rule, count) in &report.workloads {
                let thousandths = count.saturating_mul(1000).checked_div(report.objects).unwrap_or_default();
                println!(
                    "{rule}: {count} of {} workloads ({}.{} %)",
                    report.objects,
                    thousandths / 10,
                    thousandths % 10
                );
            }
        }
        Ok(())
    };
    Trial::test("the workloads of public repositories can be judged", run).with_ignored_flag(absent)
}

/// Judges every YAML file below a directory.
fn judge<M: Module>(directory: &Path, report: &mut Report) -> Result<(), String> {
    let entries = fs::read_dir(directory).map_err(|error| format!("{}: {error}", directory.display()))?;
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            judge::<M>(&path, report)?;
        } else if path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml") {
            let problem = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
            let text = fs::read_to_string(&path).map_err(|error| problem(&error))?;
            let objects: Vec<Value> = serde_saphyr::from_multiple(&text).map_err(|error| problem(&error))?;
            for object in objects {
                judge_object::<M>(&object, report).map_err(|error| problem(&error))?;
            }
        }
    }
    Ok(())
}

fn judge_object<M: Module>(object: &Value, report: &mut Report) -> Result<(), String> {
    let request = request("CREATE", object);
    let text = |pointer: &str| request.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let kind = GroupKind { group: text("/kind/group"), kind: text("/kind/kind") };
    let mut containers: usize = 0;
    let text = object.to_string();
    let node = Node::read(&text, workload::shape(kind), &M::MODEL.table).map_err(|error| error.to_string())?;
    let counted = workload::visit(&node, kind, false, M::MODEL, &mut |subject| {
        let judged = subject.pod().into_iter().flat_map(Pod::containers);
        let judged = judged.filter(|container| matches!(container.class(), Class::Main | Class::Sidecar));
        containers = containers.saturating_add(judged.count());
        Ok(())
    });
    if let Err(malformed) = counted {
        report.unreadable.push(malformed.to_string());
        return Ok(());
    }
    if containers == 0 {
        return Ok(());
    }
    report.objects = report.objects.saturating_add(1);
    report.containers = report.containers.saturating_add(containers);
    let payload = json!({ "request": request }).to_string();
    let answer = ask(&native::<M>, payload.as_bytes(), &Arc::default())?;
    if answer.code == Some(400) {
        report.unreadable.extend(answer.message.clone());
    }
    let findings = answer.audit_annotations.unwrap_or_default();
    let findings: Vec<Value> = match findings.get("findings") {
        Some(findings) => serde_json::from_str(findings).map_err(|error| error.to_string())?,
        None => Vec::new(),
    };
    let mut denied = Vec::new();
    let mut broken = Vec::new();
    report.lines.extend(answer.message.iter().flat_map(|message| message.lines().map(str::to_owned)));
    report.lines.extend(answer.warnings.unwrap_or_default());
    for finding in &findings {
        let field = |name: &str| finding.get(name).and_then(Value::as_str).unwrap_or_default();
        let count = report.rules.entry(format!("{} {}", field("action"), field("rule"))).or_default();
        *count = count.saturating_add(1);
        let rule = format!("{} {}", field("action"), field("rule"));
        if !broken.contains(&rule) {
            broken.push(rule);
        }
        let container = [field("class"), field("container")];
        if field("action") == "deny" && !field("class").is_empty() && !denied.contains(&container) {
            denied.push(container);
        }
    }
    report.denied = report.denied.saturating_add(denied.len());
    for rule in broken {
        let count = report.workloads.entry(rule).or_default();
        *count = count.saturating_add(1);
    }
    Ok(())
}
