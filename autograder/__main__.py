"""Command line of the autograder: ``python -m autograder build [--check]``."""

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


def main(argv=None):
    """Exit code of the command line `argv`."""
    parser = argparse.ArgumentParser(prog="python -m autograder", description=__doc__)
    commands = parser.add_subparsers(title="commands", required=True, metavar="command")
    build = commands.add_parser("build", help="make solutions/ and notebooks/ from lessons/")
    build.add_argument(
        "--check", action="store_true", help="write nothing; fail if a notebook is out of date"
    )
    build.set_defaults(run=run_build)
    arguments = parser.parse_args(argv)
    return arguments.run(arguments)


if __name__ == "__main__":
    sys.exit(main())
