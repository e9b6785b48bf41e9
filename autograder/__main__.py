"""Command line of the autograder: ``python -m autograder build`` or ``bundle``."""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def run_build(arguments):
    """Exit code of ``build``."""
    # here and not above: nbgrader takes two seconds to import, --help should not
    from autograder.build import run
    from helpers.exercises import EXERCISES, LESSONS

    return run(ROOT, EXERCISES, LESSONS, check=arguments.check)


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
    bundle = commands.add_parser("bundle", help="make a zip for the students of a graded course")
    bundle.add_argument(
        "lessons", nargs="*", metavar="LESSON", help="such as 01_norms; all of them by default"
    )
    bundle.add_argument(
        "--to", type=Path, metavar="PATH", help="the zip, or a folder for it; dist/ by default"
    )
    bundle.set_defaults(run=run_bundle)
    arguments = parser.parse_args(argv)
    return arguments.run(arguments)


if __name__ == "__main__":
    sys.exit(main())
