//! The `USER` of an image.

use shared::prelude::*;

use crate::{IMAGE_RUNS_AS_ROOT, KUBELET_REFUSES};

const BY_NUMBER: &str = "set runAsUser to a number above 0, or USER in the image";

/// The `USER` of an image, without its group, as kubelet and runtime read it.
pub(crate) struct User<'c> {
    /// As written, with the group.
    text: &'c str,
    kind: Kind<'c>,
}

enum Kind<'c> {
    Root,
    /// A number that is no user ID.
    OutOfRange,
    Name(&'c str),
    Number,
}

impl<'c> User<'c> {
    /// Source: containerd, CRI plugin, `getUserFromImage`; kubelet, `getImageUser`.
    pub(crate) fn of(text: &'c str) -> Self {
        let user = text.split_once(':').map_or(text, |(user, _)| user);
        let digits = user.strip_prefix(['+', '-']).unwrap_or(user);
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let kind = match user.parse::<i64>() {
            _ if user.is_empty() => Kind::Root,
            Ok(0) => Kind::Root,
            // Runtimes refuse what does not fit, or wrap it, some of it to 0.
            Ok(number) if u32::try_from(number).is_err() => Kind::OutOfRange,
            Ok(_) => Kind::Number,
            Err(_) if is_number => Kind::OutOfRange,
            Err(_) => Kind::Name(user),
        };
        Self { text, kind }
    }

    /// A user that is root, as far as the image shows.
    pub(crate) fn is_root(&self) -> Option<Found> {
        let problem = match self.kind {
            Kind::Root | Kind::Name("root") => format!("its image runs as root: {}", self.words()),
            Kind::OutOfRange => self.out_of_range(),
            Kind::Name(_) | Kind::Number => return None,
        };
        Some(IMAGE_RUNS_AS_ROOT.found(problem, BY_NUMBER))
    }

    /// A user that the kubelet refuses, because it cannot be anything but root, or because it may be.
    pub(crate) fn is_refused(&self) -> Option<Found> {
        let refused = "runAsNonRoot is true, so the kubelet refuses to start it: ";
        Some(match self.kind {
            Kind::Root => {
                KUBELET_REFUSES.found(format!("{refused}its image runs as root, {}", self.words()), BY_NUMBER)
            }
            Kind::Name(_) => KUBELET_REFUSES.found(
                format!("{refused}its image names its user, {}, and a name may be that of root", self.words()),
                "set runAsUser to the number of that user, or USER in the image",
            ),
            Kind::OutOfRange => IMAGE_RUNS_AS_ROOT.found(self.out_of_range(), BY_NUMBER),
            Kind::Number => return None,
        })
    }

    fn out_of_range(&self) -> String {
        format!(
            "its image may run as root: {}, beyond the user IDs of Linux, so runtimes refuse or wrap it",
            self.words()
        )
    }

    fn words(&self) -> String {
        if self.text.is_empty() { "USER is not set".to_owned() } else { format!("USER is {}", quote(self.text)) }
    }
}
