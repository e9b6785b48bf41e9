"""A PostgreSQL server of the tests' own, in a temporary folder, that nobody else can reach."""

import contextlib
import itertools
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import psycopg
import pytest

SECONDS = 60
# the server goes, with its folder, when its standard input ends: at the latest when the tests do
SCRIPT = """\
if "$1/pg_ctl" start --wait --timeout 60 -D "$2/data" -l "$2/log" -o "$3" >/dev/null
then echo ready; read -r end
else cat "$2/log"
fi
"$1/pg_ctl" stop --mode immediate -D "$2/data" >/dev/null 2>&1
rm -rf "$2"
"""
OPTIONS = "-c listen_addresses= -c fsync=off -c unix_socket_directories="


class Server:
    """A running server."""

    def __init__(self, folder):
        self.folder = folder
        self._numbers = itertools.count(1)

    def url(self, database):
        """SQLAlchemy URL of a database."""
        return f"postgresql+psycopg://course@/{database}?host={self.folder}"

    def new_database(self):
        """SQLAlchemy URL of a new, empty database."""
        name = f"gradebook_{next(self._numbers)}"
        place = {"host": self.folder, "user": "course", "dbname": "postgres"}
        with psycopg.connect(**place, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.url(name)


def lacking(what):
    """Skip a test that a part of the system is lacking for; in continuous integration it fails."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


def find_binaries():
    """Folder of PostgreSQL's programs, the newest there are; None without them."""
    if os.name != "posix":
        return None
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    on_path = shutil.which("initdb")
    folders += [Path(on_path).resolve().parent] if on_path else []
    return max(folders, key=lambda folder: [int(n) for n in re.findall(r"\d+", str(folder))], default=None)


def account():
    """Who the server runs as, for `subprocess`: not root, whom it refuses."""
    if os.getuid() != 0:
        return {}
    import pwd

    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    return lacking("neither `postgres` nor `nobody` has an account here")


@contextlib.contextmanager
def running_server():
    """Server that runs while the context lasts.

    It listens on a socket in a folder of its own, which only its account may enter (and root), and
    asks for no password.
    """
    binaries = find_binaries()
    if binaries is None:
        lacking("PostgreSQL is missing (Debian and Ubuntu: apt install postgresql)")
    who = account()
    # not in a folder of pytest's: the account may not enter those, and a socket's path must be short
    folder = tempfile.mkdtemp(prefix="postgres-", dir="/tmp")
    if who:
        os.chown(folder, who["user"], who["group"])
    try:
        with _started(binaries, folder, who):
            yield Server(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _started(binaries, folder, who):
    options = {"cwd": folder, "env": {"PATH": os.defpath, "LC_ALL": "C"}, "text": True, **who}
    initdb = [binaries / "initdb", "-D", f"{folder}/data", "-U", "course", "--auth=trust", "--no-sync"]
    initdb += ["--encoding=UTF8", "--locale=C"]
    made = subprocess.run(initdb, capture_output=True, timeout=SECONDS, **options)
    assert made.returncode == 0, made.stdout + made.stderr
    process = subprocess.Popen(
        ["sh", "-c", SCRIPT, "sh", str(binaries), folder, f"{OPTIONS}{folder}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for the tests, which then stop it
        **options,
    )
    try:
        first = process.stdout.readline()
        assert first == "ready\n", first + process.stdout.read()
        yield
    finally:
        process.stdin.close()
        process.wait(SECONDS)
        process.stdout.close()
