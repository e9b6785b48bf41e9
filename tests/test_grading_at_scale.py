"""A class of 500 is graded right, also if grading is killed again and again, and nothing is graded twice."""

import contextlib
import fcntl
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from classes import Class, kill_group
from mixed_class import LESSON, POINTS, hand_in, mixed, problems
from submissions import ROOT, read, written_ids

from autograder.grading.run import _MOST_UNWRITTEN

N_STUDENTS, N_KILLS, JOBS = 500, 5, 2
SEED = random.SystemRandom().randrange(10**6)
# what takes seconds, or much memory, comes in a few copies
RARE = {"endless_loop": 2, "wrong_length": 3, "huge": 3}
QUICK = ("perfect", "slips", "raises", "untouched", "cell_ends_python", "no_json")
WRITTEN = min(written_ids(read("notebooks", LESSON)))


def a_class_of(n_students):
    """Kind of submission of each student: each kind, the rare ones a few times, the rest in turn."""
    common = [kind for kind in mixed() if kind not in RARE]
    kinds = [kind for kind, n in RARE.items() for _ in range(n)]
    kinds += [common[i % len(common)] for i in range(n_students - len(kinds))]
    random.Random(1).shuffle(kinds)
    return {f"student-{i:03d}": kind for i, kind in enumerate(kinds)}


def grade(class_, *arguments, seconds=1500):
    """Results of a run, and what it said."""
    results = class_.root / "results.json"
    said = class_.run(
        "grade", LESSON, "--jobs", str(JOBS), "--results", str(results), *arguments, seconds=seconds
    )
    return json.loads(results.read_text(encoding="utf-8")), said


def entries(class_):
    """Everything that the gradebook holds of a lesson's submissions, by student, and what was noted."""
    with class_.gradebook() as gradebook:
        submissions = gradebook.assignment_submissions(LESSON)
        assert len(submissions) == len({submission.student_id for submission in submissions})
        grades = {
            submission.student_id: [
                sorted((g.name, g.auto_score, g.manual_score, g.needs_manual_grade) for g in notebook.grades)
                + sorted((c.name, c.auto_comment or "") for c in notebook.comments)
                for notebook in submission.notebooks
            ]
            for submission in submissions
        }
    return grades, class_.notes(LESSON)


def expected_scores(students):
    """Automatic score of each cell that a program grades, by student."""
    return {student: mixed()[kind][1].cells for student, kind in students.items()}


def checked_scores(class_):
    """Automatic scores of the checks in the gradebook, by student."""
    return {
        student: {name: score for name, score in scores.items() if name != WRITTEN}
        for student, scores in class_.scores(LESSON).items()
    }


def graded_at(class_, students):
    """When the autograded notebook of each student was written."""
    return {student: class_.autograded(student, LESSON).stat().st_mtime_ns for student in students}


# -- 500, killed five times ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """A class of 500 that was graded in one run, its students, and the results."""
    class_, students = Class(tmp_path_factory.mktemp("undisturbed") / "a class"), a_class_of(N_STUDENTS)
    hand_in(class_, students)
    results, said = grade(class_)
    return class_, students, results, said


def test_everybody_of_500_gets_the_right_score_for_the_right_reason(undisturbed):
    """Results and gradebook are those of the table of expectations."""
    class_, students, results, said = undisturbed
    assert problems(results, students) == []
    assert checked_scores(class_) == expected_scores(students)
    assert f"{N_STUDENTS} graded." in said
    assert set(students.values()) == set(mixed())
    assert len(graded_at(class_, students)) == N_STUDENTS


def test_a_run_that_is_killed_five_times_comes_to_the_same(undisturbed, tmp_path):
    """The gradebook is that of an undisturbed run; nothing that it held at a kill is graded again."""
    calm, students, calm_results, _ = undisturbed
    class_, random_ = Class(tmp_path / "a class"), random.Random(SEED)
    hand_in(class_, students)
    noted, folder = {}, class_.course / "autograded"
    moments = sorted(random_.sample(range(N_STUDENTS - 50), N_KILLS - 1))
    for moment in (None, *moments):  # once before anything is graded
        process = class_.start("grade", LESSON, "--jobs", str(JOBS))
        reached = f"seed {SEED}, kill at {moment} of {moments}"
        end = time.monotonic() + 900
        while moment is not None and (not folder.is_dir() or len(os.listdir(folder)) < moment):
            assert process.poll() is None, reached
            assert time.monotonic() < end, reached
            time.sleep(0.05)
        time.sleep(random_.uniform(0, 3 if moment is None else 0.5))
        alive = processes_below(process.pid)
        kill_group(process)
        process.stdout.close()
        assert still_running(alive) == set(), reached
        if moment is not None:
            now = class_.notes(LESSON)
            times = graded_at(class_, now)
            assert {student: times[student] for student in noted} == noted, reached
            assert len(os.listdir(folder)) - len(now) <= _MOST_UNWRITTEN + 2, reached
            noted = times
    results, said = grade(class_)
    assert results == calm_results, f"seed {SEED}"
    assert entries(class_) == entries(calm), f"seed {SEED}"
    assert checked_scores(class_) == expected_scores(students)
    times = graded_at(class_, students)
    assert {student: times[student] for student in noted} == noted
    assert f"{N_STUDENTS - len(noted)} graded; {len(noted)} unchanged since the last run." in said


def processes_below(pid):
    """Process id and start of a process and all its descendants."""
    found, todo = set(), [pid]
    while todo:
        parent = todo.pop()
        with contextlib.suppress(OSError):
            found.add((parent, started(parent)))
            for task in Path(f"/proc/{parent}/task").iterdir():
                todo += map(int, (task / "children").read_text().split())
    return found


def started(pid):
    """When a process started, which tells it from a later one of the same number; None once it ended."""
    with contextlib.suppress(OSError):
        state, *fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return None if state == "Z" else fields[18]
    return None


def still_running(processes, seconds=30):
    """Those of some processes that do not end in time."""
    end = time.monotonic() + seconds
    while processes and time.monotonic() < end:
        processes = {(pid, start) for pid, start in processes if start and started(pid) == start}
        time.sleep(0.05)
    return processes


# -- a small class, graded again and again -----------------------------------------------------


@pytest.fixture(scope="module")
def graded_once(tmp_path_factory):
    """A small class that was graded once, and its students and results; not to be changed."""
    class_ = Class(tmp_path_factory.mktemp("small") / "a class")
    kinds = [kind for kind in mixed() if kind not in ("endless_loop", "huge", "no_notebook")]
    students = {f"student-{kind}": kind for kind in kinds}
    hand_in(class_, students)
    results, _ = grade(class_)
    assert problems(results, students) == []
    return class_, students, results


@pytest.fixture
def small(graded_once, tmp_path):
    """A copy of the small class, and its students and results."""
    class_, students, results = graded_once
    return class_.copy_to(tmp_path / "a class"), students, results


@pytest.fixture
def quick(small):
    """A part of the small class."""
    class_, students, results = small
    kept = {student: kind for student, kind in students.items() if kind in QUICK}
    for student in students.keys() - kept:
        shutil.rmtree(class_.place(student, LESSON).parent.parent)
    return class_, kept, {student: results[student] for student in kept}


def test_what_is_unchanged_is_not_graded_again(small):
    """The second run has the results of the first, and leaves all files as they are."""
    class_, students, results = small
    before = graded_at(class_, students), entries(class_)
    again, said = grade(class_)
    assert again == results
    assert f"0 graded; {len(students)} unchanged since the last run." in said
    assert (graded_at(class_, students), entries(class_)) == before


def test_force_grades_everything_again_and_comes_to_the_same(quick):
    """Hidden cases are the same ones; points that a person gave stay, and wait for another look."""
    class_, students, results = quick
    with class_.gradebook() as gradebook:
        grade_ = gradebook.find_grade(WRITTEN, LESSON, LESSON, "student-perfect")
        grade_.manual_score, grade_.needs_manual_grade = 3.0, False
        gradebook.db.commit()
    notebooks = {student: class_.autograded(student, LESSON).read_bytes() for student in students}
    before = graded_at(class_, students)
    again, said = grade(class_, "--force")
    assert again == results
    assert f"{len(students)} graded." in said
    assert all(time > before[student] for student, time in graded_at(class_, students).items())
    assert {student: class_.autograded(student, LESSON).read_bytes() for student in students} == notebooks
    with class_.gradebook() as gradebook:
        grade_ = gradebook.find_grade(WRITTEN, LESSON, LESSON, "student-perfect")
        assert (grade_.manual_score, grade_.needs_manual_grade) == (3.0, True)
        assert gradebook.find_submission(LESSON, "student-perfect").score == sum(POINTS.values()) + 3


def test_a_changed_submission_alone_is_graded_again(small):
    """Its new result takes the place of the old one; a new student's comes in addition."""
    class_, students, _ = small
    before = graded_at(class_, students)
    class_.submit("student-slips", LESSON, mixed()["perfect"][0])
    class_.submit("student-new", LESSON, mixed()["raises"][0])
    students = {**students, "student-slips": "perfect", "student-new": "raises"}
    results, said = grade(class_)
    assert problems(results, students) == []
    assert checked_scores(class_) == expected_scores(students)
    assert f"2 graded; {len(students) - 2} unchanged since the last run." in said
    after = graded_at(class_, students)
    assert {student for student in students if after[student] != before.get(student)} == {
        "student-slips",
        "student-new",
    }


def test_a_changed_lesson_is_graded_again(quick):
    """Also if nothing but a sentence between the cells has changed, or the code of a check."""
    class_, students, results = quick
    released = class_.root / "notebooks" / LESSON / f"{LESSON}.ipynb"
    notebook = json.loads(released.read_text(encoding="utf-8"))
    notebook["cells"][1]["source"] = "Another sentence."
    released.write_text(json.dumps(notebook), encoding="utf-8")
    again, said = grade(class_)
    assert again == results
    assert f"{len(students)} graded." in said
    with (class_.root / "src" / "helpers" / "comparing.py").open("a") as module:
        module.write("# something else\n")
    assert f"{len(students)} graded." in grade(class_)[1]


def test_a_changed_setting_grades_again(small):
    """Without follow-through, a wrong length takes along what needs it."""
    class_, students, results = small
    again, said = grade(class_, "--no-follow-through")
    assert f"{len(students)} graded." in said
    lost = {s for s in students if again[s][LESSON]["score"] != results[s][LESSON]["score"]}
    assert lost == {"student-wrong_length"}


def test_a_grading_process_that_is_killed_costs_nobody_anything(quick):
    """What it was grading is graded once more, alone."""
    class_, students, results = quick
    process = class_.start("grade", LESSON, "--jobs", str(JOBS), "--force")
    try:
        graders = wait_for(lambda: grading_processes(process.pid), lambda found: len(found) == JOBS)
        os.kill(graders[0], signal.SIGKILL)
        said, _ = process.communicate(timeout=900)
    finally:
        kill_group(process)
    assert process.returncode == 0, said
    assert f"{len(students)} graded." in said
    assert grade(class_)[0] == results


BEGINS_WHILE_ANOTHER_DIES = """
import contextlib
import os
import signal
import sys
import time
from multiprocessing import popen_spawn_posix

from autograder.grading import jobs

launch, pids = popen_spawn_posix.Popen._launch, []


def launch_and_kill_the_one_before(self, process):
    launch(self, process)
    pids.append(self.pid)
    if len(pids) == 2:
        os.kill(pids[0], signal.SIGKILL)
        time.sleep(1)  # until that is noticed; the second process is not known yet


if __name__ == "__main__":
    popen_spawn_posix.Popen._launch = launch_and_kill_the_one_before
    with contextlib.suppress(jobs.Ended), jobs.processes(2) as pool:
        for future in [pool._executor.submit(time.sleep, 0.1) for _ in range(2)]:
            pool.result(future)
        if sys.version_info >= (3, 11, 5):  # before, the second process does what the first one left
            raise AssertionError("nothing has ended")
    assert len(pids) == 2, "no process began while another died"
"""


def test_a_process_that_begins_while_another_dies_is_not_waited_for(tmp_path):
    """Python's own pool waits for it forever."""
    script = tmp_path / "begins.py"
    script.write_text(BEGINS_WHILE_ANOTHER_DIES)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")])}
    command = [sys.executable, str(script)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr


def test_nothing_outlives_a_run_that_is_killed_alone(quick):
    """Graders and workers end with the process that the kernel may pick when memory runs out."""
    class_, *_ = quick
    process = class_.start("grade", LESSON, "--jobs", str(JOBS), "--force")
    try:
        wait_for(lambda: len(processes_below(process.pid)), lambda n: n > 3 * JOBS)
        alive = processes_below(process.pid)
        os.kill(process.pid, signal.SIGKILL)
        assert still_running(alive) == set()
    finally:
        kill_group(process)
        process.stdout.close()


def test_a_run_leaves_no_process_and_no_temporary_folder(quick):
    """What graders make for themselves goes with them."""
    class_, *_ = quick
    process = class_.start("grade", LESSON, "--jobs", str(JOBS), "--force")
    try:
        alive = wait_for(lambda: processes_below(process.pid), lambda found: len(found) > 3 * JOBS)
        said, _ = process.communicate(timeout=900)
    finally:
        kill_group(process)
    assert process.returncode == 0, said
    assert still_running(alive) == set()
    assert os.listdir(class_.temporary) == []


def test_two_runs_do_not_grade_into_one_gradebook(quick):
    """The second one says so and ends."""
    class_, *_ = quick
    with open(class_.course / ".grading.lock", "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # as another run does
        second = class_.start("grade", LESSON)
        said, _ = second.communicate(timeout=300)
    assert second.returncode == 2
    assert "Another run is grading into this gradebook" in said
    assert "Traceback" not in said


def grading_processes(pid):
    """Process ids of a run's graders."""
    found = []
    for child, _ in processes_below(pid):
        with contextlib.suppress(OSError):
            if b"multiprocessing.spawn" in Path(f"/proc/{child}/cmdline").read_bytes():
                found.append(child)
    return found


def wait_for(look, is_there, seconds=300):
    """What `look` returns once it is what is waited for."""
    end = time.monotonic() + seconds
    while not is_there(found := look()):
        assert time.monotonic() < end, found
        time.sleep(0.05)
    return found
