"""Where things are, and what every part of the set-up needs. Standard library only."""

import contextlib
import errno
import hashlib
import json
import os
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WINDOWS = os.name == "nt"


class SetupError(Exception):
    """What keeps the course from starting, as a sentence for the person who started it."""


def say(text="", end="\n"):
    """Print at once, also when the output goes to a file."""
    print(text, end=end, flush=True)


def read_json(path):
    """Object in a JSON file; empty if there is none, or if it cannot be read."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def write(path, content):
    """Write bytes so that a file is there completely or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_bytes(content)
    temporary.replace(path)


def write_json(path, content):
    """Write an object as JSON, completely or not at all."""
    write(path, json.dumps(content, indent=1).encode())


def sha256(*paths):
    """Hash of the bytes of files, one after another."""
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()


def try_to_lock(file):
    """Whether this process now has the lock; the operating system frees it when we end."""
    try:
        if WINDOWS:
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        taken = (errno.EAGAIN, errno.EACCES, errno.EDEADLK)
        return error.errno not in taken  # a disk that knows no locks must not stop the course
    return True


@contextlib.contextmanager
def locked(root):
    """Wait until no other `course.py` is setting up the same folder.

    Yields
    ------
    lock : file
        The open lock. A child process that inherits it holds it too.
    """
    with open(root / ".setup.lock", "a") as lock:
        if not try_to_lock(lock):
            say("Another course.py is setting up this folder; waiting until it is done ...")
            while not try_to_lock(lock):
                time.sleep(0.3)
        yield lock
