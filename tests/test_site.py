"""The course as a site: opened from its folder, without a network, by mouse, keyboard and screen reader."""

import html.parser
import json
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe

from autograder.site.building import run
from autograder.site.pages import folded, reference
from helpers.exercises import EXERCISES, LESSONS

ROOT = Path(__file__).resolve().parent.parent
SHOWN = {name: LESSONS[name] for name in ("01_norms", "03_logistic_regression")}
PAGES = ["index", *SHOWN, "search"]
MOST_BYTES = 2_000_000
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]


class Elements(html.parser.HTMLParser):
    """The opening tags of a page, with their attributes, and its text."""

    def __init__(self, path):
        super().__init__()
        self.tags, self.texts = [], []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.texts.append(data)

    def all(self, *names):
        return [attributes for tag, attributes in self.tags if tag in names]


def built(to, **options):
    """Build a site of two lessons."""
    assert run(ROOT, EXERCISES, SHOWN, to, **options) == 0
    return to


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return built(tmp_path_factory.mktemp("a site") / "of the course", repository="https://example.invalid/c")


@pytest.fixture(scope="module")
def graded_site(tmp_path_factory):
    return built(tmp_path_factory.mktemp("graded"), with_solutions=False)


@pytest.fixture
def open_page(browser, site):
    """Return what opens a page of the site; a request that leaves the folder and any error fail the test."""
    contexts, problems = [], []

    def note(message):
        if message.type in ("error", "warning"):
            problems.append(message.text)

    def refuse(route):
        url = route.request.url
        if url.startswith((site.as_uri(), "data:")):
            route.continue_()
        else:
            problems.append(url)
            route.abort()

    def open_page(name, **options):
        context = browser.new_context(**{"viewport": {"width": 1300, "height": 900}} | options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", note)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("requestfailed", lambda request: problems.append(request.url))
        page.route("**/*", refuse)
        page.goto((site / f"{name}.html").as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert problems == []


def test_there_is_a_page_for_each_lesson(site):
    assert {path.stem for path in site.glob("*.html")} == set(PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_page_says_what_it_is(site, name):
    page = Elements(site / f"{name}.html")
    assert page.all("html")[0]["lang"] == "en"
    metas = {meta.get("name"): meta.get("content") for meta in page.all("meta")}
    assert "width=device-width" in metas["viewport"]
    assert 40 < len(metas["description"]) < 200
    assert len(page.all("h1")) == 1
    assert len(page.all("main")) == 1
    assert page.all("header")
    assert page.all("footer")
    assert "Lessons" in [nav.get("aria-label") for nav in page.all("nav")]


def test_titles_and_descriptions_differ(site):
    texts = [(site / f"{name}.html").read_text(encoding="utf-8") for name in PAGES]
    for pattern in ("<title>(.+?)</title>", '<meta name="description" content="(.+?)"'):
        assert len({re.search(pattern, text)[1] for text in texts}) == len(PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_page_is_light(site, name):
    """A page with all that it makes a browser load weighs less than 2 MB, before any compression."""
    page = Elements(site / f"{name}.html")
    addresses = [
        each.get("src") or each["href"] for each in page.all("script", "img", "link") if len(each) > 1
    ]
    loaded = {site / urlsplit(address).path for address in addresses}
    files = {path for path in loaded if path.suffix != ".html"} | set(site.glob("_static/katex/fonts/*"))
    assert {".js", ".css", ".woff2"} <= {path.suffix for path in files}
    assert sum(path.stat().st_size for path in [site / f"{name}.html", *files]) < MOST_BYTES


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(site, name):
    """Every address inside the site names a file and a place that are there."""
    page = Elements(site / f"{name}.html")
    links = page.all("a", "link", "img", "script", "form")
    addresses = [link.get("href") or link.get("src") or link.get("action") for link in links]
    inside = [address for address in addresses if address and not urlsplit(address).scheme]
    assert len(inside) > 10
    for address in inside:
        parts = urlsplit(address)
        target = site / unquote(parts.path or f"{name}.html")
        assert target.is_file(), address
        if parts.fragment:
            ids = {attributes.get("id") for _, attributes in Elements(target).tags}
            assert unquote(parts.fragment) in ids, address


@pytest.mark.parametrize("lesson", SHOWN)
def test_figures_keep_their_text_alternatives(site, lesson):
    n_shown = (ROOT / "lessons" / f"{lesson}.md").read_text(encoding="utf-8").count("plots.show(")
    images = Elements(site / f"{lesson}.html").all("img")
    assert len(images) >= n_shown > 0
    for image in images:
        assert len(image["alt"]) >= 20
        assert image["src"].startswith("_static/figures/")
        assert {"width", "height"} <= image.keys()


@pytest.mark.parametrize("lesson", SHOWN)
def test_mathematics_is_rendered(lesson, open_page):
    page = open_page(lesson)
    n_formulas = page.locator(".tex").count()
    assert n_formulas > 40
    assert page.locator(".tex > .katex, .tex > .katex-display").count() == n_formulas
    assert page.locator(".katex-error").count() == 0
    page.evaluate("document.querySelectorAll('.tex, pre, code').forEach(e => e.remove())")
    text = page.locator("article").inner_text()
    assert not re.search(r"\$|\\[a-z]+\b", text)


def test_a_formula_that_is_too_wide_can_be_scrolled_by_keyboard(open_page):
    page = open_page("01_norms", viewport={"width": 320, "height": 700})
    page.locator(".tex.display[tabindex='0']").first.wait_for()
    flawed = "e => e.filter(e => (e.scrollWidth > e.clientWidth) !== (e.tabIndex === 0)).length"
    assert page.locator(".tex.display").evaluate_all(flawed) == 0


def test_exercise_shows_the_starter_the_check_and_a_folded_solution(open_page):
    page = open_page("01_norms")
    text = page.locator("article").inner_text()
    for name in SHOWN["01_norms"]:
        assert page.locator(f"#exercise-{name}").count() == 1
        assert f"Not started: {name}" in text
        assert f"check({name})" in text
    assert text.count("raise NotImplementedError()\n") >= len(SHOWN["01_norms"])
    solutions = page.locator("details.solution")
    assert solutions.count() == len(SHOWN["01_norms"]) + 1  # a written answer
    assert page.locator("details[open]").count() == 0
    assert "BEGIN SOLUTION" not in page.content()
    solution = solutions.nth(1)
    solution.get_by_text("One way to write it").click()
    assert "np.sqrt(np.sum(x**2))" in solution.inner_text()
    assert "Passed: l2_norm" in solution.inner_text()


def test_hints_unfold_one_at_a_time(open_page):
    page = open_page("01_norms")
    page.get_by_text("Hint 1 of 3").first.click()
    assert page.get_by_text("Hint 2 of 3").first.is_visible()
    assert not page.get_by_text("Hint 3 of 3").first.is_visible()


@pytest.mark.parametrize("lesson", SHOWN)
def test_page_shows_nothing_that_only_a_learner_has(site, lesson):
    text = " ".join(Elements(site / f"{lesson}.html").texts)
    assert "progress()" not in text
    assert "exercises passed" not in text
    assert "Generated from" not in text


def test_start_page_lists_the_lessons_and_tells_how_to_start(open_page):
    page = open_page("index")
    items = page.locator("ol.lessons > li")
    assert items.count() == len(SHOWN)
    assert "About four and a half hours, 10 exercises" in items.first.inner_text()
    page.get_by_role("link", name="Start", exact=True).click()
    assert page.get_by_text("python3 course.py").is_visible()
    assert page.get_by_text("git clone https://example.invalid/c").is_visible()
    items.first.get_by_role("link").click()
    page.wait_for_url("**/01_norms.html")
    page.locator(".prev-next-area").get_by_role("link", name="next").click()
    page.wait_for_url("**/03_logistic_regression.html")


def test_search_by_keyboard_finds_a_section(open_page):
    page = open_page("03_logistic_regression")
    page.keyboard.press("Control+k")
    page.keyboard.type("Triangle inequality")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=*")
    page.get_by_text("sections have “Triangle inequality”").wait_for()
    result = page.locator("#search-results li").first
    assert "triangle" in [mark.lower() for mark in result.locator("mark").all_inner_texts()]
    result.get_by_role("link").click()
    page.wait_for_url("**/01_norms.html#*")
    assert page.locator(f"[id='{urlsplit(page.url).fragment}']").count() == 1


def test_search_says_when_there_is_nothing(open_page):
    page = open_page("search")
    page.locator("main input[name=q]").fill("zzyzx <b>")
    page.keyboard.press("Enter")
    page.get_by_text("Nothing has “zzyzx <b>”").wait_for()


def test_search_gives_no_folded_solution_away(site):
    script = (site / "_static" / "sections.js").read_text(encoding="utf-8")
    sections = json.loads(script.removeprefix("const SECTIONS = ").rstrip(";\n"))
    text = " ".join(section["text"] for section in sections)
    assert "Euclidean length of a vector" in text
    assert "np.sqrt(np.sum(x**2))" not in text


def colours(page):
    """Text and ground of the page, and of a card."""
    style = "(e => [getComputedStyle(e).color, getComputedStyle(e).backgroundColor])"
    return [
        page.evaluate(f"{style}(document.querySelector('{each}'))") for each in ("body", ".text_html > div")
    ]


def test_theme_follows_the_system_and_can_be_switched(open_page):
    light = colours(open_page("01_norms", color_scheme="light"))
    page = open_page("01_norms", color_scheme="dark")
    dark = colours(page)
    assert all(
        a != b for before, after in zip(light, dark, strict=True) for a, b in zip(before, after, strict=True)
    )
    page.locator("header .theme-switch-button").click()
    page.locator("header").get_by_role("button", name="Light").click()
    assert colours(page) == light
    page.reload()
    assert colours(page) == light


def focus_with_tab(page, selector, most=60):
    """Press Tab until an element has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
    raise AssertionError(f"{most} times Tab do not reach {selector}")


def test_everything_is_reached_by_keyboard(open_page):
    page = open_page("01_norms")
    focus_with_tab(page, ".skip-link a", most=1)
    for selector in (
        "header .search-button-field",
        "header .theme-switch-button",
        "nav[aria-label=Lessons] a",
    ):
        focus_with_tab(page, selector)
    focus_with_tab(page, "details.solution > summary", most=120)
    page.keyboard.press("Enter")
    assert page.locator("details.solution").first.evaluate("e => e.open")
    page.keyboard.press("Space")
    assert not page.locator("details.solution").first.evaluate("e => e.open")


def test_lessons_are_reached_on_a_phone(open_page):
    page = open_page("01_norms", viewport={"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="Site navigation").press("Enter")
    page.get_by_role("link", name="03 Logistic regression").click()
    page.wait_for_url("**/03_logistic_regression.html")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["index", "01_norms", "search"])
def test_axe_finds_nothing(open_page, name, scheme):
    page = open_page(name, color_scheme=scheme, reduced_motion="reduce")
    page.evaluate("document.querySelectorAll('details').forEach(e => e.open = true)")
    found = Axe().run(page, options={"runOnly": RULES, "preload": False}).response["violations"]
    assert [
        (each["id"], each["nodes"][0]["html"], each["nodes"][0]["failureSummary"]) for each in found
    ] == []


def words(text):
    return " ".join(re.sub(r"[\W_]+", " ", text).split())


@pytest.mark.parametrize("lesson", SHOWN)
def test_no_answer_is_in_a_site_without_solutions(site, graded_site, lesson):
    """No reference and no model answer is in any of its files; the other site has them all."""
    solutions = nbformat.read(ROOT / "solutions" / lesson / f"{lesson}.ipynb", as_version=4)
    files = [path for path in graded_site.rglob("*") if path.suffix in (".html", ".js")]
    hidden = words(" ".join(" ".join(Elements(path).texts) for path in files))
    shown = words(" ".join(Elements(site / f"{lesson}.html").texts))
    graded = [cell for cell in solutions.cells if cell.metadata.get("nbgrader", {}).get("solution")]
    assert len(graded) > len(SHOWN[lesson])
    for cell in graded:
        answer = re.search(r"BEGIN SOLUTION[ >-]*\n(.*?)\n[ <!#-]*END SOLUTION", cell.source, re.DOTALL)[1]
        if cell.cell_type == "markdown":
            answer = max(re.split(r"[.:;$`*]", answer), key=len)
        assert len(words(answer)) > 10
        assert words(answer) in shown
        assert words(answer) not in hidden
    assert "One way to write it" not in hidden
    assert "A model answer" not in hidden
    assert not list(graded_site.rglob("*.ipynb"))


def test_a_folder_with_something_else_is_left_alone(tmp_path, capsys):
    (tmp_path / "thesis.txt").write_text("mine")
    assert run(ROOT, EXERCISES, SHOWN, tmp_path) == 2
    assert "holds something other than a site" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_reference_is_shown_without_its_contract_and_marks():
    contract = '    r"""Twice.\n\n    More.\n    """\n'
    source = f"def f(x):\n{contract}    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"
    assert reference(source) == "def f(x):\n    return 2 * x"


def test_folded_markdown_is_still_markdown():
    assert folded("Why", "*so*").split("\n\n") == [
        '<details class="solution"><summary>Why</summary>',
        "*so*",
        "</details>",
    ]
