"""Command line of the autograder: ``python -m autograder build``, ``grade`` and ``lite``."""

import argparse
import os
import shlex
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def run_build(arguments):
    """Exit code of ``build``."""
    # here and not above: nbgrader takes two seconds to import, --help should not
    from autograder.build import run
    from helpers.exercises import EXERCISES, LESSONS

    return run(ROOT, EXERCISES, LESSONS, check=arguments.check)


def run_grade(arguments):
    """Exit code of ``grade``."""
    from autograder.grading.gradebook import GradebookError
    from autograder.grading.run import GradeError, Options, run
    from autograder.grading.sandbox import SandboxError

    for name in ("submitted", "results"):
        if path := getattr(arguments, name):
            setattr(arguments, name, arguments.folder / path)
    names = Options.__dataclass_fields__
    options = Options(**{name: value for name, value in vars(arguments).items() if name in names})
    try:
        return run(ROOT, options)
    except (GradeError, GradebookError, SandboxError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped. What has been graded is kept; the same command goes on.", file=sys.stderr)
        return 1


def run_lite(arguments):
    """Exit code of ``lite``."""
    from autograder.lite import LiteError, build

    site = arguments.folder / arguments.to
    try:
        build(ROOT, site)
    except LiteError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"The site is in {site}. A browser has to get it from a server, such as")
    print(f"    {sys.executable} -m http.server --directory {shlex.quote(str(site))}")
    return 0


def add_lite(commands):
    """Add the command ``lite``."""
    lite = commands.add_parser("lite", help="build the site on which the lessons run in the browser")
    lite.add_argument(
        "--to", type=Path, default=ROOT / "build" / "lite", metavar="DIR", help="default: build/lite"
    )
    lite.add_argument("--folder", type=Path, default=Path.cwd(), help=argparse.SUPPRESS)
    lite.set_defaults(run=run_lite)


def add_grade(commands):
    """Add the command ``grade``."""
    grade = commands.add_parser("grade", help="grade submissions into nbgrader's gradebook")
    grade.add_argument("lessons", nargs="+", metavar="LESSON", help="such as 01_norms")
    grade.add_argument(
        "--submitted",
        type=Path,
        metavar="DIR",
        help="folder of <student>/<lesson>/<lesson>.ipynb (default: autograder/course/submitted)",
    )
    n_processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    grade.add_argument(
        "--jobs",
        type=_positive,
        default=n_processors,
        metavar="N",
        help="submissions at a time (default: %(default)s)",
    )
    grade.add_argument(
        "--seed", type=int, metavar="N", help="draw the hidden cases from N, not from the secret"
    )
    grade.add_argument(
        "--sandbox",
        choices=("auto", "bubblewrap", "none"),
        default="auto",
        help="what submissions run in (default: the best there is; none has to be said)",
    )
    grade.add_argument("--force", action="store_true", help="grade again what is unchanged")
    grade.add_argument("--results", type=Path, metavar="FILE", help="write the results as JSON, too")
    grade.add_argument("--cluster", metavar="ADDRESS", help="grade on the workers of a dask scheduler")
    grade.add_argument(
        "--no-follow-through",
        dest="follow_through",
        action="store_false",
        help="let a function that calls one that failed fail with it",
    )
    # course.py changes into the project's folder
    grade.add_argument("--folder", type=Path, default=Path.cwd(), help=argparse.SUPPRESS)
    grade.set_defaults(run=run_grade)


def _positive(text):
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a number from 1 up, got {text!r}")
    return int(text)


def main(argv=None):
    """Exit code of the command line `argv`."""
    parser = argparse.ArgumentParser(prog="python -m autograder", description=__doc__)
    commands = parser.add_subparsers(title="commands", required=True, metavar="command")
    build = commands.add_parser("build", help="make solutions/ and notebooks/ from lessons/")
    build.add_argument(
        "--check", action="store_true", help="write nothing; fail if a notebook is out of date"
    )
    build.set_defaults(run=run_build)
    add_grade(commands)
    add_lite(commands)
    arguments = parser.parse_args(argv)
    return arguments.run(arguments)


if __name__ == "__main__":
    sys.exit(main())
