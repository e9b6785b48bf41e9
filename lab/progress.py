"""Where the learner is: the lessons as they lie in their folder, and what has been passed of them."""

import re
from dataclasses import dataclass
from urllib.parse import quote

from lab.common import read_json
from lab.lessons import released_lessons

NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven")


@dataclass(frozen=True)
class Exercise:
    """An exercise: its name, the heading above it, and the address of that."""

    name: str
    heading: str
    link: str


@dataclass(frozen=True)
class Lesson:
    """A lesson as the page tells of it; `updates` are the newer versions beside the own copy."""

    title: str
    hours: float
    link: str
    exercises: tuple
    updates: tuple
    passed: dict

    @property
    def missing(self):
        """Exercises that are not passed yet."""
        return [each for each in self.exercises if each.name not in self.passed]

    @property
    def n_passed(self):
        """Number of exercises passed."""
        return len(self.exercises) - len(self.missing)

    @property
    def last_pass(self):
        """Time at which an exercise of the lesson was last passed; "" if none was."""
        return max((self.passed.get(each.name, "") for each in self.exercises), default="")


def lessons_of(root):
    """Every lesson, as it is in the learner's folder."""
    work = root / "my-work"
    passed = read_json(work / "progress.json").get("passed")
    passed = passed if isinstance(passed, dict) else {}
    passed = {name: time for name, time in passed.items() if isinstance(time, str)}
    return [lesson(name, path, work, passed) for name, path in released_lessons(root).items()]


def lesson(name, released, work, passed):
    """One lesson, from its released notebook and from the learner's copy of it."""
    copy = f"{name}.ipynb"
    cells = cells_of(released)
    text = "\n".join(source(cell) for cell in cells if cell.get("cell_type") == "markdown")
    title = re.search(r"^# (.+)", text, re.MULTILINE)
    time = re.search(rf"\*\*Time:\*\* about ({'|'.join(NUMBERS)})( and a half)? hours?\b", text)
    places = {each: place for each, (_, place) in headings(cells_of(work / copy)).items() if place}
    updates = sorted((path.name for path in work.glob(f"{name} (updated*).ipynb")), key=natural)
    return Lesson(
        title=title[1] if title else name,
        hours=NUMBERS.index(time[1]) + bool(time[2]) / 2 if time else 0,
        link=quote(copy),
        exercises=tuple(
            Exercise(each, heading, quote(copy) + (f"#cell-id={places[each]}" if each in places else ""))
            for each, (heading, _) in headings(cells).items()
        ),
        updates=tuple(updates),
        passed=passed,
    )


def natural(name):
    """Key by which `(updated 10)` stands after `(updated 9)`."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]


def cells_of(path):
    """Cells of a notebook; none if it cannot be read."""
    cells = read_json(path).get("cells")
    return [cell for cell in cells if isinstance(cell, dict)] if isinstance(cells, list) else []


def source(cell):
    """Text of a cell."""
    text = cell.get("source", "")
    return "".join(map(str, text)) if isinstance(text, list) else str(text)


def headings(cells):
    """Text of the nearest heading above each exercise, and the id of its cell, by exercise."""
    found, heading, place = {}, "", ""
    for cell in cells:
        if cell.get("cell_type") == "markdown":
            lines = re.findall(r"^#{1,6} +(.+)", source(cell), re.MULTILINE)
            heading, place = (lines[-1], cell.get("id", "")) if lines else (heading, place)
        metadata = cell.get("metadata")
        nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
        if isinstance(nbgrader, dict) and nbgrader.get("solution") and not nbgrader.get("grade"):
            found[str(nbgrader.get("grade_id"))] = (heading, place)
    return found


def next_lesson(lessons):
    """Lesson to go on with: where the last exercise was passed or after it; None at the end."""
    last = max(range(len(lessons)), key=lambda i: (lessons[i].last_pass, -i), default=0)
    return next((each for each in lessons[last:] + lessons[:last] if each.missing), None)
