"""What a learner has passed: a small JSON file in their own folder."""

import contextlib
import json
import os
import time
from pathlib import Path

try:  # Windows has the one, other systems the other, and a browser neither: nobody else writes there
    import fcntl
except ImportError:
    fcntl = None
try:
    import msvcrt
except ImportError:
    msvcrt = None

_VERSION = 1


def progress_path():
    """Path of the learner's progress file.

    Returns
    -------
    path : Path
        What the environment variable ``COURSE_PROGRESS`` says (`course.py` sets it), else
        ``progress.json`` in the current folder, which is the notebook's.
    """
    return Path(os.environ.get("COURSE_PROGRESS") or "progress.json").absolute()


def passed_exercises(path=None):
    """Names of the exercises passed so far, with the time of the first pass.

    Parameters
    ----------
    path : Path, optional
        The progress file; the learner's own by default. It need not exist.

    Returns
    -------
    passed : dict of str to str
        ISO 8601 time by name.
    """
    passed, _ = _read(path or progress_path())
    return passed


def record_pass(name, path=None):
    """Note that an exercise has been passed; its first time counts.

    Parameters
    ----------
    name : str
    path : Path, optional

    Returns
    -------
    note : str
        "" or a sentence on what went wrong with the file: progress must never stop a lesson.
    """
    path = path or progress_path()
    try:
        with _locked(path):
            passed, corrupt = _read(path)
            note = _set_aside(path) if corrupt else ""
            if name not in passed:
                now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
                _write(path, {**passed, name: now})
            return note
    except OSError as error:
        return f"Your progress could not be saved in {path.name}: {error.strerror or error}."


def _read(path):
    """The passed exercises, and whether the file is corrupt."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}, False
    except (OSError, ValueError, RecursionError):
        return {}, path.is_file()
    passed = content.get("passed") if isinstance(content, dict) else None
    if not isinstance(passed, dict) or not all(isinstance(t, str) for t in passed.values()):
        return {}, True
    return passed, False


def _write(path, passed):
    """Replace the file in one step, so that no reader ever meets half of it."""
    text = json.dumps({"version": _VERSION, "passed": passed}, indent=1) + "\n"
    temporary = path.with_name(f".{path.name}.new")  # the lock keeps others from it
    try:
        temporary.write_text(text, encoding="utf-8")
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def _set_aside(path):
    """Rename a corrupt file, so that nothing is lost, and say so."""
    number = 1
    while (aside := path.with_name(f"{path.name}.corrupt-{number}")).exists():
        number += 1
    os.replace(path, aside)
    return f"{path.name} could not be read. It was set aside as {aside.name}, and a new one begun."


@contextlib.contextmanager
def _locked(path):
    """Let one process at a time read, change and write; the lock ends with its holder."""
    with open(path.with_name(f".{path.name}.lock"), "a+b") as lock:
        if hasattr(fcntl, "flock"):  # JupyterLite puts an empty module in its place
            fcntl.flock(lock, fcntl.LOCK_EX)  # closing the file releases it
        elif msvcrt:
            lock.seek(0)
            msvcrt.locking(lock.fileno(), msvcrt.LK_LOCK, 1)
        try:
            yield
        finally:
            if msvcrt:
                lock.seek(0)
                msvcrt.locking(lock.fileno(), msvcrt.LK_UNLCK, 1)
