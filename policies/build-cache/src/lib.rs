//! Steps that spoil the cache of builds, leave caches in layers, or leave secrets in images. Reasons and settings: README.

mod caches;
mod dependencies;
mod secrets;
mod settings;
mod steps;
mod values;
mod words;

use settings::Settings;
use shared::image::history::History;
use shared::prelude::*;
use steps::Steps;

policy! {
    /// The steps of an image use the cache of builds, and leave nothing behind.
    pub struct BuildCache: Facts {
        title: "Build cache",
        category: Category::IMAGES,
        guide: Guide::building("Optimize for the Docker build cache", "optimize-for-the-docker-build-cache"),
        // A parser of shell scripts, in addition to what inspects images.
        kilobytes: 246,
        ..Facts::DEFAULT
    }
    inspects: Configurations,
    reads: [],
    rules: {
        /// A step fetches the lists of packages, and neither installs nor upgrades.
        UPDATE_ALONE = "update-alone": Warn,
        /// A step leaves the cache of a package manager in its layer.
        PACKAGE_CACHE_KEPT = "package-cache-kept": Warn,
        /// A step installs dependencies after all sources were copied, so that each change of a source installs them again.
        COPY_BEFORE_INSTALL = "copy-before-install": Warn,
        /// A step adds a file from an address, unchecked.
        REMOTE_ADD = "remote-add": Warn,
        /// A step upgrades all packages of the system.
        DIST_UPGRADE = "dist-upgrade": Off,
        /// A variable of the image holds a secret.
        SECRET_IN_ENV = "secret-in-env": Deny,
        /// A build argument that the image records holds a secret.
        SECRET_IN_BUILD_ARGUMENT = "secret-in-build-argument": Deny,
    }
}

impl Policy for BuildCache {
    type Settings = Settings;

    fn platforms(settings: &Settings) -> &Platforms {
        &settings.platforms
    }

    fn is_left_to_image(_: &Check<'_, Settings>, image: &PodImage<'_>) -> Result<bool, Malformed> {
        // What a volume holds was not built for this app.
        Ok(image.container().is_some())
    }

    fn check_inspected_image(
        check: &Check<'_, Settings>,
        image: &PodImage<'_>,
        inspected: &Inspected<'_>,
        findings: &mut Findings,
    ) -> Inspection {
        let unreadable = |error| inspected.unreadable(error);
        let config = inspected.configuration()?;
        let history = History::read(&config, &[]).map_err(unreadable)?;
        let env = config.env().map_err(unreadable)?;
        findings.add(image, secrets::in_env(&env, &history));
        let steps = Steps::of(&history, check.settings.scope, &env, check.budget);
        findings.add(image, secrets::in_build_arguments(&steps));
        findings.add(image, words::found(&steps.faults(), &history));
        Ok(())
    }
}
