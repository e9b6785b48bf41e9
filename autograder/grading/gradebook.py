"""The one writer of the gradebook: scores, notebooks for Formgrader, and what need not be graded again."""

import contextlib
import hashlib
import json
import os
from pathlib import Path

import nbformat
from nbgrader.api import (
    Assignment,
    Comment,
    Grade,
    Gradebook,
    MissingEntry,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.preprocessors import AssignLatePenalties, NbGraderPreprocessor, SaveAutoGrades, SaveCells
from sqlalchemy import Column, MetaData, String, Table, Text, delete, distinct, func, insert, select

# beside nbgrader's own tables, so that a result and the note that it is there are one transaction
_TABLES = MetaData()
_DONE = Table(
    "graded_submission",
    _TABLES,
    Column("student", String(128), primary_key=True),
    Column("assignment", String(128), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("result", Text, nullable=False),
)


# what nbgrader keeps beside a submitted notebook, and looks for beside the autograded one
BESIDE = ("timestamp.txt", "submission_secret.txt")


class GradebookError(Exception):
    """Why the gradebook cannot be used, as a sentence."""


class _SaveScores(SaveAutoGrades):
    """nbgrader's own bookkeeping, in a session that is open already."""

    def preprocess(self, nb, resources):
        ids = resources["nbgrader"]
        self.notebook_id, self.assignment_id, self.student_id = (
            ids["notebook"],
            ids["assignment"],
            ids["student"],
        )
        self.gradebook = ids["gradebook"]
        return NbGraderPreprocessor.preprocess(self, nb, resources)


class _OpenSubmission:
    """The grades and comments of one submission, fetched at once; to nbgrader it is the gradebook.

    Parameters
    ----------
    gradebook : nbgrader.api.Gradebook
    submission : nbgrader.api.SubmittedAssignment
    released : nbgrader.api.Notebook
    """

    def __init__(self, gradebook, submission, released):
        self.db = gradebook.db
        # by columns for which the gradebook has an index: a class may be large
        self.notebook = self._all(
            SubmittedNotebook, notebook_id=[released.id], assignment_id=[submission.id]
        )[0]
        grades = {cell.id: cell.name for cell in released.grade_cells}
        comments = {cell.id: cell.name for cell in released.solution_cells}
        of_this = {"notebook_id": [self.notebook.id]}
        self._grades = {grades[g.cell_id]: g for g in self._all(Grade, cell_id=grades, **of_this)}
        self._comments = {comments[c.cell_id]: c for c in self._all(Comment, cell_id=comments, **of_this)}

    def _all(self, kind, **values):
        wanted = (getattr(kind, name).in_(list(among)) for name, among in values.items())
        return self.db.query(kind).filter(*wanted).all()

    def find_grade(self, cell, *_):
        """Grade of a cell by its name."""
        return self._grades[cell]

    def find_comment(self, cell, *_):
        """Comment on a cell by its name."""
        return self._comments[cell]


class Records:
    """Gradebook and autograded notebooks of a course.

    Parameters
    ----------
    course_directory : nbgrader.coursedir.CourseDirectory
        Where things are; its ``db_url`` may be SQLite's or PostgreSQL's.
    config : traitlets.config.Config
        nbgrader's configuration.

    Raises
    ------
    GradebookError
        If the gradebook cannot be opened.
    """

    def __init__(self, course_directory, config):
        self._places = course_directory
        self._config = config
        try:
            self._gradebook = Gradebook(course_directory.db_url, course_directory.course_id)
            _TABLES.create_all(self._gradebook.engine)
        except Exception as error:  # each database has its own
            first_line = str(error).strip().partition("\n")[0]
            raise GradebookError(f"The gradebook cannot be opened: {first_line}") from None
        self._save_scores = _SaveScores(config=config)

    def close(self):
        """Close the gradebook."""
        self._gradebook.close()

    def enter_lesson(self, lesson, notebook):
        """Enter a lesson into the gradebook, as ``nbgrader generate_assignment`` does.

        Parameters
        ----------
        lesson : str
        notebook : dict
            The released one.

        Raises
        ------
        GradebookError
            If graded cells came or went while there are submissions.
        """
        node = nbformat.from_dict(notebook)
        gradings = [cell.metadata.nbgrader for cell in node.cells if "nbgrader" in cell.metadata]
        points = {grading.grade_id: float(grading.points) for grading in gradings if grading.grade}
        try:
            known = self._gradebook.find_notebook(lesson, lesson)
            if {cell.name: cell.max_score for cell in known.grade_cells} == points:
                return
        except MissingEntry:
            with contextlib.suppress(MissingEntry):
                self._gradebook.find_assignment(lesson)
            self._gradebook.update_or_create_assignment(lesson)
        self._gradebook.db.remove()
        try:
            SaveCells(config=self._config).preprocess(node, self._resources(lesson, ""))
        except RuntimeError as error:
            raise GradebookError(f"{error}: grade them with the lesson as it was handed out.") from None

    def _resources(self, lesson, student):
        return {
            "nbgrader": {
                "notebook": lesson,
                "assignment": lesson,
                "student": student,
                "db_url": self._places.db_url,
                "gradebook": self._gradebook,
            }
        }

    def path(self, student, lesson):
        """Path of an autograded notebook."""
        folder = self._places.format_path(self._places.autograded_directory, student, lesson)
        return Path(folder) / f"{lesson}.ipynb"

    def done(self, lesson):
        """Fingerprint and result of what has been graded of a lesson, by student."""
        submitted = select(SubmittedAssignment.student_id).join(Assignment).where(Assignment.name == lesson)
        known = set(self._gradebook.db.scalars(submitted))
        query = select(_DONE.c.student, _DONE.c.fingerprint, _DONE.c.result)
        rows = self._gradebook.db.execute(query.where(_DONE.c.assignment == lesson)).all()
        self._gradebook.db.commit()
        return {
            student: (fingerprint, json.loads(result))
            for student, fingerprint, result in rows
            if student in known and self.path(student, lesson).is_file()
        }

    def record(self, results):
        """Write results down: first the notebooks, then, at once, the scores and that they are there.

        Parameters
        ----------
        results : list of tuple of (Graded, Submission)
            For each what its grading came to, and what was graded.
        """
        late = []
        for graded, submission in results:
            path = self.path(graded.student, graded.lesson)
            write(path, graded.notebook)
            for name in BESIDE:
                if name in submission.beside:
                    write(path.with_name(name), submission.beside[name])
                else:
                    path.with_name(name).unlink(missing_ok=True)
        with self._one_transaction():
            for graded, submission in results:
                if self._enter(graded, submission.timestamp):
                    late.append((graded, submission))
                else:
                    self._note(graded, submission.fingerprint)
        for graded, submission in late:  # a late submission is done once it has its penalty
            self._penalise(graded.student, graded.lesson)
            with self._one_transaction():
                self._note(graded, submission.fingerprint)

    def _penalise(self, student, lesson):
        """Let nbgrader enter the late penalty of a submission as it is configured."""
        penalties = AssignLatePenalties(config=self._config)
        penalties.preprocess(nbformat.v4.new_notebook(), self._resources(lesson, student))

    def renew_penalties(self, lesson):
        """Renew late penalties: the due date, the plugin or points given by hand may have changed.

        Returns
        -------
        students : list of str
            Those whose penalty is another one now.
        """
        before = self._penalties(lesson)
        for student in before:
            self._penalise(student, lesson)
        after = self._penalties(lesson)
        return [student for student in before if before[student] != after.get(student, 0.0)]

    def _penalties(self, lesson):
        """Late penalty of each submission that may be late, or has one, by student."""
        penalty = SubmittedNotebook.late_submission_penalty
        query = select(SubmittedAssignment.student_id, penalty).join(SubmittedNotebook.assignment)
        query = query.join(SubmittedAssignment.assignment).where(Assignment.name == lesson)
        query = query.where((penalty > 0) | (SubmittedAssignment.timestamp > Assignment.duedate))
        rows = self._gradebook.db.execute(query).all()
        self._gradebook.db.commit()
        return {student: points or 0.0 for student, points in rows}

    def n_waiting(self, lesson):
        """Number of submissions of a lesson in which an answer waits for a person."""
        query = select(func.count(distinct(SubmittedNotebook.id))).join(Grade).where(Grade.needs_manual_grade)
        query = query.join(SubmittedAssignment).join(Assignment).where(Assignment.name == lesson)
        n_waiting = self._gradebook.db.scalar(query)
        self._gradebook.db.commit()
        return n_waiting

    def _enter(self, graded, timestamp):
        """Enter the scores of a submission; returns whether its late penalty may change."""
        student, lesson = graded.student, graded.lesson
        notebook = json.loads(graded.notebook)
        notebook["cells"] = [cell for cell in notebook["cells"] if "nbgrader" in cell["metadata"]]
        node = nbformat.from_dict(notebook)
        self._gradebook.update_or_create_student(student)
        known = {"timestamp": timestamp} if timestamp else {}
        submission = self._gradebook.update_or_create_submission(lesson, student, **known)
        released = self._gradebook.find_notebook(lesson, lesson)
        opened = _OpenSubmission(self._gradebook, submission, released)
        resources = self._resources(lesson, student)
        resources["nbgrader"]["gradebook"] = opened
        self._save_scores.preprocess(node, resources)
        return opened.notebook.late_submission_penalty or submission.total_seconds_late > 0

    def _note(self, graded, fingerprint):
        """Note that a submission need not be graded again."""
        key = {"student": graded.student, "assignment": graded.lesson}
        done = delete(_DONE).where(*(_DONE.c[name] == value for name, value in key.items()))
        row = {**key, "fingerprint": fingerprint, "result": json.dumps(graded.result)}
        self._gradebook.db.execute(done)
        self._gradebook.db.execute(insert(_DONE).values(row))

    @contextlib.contextmanager
    def _one_transaction(self):
        """The gradebook's own many commits become one."""
        session = self._gradebook.db
        commit = session.commit
        session.commit = lambda: None
        try:
            yield
            commit()
        except BaseException:
            session.rollback()
            raise
        finally:
            del session.commit


def write(path, content):
    """Write text or bytes into a file so that it is there completely or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.new")
    temporary.write_bytes(content if type(content) is bytes else content.encode())
    os.replace(temporary, path)


def fingerprint(*parts):
    """Hash of bytes, each part counted for itself."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()
