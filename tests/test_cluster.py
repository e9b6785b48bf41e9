"""Submissions are graded on a dask cluster, whose workers may end at any time."""

import contextlib
import importlib.util
import json
import os
import signal
import subprocess
import sys
import time

import pytest
from classes import Class, kill_group
from clones import free_port
from mixed_class import LESSON, hand_in, mixed, problems

if importlib.util.find_spec("distributed") is None:
    # whoever develops needs no dask, but the tests of record do
    assert not os.environ.get("CI"), "the tests need distributed: pip install distributed"
    pytest.skip("dask's distributed is not installed", allow_module_level=True)

KINDS = ("perfect", "slips", "raises", "half", "untouched", "function_ends_python", "no_json", "link")
N_STUDENTS = 80


class Cluster:
    """A scheduler and workers, each a process of its own.

    Parameters
    ----------
    class_ : Class
        The workers run in its copy of the course.
    """

    def __init__(self, class_):
        self.class_ = class_
        self.address = f"tcp://127.0.0.1:{free_port()}"
        self.processes = []
        self._open("scheduler", "--host", self.address, "--no-dashboard", "--no-show")

    def worker(self, class_=None):
        """Start a worker with one thread; returns its process."""
        options = ("--nworkers", "1", "--nthreads", "1", "--no-nanny", "--no-dashboard")
        return self._open("worker", self.address, *options, class_=class_)

    def _open(self, *arguments, class_=None):
        class_ = class_ or self.class_
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", *arguments],
            cwd=class_.root,
            env={**class_.environment, "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "60"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.processes.append(process)
        return process

    def close(self):
        """End all processes."""
        for process in self.processes:
            kill_group(process)


@pytest.fixture
def class_(tmp_path):
    """A copy of the project without submissions."""
    return Class(tmp_path / "a class")


@pytest.fixture
def cluster(class_):
    """A scheduler without workers."""
    with contextlib.closing(Cluster(class_)) as cluster:
        yield cluster


def start(class_, cluster):
    """Start to grade on a cluster."""
    return class_.start("grade", LESSON, "--cluster", cluster.address, "--results", "results.json")


def ended(process):
    """Exit status of a run, and what it said."""
    try:
        said, _ = process.communicate(timeout=900)
    finally:
        kill_group(process)
    return process.returncode, said


def graded(class_):
    """Students who have an autograded notebook."""
    folder = class_.course / "autograded"
    return set(os.listdir(folder)) if folder.is_dir() else set()


def wait_for_some(class_, process, n_students=5):
    """Wait until some submissions have been graded."""
    end = time.monotonic() + 300
    while len(graded(class_)) < n_students:
        assert process.poll() is None
        assert time.monotonic() < end
        time.sleep(0.05)


def test_all_results_arrive_once_although_a_worker_is_killed(class_, cluster):
    """What a killed worker was grading is graded by the other one."""
    students = {f"student-{i:02d}": KINDS[i % len(KINDS)] for i in range(N_STUDENTS)}
    hand_in(class_, students)
    first, second = cluster.worker(), cluster.worker()
    process = start(class_, cluster)
    try:
        wait_for_some(class_, process, N_STUDENTS // 4)
        assert (first.poll(), second.poll()) == (None, None)
        os.kill(first.pid, signal.SIGKILL)
        assert len(graded(class_)) < N_STUDENTS - 8
    finally:
        status, said = ended(process)
    assert status == 0, said
    assert f"{N_STUDENTS} graded." in said
    assert second.poll() is None
    results = json.loads((class_.root / "results.json").read_text(encoding="utf-8"))
    assert problems(results, students) == []
    assert class_.notes(LESSON).keys() == class_.scores(LESSON).keys() == graded(class_) == set(students)
    assert {student: result for student, (_, result) in class_.notes(LESSON).items()} == {
        student: result[LESSON] for student, result in results.items()
    }


def test_a_cluster_comes_to_the_same_as_this_machine(class_, cluster):
    """Results, and the hidden cases that they follow from, do not depend on where they are made."""
    students = dict(zip(KINDS, KINDS, strict=True))
    hand_in(class_, students)
    cluster.worker()
    status, said = ended(start(class_, cluster))
    assert status == 0, said
    notes = class_.notes(LESSON)
    class_.run("grade", LESSON, "--force")
    assert class_.notes(LESSON) == notes
    assert {student: sorted(result) for student, (_, result) in notes.items()}.keys() == set(students)


def test_a_worker_with_another_version_of_the_course_is_noticed(class_, cluster, tmp_path):
    """Its results would not be those of this machine's lesson."""
    class_.submit("ada", LESSON, mixed()["perfect"][0])
    other = Class(tmp_path / "other")
    with (other.root / "src" / "helpers" / "comparing.py").open("a") as module:
        module.write("# something else\n")
    cluster.worker(other)
    status, said = ended(start(class_, cluster))
    assert status == 2
    assert "another version of the course" in said
    assert "Traceback" not in said
    assert graded(class_) == set()


def test_a_worker_without_the_course_is_noticed(class_, cluster, tmp_path):
    """It says where a worker has to be started."""
    class_.submit("ada", LESSON, mixed()["perfect"][0])
    other = Class(tmp_path / "other")
    for module in (other.root / "autograder" / "grading").iterdir():
        module.unlink()
    cluster.worker(other)
    status, said = ended(start(class_, cluster))
    assert status == 2
    assert "Start workers in the project's folder" in said
    assert graded(class_) == set()


def test_no_worker_and_no_scheduler_are_said(class_, cluster):
    """Each in a sentence, and soon."""
    class_.submit("ada", LESSON, mixed()["perfect"][0])
    status, said = ended(start(class_, cluster))
    assert status == 2
    assert "has no worker" in said
    cluster.close()
    status, said = ended(start(class_, cluster))
    assert status == 2
    assert "There is no dask scheduler at" in said


def test_workers_that_are_all_gone_end_the_run(class_, cluster):
    """Nothing waits for ever for somebody who grades."""
    hand_in(class_, {f"student-{i:02d}": "perfect" for i in range(N_STUDENTS)})
    worker = cluster.worker()
    process = start(class_, cluster)
    wait_for_some(class_, process)
    kill_group(worker)
    status, said = ended(process)
    assert status == 2
    assert "has no worker any more" in said
    assert 5 <= len(class_.notes(LESSON)) < N_STUDENTS


def test_a_scheduler_that_ends_ends_the_run(class_, cluster):
    """What has been graded is kept, and the same command goes on."""
    students = {f"student-{i:02d}": KINDS[i % len(KINDS)] for i in range(N_STUDENTS)}
    hand_in(class_, students)
    cluster.worker()
    process = start(class_, cluster)
    wait_for_some(class_, process)
    kill_group(cluster.processes[0])
    status, said = ended(process)
    assert status == 2
    assert "the same command goes on" in said
    n_kept = len(class_.notes(LESSON))
    assert 5 <= n_kept < N_STUDENTS
    said = class_.run("grade", LESSON, "--jobs", "2")
    assert f"{N_STUDENTS - n_kept} graded; {n_kept} unchanged since the last run." in said
