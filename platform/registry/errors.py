"""Why a model version cannot be taken in or put to work; a bundle that cannot be opened is the detector's to say.

RegistryError
 ├ BundleRefused       bundle_refused
 ├ VersionTaken        version_taken
 ├ VersionNotFound     version_not_found
 ├ EngineMissing       engine_missing
 ├ NoActiveVersion     no_active_version
 ├ NothingBefore       nothing_before
 └ AlreadyActive       already_active
"""


class RegistryError(Exception):
    code: str
    message: str

    def __init__(self) -> None:
        super().__init__(self.message)


class BundleRefused(RegistryError):
    code = "bundle_refused"
    message = "This is not a bundle. Nothing was kept."

    def __init__(self, why: str = "This is not a bundle.") -> None:
        self.message = f"{why} Nothing was kept."
        super().__init__()


class VersionTaken(RegistryError):
    code = "version_taken"
    message = "Another model has this version already. Nothing was kept; give the bundle another name and export anew."


class VersionNotFound(RegistryError):
    code = "version_not_found"
    message = "There is no model of this version. The page of models, and GET /api/v1/models, list those there are."


class EngineMissing(RegistryError):
    code = "engine_missing"
    message = "The bundle has no file for the engine that runs here (ASSAY_ENGINE). Export one that has."


class NoActiveVersion(RegistryError):
    code = "no_active_version"
    message = "No model is active. Run `manage.py migrate`, or import one and activate it with `manage.py model`."


class NothingBefore(RegistryError):
    code = "nothing_before"
    message = "No model was active before this one. Nothing was changed."


class AlreadyActive(RegistryError):
    code = "already_active"
    message = "This model judges already, so it cannot be its own shadow. Nothing was changed."
