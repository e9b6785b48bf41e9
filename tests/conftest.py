"""What several test modules share: a clone with its environment, a browser, a PostgreSQL server."""

import os
import shutil
from pathlib import Path

import pytest
from clones import Lab, clone_to, kill, start, text, wait_until
from playwright.sync_api import sync_playwright
from postgres import running_server
from xdist.scheduler import LoadFileScheduling

CHROMIUM_FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync "
    "--disable-background-networking --disable-component-update"
)


# files that share the clone with its environment, and so a process
INSTALLED = ("test_setup", "test_browser", "test_accessibility")
# what takes longest begins first, so that in the end no process waits for another
LONGEST = (
    "test_nbgrader",
    *INSTALLED,
    "test_grading_at_scale",
    "test_attacks",
    "test_laws",
    "test_cluster",
    "test_grade_command",
    "test_grader",
)


class Scheduling(LoadFileScheduling):
    """All tests of a file run in one process."""

    def _split_scope(self, nodeid):
        file = super()._split_scope(nodeid)
        return "installed" if Path(file).stem in INSTALLED else file


def pytest_xdist_make_scheduler(config, log):
    """Distribute files, in their order, and not the ones with most tests first."""
    config.option.loadscopereorder = False
    return Scheduling(config, log)


def pytest_collection_modifyitems(items):
    """Put the files that take longest first."""
    order = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: order.get(item.path.stem, len(order)))


@pytest.fixture(scope="session")
def installed(tmp_path_factory):
    """Return a clone with its environment, whose first set-up was killed half-way."""
    clone = clone_to(tmp_path_factory.mktemp("installed"))
    killed = start(clone, clone / "course.py", "--no-browser")
    wait_until(lambda: "Collecting" in text(clone / "setup.log"), killed)
    kill(killed)
    assert (clone / ".venv").exists()
    first = Lab(clone)
    clone.with_name("seconds.txt").write_text(f"{first.seconds_before_server:.1f}", encoding="utf-8")
    assert first.end() == 0
    clone.with_name("first start.txt").write_text(first.output, encoding="utf-8")
    return clone


@pytest.fixture(scope="session")
def browser():
    """Return a headless Chromium."""
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next(filter(None, map(shutil.which, names)), None)
    if not path:
        advice = "install Chromium (Debian and Ubuntu: apt install chromium) for the browser tests"
        assert "CI" not in os.environ, advice
        pytest.skip(advice)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS.split())
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def postgresql():
    """Return a PostgreSQL server; `new_database` is the URL of an empty gradebook."""
    with running_server() as server:
        yield server
