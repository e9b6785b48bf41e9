"""How long a learner waits: `python benchmarks/responsiveness.py`.

Prints, from one run, the time of `check` on the solution of every exercise and on a wrong answer, in a
running Jupyter kernel and shown as a card; and what `import helpers` adds to NumPy's own import, each
measured in fresh processes in turn.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile

from jupyter_client.manager import start_new_kernel

ROUNDS = 5
IN_KERNEL = f"""
import contextlib, json, time
from helpers import check
from helpers.exercises import EXERCISES

def timed(exercise, function):
    function.__name__ = exercise.name
    start = time.perf_counter()
    with contextlib.suppress(AssertionError):
        check(function)
    return time.perf_counter() - start

times = {{}}
for exercise in EXERCISES.values():
    wrong = exercise.misconceptions[0].function
    name = wrong.__name__
    times[exercise.name] = [
        [timed(exercise, function) for _ in range({ROUNDS})] for function in (exercise.reference, wrong)
    ]
    wrong.__name__ = name
print("TIMES", json.dumps(times))
"""
IMPORT = "import time; t = time.perf_counter(); import numpy{more}; print(time.perf_counter() - t)"


def check_times():
    """Seconds of each check, right and wrong, by exercise."""
    printed = []

    def collect(message):
        if message["msg_type"] == "stream":
            printed.append(message["content"]["text"])

    with tempfile.TemporaryDirectory() as folder:
        os.environ["COURSE_PROGRESS"] = os.path.join(folder, "progress.json")
        manager, client = start_new_kernel()
        try:
            client.execute_interactive(IN_KERNEL, output_hook=collect, timeout=300)
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)
    line = next(line for line in "".join(printed).splitlines() if line.startswith("TIMES"))
    return json.loads(line.removeprefix("TIMES"))


def import_times():
    """Seconds of importing NumPy alone and with the helpers, in turn."""
    alone, both = [], []
    for _ in range(2 * ROUNDS + 1):
        for times, more in ((alone, ""), (both, ", helpers")):
            command = [sys.executable, "-c", IMPORT.format(more=more)]
            times.append(float(subprocess.run(command, capture_output=True, text=True, check=True).stdout))
    return alone, both


def main():
    """Measure and print."""
    times = check_times()
    print(f"{'exercise':24}{'right ms':>10}{'wrong ms':>10}")
    medians = []
    for name, runs in times.items():
        right, wrong = (1000 * statistics.median(run) for run in runs)
        medians.append((right, wrong))
        print(f"{name:24}{right:10.1f}{wrong:10.1f}")
    right, wrong = (statistics.median(column) for column in zip(*medians, strict=True))
    print(f"{'median (aim: under 50)':24}{right:10.1f}{wrong:10.1f}")
    alone, both = (1000 * statistics.median(column) for column in import_times())
    print(f"import numpy {alone:.0f} ms, with helpers {both:.0f} ms")
    print(f"import helpers adds {both - alone:.0f} ms (aim: under 60)")


if __name__ == "__main__":
    main()
