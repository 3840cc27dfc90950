//! The published files, made from their sources: of a policy the files for Artifact Hub and Rancher, the manifests, and
//! the tables of its README; of all policies together a chart, and the table in the README of the project.

mod artifacthub;
mod catalog;
mod changelog;
mod chart;
mod checks;
mod document;
mod entry;
pub(crate) mod examples;
mod logo;
mod manifests;
mod metadata;
mod names;
mod presets;
pub(crate) mod project;
pub(crate) mod published;
mod questions;
mod readme;
#[cfg(test)]
mod sample;
mod schema;
mod tables;
mod text;
pub(crate) mod trials;
mod values;
