"""The site, from the lessons to a folder of pages that needs neither a server nor a network."""

import shutil
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient.exceptions import CellExecutionError
from sphinx.cmd.build import main as sphinx_build

from autograder.build import read, released
from autograder.lesson import Lesson, LessonError
from autograder.site.execution import executed, fingerprint
from autograder.site.pages import LessonRow, Page, start_page

THEME = Path(__file__).parent / "sphinx"
MARK = "searchindex.js"  # what tells a site from a folder that must not be replaced


def run(root, exercises, lessons, to, with_solutions=True, repository=""):
    """Exit code of ``site``: build it, or say in a sentence why that cannot be.

    Parameters
    ----------
    root : Path
        The project.
    exercises : dict of str to Exercise
    lessons : dict of str to tuple of str
        Names of each lesson's exercises, for the lessons to show.
    to : Path
        Folder for the site. What is there is replaced if it is a site.
    with_solutions : bool
        Whether references and model answers are shown, folded.
    repository : str
        Address of the course's repository, for the start page; may be empty.

    Returns
    -------
    int
    """
    if to.exists() and not (to / MARK).is_file() and (not to.is_dir() or any(to.iterdir())):
        print(f"{to} holds something other than a site: empty it, or name another folder.", file=sys.stderr)
        return 2
    try:
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / "source"
            source.mkdir()
            figures = write_pages(root, source, exercises, lessons, with_solutions, repository)
            shutil.rmtree(to, ignore_errors=True)
            options = ["-b", "html", "-q", "-W", "--keep-going", "-c", str(THEME), "-d", f"{folder}/doctrees"]
            status = sphinx_build([*options, str(source), str(to)])
    except (LessonError, CellExecutionError) as error:
        print(error, file=sys.stderr)
        return 1
    for name, image in figures.items():
        path = to / "_static" / "figures" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(image)
    if not status:
        print(f"The site is in {to}: open index.html in a browser.")
    return status


def write_pages(root, source, exercises, lessons, with_solutions, repository):
    """Write what Sphinx reads; returns the bytes of each figure by its file name."""
    texts = {name: read(root / "lessons" / f"{name}.md") for name in lessons}
    readme = read(root / "README.md")
    rows = {name: LessonRow(name, texts[name], readme, len(lessons[name])) for name in lessons}
    title = readme.partition("\n")[0].removeprefix("# ")
    start = start_page(read(THEME / "index.md"), title, rows, repository)
    (source / "index.md").write_text(start, encoding="utf-8")
    shutil.copy(root / "docs" / "lesson.png", source)
    lesson_by_exercise = {e: lesson for lesson, names in lessons.items() for e in names}
    setting = fingerprint(root)
    figures = {}
    for name, text in texts.items():
        print(f"{name} ...", flush=True)
        notebook = Lesson(name, text, exercises, lesson_by_exercise).notebook()
        release = nbformat.reads(released(nbformat.writes(notebook), root), as_version=4)
        starters = {cell.id: cell.source for cell in release.cells}
        page = Page(name, rows, exercises, starters, with_solutions)
        done = executed(name, notebook, setting, root / "build" / "executed")
        nbformat.write(page.notebook(done), source / f"{name}.ipynb")
        figures |= page.figures
    return figures
