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
        &$crate::pod::Model {
            reads: READS,
            table: $crate::pod::Table {
                object: const { &$crate::pod::table::<POD>($crate::pod::ROWS, $crate::pod::Of::Pod, READS) },
                item: const { &$crate::pod::table::<CONTAINER>($crate::pod::ROWS, $crate::pod::Of::Container, READS) },
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
}

/// A field of the pod model. Rows that begin alike stand together.
#[derive(Debug)]
pub struct Row {
    pub(super) of: Of,
    /// The names down to the field: `name[]` is a list, `name[*]` a list of containers.
    pub(super) path: &'static [&'static str],
    /// The fields with which it is read.
    pub(super) reads: Reads,
}

impl Row {
    const fn stands_in(&self, of: Of) -> bool {
        matches!((self.of, of), (Of::Both, _) | (Of::Pod, Of::Pod) | (Of::Container, Of::Container))
    }
}

/// The number of fields in the table of `rows` that are read.
#[must_use]
pub const fn count(rows: &[Row], of: Of, reads: Reads) -> usize {
    let (mut count, mut index, mut last) = (0, 0, None);
    while index < rows.len() {
        if rows[index].stands_in(of) && reads.has(rows[index].reads) {
            count += rows[index].path.len() - common(last, rows[index].path);
            last = Some(rows[index].path);
        }
        index += 1;
    }
    count
}

/// The table of those `rows` that are read, which has `N` fields.
#[must_use]
pub const fn table<const N: usize>(rows: &[Row], of: Of, reads: Reads) -> [Field; N] {
    let mut fields = [Field { name: "", kind: Kind::Scalar, size: 0 }; N];
    let mut depths = [0; N];
    let (mut count, mut index, mut last) = (0, 0, None);
    while index < rows.len() {
        if rows[index].stands_in(of) && reads.has(rows[index].reads) {
            let path = rows[index].path;
            let mut depth = common(last, path);
            while depth < path.len() {
                let (name, kind) = step(path[depth], depth + 1 == path.len());
                fields[count] = Field { name, kind, size: 0 };
                depths[count] = depth;
                count += 1;
                depth += 1;
            }
            last = Some(path);
        }
        index += 1;
    }
    let mut field = 0;
    while field < N {
        let mut end = field + 1;
        while end < N && depths[end] > depths[field] {
            end += 1;
            fields[field].size += 1;
        }
        field += 1;
    }
    fields
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
const fn common(last: Option<&[&str]>, path: &[&str]) -> usize {
    let Some(last) = last else { return 0 };
    let mut depth = 0;
    while depth < last.len() && depth < path.len() && is_same(last[depth], path[depth]) {
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
