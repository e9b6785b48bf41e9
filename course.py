"""The course, from one command: `python3 course.py` opens the lessons, `--help` tells the rest.

Every Python back to 2.7 can read this file, so that one that is too old can say so; what it starts
is in `lab/` and needs nothing but the standard library.
"""
# ruff: noqa: UP031, UP036

import os
import sys

if sys.version_info < (3, 11):
    sys.exit(
        "The course needs Python 3.11 or newer, and this is Python %s (%s): install a newer one, "
        "or start the course with it (such as `python3.12 course.py`)."
        % (sys.version.split()[0], sys.executable)
    )

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from lab.commands import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
