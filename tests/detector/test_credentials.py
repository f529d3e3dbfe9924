"""Content Credentials, on files signed here and now by a signer whom nobody trusts."""

import datetime
import http.server
import io
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import c2pa  # type: ignore[import-untyped]
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from PIL import Image

from detector import evidence
from detector.evidence import credentials
from tests.conftest import ROOT

SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"


@dataclass
class Elsewhere:
    """A server where a manifest might lie, and who came to ask for it."""

    url: str
    visits: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def signer() -> c2pa.Signer:
    return _make_signer()


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    class Visitor(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            place.visits.append(self.path)
            self.send_response(404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Visitor) as server:
        place = Elsewhere(f"http://127.0.0.1:{server.server_port}/manifest.c2pa")
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield place
        server.shutdown()
        thread.join()


def sign(signer: c2pa.Signer, source_type: str, file_format: str = "JPEG", remote_url: str | None = None) -> bytes:
    manifest = {
        "claim_generator_info": [{"name": "Paintbox", "version": "1"}],
        "title": "A face",
        "assertions": [
            {
                "label": "c2pa.actions",
                "data": {"actions": [{"action": "c2pa.created", "digitalSourceType": SOURCE_TYPES + source_type}]},
            }
        ],
    }
    plain, signed = io.BytesIO(), io.BytesIO()
    Image.new("RGB", (64, 64), "teal").save(plain, file_format)
    plain.seek(0)
    with c2pa.Builder(manifest) as builder:
        if remote_url is not None:
            builder.set_no_embed()
            builder.set_remote_url(remote_url)
        builder.sign(signer, f"image/{file_format.lower()}", plain, signed)
    return signed.getvalue()


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP"])
def test_a_signed_declaration_is_read_and_its_signer_not_trusted(signer: c2pa.Signer, file_format: str) -> None:
    told = evidence.metadata(sign(signer, "trainedAlgorithmicMedia", file_format))

    assert told.credentials.state == "signed"
    assert told.credentials.signer == "Nobody we know"
    assert told.credentials.generator == "Paintbox"
    assert told.credentials.source_types == ("trainedAlgorithmicMedia",)
    assert [(one.place, one.words) for one in told.declarations] == [("c2pa", "trainedAlgorithmicMedia")]


def test_a_signed_photograph_is_no_declaration(signer: c2pa.Signer) -> None:
    told = evidence.metadata(sign(signer, "digitalCapture"))

    assert told.credentials.source_types == ("digitalCapture",)
    assert not told.is_declared_ai


def test_a_file_changed_after_it_was_signed_is_invalid_and_declares_nothing(signer: c2pa.Signer) -> None:
    content = bytearray(sign(signer, "trainedAlgorithmicMedia"))
    content[-20] ^= 1

    told = credentials.read(bytes(content), "JPEG")

    assert told.state == "invalid"
    assert not told.is_declared_ai


def test_a_manifest_that_lies_elsewhere_is_never_fetched(signer: c2pa.Signer, elsewhere: Elsewhere) -> None:
    content = sign(signer, "trainedAlgorithmicMedia", remote_url=elsewhere.url)

    assert credentials.read(content, "JPEG").state == "remote"
    assert elsewhere.visits == []

    # The library's own settings do go there, so that the silence above is our doing.
    with pytest.raises(c2pa.C2paError):
        c2pa.Reader.try_create("image/jpeg", io.BytesIO(content))
    assert elsewhere.visits == ["/manifest.c2pa"]


def test_the_empty_list_of_hosts_alone_keeps_the_library_at_home(signer: c2pa.Signer, elsewhere: Elsewhere) -> None:
    content = sign(signer, "trainedAlgorithmicMedia", remote_url=elsewhere.url)
    settings = {"core": credentials._SETTINGS["core"], "verify": {"remote_manifest_fetch": True}}

    with pytest.raises(c2pa.C2paError, match="not permitted"):
        c2pa.Reader.try_create(
            "image/jpeg", io.BytesIO(content), context=c2pa.Context(c2pa.Settings.from_dict(settings))
        )

    assert elsewhere.visits == []


def test_files_without_credentials_do_not_load_the_library() -> None:
    code = (
        "import io, sys; from PIL import Image; from detector import evidence; stream = io.BytesIO(); "
        "Image.new('RGB', (32, 32)).save(stream, 'JPEG'); evidence.metadata(stream.getvalue()); "
        "sys.exit('c2pa' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_without_the_library_the_facts_say_so() -> None:
    code = (
        "import sys; sys.modules['c2pa'] = None; from detector.evidence import credentials; "
        "sys.exit(credentials.read(b'...c2pa...', 'JPEG').state != 'not_installed')"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


@pytest.mark.parametrize("content", [b"\xff\xd8\xff\xe0 c2pa \xff\xd9", b"c2pa", b"dcterms:provenance"])
def test_bytes_that_only_bear_the_name_are_no_trouble(content: bytes) -> None:
    for file_format in ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "AVIF", "BMP"):
        assert credentials.read(content, file_format).state in ("none", "invalid")


def _make_signer() -> c2pa.Signer:
    """A leaf under a root of its own, with what C2PA asks of a signing certificate."""
    root_key, leaf_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name, leaf_name = _name("Root"), _name("Signer")
    root = (
        _start(root_name, root_name, root_key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(_usage(is_root=True), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    leaf = (
        _start(leaf_name, root_name, leaf_key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(is_root=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    chain = b"".join(each.public_bytes(serialization.Encoding.PEM) for each in (leaf, root))
    private = leaf_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return c2pa.Signer.from_info(c2pa.C2paSignerInfo(c2pa.C2paSigningAlg.ES256, chain, private, None))


def _name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, common),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Nobody we know"),
        ]
    )


def _start(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, is_root: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_root,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_root,
        crl_sign=is_root,
        encipher_only=False,
        decipher_only=False,
    )
