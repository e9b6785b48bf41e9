"""Where submissions run: bubblewrap's sandbox, or, only if somebody says so, none."""

import contextlib
import functools
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from autograder.grading import isolation
from autograder.grading.isolation import HOME

ROOT = Path(__file__).resolve().parent.parent.parent
LEVELS = ("auto", "bubblewrap", "none")
DESCRIPTIONS = {
    "bubblewrap": "bubblewrap (own namespaces, read-only system, no network, limits)",
    "none": "none: submissions run with your own rights and can read, change and send whatever you can",
}
_SYSTEM = (
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/etc/fonts",
    "/etc/ld.so.cache",
    "/etc/alternatives",
)
_ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "HOME": HOME,
    "TMPDIR": HOME,
    "IPYTHONDIR": f"{HOME}/ipython",
    "MPLCONFIGDIR": f"{HOME}/matplotlib",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
    # one submission may not use the processor time of another
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "LOKY_MAX_CPU_COUNT": "1",
}
_OWN_MODULES = (
    "__init__.py",
    "reading.py",
    *(f"grading/{n}.py" for n in ("__init__", "crossing", "isolation", "wire", "worker")),
)
_KNOWN_HELPERS = ("calling.py", "comparing.py", "functions.py", "data.py", "own_reviews.tsv", "plots")
_HELPERS_WHILE_GRADING = '''\
"""What lessons import from `helpers`, while a submission is graded; the grader itself does the checking."""


def check(function):
    """Do nothing: the grader calls the function from outside."""


def progress():
    """Show nothing."""


def solution(name):
    """Show nothing."""
'''


WAY_OUT = (
    "Grade on Linux (a virtual machine, or WSL 2 on Windows) with bubblewrap installed and user namespaces "
    "allowed; or, only for people whom you trust, with --sandbox none."
)


class SandboxError(Exception):
    """Why submissions cannot be run safely here, and what to do about it."""


def choose(level, here=True):
    """The level to grade with.

    Parameters
    ----------
    level : {"auto", "bubblewrap", "none"}
    here : bool
        Whether submissions run on this machine.

    Returns
    -------
    level : {"bubblewrap", "none"}
        "none" only if it was asked for.

    Raises
    ------
    SandboxError
        If the sandbox cannot be had here.
    """
    if not here:
        return "none" if level == "none" else "bubblewrap"
    if level == "none":
        if not hasattr(os, "fork"):
            raise SandboxError("Grading needs Linux or macOS: on Windows, run it in WSL 2 (`wsl --install`).")
        return "none"
    if not sys.platform.startswith("linux"):
        raise SandboxError(f"There is no sandbox for submissions on {platform.system()}. {WAY_OUT}")
    if shutil.which("bwrap") is None:
        raise SandboxError(f"bubblewrap is not installed (apt install bubblewrap). {WAY_OUT}")
    return "bubblewrap"


@functools.cache
def _outer_filter():
    return isolation.seccomp_filter(for_child=False)


@contextlib.contextmanager
def stage(for_references=False):
    """Folder with the modules that a worker may see; it is removed in the end.

    Parameters
    ----------
    for_references : bool
        Whether the worker answers for references; then, and only then, they are among the modules.
    """
    source = ROOT / "src" / "helpers"
    with tempfile.TemporaryDirectory(prefix="grading-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        for module in _OWN_MODULES:
            target = folder / "autograder" / module
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / "autograder" / module, target)
        if for_references:
            shutil.copytree(source, folder / "helpers", ignore=shutil.ignore_patterns("__pycache__"))
        else:
            (folder / "helpers").mkdir()
            (folder / "helpers" / "__init__.py").write_text(_HELPERS_WHILE_GRADING, encoding="utf-8")
            for known in _KNOWN_HELPERS:
                copy = shutil.copytree if (source / known).is_dir() else shutil.copyfile
                copy(source / known, folder / "helpers" / known)
        for path in folder.rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)
        yield folder


def command(level, folder, settings, descriptor):
    """Command line and environment of a worker, and descriptors that it inherits.

    Parameters
    ----------
    level : {"bubblewrap", "none"}
    folder : Path
        From `stage`.
    settings : str
    descriptor : int
        Of the worker's end of the control socket.

    Returns
    -------
    arguments : list of str
    environment : dict of str to str
    inherited : list of int
        To be closed here once the worker has started, except for `descriptor`.
    """
    if level == "none":
        environment = {name: value.replace(HOME, str(folder)) for name, value in _ENVIRONMENT.items()}
        environment["PATH"] = os.environ.get("PATH", os.defpath)
        return _python(folder, settings, descriptor), environment, [descriptor]
    read, write = os.pipe()
    os.write(write, _outer_filter())
    os.close(write)
    arguments = ["bwrap", "--die-with-parent", "--new-session", "--unshare-pid", "--unshare-net"]
    arguments += ["--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try", "--hostname", "grading"]
    # root becomes an unprivileged user inside; see isolation.become_unprivileged
    arguments += ["--cap-drop", "ALL"]
    if os.geteuid() == 0:
        arguments += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        arguments += ["--unshare-user"]
    for path in _visible():
        arguments += ["--ro-bind", path, path]
    for path in _hidden():
        arguments += ["--tmpfs", path]
    for path in _python_folders():
        for parent in reversed(Path(path).parents[:-1]):  # bubblewrap's own are closed to others
            arguments += ["--dir", str(parent)]
        arguments += ["--ro-bind", path, path]
    for path in _hidden(within=_python_folders()):
        arguments += ["--tmpfs", path]
    arguments += ["--ro-bind", str(folder), "/grading", "--proc", "/proc", "--dev", "/dev"]
    arguments += ["--tmpfs", HOME, "--chmod", "1777", HOME, "--chdir", HOME]
    # /dev is in memory, too, and an ordinary user's own
    arguments += ["--remount-ro", "/dev", "--remount-ro", "/", "--seccomp", str(read), "--clearenv"]
    for name, value in _ENVIRONMENT.items():
        arguments += ["--setenv", name, value]
    arguments += ["--", *_python("/grading", settings, descriptor)]
    return arguments, {"PATH": os.environ.get("PATH", os.defpath)}, [descriptor, read]


def _python(folder, settings, descriptor):
    worker = f"{folder}/autograder/grading/worker.py"
    return [sys.executable, "-s", "-B", worker, str(folder), settings, str(descriptor)]


def _visible():
    return [path for path in _SYSTEM if os.path.exists(path)]


def _python_folders():
    """Folders of this Python and its packages that are not part of the system, outermost first."""
    import numpy

    packages = Path(numpy.__file__).parent.parent
    wanted = sorted({str(Path(p).resolve()) for p in (sys.base_prefix, sys.prefix, packages)}, key=len)
    kept = []
    for path in wanted:
        if not any(_is_within(path, other) for other in (*kept, *_visible_outside_root())):
            kept.append(path)
    return kept


def _visible_outside_root():
    """What is visible and stays so; the project's own folder, wherever it is, does not."""
    return [path for path in _visible() if not _is_within(str(ROOT), path)]


def _hidden(within=None):
    """Folders inside of what is visible that no submission may see."""
    import helpers

    secret = [str(ROOT), *(str(Path(path).resolve()) for path in helpers.__path__)]
    around = _visible() if within is None else within
    return sorted(
        {path for path in secret if any(_is_within(path, other) and path != other for other in around)}
    )


def _is_within(path, folder):
    return Path(path).is_relative_to(folder)


def start(level, folder, settings, descriptor, errors=subprocess.DEVNULL):
    """Start a worker; returns its process."""
    arguments, environment, inherited = command(level, folder, settings, descriptor)
    try:
        return subprocess.Popen(
            arguments,
            env=environment,
            pass_fds=inherited,
            stdin=subprocess.DEVNULL,
            stdout=errors,
            stderr=errors,
            start_new_session=True,
        )
    finally:
        for inherited_descriptor in inherited[1:]:
            os.close(inherited_descriptor)
