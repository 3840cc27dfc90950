//! The fields of the pod model that a module reads, and the table by which they are kept. All of it is computed at compile
//! time, so that a field costs nothing in the modules that do not judge it.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "evaluated at compile time, where a fault is an error of the compiler"
)]

use json::{Field, Kind, Table};

/// A set of fields of the pod model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reads(u64);

impl Reads {
    /// The fields that every module reads: where the containers are, what they are called, and the operating system.
    pub const BASE: Self = Self(1);

    /// The field with this number.
    pub(super) const fn field(number: u32) -> Self {
        Self(2 << number)
    }

    /// The fields of both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Returns `true` if all of the other fields are among these.
    pub(super) const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// The fields of a pod that a module reads.
#[derive(Debug)]
pub struct Model {
    /// The fields.
    pub reads: Reads,
    /// The table by which they are kept.
    pub table: Table,
}

/// The reads of a module that declares these fields.
#[doc(hidden)]
#[macro_export]
macro_rules! model {
    ($reads:expr) => {{
        const READS: $crate::pod::Reads = $reads;
        const POD: usize = $crate::pod::count($crate::pod::ROWS, $crate::pod::Of::Pod, READS);
        const CONTAINER: usize = $crate::pod::count($crate::pod::ROWS, $crate::pod::Of::Container, READS);
        const METADATA: usize = $crate::pod::count($crate::pod::ROWS, $crate::pod::Of::Metadata, READS);
        &$crate::pod::Model {
            reads: READS,
            table: $crate::pod::Table {
                object: const { &$crate::pod::table::<POD>($crate::pod::ROWS, $crate::pod::Of::Pod, READS) },
                item: const { &$crate::pod::table::<CONTAINER>($crate::pod::ROWS, $crate::pod::Of::Container, READS) },
                metadata: const { &$crate::pod::table::<METADATA>($crate::pod::ROWS, $crate::pod::Of::Metadata, READS) },
            },
        }
    }};
}

/// The position of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// In the pod specification.
    Pod,
    /// In each container.
    Container,
    /// In both; a container inherits it unless it sets it.
    Both,
    /// In the metadata of the pod.
    Metadata,
}

/// A field of the pod model.
#[derive(Debug)]
pub struct Row {
    pub(super) of: Of,
    /// The names down to the field: `name[]` is a list, `name[*]` a list of containers, `name*` every field whose name
    /// begins so.
    pub(super) path: &'static [&'static str],
    /// The fields with which it is read.
    pub(super) reads: Reads,
}

impl Row {
    /// Returns `true` if the field stands there and is among those that are read.
    const fn is_read(&self, of: Of, reads: Reads) -> bool {
        let stands_there = match of {
            Of::Pod => matches!(self.of, Of::Pod | Of::Both),
            Of::Container => matches!(self.of, Of::Container | Of::Both),
            Of::Both => false,
            Of::Metadata => matches!(self.of, Of::Metadata),
        };
        stands_there && reads.has(self.reads)
    }
}

/// The number of fields in the table of `rows` that are read: the different beginnings of their paths.
#[must_use]
pub const fn count(rows: &[Row], of: Of, reads: Reads) -> usize {
    let (mut count, mut index) = (0, 0);
    while index < rows.len() {
        if rows[index].is_read(of, reads) {
            let (mut known, mut before) = (0, 0);
            while before < index {
                if rows[before].is_read(of, reads) {
                    let common = common(rows[before].path, rows[index].path);
                    known = if common > known { common } else { known };
                }
                before += 1;
            }
            count += rows[index].path.len() - known;
        }
        index += 1;
    }
    count
}

/// The table of those `rows` that are read, which has `N` fields.
#[must_use]
pub const fn table<const N: usize>(rows: &[Row], of: Of, reads: Reads) -> [Field; N] {
    let (mut steps, mut fields) = ([""; N], [Field { name: "", kind: Kind::Scalar, size: 0 }; N]);
    let (mut count, mut index) = (0, 0);
    while index < rows.len() {
        if rows[index].is_read(of, reads) {
            let path = rows[index].path;
            // The fields of the object that the path has come to, and their end.
            let (mut field, mut end, mut depth) = (0, count, 0);
            while depth < path.len() {
                while field < end && !is_same(steps[field], path[depth]) {
                    field += fields[field].size as usize + 1;
                }
                if field == end {
                    let mut moved = count;
                    while moved > field {
                        (steps[moved], fields[moved]) = (steps[moved - 1], fields[moved - 1]);
                        moved -= 1;
                    }
                    let (name, kind) = step(path[depth], depth + 1 == path.len());
                    (steps[field], fields[field]) = (path[depth], Field { name, kind, size: 0 });
                    count += 1;
                    grow(&mut fields, &steps, path, depth);
                }
                (field, end, depth) = (field + 1, field + 1 + fields[field].size as usize, depth + 1);
            }
        }
        index += 1;
    }
    fields
}

/// Counts one more field in each of the first `depth` objects of a path.
const fn grow(fields: &mut [Field], steps: &[&str], path: &[&str], depth: usize) {
    let (mut field, mut parent) = (0, 0);
    while parent < depth {
        while !is_same(steps[field], path[parent]) {
            field += fields[field].size as usize + 1;
        }
        fields[field].size += 1;
        (field, parent) = (field + 1, parent + 1);
    }
}

/// The name of a field, and what is kept of it.
const fn step(text: &'static str, is_last: bool) -> (&'static str, Kind) {
    let bytes = text.as_bytes();
    let length = bytes.len();
    if length > 3 && bytes[length - 2] == b'*' {
        return (text.split_at(length - 3).0, Kind::Items);
    }
    match (bytes[length - 1] == b']', is_last) {
        (true, true) => (text.split_at(length - 2).0, Kind::Scalars),
        (true, false) => (text.split_at(length - 2).0, Kind::Objects),
        (false, true) => (text, Kind::Scalar),
        (false, false) => (text, Kind::Object),
    }
}

/// The number of names in the common prefix of two paths.
const fn common(left: &[&str], right: &[&str]) -> usize {
    let mut depth = 0;
    while depth < left.len() && depth < right.len() && is_same(left[depth], right[depth]) {
        depth += 1;
    }
    depth
}

const fn is_same(left: &str, right: &str) -> bool {
    let (left, right) = (left.as_bytes(), right.as_bytes());
    let mut index = 0;
    while index < left.len() && index < right.len() && left[index] == right[index] {
        index += 1;
    }
    index == left.len() && index == right.len()
}
