"""How the outcome of a check and a learner's progress look, in HTML and as plain text.

Both forms carry the same content. The HTML uses JupyterLab's colour variables with fallbacks, native
elements and inline styles only, so that it is right in every theme, in exported pages, by keyboard and
with a screen reader. Colour never stands alone: each state has a symbol and a word.
"""

import html
from dataclasses import dataclass, field

from helpers.checking import Exercise, Outcome

_MARKS = {
    "passed": ("✓", "Passed", "var(--jp-success-color1, #2e7d32)"),
    "failed": ("✗", "Not yet", "var(--jp-error-color1, #c62828)"),
    "not attempted": ("○", "Not started", "var(--jp-warn-color1, #b26a00)"),
}
_TEXT = "color:var(--jp-content-font-color1,#212121)"
_MONO = "font-family:var(--jp-code-font-family,monospace);font-size:.95em"
_QUIET = "margin:.5em 0"
# what nbgrader's feedback pages would otherwise dress up
_PLAIN_PRE = (
    "margin:0;padding:0;border:0;background:none;white-space:pre-wrap;word-break:normal;line-height:1.5"
)
_SUMMARY = "display:list-item;cursor:pointer"
_ANOTHER_WAY = "Another way to write it"
_TRIES_PER_HINT = 3
_SHOWN_DRAWN = 3  # failing random inputs that are listed one by one


@dataclass(frozen=True)
class Card:
    """The outcome of one check, as a person reads it.

    Attributes
    ----------
    exercise : Exercise
    outcome : Outcome
    next_step : str
        What to do now; "" where there is nothing to do, as in a graded notebook.
    n_passed, n_exercises : int
        Progress in the exercise's lesson; no progress is shown if `n_exercises` is 0.
    note : str
        Anything else to say.
    n_failures : int
        Tries that have failed; every third one opens another hint.
    reference : str
        Source of another way to write it, for those who have passed; "" for none.
    """

    exercise: Exercise
    outcome: Outcome
    next_step: str
    n_passed: int = 0
    n_exercises: int = 0
    note: str = ""
    n_failures: int = 0
    reference: str = ""

    def __str__(self):
        symbol, word, _ = _MARKS[self.outcome.status]
        lines = [f"{symbol} {word}: {self.exercise.name}", *_indented(self._headline(), 2)]
        lines += _indented(self._showed(), 2)
        if self._shows_cases() and self.outcome.failing:
            lines += ["", *_failing_text(self.outcome.failing, self._headline())]
        if self._shows_cases():
            lines += ["", f"  {_count_text(self.outcome)}"]
            lines += [f"    {line}" for line in _case_lines(self.outcome)]
        lines += [f"  Note: {note}" for note in self._notes()]
        if self._hints():
            lines += ["", *(_hint_text(i, self._hints()) for i in range(len(self._hints())))]
        if self._n_offered():
            lines.append(f"  {self._offer()}")
        if self.reference:
            lines += ["", f"  {_ANOTHER_WAY}", *_indented(self.reference, 4)]
        lines += ["", f"  Next: {self.next_step}"] if self.next_step else []
        if self.n_exercises:
            lines.append(f"  {self._progress_text()}")
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self):
        symbol, word, colour = _MARKS[self.outcome.status]
        parts = [
            f'<p style="margin:.25em 0;font-size:1.15em"><span aria-hidden="true">{symbol}</span> '
            f'<strong>{word}:</strong> <code style="{_MONO};{_TEXT};background:none">'
            f"{_escape(self.exercise.name)}</code></p>",
            f'<p style="{_QUIET}">{self._headline_html()}</p>',
        ]
        if self._showed():
            parts.append(f'<p style="{_QUIET}">{_prose(self._showed())}</p>')
        if self._shows_cases() and self.outcome.failing:
            parts.append(_failing_html(self.outcome.failing, self._headline()))
        if self._shows_cases():
            parts.append(_cases_html(self.outcome))
        parts += [f'<p style="{_QUIET}">Note: {_prose(note)}</p>' for note in self._notes()]
        if self._hints():
            parts.append(_hints_html(self._hints(), self._n_offered()))
        if self._n_offered():
            parts.append(f'<p style="{_QUIET}">{_prose(self._offer())}</p>')
        if self.reference:
            parts.append(
                f'<details style="{_QUIET}"><summary style="{_SUMMARY}">{_ANOTHER_WAY}</summary>'
                f"{_code_html(self.reference)}</details>"
            )
        if self.next_step:
            parts.append(f'<p style="{_QUIET}"><strong>Next:</strong> {_prose(self.next_step)}</p>')
        if self.n_exercises:
            bar = _bar_html(self.n_passed, self.n_exercises, "Exercises of this lesson passed")
            parts.append(f'<p style="margin:.25em 0">{self._progress_text()} {bar}</p>')
        return _frame("".join(parts), colour)

    def _shows_cases(self):
        """Whether the cases say anything: not before the start, and not after a forbidden call."""
        failing = self.outcome.failing
        return (
            bool(self.outcome.cases)
            and self.outcome.status != "not attempted"
            and not (failing and failing.kind == "forbidden")
        )

    def _headline(self):
        known = self.outcome.misconception
        return f"{_sentence(known.name)}. {known.hint}" if known else self.outcome.message

    def _headline_html(self):
        known = self.outcome.misconception
        if not known:
            return _prose(self.outcome.message)
        return f"<strong>{_escape(_sentence(known.name))}.</strong> {_prose(known.hint)}"

    def _hints(self):
        return () if self.outcome.passed else self.exercise.hints

    def _showed(self):
        return self.exercise.showed if self.outcome.passed else ""

    def _n_offered(self):
        """Number of hints that stand open."""
        return min(self.n_failures // _TRIES_PER_HINT, len(self._hints()))

    def _offer(self):
        tries = f"{self.n_failures} tries so far"
        if self.n_failures < _TRIES_PER_HINT * (len(self._hints()) + 1):
            return f"{tries}: hint {self._n_offered()} is open."
        return f'{tries}: `solution("{self.exercise.name}")` in a new cell shows one way to write it.'

    def _notes(self):
        return (*self.outcome.notes, self.note) if self.note else self.outcome.notes

    def _progress_text(self):
        return f"{self.n_passed} of {self.n_exercises} exercises passed"


@dataclass(frozen=True)
class Waiting:
    """What stands in a card's place while a check takes long.

    Attributes
    ----------
    exercise : str
        Its name.
    elapsed, limit : float
        Seconds so far, and at most.
    """

    exercise: str
    elapsed: float
    limit: float

    def __str__(self):
        return f"… {self.exercise} is running: {self.elapsed:.0f} s so far, {self.limit:.0f} s at most."

    __repr__ = __str__

    def _repr_html_(self):
        bar = _bar_html(round(self.elapsed), round(self.limit), "Seconds so far")
        return f'<p style="{_TEXT};margin:.25em 0">{_escape(str(self))} {bar}</p>'


@dataclass(frozen=True)
class Solution:
    """One way to write an exercise, or why it is not shown.

    Attributes
    ----------
    exercise : str
        Its name.
    source : str
        "" if it is not shown.
    note : str
    """

    exercise: str
    source: str
    note: str

    def __str__(self):
        parts = [
            f"One way to write {self.exercise}" if self.source else self.exercise,
            self.note,
            self.source,
        ]
        return "\n\n".join(filter(None, parts))

    __repr__ = __str__

    def _repr_html_(self):
        name = f'<code style="{_MONO};{_TEXT};background:none">{_escape(self.exercise)}</code>'
        title = f"<strong>One way to write</strong> {name}" if self.source else name
        note = f'<p style="{_QUIET}">{_prose(self.note)}</p>' if self.note else ""
        code = _code_html(self.source) if self.source else ""
        return _frame(f'<p style="margin:.25em 0;font-size:1.15em">{title}</p>{note}{code}', _BORDER)


@dataclass(frozen=True)
class ProgressReport:
    """What has been passed, lesson by lesson.

    Attributes
    ----------
    lessons : dict of str to tuple of str
        Names of the exercises by lesson.
    passed : dict of str to str
        Time by name of what has been passed.
    seen : dict of str to str
        Time by name of the solutions that were looked at before.
    """

    lessons: dict
    passed: dict
    seen: dict = field(default_factory=dict)

    def __str__(self):
        width = max(len(lesson) for lesson in self.lessons)
        lines = [f"{'Lesson':{width}}  {'Passed':>9}  {'':20}  Next exercise"]
        for lesson, names, n_passed, next_name in self._rows():
            filled = round(20 * n_passed / len(names))
            bar = "#" * filled + "." * (20 - filled)
            lines.append(f"{lesson:{width}}  {n_passed:>3} of {len(names):<2}  {bar}  {next_name}")
        lines.append(f"{'Together':{width}}  {self._n_passed():>3} of {self._n_exercises():<2}")
        lines += [self._seen()] * bool(self.seen)
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self):
        cell = 'style="text-align:left;padding:.25em 1em .25em 0"'
        rows = "".join(
            f'<tr><th scope="row" {cell}>{_escape(lesson)}</th><td {cell}>{n_passed} of {len(names)}</td>'
            f"<td {cell}>{_bar_html(n_passed, len(names), f'Exercises of {lesson} passed')}</td>"
            f"<td {cell}>{_escape(next_name)}</td></tr>"
            for lesson, names, n_passed, next_name in self._rows()
        )
        labels = ("Lesson", "Passed", "Bar", "Next exercise")
        head = "".join(f'<th scope="col" {cell}>{label}</th>' for label in labels)
        return (
            f'<table style="{_TEXT};border-collapse:collapse"><caption style="{_TEXT};text-align:left">'
            f"{self._n_passed()} of {self._n_exercises()} exercises passed</caption>"
            f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
            + f'<p style="{_TEXT}">{_escape(self._seen())}</p>'
            * bool(self.seen)
        )

    def _seen(self):
        return f"Solution seen before passing: {', '.join(self.seen)}."

    def _rows(self):
        for lesson, names in self.lessons.items():
            missing = [name for name in names if name not in self.passed]
            yield lesson, names, len(names) - len(missing), missing[0] if missing else "all passed"

    def _n_passed(self):
        return sum(n_passed for _, _, n_passed, _ in self._rows())

    def _n_exercises(self):
        return sum(map(len, self.lessons.values()))


_BORDER = "var(--jp-border-color1,#757575)"


def _frame(content, colour):
    return (
        f'<div style="{_TEXT};background:var(--jp-layout-color1,#fff);max-width:48em;'
        f"border:1px solid {_BORDER};"
        f'border-left:6px solid {colour};border-radius:4px;padding:.5em 1em;margin-bottom:.5em">'
        f"{content}</div>"
    )


def _code_html(source):
    box = f"padding:.5em .75em;background:var(--jp-layout-color2,#eee);{_TEXT};overflow-x:auto"
    return f'<div style="{box}"><pre style="{_PLAIN_PRE};{_MONO};{_TEXT}">{_escape(source)}</pre></div>'


def _escape(text):
    return html.escape(text, quote=True)


def _prose(text):
    """Escaped text in which `code` between backticks is set as code, and lines are kept."""
    style = f"{_MONO};{_TEXT};background:var(--jp-layout-color2,#eee);padding:0 .2em"
    parts = _escape(text).split("`")
    for i in range(1, len(parts) - 1, 2):
        parts[i] = f'<code style="{style}">{parts[i]}</code>'
    return "".join(parts).replace("\n", "<br>")


def _sentence(name):
    return name[:1].upper() + name[1:]


def _indented(text, n_spaces):
    return [" " * n_spaces + line for line in text.splitlines()]


def _failing_rows(failing, said):
    plain = f"Expected {failing.expected_text}, got {failing.got_text}."
    rows = [
        ("Case", failing.case.description),
        ("Call", failing.call_text),
        ("Expected", failing.expected_text),
        ("Yours", failing.got_text),
        ("Where", "" if failing.kept_back else _excerpt_text(failing)),
    ]
    if failing.kind not in ("raised", "not raised") and failing.said not in (plain, said):
        rows.append(("So", failing.said))
    if failing.call.printed.strip() and not failing.kept_back:
        rows.append(("Printed", failing.call.printed.strip()))
    return [row for row in rows if row[1]]


def _excerpt_text(failing):
    """Lines around the one that raised, below the name of their function if it is not the exercise's."""
    excerpt = failing.call.excerpt
    lines = [f"{'→' if marked else ' '} {number:>3}  {text}" for number, text, marked in excerpt]
    function = failing.call.where.partition(" of ")[2].partition(":")[0]
    heading = [f"in {function}:"] if excerpt and function not in ("", failing.name) else []
    return "\n".join(heading + lines)


def _excerpt_html(text):
    """Lines of code, the one that raised set apart."""
    style = "background:#ffe0b2;color:#212121;font-weight:bold"  # one pair for every theme
    lines = [_escape(line) for line in text.splitlines()]
    marked = [f'<mark style="{style}">{line}</mark>' if line.startswith("→") else line for line in lines]
    return f'<pre style="{_PLAIN_PRE};{_MONO};{_TEXT}">' + "\n".join(marked) + "</pre>"


def _failing_text(failing, said):
    lines = []
    for label, text in _failing_rows(failing, said):
        first, *rest = text.splitlines() or [""]
        lines.append(f"  {label + ':':10}{first}")
        lines += [f"{'':12}{line}" for line in rest]
    return lines


def _failing_html(failing, said):
    rows = []
    for label, text in _failing_rows(failing, said):
        if label in ("Case", "So"):
            body = _prose(text)
        elif label == "Where":
            body = _excerpt_html(text)
        else:
            body = f'<pre style="{_PLAIN_PRE};{_MONO};{_TEXT}">{_escape(text)}</pre>'
        rows.append(
            f'<dt style="float:none;width:auto;text-align:left;font-weight:bold">{label}</dt>'
            f'<dd style="margin:0;width:auto;max-width:none;min-width:0;float:none">{body}</dd>'
        )
    return (
        '<dl style="display:grid;grid-template-columns:max-content 1fr;align-items:baseline;'
        "gap:.2em 1em;margin:.5em 0;"
        "width:auto;box-sizing:border-box;overflow-x:auto;"
        f'padding:.5em .75em;background:var(--jp-layout-color2,#eee);{_TEXT}">' + "".join(rows) + "</dl>"
    )


def _split(outcome):
    """The literal cases and the random ones."""
    drawn = [result for result in outcome.cases if result.case.drawn]
    return [result for result in outcome.cases if not result.case.drawn], drawn


def _count_text(outcome):
    if outcome.passed:
        return "The cases, one by one"
    literal, drawn = _split(outcome)
    counts = [
        f"{sum(r.passed for r in results)} of {len(results)} {name}"
        for results, name in ((literal, "cases"), (drawn, "random inputs"))
        if results
    ]
    return f"{' and '.join(counts)} came out right"


def _case_lines(outcome):
    literal, drawn = _split(outcome)
    wrong = [result for result in drawn if not result.passed]
    more = len(wrong) - _SHOWN_DRAWN
    return [
        f"{_MARKS['passed' if r.passed else 'failed'][0]} "
        f"{_MARKS['passed' if r.passed else 'failed'][1].lower()}: {r.case.description}"
        for r in (*literal, *wrong[:_SHOWN_DRAWN])
    ] + [f"{_MARKS['failed'][0]} not yet: {more} more random inputs"] * (more > 0)


def _cases_html(outcome):
    items = "".join(f"<li>{_escape(line)}</li>" for line in _case_lines(outcome))
    return (
        f'<details style="{_QUIET}"><summary style="{_SUMMARY}">{_count_text(outcome)}</summary>'
        f'<ul style="list-style:none;padding-left:1em;margin:.25em 0">{items}</ul></details>'
    )


def _hint_text(i, hints):
    return f"  Hint {i + 1} of {len(hints)}: {hints[i]}"


def _hints_html(hints, n_open):
    """Hints inside one another, so that each is offered only after the one before it."""
    inner = ""
    for i in reversed(range(len(hints))):
        inner = (
            f'<details{" open" * (i < n_open)} style="margin:.25em 0 .25em {".75em" if i else "0"}">'
            f'<summary style="{_SUMMARY}">Hint {i + 1} of {len(hints)}</summary>'
            f'<p style="margin:.25em 0 .25em .75em">{_prose(hints[i])}</p>{inner}</details>'
        )
    return inner


def _bar_html(value, largest, label):
    return f'<progress value="{value}" max="{largest}" aria-label="{_escape(label)}"></progress>'
