"""What `up` makes sure of before it starts: one instance, room on disk, a bundle, a port, tables, an administrator."""

import errno
import fcntl
import os
import secrets
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

import cv2
import numpy as np
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db.models import Q

from console.errors import CannotStart
from detector import blazeface, bundle, faces
from detector.errors import BundleError

ADMINISTRATOR = "admin"


def make_folders() -> None:
    """Creates the data folder; raises CannotStart where that is impossible or the disk is nearly full."""
    try:
        for folder in (
            settings.HOME,
            settings.FILES,
            settings.INCOMING,
            settings.RUN,
            settings.HOME / "logs",
        ):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        free_bytes = shutil.disk_usage(settings.HOME).free
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise CannotStart(_disk_full(0)) from None
        raise CannotStart(
            f"The data folder {settings.HOME} cannot be written ({error.strerror}). "
            "Set ASSAY_HOME to a folder of yours."
        ) from None
    if free_bytes < settings.MIN_FREE_BYTES:
        raise CannotStart(_disk_full(free_bytes))


@contextmanager
def meters() -> Iterator[None]:
    """An empty folder for what the web processes count; raises CannotStart where somebody else's is in the way."""
    folder = settings.METERS
    if folder.is_symlink() or (folder.exists() and folder.stat().st_uid != os.getuid()):
        raise CannotStart(f"{folder} belongs to another user. Remove it.")
    shutil.rmtree(folder, ignore_errors=True)  # of a run that was killed
    folder.mkdir(mode=0o700)
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _disk_full(free_bytes: int) -> str:
    return (
        f"The disk of {settings.HOME} is full ({free_bytes // 2**20} MB free, {settings.MIN_FREE_BYTES // 2**20} MB "
        "needed). Free some space or set ASSAY_HOME to a folder on another disk."
    )


def lock() -> IO[str]:
    """Holds the data folder for this process; the kernel lets go of it when the process dies."""
    file = (settings.RUN / "up.lock").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise CannotStart(
            f"Assay is already running on {settings.HOME}. "
            "Stop it first, or set ASSAY_HOME and ASSAY_PORT for a second one."
        ) from None
    return file


def check_bundle() -> None:
    """Every file the engine will open, by its hash."""
    try:
        opened = bundle.load(settings.BUNDLE)
        for entry in (opened.card.engine(settings.ENGINE), opened.card.head, opened.card.novelty):
            if entry:
                opened.verify(entry)
    except BundleError as error:
        raise CannotStart(f"The model in {settings.BUNDLE} cannot be used: {error}") from None


def check_face_model() -> None:
    """The face finder that was asked for works; raises CannotStart."""
    if settings.FACE_MODEL is None:
        try:
            blazeface.load_model()
        except FileNotFoundError as error:
            raise CannotStart(str(error)) from None
        return
    try:
        faces.find(np.zeros((64, 64, 3), np.uint8), settings.FACE_MODEL)
    except cv2.error:
        raise CannotStart(
            f"ASSAY_FACE_MODEL={settings.FACE_MODEL} is not the ONNX file of a YuNet face detector. Give such a file, "
            "or leave the setting out: BlazeFace finds the faces then."
        ) from None


def bind(host: str, port: int) -> socket.socket:
    """The listening socket; it stays with the supervisor, so that while the web process restarts, callers
    wait in its queue instead of being refused."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(1024)
    except OverflowError:
        listener.close()
        raise CannotStart(f"{port} is no port: choose one from 1 to 65535 with --port.") from None
    except OSError as error:
        listener.close()
        why = (
            "is in use by another program" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
        )
        raise CannotStart(
            f"Port {port} on {host} {why}. Stop that program, or choose another port: ASSAY_PORT=8001 make run."
        ) from None
    listener.set_inheritable(True)
    return listener


def migrate() -> None:
    call_command("migrate", interactive=False, verbosity=0)


def make_administrator(password: str = "") -> str | None:
    """Creates the first administrator, with a random password where none is given, and returns it to show once;
    None where there is one already, or the name is somebody's. Raises CannotStart where the password is too weak."""
    users = get_user_model().objects
    if users.filter(Q(is_superuser=True) | Q(username=ADMINISTRATOR)).exists():
        return None
    if password:
        _check_password(password)
    password = password or secrets.token_urlsafe(12)
    users.create_superuser(username=ADMINISTRATOR, password=password)
    return password


def _check_password(password: str) -> None:
    try:
        validate_password(password)
    except ValidationError as error:
        raise CannotStart(f"The password for {ADMINISTRATOR} cannot be used: {' '.join(error.messages)}") from None
