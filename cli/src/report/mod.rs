//! Writes the report in every requested format.

mod compact;
mod contents;
mod github;
mod json;
mod junit;
mod markdown;
mod pretty;
mod sarif;
mod style;

use std::io::{self, Write as _};
use std::path::Path;

use anstream::adapter::strip_str;
use anstream::{AutoStream, ColorChoice};

pub(crate) use self::contents::{FileReport, Report};
pub(crate) use self::style::{ERROR, NOTE, WARNING};
use crate::args::{Format, Output};

/// The reason why the report could not be written.
#[derive(Debug, thiserror::Error)]
#[error("the result cannot be written to {place}: {reason}")]
pub(crate) struct Unwritten {
    place: String,
    reason: String,
}

impl Unwritten {
    /// The failure to write to a place. The name of a temporary file, which may be in the error, means nothing to users.
    pub(crate) fn new(place: impl Into<String>, error: &io::Error) -> Self {
        let reason = error.to_string();
        let reason = reason.split(" at path ").next().unwrap_or_default().to_owned();
        Self { place: place.into(), reason }
    }
}

/// Writes a report in every requested format. If it `is_quiet`, the forms for people lack the summary.
///
/// # Errors
///
/// Names the first place that cannot be written.
pub(crate) fn write(report: &Report, outputs: &[Output], color: ColorChoice, is_quiet: bool) -> Result<(), Unwritten> {
    for Output { format, file } in outputs {
        let place = file.as_ref().map_or("standard output".to_owned(), |file| file.display().to_string());
        let written = render(report, *format, is_quiet).and_then(|text| match file {
            // Only the form for people has colours, and to look for them takes time.
            Some(file) if *format == Format::Pretty => write_file(file, &strip_str(&text).to_string()),
            Some(file) => write_file(file, &text),
            None if *format == Format::Pretty => print(&mut AutoStream::new(io::stdout(), color).lock(), &text),
            None => print(&mut io::stdout().lock(), &text),
        });
        written.map_err(|error| Unwritten::new(place, &error))?;
    }
    Ok(())
}

/// Writes a text to a file.
///
/// # Errors
///
/// The file cannot be written.
pub(crate) fn save(path: &Path, text: &str) -> Result<(), Unwritten> {
    write_file(path, text).map_err(|error| Unwritten { place: path.display().to_string(), reason: error.to_string() })
}

fn render(report: &Report, format: Format, is_quiet: bool) -> io::Result<String> {
    match format {
        Format::Pretty => Ok(pretty::render(report, is_quiet)),
        Format::Compact => Ok(compact::render(report, is_quiet)),
        Format::Json => json::document(report),
        Format::Jsonl => json::lines(report),
        Format::Sarif => sarif::render(report),
        Format::Junit => junit::render(report),
        Format::Github => Ok(github::render(report)),
        Format::Markdown => Ok(markdown::render(report)),
    }
}

fn print(out: &mut impl io::Write, text: &str) -> io::Result<()> {
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        // A reader that went away, as in `seaworthy check . | head`, does not change the verdict.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
        _ => Ok(()),
    }
}

/// Writes a file as a whole, so that nobody reads half of it.
fn write_file(path: &Path, text: &str) -> io::Result<()> {
    if path.exists() && !path.is_file() {
        // A pipe or a device is written to, not replaced.
        return std::fs::write(path, text);
    }
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(directory)?;
    file.write_all(text.as_bytes())?;
    file.persist(path).map(drop).map_err(|error| error.error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_takes_the_place_of_an_older_one_as_a_whole() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("report");
        for text in ["longer than the next", "short"] {
            write_file(&path, text).unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
        assert_eq!(directory.path().read_dir().unwrap().count(), 1);
        assert!(write_file(&directory.path().join("none/report"), "").is_err());
    }
}
