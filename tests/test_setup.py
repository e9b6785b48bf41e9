"""`course.py` from a clean clone in an empty home folder to the open lesson.

Installing the whole course is slow, so it happens once (`installed`, in conftest.py).
"""

import json
import os
import re
import subprocess
import urllib.error
from importlib.metadata import version
from pathlib import Path

import pytest
from clones import BASE_PYTHON, Lab, changes, clone_to, course, kill, text

from lab import environment, installing

LESSON = "01_norms"


@pytest.fixture(scope="session")
def second_start(installed):
    """Return a JupyterLab in a clone that was set up before."""
    server = Lab(installed)
    yield server
    if server.process.poll() is None:
        kill(server.process)


def test_first_start_installs_and_tells_the_address_even_after_a_killed_one(installed):
    output = text(installed.with_name("first start.txt"))
    assert "again, from the beginning" in output
    assert re.search(r"\d+ packages (found|being installed), \d+ s", output)
    assert "Traceback" not in output
    assert not (installed / "setup.log").exists()


def test_second_start_goes_straight_to_the_server(second_start):
    print(f"{second_start.seconds_before_server:.2f} s before the server")
    assert second_start.output.startswith("Starting JupyterLab")
    assert second_start.seconds_before_server < 3


def test_second_start_runs_no_command_of_the_set_up(installed, monkeypatch):
    def run(self, doing, *command):
        raise AssertionError(f"{command} was run")

    monkeypatch.setattr(installing.Installer, "run", run)
    environment.ensure_environment(installed)


def test_jupyterlab_answers_with_the_lessons_and_shows_no_hidden_file(second_start, installed):
    names = [each["name"] for each in json.loads(second_start.get("api/contents"))["content"]]
    lessons = {f"{path.name}.ipynb" for path in (installed / "notebooks").iterdir()}
    assert set(names) - {"progress.json"} == lessons | {"start.md"}
    assert f"{LESSON}.ipynb" in names
    lesson = json.loads(second_start.get(f"api/contents/{LESSON}.ipynb"))
    assert lesson["content"]["cells"]


def test_students_do_not_get_the_instructors_server_parts(second_start):
    assert second_start.get(f"nbgrader_version?version={version('nbgrader')}")  # of Validate
    for path in ("formgrader", "assignments?course_id=x", "course_list", "formgraders"):
        with pytest.raises(urllib.error.HTTPError, match="404"):
            second_start.get(path)


def test_the_student_view_in_a_browser(second_start, browser):
    """No dialog, no news, no nbgrader menu; and Validate works."""
    page = browser.new_page(viewport={"width": 1300, "height": 850})
    page.goto(f"{second_start.url}lab?token={second_start.token}")
    page.locator(".jp-DirListing-item", has_text=f"{LESSON}.ipynb").dblclick(timeout=60000)
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60000)
    page.wait_for_timeout(2000)  # the news would have come by now
    menus = page.locator(".lm-MenuBar-itemLabel").all_inner_texts()
    assert menus == ["File", "Edit", "View", "Run", "Kernel", "Tabs", "Settings", "Help"]
    assert page.locator(".jp-Dialog, .Toastify__toast").count() == 0
    page.get_by_text("Validate", exact=True).first.click()
    dialog = page.locator(".jp-Dialog")
    dialog.wait_for(timeout=120000)
    assert "Validation Results" in dialog.inner_text()
    page.close()


def test_learning_leaves_the_clone_clean(second_start, installed):
    assert second_start.end() == 0
    assert not re.search(r"Traceback|Error|nbgrader", second_start.output)
    assert changes(installed) == ""


def test_the_test_command_adds_the_test_packages_and_passes_options_and_status_on(installed):
    status, output = course(
        installed, "test", "tests/test_environment.py", "-q", "-n0", "-k", "oldest_python"
    )
    assert status == 0, output
    assert "Updating .venv" in output
    assert re.search(r"^1 passed, \d+ deselected", output, re.MULTILINE)
    status, output = course(installed, "test", "tests/test_environment.py", "-q", "-n0", "-k", "nosuch")
    assert status == 5, output  # pytest's status for: no tests ran
    assert "Updating" not in output
    assert changes(installed) == ""


def test_the_progress_command_shows_a_table_and_no_warning(installed):
    status, output = course(installed, "progress")
    assert status == 0, output
    assert "norms" in output.lower()
    assert "Warning" not in output


def test_the_build_command_passes_its_options_on(installed):
    status, output = course(installed, "build", "--check")
    assert status == 0, output
    assert changes(installed) == ""


def test_lessons_need_nothing_more_after_the_tests_were_installed(installed, monkeypatch):
    course(installed, "test", "--version")
    test_second_start_runs_no_command_of_the_set_up(installed, monkeypatch)


@pytest.fixture
def clone(tmp_path):
    """Return a clone with no environment."""
    return clone_to(tmp_path)


def test_help_names_every_command(clone):
    status, output = course(clone, "--help")
    assert status == 0
    assert all(f"course.py {command}" in output for command in ("test", "build", "progress"))


def test_an_unknown_command_is_refused(clone):
    status, output = course(clone, "lessons")
    assert status == 2
    assert output.startswith("There is no command `lessons`; there are lab, progress, test, build")


def old_pythons():
    """Interpreters on this machine that are too old, and run."""
    places = [Path(folder) for folder in os.environ["PATH"].split(os.pathsep)]
    places += Path.home().glob(".pyenv/versions/*/bin")
    names = ["python2.7", *(f"python3.{minor}" for minor in range(3, 11))]
    found = {(place / name).resolve() for place in places for name in names}
    existing = sorted(str(path) for path in found if path.is_file())
    return [each for each in existing if subprocess.call([each, "-c", ""], stderr=subprocess.DEVNULL) == 0]


PRETEND = "import sys, runpy; sys.version_info = (3, 10, 13); runpy.run_path(sys.argv[1])"


@pytest.mark.parametrize("python", [[BASE_PYTHON, "-c", PRETEND], *zip(old_pythons())], ids=str)
def test_a_python_that_is_too_old_says_so(clone, python):
    done = subprocess.run([*python, clone / "course.py"], capture_output=True, timeout=60)
    assert done.returncode == 1
    assert done.stderr.startswith(b"The course needs Python 3.11 or newer, and this is Python ")
    assert done.stdout == b""
