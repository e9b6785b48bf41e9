"""A class graded by stock nbgrader and by `python -m autograder grade`: `python benchmarks/grading.py`.

Both grade the same submissions of lesson 01 end to end, from the submitted files to the gradebook and
the autograded notebooks, stock `nbgrader autograde` each once, ours many times over under more names, as
in a class; ours with the sandbox and with hidden cases. Both are pinned to one core and have to come to
the same scores. The ratio of throughput is printed with and without start-up (that of a run that grades
one submission), and should be at least 30. Then the same class with two workers on two cores, which
should be at least 1.7 times as fast, and the memory of grader and workers, at most 700 MB.

With ``--otter FOLDER``, an environment that has otter-grader or is made there, `otter run` grades the same
notebooks without their check cells, by tests of the same functions with the same number of cases.
"""

import argparse
import copy
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from pathlib import Path

import nbformat
import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src"), str(ROOT / "tests")]

from classes import Class, kill_group, with_sources  # noqa: E402
from submissions import isolated_environment, perfect, starter, stub_replaced, submissions  # noqa: E402

from helpers.exercises import EXERCISES, LESSONS  # noqa: E402

LESSON = "01_norms"


def honest():
    """Six submissions as students hand them in, by name."""
    known, solved = submissions(LESSON), perfect(LESSON)
    second_half = LESSONS[LESSON][5:]
    slips = {
        "max_norm": stub_replaced("max_norm", "return float(np.max(np.asarray(x, dtype=float), initial=0))"),
        "frobenius_norm": stub_replaced("frobenius_norm", "return float(np.sum(np.square(A)))"),
    }
    raising = {"p_norm": stub_replaced("p_norm", "return x[99] ** p")}
    return {
        "perfect": known["perfect"][0],
        "warns": known["warns"][0],
        "half": with_sources(solved, {name: starter(name) for name in second_half}),
        "slips": with_sources(solved, slips),
        "raises": with_sources(solved, raising),
        "untouched": known["untouched"][0],
    }


def timed(class_, *arguments, module, cores, watch=None):
    """Wall-clock seconds of a command on some cores."""
    start = time.perf_counter()
    process = class_.start(*arguments, module=module, preexec_fn=lambda: os.sched_setaffinity(0, cores))
    if watch:
        watch(process.pid)
    try:
        said, _ = process.communicate(timeout=3600)
    finally:
        kill_group(process)
    assert process.returncode == 0, said
    return time.perf_counter() - start


def stock(root, notebooks, core):
    """Scores by name from stock nbgrader, and its seconds for one submission and for all others."""
    class_ = Class(root)
    class_.run("generate_assignment", LESSON, module="nbgrader")
    seconds, waiting = [], dict(notebooks)
    for some in (list(waiting)[:1], list(waiting)[1:]):
        for name in some:
            class_.submit(name, LESSON, waiting[name])
        seconds.append(timed(class_, "autograde", LESSON, module="nbgrader", cores={core}))
    return class_.scores(LESSON), seconds


def ours(root, notebooks, n_students, cores, watch=None):
    """Scores by student from `grade`, and its seconds for one submission and for all others."""
    class_ = Class(root)
    class_.run("generate_assignment", LESSON, module="nbgrader")
    names = list(notebooks)
    students = [f"{names[i % len(names)]}-{i}" for i in range(n_students)]
    seconds = []
    for some in (students[:1], students[1:]):
        for student in some:
            class_.submit(student, LESSON, notebooks[student.rpartition("-")[0]])
        arguments = ("grade", LESSON, "--jobs", str(len(cores)))
        seconds.append(timed(class_, *arguments, module="autograder", cores=cores, watch=watch))
    assert len(list(class_.course.glob("autograded/*/*/*.ipynb"))) == n_students
    return class_.scores(LESSON), seconds


class Memory:
    """Greatest memory of a process and its descendants together, polled."""

    def __init__(self):
        self.pss = self.rss = 0

    def watch(self, pid):
        """Watch a process from now on, until it ends."""
        threading.Thread(target=self._poll, args=(pid,), daemon=True).start()

    def _poll(self, pid):
        while os.path.exists(f"/proc/{pid}"):
            memory = [_memory(process) for process in _tree(pid)]
            self.pss = max(self.pss, sum(pss for pss, _ in memory))
            self.rss = max(self.rss, sum(rss for _, rss in memory))
            time.sleep(0.5)


def _tree(pid):
    """A process and its descendants."""
    parents = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            stat = Path(f"/proc/{name}/stat").read_text()
        except OSError:
            continue
        parents.setdefault(int(stat.rpartition(")")[2].split()[1]), []).append(int(name))
    found, todo = [], [pid]
    while todo:
        found.append(todo.pop())
        todo += parents.get(found[-1], [])
    return found


def _memory(pid):
    """Proportional and resident memory of a process in megabytes."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0, 0.0
    kilobytes = {line.split()[0]: int(line.split()[1]) for line in lines[1:]}
    return kilobytes["Pss:"] / 1024, kilobytes["Rss:"] / 1024


def otter(folder, python, notebooks, core):
    """Points by name from `otter run`, and its seconds for each submission."""
    with zipfile.ZipFile(folder / "autograder.zip", "w") as archive:
        for name in LESSONS[LESSON]:
            archive.writestr(f"tests/{name}.py", _otter_test(EXERCISES[name]))
    environment = {**isolated_environment(folder), "PYTHONPATH": str(ROOT / "src")}
    points, seconds = {}, []
    for name, notebook in notebooks.items():
        notebook = copy.deepcopy(notebook)
        notebook.cells = [cell for cell in notebook.cells if not cell.source.startswith("check(")]
        nbformat.write(notebook, folder / f"{name}.ipynb")
        command = [python, "-m", "otter", "run", f"{name}.ipynb", "--no-logo"]
        start = time.perf_counter()
        subprocess.run(
            command,
            cwd=folder,
            env=environment,
            check=True,
            capture_output=True,
            timeout=600,
            preexec_fn=lambda: os.sched_setaffinity(0, {core}),
        )
        seconds.append(time.perf_counter() - start)
        results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
        points[name] = sum(test.get("score", 0) for test in results["tests"])
    return points, seconds


def _otter_test(exercise):
    """One of Otter's test files: each case of an exercise, random ones as well, as a doctest."""
    codes = []
    for case in (*exercise.cases, *exercise.drawn_cases(1)):
        call = f"{exercise.name}({', '.join(map(_literal, case.args))})"
        if isinstance(case.expected, type):
            code = f"try:\n    {call}\nexcept {case.expected.__name__}:\n    pass\nelse:\n    assert False"
        else:
            rtol, atol = exercise.rtol, exercise.tolerance(case.args)
            code = f"assert np.allclose({call}, {_literal(case.expected)}, {rtol}, {atol}, equal_nan=True)"
        lines = code.split("\n")
        text = "\n".join([f">>> {lines[0]}", *(f"... {line}" for line in lines[1:])])
        codes.append({"code": text, "hidden": case.drawn, "locked": False})
    suite = {"cases": codes, "scored": True, "setup": "", "teardown": "", "type": "doctest"}
    test = {"name": exercise.name, "points": exercise.points, "all_or_nothing": True, "suites": [suite]}
    return f"OK_FORMAT = True\ntest = {test!r}\n"


def _literal(value):
    """Python text of an argument, in terms of `np`."""
    if isinstance(value, np.ndarray):
        listed = repr(value.tolist()).replace("inf", "np.inf").replace("nan", "np.nan")
        return f"np.array({listed}, dtype=np.{value.dtype}).reshape({value.shape})"
    return repr(value).replace("inf", "np.inf").replace("nan", "np.nan")


def otter_python(folder):
    """Python of a virtual environment with otter-grader, which is made if it is missing."""
    python = folder / "bin" / "python"
    if not python.exists():
        print(f"installing otter-grader into {folder} ...", flush=True)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True, timeout=300)
        packages = ["otter-grader", "ipykernel", "numpy", "matplotlib", "scikit-learn"]
        subprocess.run([python, "-m", "pip", "install", "-q", *packages], check=True, timeout=1800)
    return python


def report(what, seconds, n_others):
    """Print how long submissions took; returns seconds for each, with and without start-up."""
    start_up, others = seconds
    with_, without = others / n_others, (others - start_up) / (n_others - 1)
    print(
        f"{what:28}{with_:9.3f} s with start-up{without:9.3f} s without, for each of {n_others}", flush=True
    )
    return with_, without


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--students", type=int, default=240, help="of our class (default: %(default)s)")
    parser.add_argument(
        "--otter", type=Path, metavar="FOLDER", help="environment with otter-grader, or for it"
    )
    arguments = parser.parse_args()
    notebooks, n = honest(), arguments.students
    cores = sorted(os.sched_getaffinity(0))
    memory = Memory()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        theirs, seconds = stock(folder / "stock", notebooks, cores[-1])
        stock_each = report("stock nbgrader, one core", seconds, len(notebooks) - 1)
        one, seconds = ours(folder / "one", notebooks, n, {cores[-1]})
        assert one == {student: theirs[student.rpartition("-")[0]] for student in one}
        one_each = report("grade, one core", seconds, n - 1)
        ratios = [a / b for a, b in zip(stock_each, one_each, strict=True)]
        print(
            f"the same scores; throughput {ratios[0]:.0f} times stock's, {ratios[1]:.0f} without start-up ",
            end="",
        )
        print("(wanted: 30)")
        if len(cores) > 1:
            two, seconds = ours(folder / "two", notebooks, n, set(cores[-2:]), memory.watch)
            assert two == one
            two_each = report("grade, two on two cores", seconds, n - 1)
            print(f"{one_each[0] / two_each[0]:.2f} times one, ", end="")
            print(f"{one_each[1] / two_each[1]:.2f} without start-up (wanted: 1.7)")
            print(f"memory at most {memory.pss:.0f} MB, shared pages once (wanted: 700); ", end="")
            print(f"{memory.rss:.0f} MB with them in each process")
        if not arguments.otter:
            print("Otter: not measured (--otter FOLDER)")
            return
        (folder / "otter").mkdir()
        python = otter_python(arguments.otter.absolute())
        points, seconds = otter(folder / "otter", python, notebooks, cores[-1])
        print(f"{'otter run, one core':28}{statistics.median(seconds):9.3f} s for a submission (median)")
        assert points == {name: sum(filter(None, theirs[name].values())) for name in points}, points
        print(f"the same points; throughput {statistics.median(seconds) / one_each[0]:.0f} times Otter's")


if __name__ == "__main__":
    main()
