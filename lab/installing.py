"""Run pip and its like: undisturbed, visibly alive, and with their failures in plain words."""

import os
import subprocess
import sys
import time

from lab.common import WINDOWS, SetupError, say

NEEDED_MB = 1500  # the environment, and what pip unpacks beside it

# What the output says, and what that means to the person at the keyboard.
TROUBLES = {
    ("No space left on device", "Errno 28", "Disk quota exceeded", "not enough space"): (
        "there is no room left on the disk, or in the folder for temporary files. The course needs "
        f"about {NEEDED_MB} MB: free some and try again."
    ),
    ("DO NOT MATCH THE HASHES",): (
        "a downloaded package is not the one that the course was made with (its hash differs), so "
        "it was damaged or replaced on its way. Try again, on another network if you can."
    ),
    (
        "NewConnectionError",
        "Failed to establish a new connection",
        "Name or service not known",
        "Temporary failure in name resolution",
        "getaddrinfo failed",
        "Max retries exceeded",
        "ProxyError",
        "SSLError",
        "ReadTimeoutError",
        "Read timed out",
        "Connection broken",
        "Connection aborted",
        "No matching distribution found",
    ): (
        "the packages could not be downloaded. Is there a connection to the Internet, and a proxy "
        "set where one is needed? Then try again."
    ),
}

# The only options of pip to respect: those that say where packages come from.
PIP_SOURCES = (
    *("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_NO_INDEX", "PIP_FIND_LINKS", "PIP_TRUSTED_HOST"),
    *("PIP_CERT", "PIP_CLIENT_CERT", "PIP_PROXY", "PIP_KEYRING_PROVIDER", "PIP_CONFIG_FILE"),
    *("PIP_TIMEOUT", "PIP_DEFAULT_TIMEOUT", "PIP_RETRIES", "PIP_CACHE_DIR", "PIP_NO_CACHE_DIR"),
)


class DownloadError(SetupError):
    """Packages could not be fetched, so that nothing has been changed yet."""


def bin_folder(venv):
    """Folder of a virtual environment's programs."""
    return venv / ("Scripts" if WINDOWS else "bin")


def python_of(venv):
    """Interpreter of a virtual environment."""
    return str(bin_folder(venv) / ("python.exe" if WINDOWS else "python"))


def clean_environ(venv):
    """Environment variables under which no other Python, folder or pip option disturbs `venv`."""
    others = ("PYTHON", "PIP_", "CONDA_", "__PYVENV")
    environ = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(others) or name in PIP_SOURCES
    }
    environ.pop("JUPYTER_PATH", None)
    return environ | {
        "PATH": str(bin_folder(venv)) + os.pathsep + environ.get("PATH", ""),
        "VIRTUAL_ENV": str(venv),
        "PYTHONNOUSERSITE": "1",
        "JUPYTER_PREFER_ENV_PATH": "1",
        "PIP_USER": "0",
        "PIP_REQUIRE_VIRTUALENV": "0",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_INPUT": "1",
    }


class Installer:
    """Runs the commands of one set-up, with their output in a log.

    Parameters
    ----------
    root : Path
        The project.
    lock : file
        The set-up's lock. Every command holds it too: if this process is killed, the next one
        waits until its orphan is done.
    """

    def __init__(self, root, lock):
        self.root, self.lock = root, lock
        self.venv = root / ".venv"
        self.log = root / "setup.log"

    def run(self, doing, *command):
        """Run one command to its end.

        Raises
        ------
        SetupError
            If it fails; `doing` says what did.
        """
        self.log.write_bytes(b"")  # a log that cannot be written is told before anything is done
        with open(self.log, "wb") as log:
            process = subprocess.Popen(
                command,
                cwd=self.root,
                env=clean_environ(self.venv),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=() if WINDOWS else (self.lock.fileno(),),
            )
        try:
            self.watch(process)
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
        if process.returncode:
            raise self.explained(doing)

    def watch(self, process):
        """Wait for a command, showing again and again what it is at."""
        tty = sys.stdout.isatty()
        start = shown = time.monotonic()
        while process.poll() is None:
            time.sleep(0.1)
            if time.monotonic() - shown > (1 if tty else 10):
                shown = time.monotonic()
                line = f"  {self.phase()}, {shown - start:.0f} s"
                say(line.ljust(40), end="\r" if tty else "\n")
        if tty:
            say(" " * 40, end="\r")

    def phase(self):
        """Words for what pip is at, from its output."""
        output = self.output()
        _, installing, names = output.partition("Installing collected packages:")
        if installing:
            return f"{names.partition(chr(10))[0].count(',') + 1} packages being installed"
        return f"{output.count('Collecting ')} packages found"

    def output(self):
        """Text that the command has written so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def explained(self, doing):
        """Error that says what the output means or, where that is not known, how it ends."""
        output = self.output()
        for signs, meaning in TROUBLES.items():
            if any(sign in output for sign in signs):
                untouched = "Installing collected packages:" not in output
                return (DownloadError if untouched else SetupError)(f"{doing}: {meaning}")
        tail = "\n".join(f"    {line}" for line in output.strip().splitlines()[-8:])
        return SetupError(f"{doing} failed:\n\n{tail}\n\nThe full output is in {self.log}.")

    def make_venv(self):
        """Make the virtual environment, with pip and nothing else."""
        python = getattr(sys, "_base_executable", None) or sys.executable
        self.run("Making the virtual environment", python, "-m", "venv", str(self.venv))

    def install(self, requirements):
        """Install pinned packages, every one by its hash, then the course's own code."""
        pip = (python_of(self.venv), "-m", "pip", "install", "--progress-bar=off")
        path = str(self.root / requirements)
        self.run("Installing the packages", *pip, "--require-hashes", "-r", path)
        own = ("--no-deps", "--no-build-isolation", "-e", str(self.root))
        self.run("Installing the course", *pip, *own)
