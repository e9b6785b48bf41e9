"""A class graded by stock nbgrader and by `python -m autograder grade`: `python benchmarks/grading.py`.

Both grade the same submissions of lesson 01 end to end, from the submitted files to the gradebook and
the autograded notebooks, stock `nbgrader autograde` each once, ours many times over under more names, as
in a class; ours with the sandbox and with hidden cases. Both are pinned to one core and have to come to
the same scores. The ratio of throughput is printed with and without start-up (that of a run that grades
one submission), and should be at least 30; that of processor time depends less on what else the machine
does. Then the same class with two workers on two cores, which
should be at least 1.7 times as fast, and the memory of grader and workers, at most 700 MB.

With ``--otter FOLDER``, an environment that has otter-grader or is made there, `otter run` grades the same
notebooks without their check cells, by tests of the same functions with the same number of cases.
"""

import argparse
import contextlib
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
from dataclasses import astuple, dataclass
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


@dataclass
class Cost:
    """What a command took.

    Attributes
    ----------
    seconds : float
        On the clock.
    processor : float
        Seconds of processor time of the command and all that it started; little depends on other load.
    pss, rss : float
        Greatest memory of all its processes together in megabytes; pages that several share count once,
        or in each.
    """

    seconds: float = 0.0
    processor: float = 0.0
    pss: float = 0.0
    rss: float = 0.0

    def watch(self, process, memory):
        """Measure a process until it ends."""
        while process.poll() is None:
            tree = _tree(process.pid)
            self.processor = max(self.processor, sum(map(_processor_time, tree)))
            if memory:
                taken = [_memory(pid) for pid in tree]
                self.pss = max(self.pss, sum(pss for pss, _ in taken))
                self.rss = max(self.rss, sum(rss for _, rss in taken))
            time.sleep(0.5 if memory else 0.1)


def cost(class_, *arguments, module, cores, memory=False):
    """Cost of a command on some cores."""
    start, measured = time.perf_counter(), Cost()
    process = class_.start(*arguments, module=module, preexec_fn=lambda: os.sched_setaffinity(0, cores))
    watching = threading.Thread(target=measured.watch, args=(process, memory))
    watching.start()
    try:
        said, _ = process.communicate(timeout=3600)
        measured.seconds = time.perf_counter() - start
    finally:
        kill_group(process)
        watching.join()
    assert process.returncode == 0, said
    return measured


def _tree(pid):
    """A process and its descendants."""
    parents = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            stat = Path(f"/proc/{name}/stat").read_text()
            parents.setdefault(int(stat.rpartition(")")[2].split()[1]), []).append(int(name))
    found, todo = [], [pid]
    while todo:
        found.append(todo.pop())
        todo += parents.get(found[-1], [])
    return found


def _processor_time(pid):
    """Seconds of a process and of those descendants that have ended."""
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return 0.0


def _memory(pid):
    """Proportional and resident memory of a process in megabytes."""
    with contextlib.suppress(OSError):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        kilobytes = {line.split()[0]: int(line.split()[1]) for line in lines[1:]}
        return kilobytes["Pss:"] / 1024, kilobytes["Rss:"] / 1024
    return 0.0, 0.0


def stock(root, notebooks, core):
    """Scores by name from stock nbgrader, and its costs for one submission and for all others."""
    class_ = Class(root)
    class_.run("generate_assignment", LESSON, module="nbgrader")
    costs, waiting = [], dict(notebooks)
    for some in (list(waiting)[:1], list(waiting)[1:]):
        for name in some:
            class_.submit(name, LESSON, waiting[name])
        costs.append(cost(class_, "autograde", LESSON, module="nbgrader", cores={core}))
    return class_.scores(LESSON), costs


def ours(root, notebooks, n_students, cores, memory=False):
    """A class graded by `grade`, and its costs for one submission and for all others."""
    class_ = Class(root)
    class_.run("generate_assignment", LESSON, module="nbgrader")
    names = list(notebooks)
    students = [f"{names[i % len(names)]}-{i}" for i in range(n_students)]
    costs = []
    for some in (students[:1], students[1:]):
        for student in some:
            class_.submit(student, LESSON, notebooks[student.rpartition("-")[0]])
        arguments = ("grade", LESSON, "--jobs", str(len(cores)))
        costs.append(cost(class_, *arguments, module="autograder", cores=cores, memory=memory))
    assert all(class_.autograded(student, LESSON).is_file() for student in students)
    return class_, costs


def written_per_second(root, class_):
    """Results of a graded class that one writer enters into a new gradebook in a second."""
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import PyFileConfigLoader

    from autograder.grading.gradebook import Records
    from autograder.grading.grader import Graded, Release
    from autograder.grading.run import Submission

    config = PyFileConfigLoader("nbgrader_config.py", path=str(Class(root).root)).load_config()
    results = []
    for student, (_, result) in class_.notes(LESSON).items():
        notebook = class_.autograded(student, LESSON).read_text("utf-8")
        submission = Submission(student, LESSON, b"", "", {}, None, "-" * 64)
        results.append((Graded(student, LESSON, result, notebook), submission))
    with contextlib.closing(Records(CourseDirectory(config=config), config)) as records:
        records.enter_lesson(LESSON, Release.load(LESSON).notebook)
        start = time.perf_counter()
        for i in range(0, len(results), 8):
            records.record(results[i : i + 8])
        return len(results) / (time.perf_counter() - start)


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


@dataclass(frozen=True)
class Each:
    """Seconds for one submission, on the clock and of processor time."""

    whole: float
    without_start_up: float
    processor: float

    @classmethod
    def of(cls, what, costs, n_others):
        """Print and return what each submission took of two runs: for one submission, for `n_others`."""
        start_up, others = costs
        each = cls(
            others.seconds / n_others,
            (others.seconds - start_up.seconds) / (n_others - 1),
            (others.processor - start_up.processor) / (n_others - 1),
        )
        print(f"{what:26}{n_others:6}{each.whole:12.3f}{each.without_start_up:12.3f}", end="")
        print(f"{each.processor:12.3f}{start_up.seconds:12.1f}", flush=True)
        return each

    def times(self, other):
        """How many times as fast another one is, in each of the three ways."""
        pairs = zip(astuple(self), astuple(other), strict=True)
        return "{:.2f}, without start-up {:.2f}, by processor time {:.2f}".format(*(a / b for a, b in pairs))


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--students", type=int, default=240, help="of our class (default: %(default)s)")
    parser.add_argument(
        "--otter", type=Path, metavar="FOLDER", help="environment with otter-grader, or for it"
    )
    arguments = parser.parse_args()
    notebooks, n = honest(), arguments.students
    cores = sorted(os.sched_getaffinity(0))[-2:]
    print(f"load {os.getloadavg()[0]:.1f}; seconds for each submission, and for a run with one:")
    print(f"{'':26}{'n':>6}{'whole':>12}{'no start-up':>12}{'processor':>12}{'run of one':>12}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        scores, costs = stock(folder / "stock", notebooks, cores[-1])
        theirs = Each.of("stock nbgrader, one core", costs, len(notebooks) - 1)
        class_, costs = ours(folder / "one", notebooks, n, {cores[-1]})
        one_scores = class_.scores(LESSON)
        assert one_scores == {student: scores[student.rpartition("-")[0]] for student in one_scores}
        one = Each.of("grade, one core", costs, n - 1)
        print(f"the same scores; throughput is stock's times {theirs.times(one)} (wanted: 30)", flush=True)
        rate = written_per_second(folder / "written", class_)
        print(f"the gradebook alone takes {rate:.0f} results in a second", flush=True)
        if len(cores) > 1:
            class_, costs = ours(folder / "two", notebooks, n, set(cores), memory=True)
            assert class_.scores(LESSON) == one_scores
            two = Each.of("grade, two on two cores", costs, n - 1)
            print(f"the same scores; throughput is that of one times {one.times(two)} (wanted: 1.7)")
            print(f"memory at most {costs[1].pss:.0f} MB (wanted: 700); {costs[1].rss:.0f} MB ", end="")
            print("if pages that processes share are counted in each", flush=True)
        if not arguments.otter:
            print("otter run: not measured (--otter FOLDER)")
            return
        (folder / "otter").mkdir()
        python = otter_python(arguments.otter.absolute())
        points, seconds = otter(folder / "otter", python, notebooks, cores[-1])
        assert points == {name: sum(filter(None, scores[name].values())) for name in points}, points
        mean = statistics.mean(seconds)
        print(f"{'otter run, one core':26}{len(seconds):6}{mean:12.3f}")
        print(f"the same points; throughput of grade is Otter's times {mean / one.whole:.2f}")
        print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
