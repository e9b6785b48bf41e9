"""A learner in JupyterLab, day by day: begins, errs, passes, goes on, comes back."""

import json
import re
import subprocess
import time

import pytest
from clones import GIT, changes, text
from learner import RIGHT, TITLE, WRONG, at_work, forget

NORMS = "Norms: how long is a vector"


@pytest.fixture
def newcomer(installed):
    """Return a clone in which nobody has learnt anything yet, and leave it so."""
    forget(installed)
    yield installed
    forget(installed)


def in_view(locator):
    """Whether the top of an element is to be seen."""
    return locator.evaluate(
        "node => { const top = node.getBoundingClientRect().top; return 0 <= top && top < innerHeight / 2; }"
    )


def passed(clone):
    """Names of the exercises that have been passed."""
    return list(json.loads(text(clone / "my-work" / "progress.json"))["passed"])


def test_from_git_clone_to_the_first_green_card(newcomer, browser, tmp_path):
    """Count what a person does, and the time that passes; the set-up is that of the fixture."""
    begin = time.monotonic()
    subprocess.run([*GIT, "clone", "-q", str(newcomer), str(tmp_path / "clone")], check=True, timeout=60)
    cloning = time.monotonic() - begin
    actions = ["git clone", "cd", "python3 course.py"]
    begin = time.monotonic()
    with at_work(newcomer, browser) as learner:
        assert learner.tabs() == ["start.md"]
        assert learner.start.locator("h1").inner_text().startswith(TITLE)
        opening = time.monotonic() - begin

        learner.start.get_by_role("link", name=NORMS).first.click()
        learner.kernel("01_norms.ipynb")
        actions.append("click the lesson")
        check = learner.cell("check(l1_norm)")
        while not learner.count(check):
            if learner.notebook.locator(".jp-Cell.jp-mod-active").inner_text().find("def l1_norm(") >= 0:
                learner.page.keyboard.press("Enter")
                learner.keep_contract_and_type(RIGHT["l1_norm"])
                actions += ["Enter", "replace the last line"]
            learner.page.keyboard.press("Shift+Enter")
            actions.append("Shift+Enter")
            learner.page.wait_for_timeout(200)  # nobody reads faster
        card = check.locator(".jp-OutputArea-output").first
        card.get_by_text("Passed:", exact=True).wait_for()
        learning = time.monotonic() - begin - opening
    setting_up = float(text(newcomer.with_name("seconds.txt")))
    print(
        f"\nFrom git clone to the first green card: {len(actions)} actions, "
        f"{cloning + setting_up + opening + learning:.0f} s (clone {cloning:.1f}, set-up {setting_up:.0f}, "
        f"JupyterLab to the start page {opening:.0f}, lesson to the card {learning:.0f})"
    )
    print(f"Actions: {', '.join(actions)}")
    assert actions.count("Shift+Enter") < 20


def test_a_wrong_answer_is_named_a_right_one_passes_and_the_start_page_counts_it(newcomer, browser):
    with at_work(newcomer, browser) as learner:
        learner.start.get_by_role("link", name=NORMS).first.click()
        learner.kernel("01_norms.ipynb")
        learner.run("from helpers import check")
        card = learner.run("check(l2_norm)")
        assert "NameError" in card.inner_text()  # the starter has not been run

        learner.run("def l2_norm(")
        learner.run("check(l2_norm)").first.get_by_text("Not started:", exact=True).wait_for()

        card = learner.attempt("l2_norm", WRONG["l2_norm"])
        card.get_by_text("Forgot the root.").wait_for()
        shown = card.inner_text()
        assert "Not yet: l2_norm" in " ".join(shown.split())
        assert "l2_norm(np.array([-2.5]))" in shown
        assert "6.25" in shown
        assert "Pythagoras" not in shown
        card.get_by_text("Hint 1 of 3").focus()
        learner.page.keyboard.press("Enter")
        assert "Pythagoras" in card.inner_text()

        card = learner.attempt("l2_norm", RIGHT["l2_norm"])
        card.get_by_text("Passed:", exact=True).wait_for()
        assert "1 of 10 exercises passed" in card.inner_text()
        assert passed(newcomer) == ["l2_norm"]

        figure = learner.run("plots.three_lengths()").locator("img")
        figure.wait_for()
        assert "length 7" in figure.get_attribute("alt")

        learner.page.wait_for_timeout(1000)
        learner.bring("start.md")  # it is up to date when it comes to the front
        learner.start.get_by_text("1 of 69 exercises passed").wait_for()
        learner.reload()
        learner.start.get_by_text("1 of 69 exercises passed").wait_for()
    assert changes(newcomer) == ""


def test_the_link_to_the_next_exercise_leads_to_its_heading(newcomer, browser):
    (newcomer / "my-work").mkdir()
    names = ("squared_l2_norm_gradient", "l2_norm_gradient", "l1_norm_subgradient")
    progress = {"version": 1, "passed": dict.fromkeys(names, "2026-01-01T10:00:00Z")}
    (newcomer / "my-work" / "progress.json").write_text(json.dumps(progress), encoding="utf-8")
    with at_work(newcomer, browser) as learner:
        box = learner.start.locator(".course-next")
        assert "3 of 69 exercises passed" in box.inner_text()
        assert float(box.locator("progress").get_attribute("value")) == 3
        box.get_by_role("link", name="Is the gradient right?: numerical_gradient").click()
        learner.kernel("02_gradient_norms.ipynb")
        active = learner.notebook.locator(".jp-Cell.jp-mod-active")
        active.get_by_role("heading", name="Is the gradient right?").wait_for()
        assert in_view(active)

        learner.page.locator("#jp-top-bar").get_by_text("Start page").click()
        learner.start.locator("table").get_by_role("link", name="The final exam").wait_for(state="detached")
        learner.start.locator("table").get_by_role("link", name="Make the sequences").click()
        learner.kernel("07_training_health.ipynb")
        active = learner.notebook.locator(".jp-Cell.jp-mod-active")
        active.get_by_role("heading", name="Make the sequences").wait_for()
        assert in_view(active)


def test_run_all_two_notebooks_and_coming_back_later(newcomer, browser):
    with at_work(newcomer, browser) as learner:
        learner.start.get_by_role("link", name=NORMS).first.click()
        learner.kernel("01_norms.ipynb")
        learner.write("l1_norm", RIGHT["l1_norm"])

        learner.menu("Kernel", "Restart Kernel and Run All Cells…")
        learner.page.locator(".jp-Dialog").get_by_role("button", name="Confirm Kernel Restart").click()
        learner.done(learner.cell("check(l2_norm)"))
        for name, word in (("l1_norm", "Passed:"), ("l2_norm", "Not started:")):
            card = learner.cell(f"check({name})").locator(".jp-OutputArea-output").first
            card.get_by_text(word, exact=True).wait_for()
        assert learner.count(learner.cell("def max_norm(")) == 0  # it stops at the first that is not started
        learner.save()

        learner.bring("start.md")
        learner.start.get_by_role("link", name="Gradient norms").first.click()
        learner.kernel("02_gradient_norms.ipynb")
        learner.run("from helpers import check")
        name = "squared_l2_norm_gradient"
        learner.attempt(name, RIGHT[name]).get_by_text("Passed:", exact=True).wait_for()
        learner.save()
        learner.bring("01_norms.ipynb")
        learner.kernel("01_norms.ipynb")
        learner.attempt("l2_norm", RIGHT["l2_norm"]).get_by_text("Passed:", exact=True).wait_for()
        learner.save()
        assert passed(newcomer) == ["l1_norm", name, "l2_norm"]
        assert set(learner.tabs()) == {"start.md", "01_norms.ipynb", "02_gradient_norms.ipynb"}

    released = newcomer / "notebooks" / "01_norms" / "01_norms.ipynb"
    old = released.read_bytes()
    own = (newcomer / "my-work" / "01_norms.ipynb").read_bytes()
    released.write_bytes(old.replace(b"Norms: how long is", b"Norms: how far is", 1))
    try:
        with at_work(newcomer, browser) as learner:
            assert learner.server.address.partition("?")[0].endswith("/lab")
            learner.kernel("01_norms.ipynb")  # as it was left
            assert set(learner.tabs()) == {"start.md", "01_norms.ipynb", "02_gradient_norms.ipynb"}
            card = learner.cell("check(l2_norm)").locator(".jp-OutputArea-output").first
            card.get_by_text("Passed:", exact=True).wait_for()
            assert "return sum(float(v)" in learner.cell("def l2_norm(").inner_text()

            learner.bring("start.md")
            learner.start.get_by_text("3 of 69 exercises passed").wait_for()
            learner.start.get_by_role("heading", name="New versions").wait_for()
            learner.start.get_by_role("link", name="01_norms (updated).ipynb").click()
            learner.kernel("01_norms (updated).ipynb")
            learner.notebook.get_by_role("heading", name="Norms: how far is a vector").wait_for()
    finally:
        released.write_bytes(old)
    assert (newcomer / "my-work" / "01_norms.ipynb").read_bytes() == own
    assert re.search(r"01_norms has a new version, which is my-work/01_norms \(upd", learner.server.output)
    assert changes(newcomer) == ""


def test_everything_by_keyboard_from_the_start_page_to_a_hint(newcomer, browser):
    with at_work(newcomer, browser) as learner:
        press = learner.page.keyboard.press
        steps = {"to the lesson": learner.tab_to("A", NORMS)}
        press("Enter")
        learner.kernel("01_norms.ipynb")
        check = learner.cell("check(l1_norm)")
        while not learner.count(check):
            if "def l1_norm(" in learner.notebook.locator(".jp-Cell.jp-mod-active").inner_text():
                press("Enter")
                learner.keep_contract_and_type("return float(np.sum(np.asarray(x, dtype=float)))")
            press("Shift+Enter")
            learner.page.wait_for_timeout(200)
        press("ArrowUp")  # Shift+Enter went on to the next cell
        steps["to the hint"] = learner.tab_to("SUMMARY", "Hint 1 of")
        press("Enter")
        hint = check.locator("details[open]").first
        hint.wait_for()
        assert hint.locator("summary").first.inner_text().startswith("Hint 1 of")
        print(f"\nTab is pressed {steps}")
        assert max(steps.values()) < 40
