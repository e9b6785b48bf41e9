"""Binder and Colab: what a notebook does where the helpers are missing, and where the badges lead."""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import nbformat
import pytest
from IPython.core.interactiveshell import InteractiveShell

from autograder.lesson import INSTALL
from helpers.exercises import LESSONS
from lab import lessons

ROOT = Path(__file__).resolve().parent.parent
BINDER = ROOT / ".binder"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
REPOSITORY = PROJECT["urls"]["Repository"]
OWNER, NAME = REPOSITORY.removeprefix("https://github.com/").split("/")
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture
def installed():
    """Return a shell's runner of a cell, which returns what the cell has pip install."""
    shell, asked = InteractiveShell(), []
    shell.register_magic_function(asked.append, "line", "pip")

    def run(source):
        shell.run_cell(source).raise_error()
        return asked

    return run


def test_the_install_cell_does_nothing_where_the_helpers_are(installed):
    assert installed(INSTALL) == []


def test_the_install_cell_installs_the_helpers_and_nothing_else_where_they_are_missing(
    installed, monkeypatch
):
    monkeypatch.setitem(sys.modules, "helpers", None)
    assert installed(INSTALL) == [f"install -q --no-deps {REPOSITORY}/archive/HEAD.zip"]


@pytest.mark.parametrize("tree", ["notebooks", "solutions"])
@pytest.mark.parametrize("lesson", LESSONS)
def test_each_notebook_has_it_folded_above_its_imports(lesson, tree):
    notebook = nbformat.read(ROOT / tree / lesson / f"{lesson}.ipynb", as_version=4)
    install, imports, *_ = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert install.source == INSTALL
    assert install.metadata == {
        "cellView": "form",
        "jupyter": {"source_hidden": True},
        "tags": ["remove-cell"],
    }
    assert "from helpers import" in imports.source


def test_every_address_of_the_course_is_made_from_the_one_in_the_project():
    links = re.findall(r"\]\((https://[^)]+)\)", README)
    own = [link for link in links if OWNER.lower() in link.lower()]
    lesson = f"{OWNER}/{NAME}/blob/main/notebooks/01_norms/01_norms.ipynb"
    assert own == [
        f"https://mybinder.org/v2/gh/{OWNER}/{NAME}/HEAD?urlpath=lab/tree/my-work/01_norms.ipynb",
        f"https://colab.research.google.com/github/{lesson}",
        f"https://{OWNER.lower()}.github.io/{NAME}/lite/",
    ]
    assert (ROOT / "notebooks" / "01_norms" / "01_norms.ipynb").is_file()


def test_binder_has_an_exact_python_and_the_pinned_packages():
    python = re.fullmatch(r"python-(3\.\d+)\n", (BINDER / "runtime.txt").read_text())[1]
    assert tuple(map(int, python.split("."))) >= (3, 11)
    assert (BINDER / "requirements.txt").read_text() == "-r ../requirements.txt\n"
    assert (ROOT / "requirements.txt").is_file()


@pytest.mark.skipif(os.name == "nt", reason="Binder runs Linux")
def test_binder_starts_jupyterlab_as_learners_have_it():
    source = "import json, os, sys; print(json.dumps([sys.argv[1], *map(os.environ.get, sys.argv[2:])]))"
    names = ("COURSE_PROGRESS", "JUPYTER_CONFIG_PATH", "JUPYTERLAB_SETTINGS_DIR")
    command = [BINDER / "start", sys.executable, "-c", source, "an argument", *names]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    assert json.loads(done.stdout) == [
        "an argument",
        str(ROOT / "my-work" / "progress.json"),
        str(ROOT / "lab"),
        str(BINDER / "settings"),
    ]


def test_binder_leaves_out_the_button_of_a_page_that_it_does_not_have():
    plugin = "@jupyterlab/application-extension:top-bar"
    overrides = json.loads((ROOT / "lab/labconfig/default_setting_overrides.json").read_text())
    path = BINDER / "settings" / f"{plugin.replace(':', '/')}.jupyterlab-settings"
    settings = json.loads(path.read_text())
    assert [each["name"] for each in overrides[plugin]["toolbar"]] == [
        each["name"] for each in settings["toolbar"] if each["disabled"]
    ]


@pytest.mark.skipif(os.name == "nt", reason="Binder runs Linux")
def test_binder_installs_the_helpers_and_hands_the_lessons_out(tmp_path):
    """Its script runs in a copy of the project, with a `python` that notes what it is told."""
    for part in (".binder", "lab", "notebooks"):
        subprocess.run(["cp", "-r", ROOT / part, tmp_path], check=True)
    told = tmp_path / "told.txt"
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.write_text(
        f'#!/bin/sh\nif [ "$1" = -m ]; then echo "$@" >> "{told}"; else exec "{sys.executable}" "$@"; fi\n'
    )
    python.chmod(0o755)
    environ = os.environ | {"PATH": f"{python.parent}:{os.environ['PATH']}"}
    subprocess.run([tmp_path / ".binder" / "postBuild"], cwd=tmp_path, env=environ, check=True)
    assert told.read_text() == "-m pip install --no-deps --no-build-isolation -e .\n"
    names = {path.name for path in (tmp_path / "my-work").glob("*.ipynb")}
    assert names == {f"{name}.ipynb" for name in lessons.released_lessons(ROOT)}
