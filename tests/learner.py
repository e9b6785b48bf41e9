"""A learner in front of JupyterLab: what people do, with a real browser."""

import contextlib
import re
import shutil

from clones import Lab, kill

SECONDS = 60  # for anything that JupyterLab does; a busy machine takes long
TITLE = "Norms, regularised logistic regression and gradient clipping"

RIGHT = {
    "l1_norm": "return float(np.abs(np.asarray(x, dtype=float)).sum())",
    "l2_norm": "return sum(float(v) ** 2 for v in x) ** 0.5",
    "squared_l2_norm_gradient": "return 2 * np.asarray(x, dtype=float)",
}
WRONG = {"l2_norm": "return np.sum(np.asarray(x, dtype=float) ** 2)"}


def forget(clone):
    """Let nobody have learnt anything in a clone yet, nor set anything in JupyterLab."""
    shutil.rmtree(clone / "my-work", ignore_errors=True)
    shutil.rmtree(clone.parent / "home" / ".jupyter", ignore_errors=True)


@contextlib.contextmanager
def at_work(clone, browser, height=1000):
    """Start the course and come to the address that it prints; leave both in the end."""
    server = Lab(clone)
    page = browser.new_page(viewport={"width": 1300, "height": height})
    page.set_default_timeout(SECONDS * 1000)
    try:
        learner = Learner(page, server)
        learner.come()
        yield learner
        learner.page.wait_for_timeout(1500)  # JupyterLab notes what is open a moment later
    finally:
        page.close()
        if server.process.poll() is None:
            server.end()
        kill(server.process) if server.process.poll() is None else None


class Learner:
    """What somebody does, and sees, in one browser tab."""

    def __init__(self, page, server):
        self.page, self.server = page, server

    def come(self):
        """Open the printed address."""
        self.page.goto(self.server.address)
        self.ready()

    def reload(self):
        """Reload the browser tab."""
        self.page.reload()
        self.ready()

    def ready(self):
        """Wait until JupyterLab shows a document."""
        self.page.wait_for_selector(".jp-Notebook .jp-Cell, .course-start h1")

    @property
    def start(self):
        """The start page."""
        return self.page.locator(".course-start .jp-RenderedMarkdown")

    @property
    def notebook(self):
        """The notebook in front."""
        return self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook")

    def tabs(self):
        """Titles of the open documents."""
        return self.page.locator("#jp-main-dock-panel .lm-TabBar-tabLabel").all_inner_texts()

    def bring(self, title):
        """Click on a document's tab."""
        self.page.locator("#jp-main-dock-panel .lm-TabBar-tab", has_text=title).click()

    def menu(self, *labels):
        """Choose an entry of a menu."""
        first, *rest = labels
        self.page.locator(".lm-MenuBar-itemLabel", has_text=re.compile(f"^{first}$")).click()
        for label in rest:
            entry = self.page.locator(".lm-Menu-itemLabel").get_by_text(label, exact=True).last
            entry.hover()
            entry.click()

    def kernel(self, lesson):
        """Wait until the notebook of a lesson is in front and its kernel is there."""
        tab = self.page.locator("#jp-main-dock-panel .lm-TabBar-tab.jp-mod-current", has_text=lesson)
        tab.wait_for()
        self.page.wait_for_selector("text=Python 3 (ipykernel) | Idle")

    def cell(self, text):
        """The code cell whose source holds a text, or begins with it."""
        area = self.page.locator(".jp-InputArea", has_text=text)
        found = self.notebook.locator(".jp-CodeCell").filter(has=area).first
        found.scroll_into_view_if_needed()
        return found

    def run(self, text):
        """Run a cell from the keyboard and return what it shows."""
        chosen = self.cell(text)
        chosen.locator(".cm-content").click()
        before = self.count(chosen)
        self.page.keyboard.press("Control+Enter")
        self.done(chosen, before)
        return chosen.locator(".jp-OutputArea-output")

    def count(self, cell):
        """Number in a cell's brackets; 0 if it has not been run."""
        return int(re.sub(r"\D", "", cell.locator(".jp-InputPrompt").inner_text()) or 0)

    def done(self, cell, before=0):
        """Wait until a cell has been run."""
        self.page.wait_for_function(
            "([node, before]) => node.querySelector('.jp-InputPrompt').innerText.match(/\\d+/)?.[0] > before",
            arg=[cell.element_handle(), before],
        )

    def write(self, name, body):
        """Replace the body of an exercise, below its contract, as a person who types does."""
        self.cell(f"def {name}(").locator(".cm-line").last.click()
        self.keep_contract_and_type(body)

    def keep_contract_and_type(self, body):
        """Replace the last line of the cell that is being edited."""
        self.page.keyboard.press("Control+End")
        self.page.keyboard.press("Shift+Home")
        self.page.keyboard.press("Shift+Home")
        self.page.keyboard.insert_text(f"    {body}")

    def attempt(self, name, body):
        """Write an exercise, run it and its check, and return the card."""
        self.write(name, body)
        self.run(f"def {name}(")
        return self.run(f"check({name})").first

    def save(self):
        """Save the notebook in front."""
        self.page.keyboard.press("Escape")
        self.page.keyboard.press("Control+s")
        dirty = "#jp-main-dock-panel .lm-TabBar-tab.jp-mod-current.jp-mod-dirty"
        self.page.wait_for_selector(dirty, state="detached")

    def focused(self):
        """Tag and text of what has the keyboard."""
        script = "() => [document.activeElement.tagName, document.activeElement.innerText ?? '']"
        return self.page.evaluate(script)

    def tab_to(self, tag, text, most=120):
        """Press Tab until something has the keyboard; returns how often."""
        for n in range(1, most):
            self.page.keyboard.press("Tab")
            found, content = self.focused()
            if found == tag and text in content:
                return n
        raise AssertionError(f"{most} times Tab do not lead to {text!r}")
