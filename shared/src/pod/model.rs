//! The fields of the pod model that a module reads, and the table by which they are kept. All of it is computed at compile
//! time, so that a field costs nothing in the modules that do not judge it.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    reason = "evaluated at compile time, where a fault is an error of the compiler"
)]

use json::{Field, Kind};

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
    pub table: json::Table,
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
    /// The names down to the field: `name[]` is a list, `name[*]` a list of containers, `name*` every field whose name begins
    /// so, and `name|other` stands for fields of either name.
    pub(super) path: &'static [&'static str],
    /// The fields with which it is read.
    pub(super) reads: Reads,
}

impl Row {
    const fn stands_in(&self, of: Of) -> bool {
        matches!(
            (self.of, of),
            (Of::Pod | Of::Both, Of::Pod) | (Of::Container | Of::Both, Of::Container) | (Of::Metadata, Of::Metadata)
        )
    }
}

/// The number of fields in the table of `rows` that are read.
#[must_use]
pub const fn count(rows: &[Row], of: Of, reads: Reads) -> usize {
    Table { rows, of, reads, fields: [], count: 0 }.with([""; MAX_DEPTH], 0).count
}

/// The table of those `rows` that are read, which has `N` fields.
#[must_use]
pub const fn table<const N: usize>(rows: &[Row], of: Of, reads: Reads) -> [Field; N] {
    let fields = [Field { name: "", kind: Kind::Scalar, size: 0 }; N];
    Table { rows, of, reads, fields, count: 0 }.with([""; MAX_DEPTH], 0).fields
}

/// More than the names in the longest path.
const MAX_DEPTH: usize = 8;

/// A table that is being built. The order of the rows does not matter, so that a field can stand beside those that it is
/// read with.
#[derive(Clone, Copy)]
struct Table<'r, const N: usize> {
    rows: &'r [Row],
    of: Of,
    reads: Reads,
    /// The fields, as far as there is room for them.
    fields: [Field; N],
    count: usize,
}

impl<const N: usize> Table<'_, N> {
    /// The table with the fields inside of the one whose path are the first names of `path`, as many as `depth`.
    const fn with(mut self, mut path: [&'static str; MAX_DEPTH], depth: usize) -> Self {
        let mut row = 0;
        while row < self.rows.len() {
            if self.has(row, path, depth) && self.rows[row].path.len() > depth {
                let (step, mut nth) = (self.rows[row].path[depth], 0);
                while let Some(name) = name(step, nth) {
                    path[depth] = name;
                    if self.is_first(row, path, depth + 1) {
                        self = self.with_field(step, path, depth);
                    }
                    nth += 1;
                }
            }
            row += 1;
        }
        self
    }

    /// The table with the field at the end of the path, and the fields inside of it.
    const fn with_field(mut self, step: &str, path: [&'static str; MAX_DEPTH], depth: usize) -> Self {
        let field = self.count;
        self.count += 1;
        self = self.with(path, depth + 1);
        let size = self.count - field - 1;
        assert!(size < 256, "the size of a field is a byte");
        if field < N {
            let bytes = step.as_bytes();
            // A step of one byte is `*`, every field.
            let before = if bytes.len() > 1 { bytes[bytes.len() - 2] } else { b' ' };
            let kind = match (bytes[bytes.len() - 1], before, size) {
                (b']', b'*', _) => Kind::Items,
                (b']', _, 0) => Kind::Scalars,
                (b']', ..) => Kind::Objects,
                (_, _, 0) => Kind::Scalar,
                _ => Kind::Object,
            };
            self.fields[field] = Field { name: path[depth], kind, size: size as u8 };
        }
        self
    }

    /// Returns `true` if a row is read, and begins with as many `names` of the path.
    const fn has(&self, row: usize, path: [&'static str; MAX_DEPTH], names: usize) -> bool {
        let row = &self.rows[row];
        if !row.stands_in(self.of) || !self.reads.has(row.reads) || row.path.len() < names {
            return false;
        }
        let mut step = 0;
        while step < names && is_among(path[step], row.path[step]) {
            step += 1;
        }
        step == names
    }

    /// Returns `true` if no row before this one has the field at the end of the path.
    const fn is_first(&self, row: usize, path: [&'static str; MAX_DEPTH], names: usize) -> bool {
        let mut before = 0;
        while before < row && !self.has(before, path, names) {
            before += 1;
        }
        before == row
    }
}

/// The name with this number of those that a step stands for.
const fn name(step: &'static str, mut nth: usize) -> Option<&'static str> {
    let (bytes, mut start, mut end) = (step.as_bytes(), 0, 0);
    loop {
        let is_last = end == bytes.len() || bytes[end] == b'[';
        if is_last || bytes[end] == b'|' {
            if nth == 0 {
                return Some(step.split_at(end).0.split_at(start).1);
            }
            if is_last {
                return None;
            }
            (nth, start) = (nth - 1, end + 1);
        }
        end += 1;
    }
}

/// Returns `true` if the step stands for this name. One pass: it is called for each field, row and step.
const fn is_among(other: &str, step: &str) -> bool {
    let (other, step) = (other.as_bytes(), step.as_bytes());
    let (mut index, mut alike, mut is_alike) = (0, 0, true);
    loop {
        let is_last = index == step.len() || step[index] == b'[';
        if is_last || step[index] == b'|' {
            if is_alike && alike == other.len() {
                return true;
            }
            if is_last {
                return false;
            }
            (alike, is_alike) = (0, true);
        } else if is_alike && alike < other.len() && step[index] == other[alike] {
            alike += 1;
        } else {
            is_alike = false;
        }
        index += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn row(path: &'static [&'static str]) -> Row {
        Row { of: Of::Container, path, reads: Reads::BASE }
    }

    const ROWS: &[Row] = &[
        row(&["name"]),
        row(&["ports[]", "number"]),
        row(&["live|ready", "port"]),
        row(&["items[*]"]),
        row(&["words[]"]),
        row(&["live", "host", "name"]),
        Row { of: Of::Pod, path: &["os"], reads: Reads::BASE },
        Row { of: Of::Both, path: &["ports[]", "name"], reads: Reads::BASE },
        Row { of: Of::Container, path: &["unread"], reads: Reads::field(0) },
    ];

    #[test]
    fn fields_that_begin_alike_are_one_wherever_their_rows_stand() {
        const COUNT: usize = count(ROWS, Of::Container, Reads::BASE);
        let field = |name, kind, size| Field { name, kind, size };
        assert_eq!(
            table::<COUNT>(ROWS, Of::Container, Reads::BASE),
            [
                field("name", Kind::Scalar, 0),
                field("ports", Kind::Objects, 2),
                field("number", Kind::Scalar, 0),
                field("name", Kind::Scalar, 0),
                field("live", Kind::Object, 3),
                field("port", Kind::Scalar, 0),
                field("host", Kind::Object, 1),
                field("name", Kind::Scalar, 0),
                field("ready", Kind::Object, 1),
                field("port", Kind::Scalar, 0),
                field("items", Kind::Items, 0),
                field("words", Kind::Scalars, 0),
            ]
        );
    }

    #[test]
    fn the_fields_of_pods_and_of_containers_are_apart() {
        const COUNT: usize = count(ROWS, Of::Pod, Reads::BASE);
        let names = table::<COUNT>(ROWS, Of::Pod, Reads::BASE).map(|field| field.name);
        assert_eq!(names, ["os", "ports", "name"]);
    }
}
