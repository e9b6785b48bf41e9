"""The page that a start of the course opens: `my-work/start.md`, which JupyterLab shows as a page.

It is written anew at each start and after each exercise passed, from the learner's progress and
copies. Its last line tells the hash of what stands above, so that a page that somebody has changed
is known as theirs and stays as it is.
"""

import hashlib
import re
from urllib.parse import quote

from lab.common import WINDOWS, say, write
from lab.progress import lessons_of, next_lesson

NAME = "start.md"
SEAL = re.compile(r"\n<!-- made by course\.py, and yours as soon as you change it: (\w+) -->\n")


def write_start_page(root):
    """Write the start page, unless the one that is there has been changed; returns its path."""
    path = root / "my-work" / NAME
    page = sealed(page_of(lessons_of(root), root / "my-work"))
    if path.is_symlink() or path.exists():
        old = path.read_bytes()
        if old == page:
            return path
        if not is_ours(old):
            say(f"my-work/{NAME} is yours and stays as it is; rename it, and a new one is made.")
            return path
    write(path, page)
    return path


def sealed(text):
    """Bytes of a page, with the line that tells whether it has been changed since."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    return f"{text}\n<!-- made by course.py, and yours as soon as you change it: {digest} -->\n".encode()


def is_ours(content):
    """Whether the content of a page is what `sealed` made."""
    text, *seal = SEAL.split(content.decode("utf-8", "replace").replace("\r\n", "\n"))
    return len(seal) == 2 and not seal[1] and seal[0] == hashlib.sha256(text.encode()).hexdigest()


PAGE = """\
# Norms, regularised logistic regression and gradient clipping

A course in notebooks, on the numbers that decide whether a model learns. You write every function yourself,
from the length of a vector to a recurrent network that trains, and use it at once on real data. A check
answers every try: it tells you **which mistake** you made.

<div class="course-next">

{next}

</div>

## Where you are

{table}

{updates}## How it works

- **Run** a cell with <kbd>Shift</kbd> + <kbd>Enter</kbd>, from the top of a lesson to its end. In an
  exercise, replace <code>raise&nbsp;NotImplementedError()</code> with your own code, and run its cell.
- **Check** it: run the cell below. A card tells you what happened, with the smallest call that goes wrong.
  Try as often as you like.
- **Hints** stand on the card. Open one at a time: first the idea, then the formula, then the shape of the
  code.
- **Your files** are in `{work}`, saved every half minute. Nothing in it is ever overwritten: a lesson
  that has been improved arrives beside yours, and this page tells you so.

## Stop, and come back

Close the browser whenever you like, and end JupyterLab with <kbd>Ctrl</kbd> + <kbd>C</kbd> in the window
where you started it. Come back with `{command}`: everything is open where you left it. Python itself starts
afresh, so run a lesson's cells once more, down to where you were (*Run → Run All Above Selected Cell*). What
you have passed stays passed. **Start page**, at the top right, always leads here.
"""


def page_of(lessons, work):
    """Text of the page, in Markdown."""
    return PAGE.format(
        next=next_of(lessons),
        table=table_of(lessons),
        updates=updates_of(lessons),
        work=work,
        command="py course.py" if WINDOWS else "python3 course.py",
    )


def next_of(lessons):
    """What to do next, and how far the learner is."""
    n_passed = sum(each.n_passed for each in lessons)
    n_exercises = sum(len(each.exercises) for each in lessons)
    following = next_lesson(lessons)
    if following is None:
        words = "**You have passed every exercise of the course.**"
    elif following.n_passed:
        words = f"**Go on with {linked(following.missing[0])}**  \n{following.title}"
    else:
        label = "Go on with" if n_passed else "Begin with"
        words = f"**{label} [{following.title}]({following.link})**  \n"
        words += f"Its first exercise is {linked(following.missing[0])}."
    hours = sum(each.hours for each in lessons)
    left = sum(each.hours * len(each.missing) / (len(each.exercises) or 1) for each in lessons)
    time = f", about {left:.0f} hours to go" if following else f", in about {hours:.0f} hours"
    return f"{words}\n\n{bar(n_passed, n_exercises, 'exercises passed')}{time}"


def table_of(lessons):
    """Progress, lesson by lesson."""
    lines = ["| Lesson | Hours | Exercises passed | Next exercise |", "|:--|--:|:--|:--|"]
    for each in lessons:
        step = linked(each.missing[0]) if each.missing else "✓ all passed"
        passed = bar(each.n_passed, len(each.exercises))
        lines.append(f"| [{each.title}]({each.link}) | {each.hours:g} | {passed} | {step} |")
    return "\n".join(lines)


def linked(exercise):
    """Link to the heading of an exercise."""
    return f"[{exercise.heading}: `{exercise.name}`]({exercise.link})".replace("|", r"\|")


def bar(n_passed, n_exercises, words=""):
    """Words and a native bar, which they name."""
    text = f"{n_passed} of {n_exercises} {words}".rstrip()
    return f'<label><progress value="{n_passed}" max="{n_exercises}"></progress> {text}</label>'


def updates_of(lessons):
    """Section on the new versions that lie beside the learner's own copies, or ""."""
    lines = [
        f"- [{update}]({quote(update)}), beside [your own]({each.link})"
        for each in lessons
        for update in each.updates
    ]
    if not lines:
        return ""
    text = "These lessons have been improved since you got them. Yours stay as they are."
    return "\n".join(["## New versions", "", text, "", *lines, "", ""])
