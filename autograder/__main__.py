"""Command line of the autograder: ``python -m autograder`` and a command, such as ``build``."""

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
    # nbgrader loads jsonschema, which for URIs, which no notebook has, makes a grammar: half of the start-up
    sys.modules.setdefault("rfc3987_syntax", None)
    from autograder.grading.gradebook import GradebookError
    from autograder.grading.run import GradeError, Options, run
    from autograder.grading.sandbox import SandboxError

    names = Options.__dataclass_fields__
    options = Options(**{name: value for name, value in vars(arguments).items() if name in names})
    try:
        return run(ROOT, options)
    except (GradeError, GradebookError, SandboxError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        goes_on = "with --force it begins again" if arguments.force else "the same command goes on"
        print(f"Stopped. What has been graded is kept; {goes_on}.", file=sys.stderr)
        return 1


def run_site(arguments):
    """Exit code of ``site``."""
    from autograder.site.building import run
    from helpers.exercises import EXERCISES, LESSONS

    return run(
        ROOT,
        EXERCISES,
        LESSONS,
        to=arguments.to,
        with_solutions=not arguments.without_solutions,
        repository=arguments.repository,
    )


def add_site(commands):
    """Add the command ``site``."""
    site = commands.add_parser("site", help="build the course as a static site")
    site.add_argument(
        "--to", type=Path, default=ROOT / "build" / "site", metavar="DIR", help="default: build/site"
    )
    site.add_argument(
        "--without-solutions",
        action="store_true",
        help="leave out every reference and model answer, for a graded course",
    )
    site.add_argument(
        "--repository", default="", metavar="ADDRESS", help="where readers get the course, for the start page"
    )
    add_folder(site)
    site.set_defaults(run=run_site)


def run_lite(arguments):
    """Exit code of ``lite``."""
    from autograder.lite import LiteError, build

    try:
        build(ROOT, arguments.to)
    except LiteError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"The site is in {arguments.to}. A browser has to get it from a server, such as")
    print(f"    {sys.executable} -m http.server --directory {shlex.quote(str(arguments.to))}")
    return 0


def add_lite(commands):
    """Add the command ``lite``."""
    lite = commands.add_parser("lite", help="build the site on which the lessons run in the browser")
    lite.add_argument(
        "--to", type=Path, default=ROOT / "build" / "lite", metavar="DIR", help="default: build/lite"
    )
    add_folder(lite)
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
    add_folder(grade)
    grade.set_defaults(run=run_grade)


def add_folder(command):
    """Add the folder to which paths are relative: course.py changes into the project's."""
    command.add_argument("--folder", type=Path, default=Path.cwd(), help=argparse.SUPPRESS)


def _positive(text):
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a number from 1 up, got {text!r}")
    return int(text)


def run_bundle(arguments):
    """Exit code of ``bundle``."""
    from autograder.bundle import run
    from helpers.exercises import EXERCISES, LESSONS

    return run(ROOT, EXERCISES, LESSONS, arguments.lessons, arguments.to)


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
    bundle = commands.add_parser("bundle", help="make a zip for the students of a graded course")
    bundle.add_argument(
        "lessons", nargs="*", metavar="LESSON", help="such as 01_norms; all of them by default"
    )
    bundle.add_argument(
        "--to", type=Path, metavar="PATH", help="the zip, or a folder for it; dist/ by default"
    )
    add_folder(bundle)
    bundle.set_defaults(run=run_bundle)
    add_site(commands)
    add_lite(commands)
    arguments = parser.parse_args(argv)
    for name in ("submitted", "results", "to"):
        if path := getattr(arguments, name, None):
            setattr(arguments, name, arguments.folder / path)
    return arguments.run(arguments)


if __name__ == "__main__":
    sys.exit(main())
