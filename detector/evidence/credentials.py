"""C2PA Content Credentials: who signed the file, and whether it is declared to be made by a model."""

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any, Literal

AI_SOURCE_TYPES = ("trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia", "algorithmicMedia")

State = Literal["none", "not_installed", "remote", "invalid", "signed", "trusted"]

# An uploaded file must not make this machine call anybody: neither for a manifest kept elsewhere, nor for a
# certificate's state, nor for a signer's identity. The empty list of hosts holds whatever else would.
_SETTINGS: dict[str, dict[str, Any]] = {
    "core": {"allowed_network_hosts": [], "allow_redirects": False, "decode_identity_assertions": False},
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},
}
_MIME_TYPES = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "GIF": "image/gif",
    "TIFF": "image/tiff",
    "AVIF": "image/avif",
    "HEIF": "image/heif",
}


@dataclass(frozen=True)
class Credentials:
    """A file's manifest: `signed` is by somebody unknown, `trusted` by a signer on the library's list.

    `remote` says that the manifest lies elsewhere and was not fetched, `not_installed` that c2pa-python is
    missing. `source_types` are the IPTC digital source types declared, by their last word.
    """

    state: State
    signer: str | None = None
    generator: str | None = None
    source_types: tuple[str, ...] = ()

    @property
    def is_declared_ai(self) -> bool:
        return self.state in ("signed", "trusted") and any(name in AI_SOURCE_TYPES for name in self.source_types)


def read(content: bytes, file_format: str) -> Credentials:
    """Read a file's credentials without a word to the network; `file_format` as decode.Header has it."""
    mime_type = _MIME_TYPES.get(file_format)
    # The boxes and their address in XMP both bear the name, so that the 50 MB library loads for few files.
    if mime_type is None or (b"c2pa" not in content and b"dcterms:provenance" not in content):
        return Credentials("none")
    library = _load()
    if library is None:
        return Credentials("not_installed")
    context = library.Context(library.Settings.from_dict(_SETTINGS))
    try:
        reader = library.Reader.try_create(mime_type, io.BytesIO(content), context=context)
        if reader is None:
            return Credentials("none")
        with reader:
            return _describe(json.loads(reader.json()), str(reader.get_validation_state()))
    except library.C2paError as error:
        return Credentials("remote" if str(error).startswith("Remote") else "invalid")


@cache
def _load() -> ModuleType | None:
    # Optional, and too large to load before a file asks for it.
    try:
        import c2pa  # type: ignore[import-untyped]  # noqa: PLC0415
    except ImportError:
        return None
    found: ModuleType = c2pa
    return found


def _describe(store: dict[str, Any], validation: str) -> Credentials:
    manifests = store.get("manifests", {})
    manifest = manifests.get(store.get("active_manifest"), {})
    states: dict[str, State] = {"Trusted": "trusted", "Valid": "signed"}
    generators = manifest.get("claim_generator_info") or [{}]
    return Credentials(
        state=states.get(validation, "invalid"),
        signer=manifest.get("signature_info", {}).get("issuer"),
        generator=generators[0].get("name") or manifest.get("claim_generator"),
        # An ingredient's manifest lies beside the active one: what was made from it contains it.
        source_types=tuple(sorted({name for each in manifests.values() for name in _list_source_types(each)})),
    )


def _list_source_types(manifest: dict[str, Any]) -> Iterator[str]:
    for assertion in manifest.get("assertions", []):
        if str(assertion.get("label", "")).startswith("c2pa.actions"):
            for action in assertion.get("data", {}).get("actions", []):
                if source_type := action.get("digitalSourceType"):
                    yield str(source_type).rstrip("/").rsplit("/", 1)[-1]
