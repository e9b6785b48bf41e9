"""What a learner has passed, tried and looked up: a small JSON file in their own folder."""

import contextlib
import copy
import functools
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
    return _read(path or progress_path())[0]["passed"]


def solutions_seen(path=None):
    """Names of the exercises whose solution was looked at before they passed, with the time.

    Parameters
    ----------
    path : Path, optional

    Returns
    -------
    seen : dict of str to str
        ISO 8601 time by name.
    """
    return _read(path or progress_path())[0]["seen"]


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
    note, _ = _change(path or progress_path(), functools.partial(_add_pass, name))
    return note


def record_failure(name, path=None):
    """Count one more try that failed.

    Parameters
    ----------
    name : str
    path : Path, optional

    Returns
    -------
    n_failures : int
        Tries that have failed since the exercise last passed; 0 if the file cannot be used.
    """
    _, content = _change(path or progress_path(), functools.partial(_add_failure, name))
    return content["failures"].get(name, 0)


def record_solution_seen(name, path=None):
    """Note that somebody looked at a solution before the exercise passed; the first time counts.

    Parameters
    ----------
    name : str
    path : Path, optional
    """
    _change(path or progress_path(), functools.partial(_add_seen, name))


def _add_pass(name, content):
    content["passed"].setdefault(name, _now())
    content["failures"].pop(name, None)


def _add_failure(name, content):
    content["failures"][name] = content["failures"].get(name, 0) + 1


def _add_seen(name, content):
    if name not in content["passed"]:
        content["seen"].setdefault(name, _now())


def _now():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def _change(path, change):
    """Change what the file holds; returns a sentence on what went wrong, or "", and the content."""
    content = _empty()
    try:
        with _locked(path):
            content, corrupt = _read(path)
            note = _set_aside(path) if corrupt else ""
            before = copy.deepcopy(content)
            change(content)
            if content != before:
                _write(path, content)
            return note, content
    except OSError as error:
        return f"Your progress could not be saved in {path.name}: {error.strerror or error}.", content


def _empty():
    return {"passed": {}, "failures": {}, "seen": {}}


def _read(path):
    """What the file holds, and whether it is corrupt."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return _empty(), False
    except (OSError, ValueError, RecursionError):
        return _empty(), path.is_file()
    if not isinstance(content, dict) or "passed" not in content:
        return _empty(), True
    known = {name: content.get(name, {}) for name in _empty()}  # an older file has `passed` alone
    kinds = {"passed": str, "failures": int, "seen": str}
    if not all(_is_dict_of(kinds[name], value) for name, value in known.items()):
        return _empty(), True
    return known, False


def _is_dict_of(kind, value):
    return isinstance(value, dict) and all(type(item) is kind for item in value.values())


def _write(path, content):
    """Replace the file in one step, so that no reader ever meets half of it."""
    known = {name: value for name, value in content.items() if value or name == "passed"}
    text = json.dumps({"version": _VERSION, **known}, indent=1) + "\n"
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
