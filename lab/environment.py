"""The course's virtual environment, `.venv`: made, kept up to date, and made anew when broken."""

import os
import shutil
import subprocess
import sys
import sysconfig
import time

from lab.common import SetupError, locked, read_json, say, sha256, write_json
from lab.installing import NEEDED_MB, DownloadError, Installer, clean_environ, python_of

STAMP = "course.json"  # in .venv: what it was made from; written last


def ensure_environment(root, extra=None):
    """Make `.venv` what it should be; if it is already, do so little that it takes no time.

    Parameters
    ----------
    root : Path
        The project.
    extra : str, optional
        What else is needed: the packages of an extra, such as "test", "site" or "lite".
    """
    venv = root / ".venv"
    requirements = requirements_of(extra)
    with locked(root) as lock:
        stamp = read_json(venv / STAMP)
        wanted = origin(root, extra)
        usable = stamp.get("python") == wanted["python"] and is_whole(venv, stamp)
        if usable and wanted.items() <= stamp.items():
            return
        start = time.monotonic()
        installer = Installer(root, lock)
        if usable:
            say("Updating .venv (a few seconds to a minute) ...")
            usable = update(installer, requirements, stamp)
        if not usable:
            again = "again, from the beginning" if os.path.lexists(venv) else "once"
            say(f"Installing the course into .venv ({again}; takes a minute or two) ...")
            make(installer, requirements)
        others = stamp if usable else {}  # extras that were installed before, and still are
        write_json(venv / STAMP, others | wanted | {"contents": contents(venv)})
        installer.log.unlink()
        say(f"Ready after {time.monotonic() - start:.0f} s.")


def requirements_of(extra):
    """File of the pinned packages, with those of an extra if there is one."""
    return f"requirements-{extra}.txt" if extra else "requirements.txt"


def origin(root, extra):
    """Describe what `.venv` is made from: the Python, the project's place, the pinned packages."""
    names = {requirements_of(None), requirements_of(extra)}
    hashes = {name: sha256(root / name, root / "pyproject.toml") for name in names}
    return {"python": f"{sys.version} {sys.base_prefix} {root}", **hashes}


def contents(venv):
    """Names of the installed modules and packages."""
    variables = {"base": str(venv), "platbase": str(venv)}
    names = os.listdir(sysconfig.get_path("purelib", "venv", variables))
    return sorted(name for name in names if not name.endswith((".dist-info", "__pycache__")))


def is_whole(venv, stamp):
    """Whether an environment still runs and has everything that was installed in it."""
    try:
        if not set(stamp["contents"]) <= set(contents(venv)):
            return False
        return subprocess.call([python_of(venv), "-I", "-c", ""], env=clean_environ(venv)) == 0
    except (OSError, KeyError, TypeError):
        return False


def update(installer, requirements, stamp):
    """Bring a whole environment up to date in place; returns whether that worked."""
    path = installer.venv / STAMP
    write_json(path, {})  # should this be cut short, the environment is known to be unfinished
    try:
        installer.install(requirements)
    except DownloadError:
        write_json(path, stamp)
        raise
    except SetupError:
        return False
    return True


def make(installer, requirements):
    """Make the environment from nothing; if that fails, nothing is left of it."""
    check_python()
    check_disk(installer.root)
    remove(installer.venv)
    installer.venv.mkdir()
    write_json(installer.venv / STAMP, {})  # it is ours from the first moment
    try:
        installer.make_venv()
        installer.install(requirements)
    except BaseException:
        remove(installer.venv)
        raise


def check_python():
    """Raise `SetupError` if this Python has no means to make an environment."""
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        version = "{}.{}".format(*sys.version_info)
        advice = (
            f"`sudo apt install python3-venv` (or python{version}-venv) on Debian and Ubuntu"
            if sys.platform == "linux"
            else "install Python again, with all its parts"
        )
        raise SetupError(
            "This Python cannot make a virtual environment, because its `venv` or `ensurepip` is "
            f"missing: {advice}, then try again."
        ) from None


def check_disk(root):
    """Raise `SetupError` if there is not room enough for an environment."""
    free = shutil.disk_usage(root).free // 10**6
    if free < NEEDED_MB:
        raise SetupError(
            f"The course needs about {NEEDED_MB} MB of disk space, and {free} MB are left: free "
            "some and try again."
        )


def remove(venv):
    """Remove an environment: first aside, so that a removal cut short leaves no half of it.

    Raises
    ------
    SetupError
        If it is not an environment, or if it is in use.
    """
    aside = venv.with_name(f"{venv.name}-old")
    shutil.rmtree(aside, ignore_errors=True)
    if venv.is_symlink():
        venv.unlink()
    if not venv.exists():
        return
    marks = (venv / "pyvenv.cfg", venv / STAMP)
    if not venv.is_dir() or not any(mark.exists() for mark in marks) and any(venv.iterdir()):
        raise SetupError(
            f"{venv} should be the course's virtual environment, but it is something else: move it "
            "elsewhere and try again."
        )
    try:
        venv.rename(aside)
    except OSError as error:
        raise SetupError(
            f"{venv} has to be made anew, but cannot be moved ({error.strerror}): close JupyterLab "
            "and everything else that uses it, then try again."
        ) from None
    shutil.rmtree(aside, ignore_errors=True)
