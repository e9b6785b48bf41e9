"""Marks in files that a school's system imports: nbgrader's export plugins for Canvas and Moodle.

In the project's folder::

    nbgrader export --exporter=autograder.exporters.CanvasExportPlugin
    nbgrader export --exporter=autograder.exporters.MoodleExportPlugin

A mark is the score less the late penalty, and at least 0, as in nbgrader's own export. Where there
is none, the file says so, and the log says why: a submission with an answer that waits for manual
grading has no mark yet, and of a student without a graded submission the gradebook cannot know
whether nothing was handed in, or whether it has not been collected or graded. (nbgrader's own
export writes the points so far, and 0.)
"""

import csv
import os
import sys
import unicodedata
from pathlib import Path

from nbgrader.api import Assignment, Grade, SubmittedAssignment, SubmittedNotebook
from nbgrader.plugins import ExportPlugin
from sqlalchemy import case, func


class MarksExportPlugin(ExportPlugin):
    """A table of marks, a row for each student and a column for each assignment.

    ``--assignment`` and ``--student`` choose from them, as in nbgrader's own export.
    """

    file_name = "marks.csv"  # where neither the configuration nor --to says another
    no_mark = ""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        # --to means ExportPlugin.to, which a value configured for the subclass alone would hide
        given = getattr(self.parent, "cli_config", {}).get("ExportPlugin", {})
        self.to = str(given.get("to", self.to) or self.file_name)

    def table(self, students, assignments, marks):
        """Rows of the file, the header first.

        Parameters
        ----------
        students : list of nbgrader.api.Student
            In the order of the rows.
        assignments : list of nbgrader.api.Assignment
            In the order of the columns.
        marks : list of list of str
            For each student what stands in the columns of the assignments.

        Returns
        -------
        list of list of str
        """
        raise NotImplementedError

    def export(self, gradebook):
        """Write the marks of a gradebook to the file `to`, which is replaced as a whole.

        Parameters
        ----------
        gradebook : nbgrader.api.Gradebook

        Raises
        ------
        SystemExit
            After one sentence in the log, if there is no such assignment or student, or if the
            file cannot be written.
        """
        assignments = self._chosen("assignment", {each.name: each for each in gradebook.assignments})
        assignments.sort(key=lambda assignment: assignment.name)
        students = self._chosen("student", {each.id: each for each in gradebook.students})
        students.sort(key=lambda each: (each.last_name or "", each.first_name or "", each.id))
        columns = [self._column(gradebook, students, each.name) for each in assignments]
        marks = [[column[student.id] for column in columns] for student in students]
        self.log.info("Exporting grades to %s", self.to)
        try:
            write_csv(Path(self.to).resolve(), self.table(students, assignments, marks))
        except OSError as error:
            self._fail(f"cannot write {self.to}: {error.strerror or error}")

    def _chosen(self, kind, known):
        """Assignments or students that the option named `kind` asks for; all of them without it."""
        names = [str(name) for name in getattr(self, kind)]
        for name in names:
            if name not in known:
                there = ", ".join(sorted(known)[:20]) or "none"
                self._fail(f'no {kind} "{name}" in the gradebook; it has: {there}')
        return [known[name] for name in dict.fromkeys(names)] if names else list(known.values())

    def _column(self, gradebook, students, assignment):
        """What stands in an assignment's column, by student."""
        scores = final_scores(gradebook, assignment)
        waiting = [each.id for each in students if scores.get(each.id, 0) is None]
        if waiting:
            self.log.warning("No mark in %s, waits for manual grading: %s", assignment, ", ".join(waiting))
        absent = [each.id for each in students if each.id not in scores]
        if absent:
            self.log.info("No mark in %s, no graded submission: %s", assignment, ", ".join(absent))
        known = {student: number(score) for student, score in scores.items() if score is not None}
        return {each.id: known.get(each.id, self.no_mark) for each in students}

    def _fail(self, sentence):
        self.log.error("%s", sentence)
        sys.exit(1)


class CanvasExportPlugin(MarksExportPlugin):
    """Canvas's gradebook file.

    The columns are Student, ID, SIS User ID, SIS Login ID and Section, then one with the name of
    each assignment; the row after the header holds the points possible. Canvas looks for a student
    by ID (its own number), then by SIS User ID, SIS Login ID and name. The first two come from
    nbgrader's ``lms_user_id``, which is the ID if it is a number, and the login is nbgrader's
    student id. Section must be there and is not read. An assignment is found by its title or made
    anew. A cell without a mark is empty, which in Canvas means *not graded*.

    References
    ----------
    Instructure, Canvas LMS, ``lib/gradebook_importer.rb`` and ``lib/gradebook_exporter.rb``; Ohio State
    University, Teaching and Learning Resource Center, "Import CSV File for Carmen Grades".
    """

    file_name = "canvas.csv"

    def table(self, students, assignments, marks):
        """Rows of the file, the header first; see `MarksExportPlugin.table`."""
        names = [cell(assignment.name) for assignment in assignments]
        points = [number(assignment.max_score) for assignment in assignments]
        rows = [["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *names]]
        rows.append(["    Points Possible", "", "", "", "", *points])
        for student, row in zip(students, marks, strict=True):
            name = ", ".join(filter(None, (student.last_name, student.first_name))) or student.id
            number_or_key = cell(student.lms_user_id)
            own = number_or_key.isascii() and number_or_key.isdigit()
            ids = [number_or_key, ""] if own else ["", number_or_key]
            rows.append([cell(name), *ids, cell(student.id), "", *row])
        return rows


class MoodleExportPlugin(MarksExportPlugin):
    """Moodle's grade import file.

    The columns are First name, Last name, Username, ID number and Email address, then one with the
    name of each assignment. Whoever imports it says which column identifies the user and which
    grade item each assignment is. Username is nbgrader's student id and ID number its
    ``lms_user_id``. ID number and Email address are only there if every student of the file has
    one of their own: to a row whose identity is empty Moodle gives the user of the row before. A
    cell without a mark is ``-``, which Moodle reads as no grade. (An empty one is not the same: Moodle
    stores it where the import makes a new grade item.)

    References
    ----------
    MoodleDocs, "Grade import"; Moodle, ``grade/import/csv/classes/load_data.php``.
    """

    file_name = "moodle.csv"
    no_mark = "-"

    def table(self, students, assignments, marks):
        """Rows of the file, the header first; see `MarksExportPlugin.table`."""
        columns = {
            "First name": [cell(student.first_name) for student in students],
            "Last name": [cell(student.last_name) for student in students],
            "Username": [cell(student.id) for student in students],
            "ID number": [cell(student.lms_user_id) for student in students],
            "Email address": [cell(student.email) for student in students],
        }
        for name in ("ID number", "Email address"):
            different = {each.casefold() for each in columns[name]} - {""}
            if len(different) < len(students):
                del columns[name]
                self.log.info("No column %s, since not every student has one of their own", name)
        header = [*columns, *(cell(assignment.name) for assignment in assignments)]
        people = zip(*columns.values(), strict=True)
        return [header, *([*person, *row] for person, row in zip(people, marks, strict=True))]


def final_scores(gradebook, assignment):
    """Scores of an assignment's submissions, less the late penalties, by student.

    Two queries, however many submissions there are.

    Parameters
    ----------
    gradebook : nbgrader.api.Gradebook
    assignment : str

    Returns
    -------
    dict of str to float or None
        None where an answer waits for manual grading.
    """

    def query(*columns):
        return (
            gradebook.db.query(SubmittedAssignment.student_id, *columns)
            .select_from(SubmittedAssignment)
            .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
            .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .filter(Assignment.name == assignment)
            .group_by(SubmittedAssignment.student_id)
        )

    penalties = dict(query(func.sum(SubmittedNotebook.late_submission_penalty)).all())
    waiting = func.sum(case((Grade.needs_manual_grade, 1), else_=0))
    grades = query(func.sum(Grade.score), waiting).join(Grade, Grade.notebook_id == SubmittedNotebook.id)
    return {
        student: None if waits else max(0.0, score - (penalties[student] or 0.0))
        for student, score, waits in grades
    }


def number(value):
    """Text of a number of points, with at most five decimals, which is what Moodle keeps."""
    return f"{value:.5f}".rstrip("0").rstrip(".")


def cell(text):
    """Text on one line that no spreadsheet takes for a formula; None is the empty text."""
    text = " ".join(str(text or "").split())
    first = unicodedata.normalize("NFKC", text[:1])  # the full-width signs count, too
    return f"'{text}" if first in {"=", "+", "-", "@"} else text


def write_csv(path, rows):
    """Write rows to a file, in UTF-8; whatever goes wrong, the file is the old or the new one.

    Raises
    ------
    OSError
        If it cannot be written, or is there and no regular file.
    """
    if path.exists() and not path.is_file():
        raise OSError("it is not a regular file")
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
