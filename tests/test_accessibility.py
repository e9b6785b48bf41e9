"""What the course shows, in JupyterLab's themes, looked at by axe-core; JupyterLab's own is only printed."""

import os
from pathlib import Path

import axe_playwright_python
import pytest
from learner import RIGHT, WRONG, at_work, forget

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
THEMES = ("JupyterLab Light", "JupyterLab Dark", "JupyterLab Dark High Contrast")
START = ".course-start .jp-RenderedMarkdown"
OUTPUTS = ".jp-NotebookPanel:not(.lm-mod-hidden) .jp-OutputArea-output"

# Axe knows an element by its path from the top of the page. Where JupyterLab puts something on the
# page meanwhile (a note in a corner will do), axe loses headings and says so: it then looks again.
LOOK = """async ([context, options]) => {
    for (let look = 0; look < 20; look++) {
        let moved = false;
        const watching = new MutationObserver(() => { moved = true; });
        watching.observe(document, { childList: true, subtree: true });
        const found = await axe.run(context, options);
        watching.disconnect();
        if (!moved) return found;
        await new Promise((wake) => setTimeout(wake, 500));
    }
}"""

# what concerns JupyterLab's page as a whole
WHOLE = ("page-has-heading-one", "region", "landmark-one-main")


def findings(page, context):
    """What is amiss in a part of the page, or may be: rule, how grave, how often, and the first element."""
    # JupyterLab's body has no height and hides what overflows, so that axe would take all for invisible
    page.evaluate("document.body.style.height = '100vh'")
    page.evaluate(AXE)
    options = {
        "runOnly": RULES,
        "rules": {name: {"enabled": False} for name in WHOLE},
    }
    found = page.evaluate(LOOK, [context, options])
    assert found, "the page did not come to rest"
    seen = {each["id"] for each in found["passes"]}
    assert seen & {"color-contrast", "image-alt"}, (context, found["incomplete"])  # it has looked
    return [
        (each["id"], each["impact"], len(nodes), nodes[0]["html"][:120])
        for each in found["violations"] + found["incomplete"]
        if (nodes := [node for node in each["nodes"] if not is_a_symbol(node)])
    ]


def is_a_symbol(node):
    """Whether axe is unsure of a contrast only because a text is a single character, such as ✓."""
    reasons = {(each["data"] or {}).get("messageKey") for each in node["any"]}
    return bool(reasons) and reasons <= {"shortTextContent", "nonBmp"}


def picture(learner, theme, name, locator):
    """Keep a picture, if somebody wants to look: in the folder that `COURSE_PICTURES` names."""
    if folder := os.environ.get("COURSE_PICTURES"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        locator.scroll_into_view_if_needed()
        learner.page.screenshot(path=Path(folder) / f"{name}, {theme}.png")


@pytest.fixture(scope="module")
def learner(installed, browser):
    """Return somebody with the start page, a failing card, a passing one and a figure before them."""
    forget(installed)
    with at_work(installed, browser) as learner:
        learner.start.get_by_role("link", name="Norms: how long").first.click()
        learner.kernel("01_norms.ipynb")
        learner.run("from helpers import check")
        learner.run("plots.three_lengths()").locator("img").wait_for()
        learner.attempt("l1_norm", RIGHT["l1_norm"]).get_by_text("Passed:", exact=True).wait_for()
        card = learner.attempt("l2_norm", WRONG["l2_norm"])
        for number in (1, 2):
            card.get_by_text(f"Hint {number} of 3").click()
        yield learner
    forget(installed)


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_of_ours(learner, theme):
    learner.menu("Settings", "Theme", theme)
    page = learner.page
    page.wait_for_selector(f"body[data-jp-theme-name='{theme}']", state="attached")
    page.wait_for_timeout(1000)
    shown = {
        "figure": learner.cell("plots.three_lengths()"),
        "passing card": learner.cell("check(l1_norm)"),
        "failing card": learner.cell("check(l2_norm)"),
    }
    found = {}
    for name, cell in shown.items():
        output = cell.locator(".jp-OutputArea-output").first
        output.scroll_into_view_if_needed()  # of what is out of sight, axe cannot tell the contrast
        output.evaluate("node => node.setAttribute('data-looked-at', '')")
        found[name] = findings(page, "[data-looked-at]")
        output.evaluate("node => node.removeAttribute('data-looked-at')")
        picture(learner, theme, name, output)
    theirs = findings(page, {"include": ["body"], "exclude": [OUTPUTS]})
    learner.bring("start.md")
    learner.start.wait_for()
    page.set_viewport_size({"width": 1300, "height": 1900})  # all of it
    page.wait_for_timeout(500)
    found["start page"] = findings(page, START)
    page.set_viewport_size({"width": 1300, "height": 1000})
    picture(learner, theme, "start page", learner.start.locator("h1"))
    learner.bring("01_norms.ipynb")
    print(f"\n{theme}: of JupyterLab itself, beside a notebook", *theirs, sep="\n    ")
    assert found == dict.fromkeys(found, [])
