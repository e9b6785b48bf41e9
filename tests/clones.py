"""Clones of the project in which `course.py` is tried, as a newcomer would."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BASE_PYTHON = getattr(sys, "_base_executable", None) or sys.executable
KEPT = re.compile(r"PIP_|SSL_|.*_CA_|.*CERT|.*proxy$", re.IGNORECASE)
WINDOWS_NEEDS = ("SYSTEMROOT", "PATHEXT", "COMSPEC")
GIT = ("git", "-c", "user.name=Test", "-c", "user.email=test@example.invalid")
GIT += ("-c", "commit.gpgsign=false")
NOWHERE = {
    "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
    "PIP_EXTRA_INDEX_URL": "",
    "PIP_FIND_LINKS": "",
    "PIP_CONFIG_FILE": os.devnull,
    "PIP_RETRIES": "0",
}
START_WITHOUT_JUPYTERLAB = """\
import sys
sys.path.insert(0, ".")
from lab import commands
commands.serve = lambda root, options: 0
sys.exit(commands.main([]))
"""


def clone_to(folder):
    """Clone the project as it stands, with what is not committed yet.

    The clone lies in a folder whose name makes trouble, beside an empty home.
    """
    folder = folder / "kürs, 1. try" / "the course"
    (folder.parent / "home").mkdir(parents=True)
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    commit(folder, "init", "-q")
    return folder


def commit(folder, *first):
    """Commit everything in a clone."""
    for arguments in (first, ("add", "-A"), ("commit", "-q", "-m", "Test")):
        if arguments:
            subprocess.run([*GIT, *arguments], cwd=folder, check=True)


def changes(folder):
    """Return what git sees as changed or new in a clone."""
    command = ["git", "status", "--porcelain"]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True).stdout.decode()


def minimal_environ(home, **more):
    """Environment of a newcomer: an empty home, and what reaching the packages takes."""
    kept = {name: value for name, value in os.environ.items() if KEPT.match(name) or name in WINDOWS_NEEDS}
    return kept | {"HOME": str(home), "USERPROFILE": str(home), "PATH": os.defpath} | more


def start(clone, *arguments, environ=None, output=subprocess.PIPE):
    """Start Python for a clone in a process group of its own; `course.py` from another folder."""
    return subprocess.Popen(
        [BASE_PYTHON, *map(str, arguments)],
        cwd=clone if arguments[0] == "-c" else clone.parent,
        env=environ or minimal_environ(clone.parent / "home"),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def finish(process, timeout=300):
    """Exit status and output of a process; it is ended if it takes too long."""
    try:
        output, _ = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        kill(process)
        raise
    return process.returncode, output.decode("utf-8", "replace")


def course(clone, *arguments, **environ):
    """Run `course.py` in a clone; returns exit status and output."""
    home = clone.parent / "home"
    environ = minimal_environ(home, **environ)
    return finish(start(clone, clone / "course.py", *arguments, environ=environ))


def set_up(clone, **environ):
    """Make a clone's environment, and nothing else."""
    environ = minimal_environ(clone.parent / "home", **environ)
    return finish(start(clone, "-c", START_WITHOUT_JUPYTERLAB, environ=environ))


def kill(process):
    """End a process and all that it started, at once."""
    if hasattr(os, "killpg"):
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait(30)
    if process.stdout:
        process.stdout.close()


def wait_until(condition, process, timeout=300):
    """Wait for a condition while a process runs."""
    end = time.monotonic() + timeout
    while not condition():
        assert process.poll() is None, f"the process ended with {process.returncode}"
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.05)


def text(path):
    """Return the text of a file that another process writes; empty if it is not there."""
    return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""


def packages_folder(clone):
    """Folder of the packages in a clone's environment."""
    return next((clone / ".venv").glob("[Ll]ib/**/site-packages"))


def shrink(clone):
    """Let a clone need nothing but setuptools."""
    for name in ("requirements.txt", "requirements-test.txt", "requirements-site.txt"):
        pinned = re.search(r"^setuptools==.*(\n +--hash.*)+", text(clone / name), re.MULTILINE)
        (clone / name).write_text(pinned.group() + "\n", encoding="utf-8")
    commit(clone)


def free_port():
    """Return a loopback port that nothing uses."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextlib.contextmanager
def running_formgrader(root, environment):
    """Address of nbgrader's Formgrader on the course in a folder, while the context lasts."""
    port = free_port()
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}"]
    command += ["--IdentityProvider.token=", f"--ServerApp.root_dir={root}"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    server = subprocess.Popen(command, cwd=root, env=environment, **quiet)
    address = f"http://127.0.0.1:{port}/formgrader"
    try:
        end = time.monotonic() + 90
        while not _answers(address):
            assert server.poll() is None
            assert time.monotonic() < end
            time.sleep(0.2)
        yield address
    finally:
        server.terminate()
        server.wait(30)


def _answers(address):
    try:
        with urllib.request.urlopen(address, timeout=10):
            return True
    except OSError:
        return False


class Lab:
    """A JupyterLab started with `course.py`; `address`, `url`, `token` and `output` once it is up.

    `address` is the one that it prints, which leads to where the learner is.
    """

    def __init__(self, clone):
        self.clone, self.port = clone, free_port()
        self.path = clone.parent / f"output-{self.port}.txt"
        begin = time.monotonic()
        with open(self.path, "wb") as output:
            arguments = (clone / "course.py", "--no-browser", "--port", self.port)
            self.process = start(clone, *arguments, output=output)
        address = r"((http://\S+?/)lab\S*\?token=(\w+))"
        try:
            wait_until(lambda: "Starting" in self.output, self.process, 600)
            self.seconds_before_server = time.monotonic() - begin
            wait_until(lambda: re.search(address, self.output), self.process, 120)
        except BaseException:
            kill(self.process)
            raise
        self.address, self.url, self.token = re.search(address, self.output).groups()

    @property
    def output(self):
        """What it has printed so far."""
        return text(self.path)

    def get(self, path):
        """Answer of the server."""
        headers = {"Authorization": f"token {self.token}"}
        request = urllib.request.Request(self.url + path, headers=headers)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read().decode()

    def end(self):
        """End it as Ctrl-C does; returns the exit status."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)
