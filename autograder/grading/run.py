"""The command ``grade``: a folder of submissions, graded side by side, into nbgrader's gradebook."""

import concurrent.futures
import contextlib
import json
import os
from dataclasses import dataclass

from nbgrader import utils
from nbgrader.coursedir import CourseDirectory
from traitlets.config import PyFileConfigLoader

from autograder.grading import jobs, sandbox
from autograder.grading.gradebook import BESIDE, GradebookError, Records, fingerprint, write
from autograder.grading.grader import Release, Task, seed_of
from autograder.grading.jobs import GradeError
from autograder.grading.report import Report
from autograder.grading.submission import SubmissionError, read_file
from helpers.exercises import LESSONS

_MOST_ATTEMPTS = 3  # at a submission during which a grading process ends
_MOST_UNWRITTEN = 8  # results that wait for the gradebook, which takes several as fast as one
_UNWRITTEN_SECONDS = 0.5
_LOOK_SECONDS = 10


@dataclass(frozen=True)
class Options:
    """What the command line says; see ``python -m autograder grade --help``.

    Attributes
    ----------
    lessons : list of str
    submitted : Path or None
    jobs : int
    seed : int or None
    sandbox : {"auto", "bubblewrap", "none"}
    force : bool
    results : Path or None
    cluster : str or None
    follow_through : bool
    """

    lessons: list
    submitted: object = None
    jobs: int = 1
    seed: int | None = None
    sandbox: str = "auto"
    force: bool = False
    results: object = None
    cluster: str | None = None
    follow_through: bool = True


@dataclass(frozen=True)
class Submission:
    """What a student handed in for a lesson.

    Attributes
    ----------
    student, lesson : str
    content : bytes
    error : str
        Why it cannot be read, or "".
    beside : dict of str to bytes
        What nbgrader keeps beside the notebook: when it was handed in, and what feedback is sent back by.
    timestamp : datetime.datetime or None
    fingerprint : str
        Of everything that its result follows from.
    """

    student: str
    lesson: str
    content: bytes
    error: str
    beside: dict
    timestamp: object
    fingerprint: str


def run(root, options):
    """Grade, and report; see the module.

    Parameters
    ----------
    root : Path
        The project's folder.
    options : Options

    Returns
    -------
    status : int
        0 if every submission has a result, whatever it is.

    Raises
    ------
    GradeError, SandboxError, GradebookError
        If nothing can be graded.
    """
    level = sandbox.choose(options.sandbox, here=not options.cluster)
    config = PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()
    places = CourseDirectory(config=config)
    if unknown := [lesson for lesson in options.lessons if lesson not in LESSONS]:
        raise GradeError(f"There is no lesson {unknown[0]!r}; there are {', '.join(LESSONS)}.")
    folder = options.submitted or root / places.submitted_directory
    if not folder.is_dir():
        raise GradeError(f"Expected the submissions in the folder {folder}, which does not exist.")
    if options.results and options.results.is_dir():
        raise GradeError(f"Expected a file for the results, got {options.results}, which is a folder.")
    report = Report(sandbox.DESCRIPTIONS[level])
    with _locked(root), contextlib.closing(Records(places, config)) as records:
        class_ = _Class(root, options, folder, level, records, report)
        class_.grade()
        for lesson in options.lessons:
            report.count_waiting(lesson, records.n_waiting(lesson))
        report.show(options.lessons)
    if options.results:
        try:
            write(options.results, json.dumps(report.results, indent=1, sort_keys=True) + "\n")
        except OSError as error:
            raise GradeError(f"Everything is graded, but the results cannot be written: {error}") from None
    return 1 if report.left_out else 0


class _Class:
    """The submissions of a class on their way to the gradebook."""

    def __init__(self, root, options, folder, level, records, report):
        self.root = root
        self.options = options
        self.folder = folder
        self.level = level
        self.records = records
        self.report = report
        self.secret = _secret(root) if options.seed is None else f"seed {options.seed}".encode()
        self.attempts = {}

    def grade(self):
        """Grade everything that has not been graded as it is."""
        todo = [submission for lesson in self.options.lessons for submission in self.changed(lesson)]
        with self.report.progress(len(todo)) as advance:
            while todo:
                suspects, todo = self.grade_some(todo, advance)
                for suspect in suspects:  # alone, so that it is clear which one ends grading processes
                    while self.grade_some([suspect], advance)[0]:
                        self.attempts[suspect] = self.attempts.get(suspect, 0) + 1

    def changed(self, lesson):
        """Where the submissions lie that need grading; known results are reported at once."""
        students = _students(self.folder, lesson)
        if students:  # or exports would have a column of nothing
            self.records.enter_lesson(lesson, Release.load(lesson, self.root).notebook)
            for student in self.records.renew_penalties(lesson):
                self.report.renew_penalty(student, lesson)
        done = {} if self.options.force else self.records.done(lesson)
        for student in students:
            if not student.isprintable():  # it could not be told from another, or not be written down
                self.report.leave_out(student)
                continue
            submission = self.read(student, lesson)
            known, result = done.get(student, ("", None))
            if known == submission.fingerprint:
                self.report.add(student, lesson, result, is_new=False)
            else:
                yield student, lesson

    def base_of(self, lesson):
        """Fingerprint of all that the results of a lesson follow from, but for the submissions."""
        settings = [str(self.options.follow_through).encode(), self.level.encode(), self.secret]
        return fingerprint(jobs.version_of(lesson).encode(), *settings)

    def read(self, student, lesson):
        """Read a submission."""
        content, error, beside, timestamp = b"", "", {}, None
        try:
            content = read_file(self.folder, student, lesson, f"{lesson}.ipynb")
        except SubmissionError as why:
            error = str(why)
        for name in BESIDE:
            with contextlib.suppress(SubmissionError):
                beside[name] = read_file(self.folder, student, lesson, name, largest=200)
        with contextlib.suppress(ValueError, OverflowError):
            timestamp = utils.parse_utc(beside.get("timestamp.txt", b"").decode().strip())
        parts = [self.base_of(lesson), content, error, *(beside.get(name, b"") for name in BESIDE)]
        parts = [part if type(part) is bytes else part.encode() for part in parts]
        return Submission(student, lesson, content, error, beside, timestamp, fingerprint(*parts))

    def grade_some(self, todo, advance):
        """Grade until a grading process ends before its time.

        Returns
        -------
        suspects : list
            What was being graded then.
        left : list
            What else remains.
        """
        todo, running, suspects = list(reversed(todo)), {}, []
        with self.pool(len(todo)) as pool, self.writing() as finished:
            while running or (todo and not suspects):
                while todo and not suspects and len(running) < pool.n_at_once():
                    place = todo.pop()
                    submission = self.read(*place)
                    try:
                        running[pool.submit(self.task(submission))] = place, submission
                    except jobs.Ended:
                        suspects.append(place)
                seconds = _UNWRITTEN_SECONDS if finished else _LOOK_SECONDS
                done, _ = concurrent.futures.wait(running, seconds, concurrent.futures.FIRST_COMPLETED)
                for future in done:
                    place, submission = running.pop(future)
                    try:
                        graded = pool.result(future)
                    except jobs.Ended:
                        suspects.append(place)
                        continue
                    finished.append((graded, submission))
                    self.report.add(submission.student, submission.lesson, graded.result)
                    advance()
                if not done or len(finished) >= _MOST_UNWRITTEN:
                    self.write(finished)
                    pool.look()
        return suspects, list(reversed(todo))

    def pool(self, n_tasks):
        """Pool to grade with."""
        if self.options.cluster:
            return jobs.cluster(self.options.cluster)
        return jobs.processes(max(1, min(self.options.jobs, n_tasks)))

    @contextlib.contextmanager
    def writing(self):
        """A list for results, which are in the gradebook in the end, also if the run is stopped."""
        finished = []
        try:
            yield finished
        finally:
            self.write(finished)

    def write(self, finished):
        """Write results down, and empty the list."""
        results, finished[:] = finished[:], []
        if results:
            self.records.record(results)

    def task(self, submission):
        """A submission as a task for whoever grades it."""
        student, lesson = submission.student, submission.lesson
        error = submission.error
        if self.attempts.get((student, lesson), 0) >= _MOST_ATTEMPTS:
            error = f"Grading it ended the grading process {_MOST_ATTEMPTS} times."
        seeds = {name: seed_of(self.secret, student, lesson, name) for name in LESSONS[lesson]}
        return Task(
            student, lesson, submission.content, error, seeds, self.level, self.options.follow_through
        )


def _students(folder, lesson):
    """Names of the students who have handed something in for a lesson."""
    names = [entry.name for entry in os.scandir(folder) if entry.is_dir() or entry.is_symlink()]
    names = [name for name in sorted(names) if not name.startswith(".")]
    return [name for name in names if _may_be_there(folder / name / lesson)]


def _may_be_there(path):
    """Whether something is there, or behind a folder that may not be entered."""
    try:
        path.lstat()
    except PermissionError:
        return True
    except OSError:
        return False
    return True


def _secret(root):
    """The course's secret, from which every hidden case follows; nbgrader_config.py draws it."""
    try:
        return (root / "autograder" / "course" / "secret").read_text().encode()
    except OSError as error:
        raise GradeError(f"The course's secret cannot be read: {error}") from None


@contextlib.contextmanager
def _locked(root):
    """Keep a second run from the same gradebook; the lock ends with its holder."""
    import fcntl

    with open(root / "autograder" / "course" / ".grading.lock", "a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise GradeError("Another run is grading into this gradebook; wait until it is done.") from None
        yield


__all__ = ["GradeError", "GradebookError", "Options", "run"]
