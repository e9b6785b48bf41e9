"""What can go wrong with the environment: one sentence each, and a second try that works.

What is tried on `small` needs a single package, so that it is quick.
"""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from clones import (
    NOWHERE,
    ROOT,
    START_WITHOUT_JUPYTERLAB,
    changes,
    clone_to,
    course,
    finish,
    minimal_environ,
    packages_folder,
    set_up,
    shrink,
    start,
    text,
    wait_until,
)

from lab import common, environment, installing


@pytest.fixture
def clone(tmp_path):
    """Return a clone with no environment."""
    return clone_to(tmp_path)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Return a clone that needs one package, with its environment."""
    small = clone_to(tmp_path_factory.mktemp("small"))
    shrink(small)
    assert set_up(small)[0] == 0
    return small


def assert_one_sentence(clone, status, output, sentence):
    """Check an error: it says `sentence`, shows no traceback and leaves nothing behind."""
    assert status == 1, output
    assert sentence in output
    assert "Traceback" not in output
    assert not list(clone.glob(".venv*"))


def test_without_network(clone):
    status, output = course(clone, "--no-browser", **NOWHERE)
    sentence = "Installing the packages: the packages could not be downloaded. Is there a connection"
    assert_one_sentence(clone, status, output, sentence)
    assert changes(clone) == ""


def test_without_ensurepip(clone):
    stub = "import sys, runpy; sys.modules['ensurepip'] = None; sys.argv[:] = sys.argv[1:];"
    stub += "runpy.run_path(sys.argv[0], run_name='__main__')"
    environ = minimal_environ(clone.parent / "home")
    arguments = ("-c", stub, clone / "course.py", "--no-browser")
    status, output = finish(start(clone, *arguments, environ=environ))
    assert_one_sentence(clone, status, output, "its `venv` or `ensurepip` is missing: ")
    if sys.platform == "linux":
        assert "sudo apt install python3-venv" in output


def test_without_room_on_the_disk(monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(1, 1, 300 * 10**6))
    with pytest.raises(common.SetupError, match=r"needs about \d+ MB .* 300 MB are left: free some"):
        environment.check_disk(ROOT)


@pytest.mark.parametrize(
    ("output", "kind", "sentence"),
    [
        (
            "Collecting numpy\nERROR: Could not install packages due to an OSError: [Errno 28] "
            "No space left on device",
            installing.DownloadError,
            "no room left on the disk",
        ),
        (
            "Installing collected packages: numpy, scipy\nOSError: [Errno 122] Disk quota exceeded",
            common.SetupError,
            "no room left on the disk",
        ),
        (
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.",
            installing.DownloadError,
            "its hash differs",
        ),
        (
            "WARNING: Retrying after connection broken by 'NewConnectionError: Failed to establish "
            "a new connection: [Errno -2] Name or service not known'",
            installing.DownloadError,
            "could not be downloaded",
        ),
        ("line\n" * 9 + "a new kind of error", common.SetupError, "    a new kind of error\n\nThe"),
    ],
)
def test_what_pip_says_becomes_a_sentence(tmp_path, output, kind, sentence):
    installer = installing.Installer(tmp_path, None)
    installer.log.write_text(output, encoding="utf-8")
    error = installer.explained("Installing")
    assert type(error) is kind
    assert sentence in str(error)


def test_a_failed_command_shows_how_its_output_ends_and_where_it_is(tmp_path):
    with common.locked(tmp_path) as lock:
        installer = installing.Installer(tmp_path, lock)
        with pytest.raises(common.SetupError) as caught:
            installer.run("Trying", sys.executable, "-c", "import sys; sys.exit('no ✓ luck')")
    assert str(caught.value).startswith("Trying failed:\n\n    no ")
    assert str(installer.log) in str(caught.value)


def test_somebody_elses_folder_is_not_touched(clone):
    (clone / ".venv").mkdir()
    (clone / ".venv" / "diary.txt").write_text("mine", encoding="utf-8")
    status, output = course(clone, "--no-browser")
    assert status == 1
    assert "is something else: move it elsewhere" in output
    assert text(clone / ".venv" / "diary.txt") == "mine"


def break_interpreter(clone):
    """Remove the interpreter, as an upgrade of Python does."""
    Path(installing.python_of(clone / ".venv")).unlink()


def break_packages(clone):
    """Remove some of the packages."""
    shutil.rmtree(packages_folder(clone) / "setuptools")


def break_stamp(clone):
    """Spoil the stamp."""
    (clone / ".venv" / environment.STAMP).write_text("{", encoding="utf-8")


def break_everything(clone):
    """Remove nearly all."""
    shutil.rmtree(packages_folder(clone).parent)
    (clone / ".venv" / "pyvenv.cfg").unlink()


@pytest.mark.parametrize("break_it", [break_interpreter, break_packages, break_stamp, break_everything])
def test_a_broken_environment_is_made_again(small, break_it):
    break_it(small)
    status, output = set_up(small)
    assert status == 0, output
    assert "again, from the beginning" in output
    assert set_up(small)[1].count("Installing the course") == 0
    find = "from importlib.util import find_spec; assert find_spec('helpers'); import setuptools"
    subprocess.run([installing.python_of(small / ".venv"), "-c", find], check=True, timeout=60)
    assert changes(small) == ""


def test_an_outdated_environment_survives_being_offline(small):
    with open(small / "requirements.txt", "a", encoding="utf-8") as file:
        file.write(f"six==1.17.0 --hash=sha256:{'0' * 64}\n")
    status, output = set_up(small, **NOWHERE)
    assert status == 1
    assert "could not be downloaded" in output
    subprocess.run(["git", "checkout", "-q", "."], cwd=small, check=True)
    status, output = set_up(small)
    assert status == 0
    assert "Installing" not in output
    assert "Updating" not in output


def test_what_disturbs_other_pythons_does_not_disturb_this_one(small, tmp_path):
    (tmp_path / "setuptools.py").write_text("raise SystemExit('wrong one')", encoding="utf-8")
    break_stamp(small)
    status, output = set_up(
        small,
        PYTHONPATH=str(tmp_path),
        PIP_USER="1",
        PIP_TARGET=str(tmp_path / "target"),
        PIP_REQUIRE_VIRTUALENV="1",
        VIRTUAL_ENV=str(tmp_path),
        CONDA_PREFIX=str(tmp_path),
    )
    assert status == 0, output
    assert not (tmp_path / "target").exists()
    assert (packages_folder(small) / "setuptools").is_dir()


def test_a_second_set_up_waits_for_the_orphans_of_a_killed_one(small):
    shutil.rmtree(small / ".venv")
    first = start(small, "-c", START_WITHOUT_JUPYTERLAB)
    wait_until((small / ".venv" / "pyvenv.cfg").exists, first)
    os.kill(first.pid, signal.SIGTERM if os.name == "nt" else signal.SIGKILL)
    first.wait(30)
    first.stdout.close()
    status, output = set_up(small)
    assert status == 0, output
    assert "waiting until it is done" in output or os.name == "nt"
    assert "again, from the beginning" in output
    assert set_up(small)[1].count("Installing the course") == 0


def test_two_set_ups_at_the_same_time_share_the_work(small):
    break_stamp(small)
    both = [start(small, "-c", START_WITHOUT_JUPYTERLAB) for _ in range(2)]
    outputs = [finish(process) for process in both]
    assert [status for status, _ in outputs] == [0, 0], outputs
    assert sorted(output.count("Ready after") for _, output in outputs) == [0, 1]
    assert sorted(output.count("Another course.py is setting up") for _, output in outputs) == [0, 1]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_set_up_says_so_and_leaves_nothing(clone, number):
    shrink(clone)
    process = start(clone, "-c", START_WITHOUT_JUPYTERLAB)
    wait_until(lambda: "Collecting" in text(clone / "setup.log"), process)
    process.send_signal(number)
    status, output = finish(process)
    assert_one_sentence(clone, status, output, "Stopped before everything was ready.")
