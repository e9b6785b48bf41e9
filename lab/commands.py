"""The commands of `course.py`."""

import os
import signal
import subprocess
import sys

from lab.common import ROOT, WINDOWS, SetupError
from lab.environment import ensure_environment
from lab.installing import clean_environ, python_of
from lab.lessons import hand_out_lessons
from lab.server import serve
from lab.start_page import write_start_page

HELP = """\
python3 course.py [options]         open the lessons in JupyterLab, on your own copies in my-work/;
                                    the options are JupyterLab's: --no-browser, --port 9999, ...
python3 course.py progress          what you have passed so far
python3 course.py test [options]    run the tests; the options are pytest's: -k norms, -x, ...
python3 course.py build [--check]   make the notebooks from lessons/, or check that they are
                                    fresh
python3 course.py grade LESSON...   grade submissions in a sandbox, into nbgrader's gradebook;
                                    grade --help says more
python3 course.py bundle [LESSON...] [--to PATH]
                                    make a zip for the students of a graded course: notebooks and
                                    checks, without the answers
python3 course.py site [--to DIR]   build the course as a site of web pages, in build/site;
                                    site --help says more
python3 course.py lite [--to DIR]   make a website on which the lessons run in the browser
python3 course.py --help            this text

The first start installs everything into .venv/ and takes a minute or two.
"""


def lab(options):
    """Open the lessons in JupyterLab."""
    hand_out_lessons(ROOT)
    write_start_page(ROOT)
    ensure_environment(ROOT)
    return serve(ROOT, options)


def test(options):
    """Run the tests."""
    ensure_environment(ROOT, extra="test")
    return become("pytest", *options)


def build(options):
    """Make the notebooks from their sources."""
    ensure_environment(ROOT)
    return become("autograder", "build", *options)


def lite(options):
    """Build the site on which the lessons run in the browser."""
    ensure_environment(ROOT, extra="lite")
    return become("autograder", "lite", "--folder", os.getcwd(), *options)


def grade(options):
    """Grade submissions."""
    ensure_environment(ROOT)
    # the person's own folder, to which relative paths among the options refer
    return become("autograder", "grade", "--folder", os.getcwd(), *options)


def bundle(options):
    """Make a zip for the students of a graded course."""
    ensure_environment(ROOT)
    return become("autograder", "bundle", "--folder", os.getcwd(), *options)


def site(options):
    """Build the course as a static site."""
    ensure_environment(ROOT, extra="site")
    return become("autograder", "site", "--folder", os.getcwd(), *options)


def progress(options):
    """Show what the learner has passed."""
    ensure_environment(ROOT)
    os.environ["COURSE_PROGRESS"] = str(ROOT / "my-work" / "progress.json")
    return become("helpers", *options)


def become(module, *arguments):
    """Run a module with the environment's Python in the project folder, in our place."""
    venv = ROOT / ".venv"
    command = [python_of(venv), "-m", module, *arguments]
    environ = clean_environ(venv)
    os.chdir(ROOT)
    if WINDOWS:  # has no way of replacing a process
        return subprocess.call(command, env=environ)
    return os.execve(command[0], command, environ)


def main(arguments):
    """Run one command; returns the exit status."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # consoles that lack a letter of a path
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # end tidily then, too
    commands = {
        "lab": lab,
        "progress": progress,
        "test": test,
        "build": build,
        "grade": grade,
        "bundle": bundle,
        "site": site,
        "lite": lite,
    }
    command, *options = arguments or ["lab"]
    if command in ("-h", "--help", "help"):
        print(HELP, end="")
        return 0
    if command.startswith("-"):
        command, options = "lab", arguments
    if command not in commands:
        names = ", ".join(commands)
        print(f"There is no command `{command}`; there are {names}, and --help.", file=sys.stderr)
        return 2
    return guarded(commands[command], options)


def guarded(command, options):
    """Exit status of a command, whose failures become a sentence."""
    try:
        return command(options)
    except SetupError as error:
        sentence = str(error)
    except KeyboardInterrupt:
        sentence = "Stopped before everything was ready. The same command starts again."
    except OSError as error:
        sentence = f"{error.filename or ROOT} cannot be used ({error.strerror or error}): "
        sentence += "check that you may write there and that the disk is not full, then try again."
    print(f"\n{sentence}", file=sys.stderr)
    return 1
