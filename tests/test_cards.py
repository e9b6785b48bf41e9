"""Cards and progress reports: the same content as HTML and as text."""

import linecache
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from helpers.cards import Card, ProgressReport
from helpers.exercises import EXERCISES, LESSONS

L2 = EXERCISES["l2_norm"]
ATTEMPTS = {
    "passed": L2.reference,
    "misconception": lambda x: np.sum(np.asarray(x, float) ** 2),
    "error": lambda x: 1 / 0,
    "markup": lambda x: f"<b>{x}</b>",
    "array": lambda x: np.ones(3),
    "not attempted": lambda x: (_ for _ in ()).throw(NotImplementedError),
}


class Text(HTMLParser):
    """The text and the tags of a piece of HTML."""

    def __init__(self, html):
        super().__init__()
        self.text, self.tags, self.open = "", [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += f" {data}"


def test_three_failed_tries_open_the_first_hint():
    shown = Card(L2, L2.evaluate(ATTEMPTS["error"]), "", n_failures=4)
    hints = [dict(attrs) for tag, attrs in Text(shown._repr_html_()).tags if tag == "details"][1:]
    assert ["open" in attrs for attrs in hints] == [True, False, False]


def test_the_line_that_raised_is_marked():
    source = "def l2_norm(x):\n    total = 0\n    total += x[0] / zero\n    return total\n"
    linecache.cache["<cell>"] = (len(source), None, source.splitlines(True), "<cell>")
    namespace = {}
    exec(compile(source, "<cell>", "exec"), namespace)
    shown = card(namespace["l2_norm"])
    page = shown._repr_html_()
    assert re.findall(r"<mark[^>]*>(.*?)</mark>", page) == ["→   3      total += x[0] / zero"]
    assert "→   3      total += x[0] / zero" in str(shown)


def test_a_line_that_raised_in_another_function_is_shown_with_its_name():
    source = "def length(x):\n    return zero\n\n\ndef l2_norm(x):\n    return length(x)\n"
    linecache.cache["<cell of two>"] = (len(source), None, source.splitlines(True), "<cell of two>")
    namespace = {}
    exec(compile(source, "<cell of two>", "exec"), namespace)
    shown = str(card(namespace["l2_norm"]))
    where = shown[shown.index("Where:") :].split()[:8]
    assert where == ["Where:", "in", "length:", "1", "def", "length(x):", "→", "2"]


def card(function):
    return Card(L2, L2.evaluate(function), "go on.", 3, 10, "a note")


@pytest.mark.parametrize("function", ATTEMPTS.values(), ids=ATTEMPTS)
def test_html_and_text_carry_the_same_words(function):
    shown = card(function)
    page = Text(shown._repr_html_())
    assert not page.open
    in_html = set(re.findall(r"\w+", page.text))
    in_text = set(re.findall(r"\w+", str(shown)))
    assert in_text - in_html <= {"Call", "not", "yet"}
    assert in_html - in_text <= {"The", "cases", "one", "by"}


@pytest.mark.parametrize("function", ATTEMPTS.values(), ids=ATTEMPTS)
def test_html_is_native_and_without_scripts(function):
    page = Text(card(function)._repr_html_())
    assert {tag for tag, _ in page.tags} <= {
        "div",
        "p",
        "span",
        "strong",
        "code",
        "dl",
        "dt",
        "dd",
        "pre",
        "details",
        "mark",
        "summary",
        "ul",
        "li",
        "progress",
        "br",
    }
    assert not [name for _, attrs in page.tags for name in attrs if name.startswith("on")]
    bars = [attrs for tag, attrs in page.tags if tag == "progress"]
    assert [bar["aria-label"] for bar in bars] == ["Exercises of this lesson passed"]


def test_what_a_learner_returned_is_escaped():
    html = card(ATTEMPTS["markup"])._repr_html_()
    assert "<b>" not in html


def test_hints_unfold_one_inside_the_other_and_only_while_needed():
    failed = card(ATTEMPTS["misconception"])._repr_html_()
    first, second, third = (failed.index(f"Hint {i} of 3") for i in (1, 2, 3))
    assert first < second < third
    assert "</details></details></details>" in failed
    assert "Hint" not in str(card(ATTEMPTS["passed"]))


@pytest.mark.parametrize(
    ("attempt", "words"),
    [
        ("passed", "✓ Passed: l2_norm"),
        ("misconception", "✗ Not yet: l2_norm"),
        ("not attempted", "○ Not started: l2_norm"),
    ],
)
def test_a_state_has_a_symbol_and_a_word(attempt, words):
    shown = card(ATTEMPTS[attempt])
    assert str(shown).startswith(words)
    assert " ".join(words.split()) in " ".join(Text(shown._repr_html_()).text.split())


def test_a_failing_card_opens_one_case_with_call_expected_and_yours():
    text = str(card(ATTEMPTS["misconception"]))
    assert "Call:     l2_norm(np.array([-2.5]))" in text
    assert "Expected: 2.5" in text
    assert "Yours:    6.25" in text
    assert "Forgot the root." in text
    assert "3 of 10 exercises passed" in text


def test_what_a_function_printed_in_the_failing_case_is_shown():
    def l2_norm(x):
        print("my trace", x)
        return 0.0 * len(x) - 1

    assert "my trace [-2.5]" in str(card(l2_norm))


def test_a_progress_report_counts_lesson_by_lesson():
    names = next(iter(LESSONS.values()))
    report = ProgressReport({"01_norms": names}, dict.fromkeys([*names[:3], "gone"], "2026-01-01"))
    assert f"3 of {len(names)}" in str(report)
    assert names[3] in str(report)
    page = Text(report._repr_html_())
    assert f"3 of {len(names)} exercises passed" in page.text
    assert [a["scope"] for tag, a in page.tags if tag == "th"] == ["col"] * 4 + ["row"]


def test_a_finished_lesson_says_so():
    names = ("a", "b")
    assert "all passed" in str(ProgressReport({"x": names}, dict.fromkeys(names, "t")))
