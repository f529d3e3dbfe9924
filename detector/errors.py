"""The ways an image or a bundle can fail, each with a stable code and a sentence for the user.

DetectorError
 ├ DecodeError
 │   ├ EmptyFile
 │   ├ UnsupportedFormat
 │   ├ UnsupportedKind
 │   ├ FileTooLarge
 │   ├ TooManyPixels
 │   ├ TooManyFrames
 │   ├ TruncatedImage
 │   └ UndecodableImage
 ├ StripError
 │   └ MetadataStays
 └ BundleError
     ├ BundleMissing
     ├ BundleCorrupt
     └ EngineUnknown
"""

from typing import ClassVar


class DetectorError(Exception):
    """Root of the tree; `str()` of a leaf is its sentence for the user."""

    code: ClassVar[str]
    message: ClassVar[str]

    def __init__(self, detail: str = "") -> None:
        super().__init__(f"{self.message} ({detail})" if detail else self.message)


class DecodeError(DetectorError):
    """The bytes are not an image we can judge."""


class EmptyFile(DecodeError):
    code = "empty_file"
    message = "The file is empty. Export or download the image again and send that copy."


class UnsupportedFormat(DecodeError):
    code = "unsupported_format"
    message = "This is not an image we can read. Send a JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF or HEIC file."


class UnsupportedKind(DecodeError):
    """A rare variant of a known format; the detail is the format's name."""

    code = "unsupported_kind"
    message = "This is a kind of image that we cannot read. Open it in a viewer, save it as JPEG or PNG and send that."

    def __init__(self, format_name: str = "") -> None:
        super().__init__()
        self.args = (self.message.replace("kind of image", f"kind of {format_name} image".replace("  ", " ")),)


class FileTooLarge(DecodeError):
    code = "file_too_large"
    message = "The file is larger than 20 MB. Save it smaller or at a lower quality and send it again."


class TooManyPixels(DecodeError):
    code = "too_many_pixels"
    message = "The image has more than 100 megapixels. Scale it down and send it again."


class TooManyFrames(DecodeError):
    code = "too_many_frames"
    message = "The file has more than 1,000 frames or pages. Send the one that matters as an image of its own."


class TruncatedImage(DecodeError):
    code = "truncated_image"
    message = "The image ends too early: part of the file is missing. Download or copy it again."


class UndecodableImage(DecodeError):
    code = "undecodable_image"
    message = "The image is damaged and cannot be read. Open it in a viewer, save a copy and send that."


class StripError(DetectorError):
    """The bytes cannot be handed on without what they tell of their sender."""


class MetadataStays(StripError):
    code = "metadata_stays"
    message = (
        "Originals are handed out without metadata here, and it cannot be taken out of this file without changing its "
        "pixels. Only JPEG, PNG and WebP files can be downloaded; take the picture itself instead."
    )


class BundleError(DetectorError):
    """The model's folder cannot be used."""


class BundleMissing(BundleError):
    code = "bundle_missing"
    message = "The model's folder or one of its files is missing. Restore it from the repository."


class BundleCorrupt(BundleError):
    code = "bundle_corrupt"
    message = "The model's folder was changed or damaged. Restore it from the repository."


class EngineUnknown(BundleError):
    code = "engine_unknown"
    message = "The model has no file for the engine that it is to run under. Choose one of those on its card."
