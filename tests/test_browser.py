"""A learner in JupyterLab: a wrong answer is named, a right one passes, and progress is kept."""

import json

import pytest
from clones import Lab, changes, kill

WRONG = """def l2_norm(x):
    x = np.asarray(x, dtype=float)
    return np.sum(x**2)
"""
RIGHT = """def l2_norm(x):
    return sum(float(v) ** 2 for v in x) ** 0.5
"""


@pytest.fixture
def lesson(installed, browser):
    """Return the page of lesson 01 in a JupyterLab started with `course.py`."""
    server = Lab(installed)
    page = browser.new_page(viewport={"width": 1300, "height": 1000})
    try:
        page.goto(f"{server.url}lab/tree/01_norms.ipynb?token={server.token}")
        page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
        page.wait_for_selector("text=Python 3 (ipykernel) | Idle", timeout=60_000)
        yield page
    finally:
        page.close()
        if server.process.poll() is None:
            server.end()
        kill(server.process) if server.process.poll() is None else None


def cell(page, text):
    """The code cell whose source holds a text."""
    found = page.locator(".jp-Notebook .jp-CodeCell").filter(has=page.locator(".jp-InputArea", has_text=text))
    found.first.scroll_into_view_if_needed()
    return found.first


def run(page, text):
    """Run a cell from the keyboard and return what it shows."""
    chosen = cell(page, text)
    chosen.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("text=Python 3 (ipykernel) | Idle", timeout=60_000)
    return chosen.locator(".jp-OutputArea-output")


def write(page, text, source):
    """Replace the source of a cell, as a person who types does."""
    cell(page, text).locator(".cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(source)


def test_a_wrong_answer_is_named_and_a_right_one_passes(lesson, installed):
    run(lesson, "from helpers import check")

    card = run(lesson, "check(l2_norm)")
    assert "NameError" in card.inner_text()  # the starter has not been run

    run(lesson, "def l2_norm")
    card = run(lesson, "check(l2_norm)").first
    card.get_by_text("Not started:", exact=True).wait_for(timeout=20_000)

    write(lesson, "def l2_norm", WRONG)
    run(lesson, "def l2_norm")
    card = run(lesson, "check(l2_norm)").first
    card.get_by_text("Forgot the root.").wait_for(timeout=20_000)
    text = card.inner_text()
    assert "Not yet: l2_norm" in " ".join(text.split())
    assert "l2_norm(np.array([-2.5]))" in text
    assert "6.25" in text
    card.get_by_text("Hint 1 of 3").click()
    assert "Pythagoras" in card.inner_text()

    write(lesson, "def l2_norm", RIGHT)
    run(lesson, "def l2_norm")
    card = run(lesson, "check(l2_norm)").first
    card.get_by_text("Passed:", exact=True).wait_for(timeout=20_000)
    assert "1 of 10 exercises passed" in card.inner_text()
    assert list(json.loads((installed / "my-work" / "progress.json").read_text())["passed"]) == ["l2_norm"]

    figure = run(lesson, "plots.three_lengths()").locator("img")
    figure.wait_for(timeout=30_000)
    assert "length 7" in figure.get_attribute("alt")
    assert changes(installed) == ""
