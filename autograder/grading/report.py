"""What a run says: a progress bar, a table of students, a table of exercises."""

import collections
import contextlib

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from helpers.exercises import LESSONS

_COMMONEST = 3  # named mistakes shown for an exercise


class Report:
    """Collects results, and shows them.

    Parameters
    ----------
    sandbox : str
        What submissions ran in, in words.
    console : rich.console.Console, optional
    """

    def __init__(self, sandbox, console=None):
        self.results = {}
        self.left_out = []
        self._renewed = []
        self._n_waiting = {}
        self._sandbox = sandbox
        self._console = console or Console()
        self._n_new = 0

    def add(self, student, lesson, result, is_new=True):
        """Add the result of a submission."""
        self.results.setdefault(student, {})[lesson] = result
        self._n_new += is_new

    def leave_out(self, student):
        """Note a folder that is not graded because of its name."""
        if student not in self.left_out:
            self.left_out.append(student)

    def renew_penalty(self, student, lesson):
        """Note that a late penalty is another one than in the run before."""
        self._renewed.append((student, lesson))

    def count_waiting(self, lesson, n_submissions):
        """Note how many submissions of a lesson have an answer that waits for a person."""
        self._n_waiting[lesson] = n_submissions

    @contextlib.contextmanager
    def progress(self, n_submissions):
        """Show a bar; yields the function that moves it on."""
        self._console.print(f"Sandbox: {self._sandbox}")
        columns = (
            TextColumn("Grading"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(elapsed_when_finished=True),
        )
        with Progress(*columns, console=self._console, disable=not n_submissions) as bar:
            task = bar.add_task("", total=n_submissions)
            yield lambda: bar.advance(task)

    def show(self, lessons):
        """Show what came of it, lesson by lesson."""
        for lesson in lessons:
            by_student = {s: r[lesson] for s, r in sorted(self.results.items()) if lesson in r}
            if not by_student:
                self._console.print(f"{lesson}: nobody has handed anything in.")
                continue
            self._console.print(self._table_of_students(lesson, by_student))
            self._console.print(self._table_of_exercises(lesson, by_student))
        n_known = sum(len(by_lesson) for by_lesson in self.results.values()) - self._n_new
        known = f"; {n_known} unchanged since the last run" if n_known else ""
        self._console.print(f"{self._n_new} graded{known}.")
        for student, lesson in self._renewed:
            self._console.print(f"The late penalty of {escape(student)} in {lesson} is another one now.")
        waiting = ", ".join(f"{lesson} {n}" for lesson, n in self._n_waiting.items() if n)
        if waiting:
            self._console.print(
                "These are the points of the checks. Submissions with a written answer that waits for you in "
                f"Formgrader: {waiting}."
            )
        for student in self.left_out:
            self._console.print(
                f"Not graded: the folder {escape(ascii(student))} has a character in its name that cannot be "
                "shown. Rename it, and grade again."
            )

    def _table_of_students(self, lesson, by_student):
        table = Table(title=lesson, title_justify="left")
        table.add_column("Student")
        table.add_column("Score", justify="right")
        table.add_column("Not passed", overflow="fold")
        for student, result in by_student.items():
            exercises = result["exercises"]
            failed = [name for name, exercise in exercises.items() if exercise["status"] == "failed"]
            open_ = [name for name, exercise in exercises.items() if exercise["status"] == "not attempted"]
            texts = [", ".join(failed)] * bool(failed)
            if open_:
                everything = len(open_) == len(exercises)
                texts.append("nothing attempted" if everything else f"not attempted: {', '.join(open_)}")
            said = result["error"] or "; ".join(texts)
            score = f"{result['score']:g} of {result['max_score']:g}"
            table.add_row(escape(student), score, escape(said))
        return table

    def _table_of_exercises(self, lesson, by_student):
        table = Table(title=f"{lesson}: the class", title_justify="left")
        table.add_column("Exercise")
        table.add_column("Passed", justify="right")
        table.add_column("Commonest mistakes", overflow="fold")
        for name in LESSONS[lesson]:
            results = [result["exercises"][name] for result in by_student.values()]
            n_passed = sum(result["status"] == "passed" for result in results)
            mistakes = collections.Counter(filter(None, (result["misconception"] for result in results)))
            shown = ", ".join(f"{mistake} ({n})" for mistake, n in mistakes.most_common(_COMMONEST))
            table.add_row(name, f"{n_passed / len(results):.0%}", escape(shown))
        return table
