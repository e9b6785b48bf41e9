"""The command ``grade``: a folder of submissions, graded side by side, into nbgrader's gradebook."""

import atexit
import concurrent.futures
import contextlib
import json
import multiprocessing
import os
import threading
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing.util import Finalize

from nbgrader import utils
from nbgrader.coursedir import CourseDirectory
from traitlets.config import PyFileConfigLoader

from autograder.grading import sandbox
from autograder.grading.gradebook import GradebookError, Records, fingerprint, write
from autograder.grading.grader import Grader, Release, Task, seed_of
from autograder.grading.report import Report
from autograder.grading.submission import SubmissionError, read_file
from helpers.exercises import LESSONS

_MOST_ATTEMPTS = 3  # at a submission during which a grading process ends


class GradeError(Exception):
    """Why nothing can be graded, as a sentence."""


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
    timestamp : datetime.datetime or None
    fingerprint : str
        Of everything that its result follows from.
    """

    student: str
    lesson: str
    content: bytes
    error: str
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
    level = sandbox.choose(options.sandbox)
    config = PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()
    places = CourseDirectory(config=config)
    if unknown := [lesson for lesson in options.lessons if lesson not in LESSONS]:
        raise GradeError(f"There is no lesson {unknown[0]!r}; there are {', '.join(LESSONS)}.")
    folder = options.submitted or root / places.submitted_directory
    if not folder.is_dir():
        raise GradeError(f"Expected the submissions in the folder {folder}, which does not exist.")
    report = Report(sandbox.DESCRIPTIONS[level])
    if not options.cluster:
        sandbox.probe(level)
    with _locked(root), contextlib.closing(Records(places, config)) as records:
        class_ = _Class(root, options, folder, level, records, report)
        for lesson in options.lessons:
            records.enter_lesson(lesson, Release.load(lesson, root).notebook)
        class_.grade()
        report.show(options.lessons)
    if options.results:
        write(options.results, json.dumps(report.results, indent=1, sort_keys=True) + "\n")
    return 0


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
                todo = self.grade_some(todo, advance)

    def changed(self, lesson):
        """Where the submissions lie that need grading; known results are reported at once."""
        base = self.base_of(lesson)
        done = {} if self.options.force else self.records.done(lesson)
        for student in _students(self.folder, lesson):
            submission = self.read(student, lesson, base)
            known, result = done.get(student, ("", None))
            if known == submission.fingerprint:
                self.report.add(student, lesson, result, is_new=False)
            else:
                yield student, lesson, base

    def base_of(self, lesson):
        """Fingerprint of all that the results of a lesson follow from, but for the submissions."""
        files = [self.root / "notebooks" / lesson / f"{lesson}.ipynb"]
        for folder in ("src/helpers", "autograder"):
            files += sorted((self.root / folder).rglob("*.py"))
        files = [path for path in files if "plots" not in path.parts and "course" not in path.parts]
        settings = [str(self.options.follow_through).encode(), self.level.encode(), self.secret]
        return fingerprint(*(path.read_bytes() for path in files), *settings)

    def read(self, student, lesson, base):
        """Read a submission."""
        content, error, timestamp = b"", "", None
        try:
            content = read_file(self.folder, student, lesson, f"{lesson}.ipynb")
        except SubmissionError as why:
            error = str(why)
        with contextlib.suppress(SubmissionError, ValueError, OverflowError):
            text = read_file(self.folder, student, lesson, "timestamp.txt", largest=200).decode()
            timestamp = utils.parse_utc(text.strip())
        parts = [base.encode(), content, error.encode(), str(timestamp).encode()]
        return Submission(student, lesson, content, error, timestamp, fingerprint(*parts))

    def grade_some(self, todo, advance):
        """Grade until a grading process ends before its time; returns what is left."""
        n_at_once = 2 * self.options.jobs
        todo, running, left = list(reversed(todo)), {}, []
        with _executor(self.options, len(todo)) as executor:
            while todo or running:
                while todo and len(running) < n_at_once and not left:
                    submission = self.read(*todo.pop())
                    running[executor.submit(grade_one, self.task(submission))] = submission
                if not running:
                    break
                done, _ = concurrent.futures.wait(running, return_when=concurrent.futures.FIRST_COMPLETED)
                for future in done:
                    submission = running.pop(future)
                    try:
                        graded = future.result()
                    except BrokenProcessPool:
                        left.append(self.again(submission))
                        continue
                    self.records.record(graded, submission.fingerprint, submission.timestamp)
                    self.report.add(submission.student, submission.lesson, graded.result)
                    advance()
        return left + list(reversed(todo))

    def again(self, submission):
        """Where a submission lies whose grading process ended; given up after some attempts."""
        key = submission.student, submission.lesson
        self.attempts[key] = self.attempts.get(key, 0) + 1
        return *key, self.base_of(submission.lesson)

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
    names = [name for name in sorted(names) if not name.startswith(".") and name.isprintable()]
    return [name for name in names if os.path.lexists(folder / name / lesson)]


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


@contextlib.contextmanager
def _executor(options, n_tasks):
    """What runs `grade_one`: processes of this machine, or a cluster."""
    if options.cluster:
        try:
            from distributed import Client
        except ImportError:
            raise GradeError("A cluster needs dask: pip install distributed.") from None
        try:
            client = Client(options.cluster, timeout=20)
        except (OSError, ValueError) as error:
            raise GradeError(f"There is no dask scheduler at {options.cluster}: {error}") from None
        with client, client.get_executor(pure=False) as executor:
            yield executor
        return
    # processes and not threads: judging takes the interpreter's lock as much as waiting for a worker
    # spawned, so that no grader inherits the gradebook's connection
    context = multiprocessing.get_context("spawn")
    n_processes = max(1, min(options.jobs, n_tasks))
    executor = concurrent.futures.ProcessPoolExecutor(n_processes, context)
    try:
        yield executor
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


_GRADERS = threading.local()


def grade_one(task):
    """Grade a submission in this process, with a worker that stays for the next one.

    Parameters
    ----------
    task : Task

    Returns
    -------
    graded : Graded
    """
    grader = getattr(_GRADERS, task.level, None)
    if grader is None:
        grader = Grader(task.level)
        setattr(_GRADERS, task.level, grader)
        # processes of a pool end without atexit, others without multiprocessing's own
        Finalize(None, grader.close, exitpriority=10)
        atexit.register(grader.close)
    return grader.grade(task)


__all__ = ["GradeError", "GradebookError", "Options", "grade_one", "run"]
