"""What several test modules share: a clone with its environment, a browser, a PostgreSQL server."""

import os
import shutil

import pytest
from clones import Lab, clone_to, kill, start, text, wait_until
from playwright.sync_api import sync_playwright
from postgres import running_server

CHROMIUM_FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync "
    "--disable-background-networking --disable-component-update"
)


# what takes longest begins first, so that in the end no process waits for another
LONGEST = ("installed", "test_attacks", "test_laws", "test_grading_at_scale", "test_nbgrader", "test_lite")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Keep the tests of a file in one process, and all that share the clone with its environment."""
    groups = {}
    for item in items:
        name = "installed" if "installed" in item.fixturenames else item.path.stem
        item.add_marker(pytest.mark.xdist_group(name))
        groups.setdefault(name, []).append(item)
    order = sorted(groups, key=lambda name: LONGEST.index(name) if name in LONGEST else len(LONGEST))
    items[:] = [item for name in order for item in groups[name]]


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
