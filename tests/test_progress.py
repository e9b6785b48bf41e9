"""A learner's progress is never lost, whatever happens to its file."""

import json
import multiprocessing
import re
import subprocess
import sys
from dataclasses import replace
from types import ModuleType

import nbformat
import pytest
from nbclient import NotebookClient
from submissions import isolated_environment
from traitlets.config import Config

from helpers import settings
from helpers.checking import CheckFailed, NotAttempted, Property
from helpers.exercises import EXERCISES, check, solution
from helpers.progress import (
    passed_exercises,
    progress_path,
    record_failure,
    record_pass,
    record_solution_seen,
    solutions_seen,
)


@pytest.fixture
def path(tmp_path, monkeypatch):
    path = tmp_path / "progress.json"
    monkeypatch.setenv("COURSE_PROGRESS", str(path))
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    return path


def test_nothing_is_passed_before_the_first_pass(path):
    assert passed_exercises() == {}
    assert not path.exists()


def test_a_pass_is_kept_with_its_first_time(path):
    assert record_pass("l2_norm") == ""
    first = passed_exercises()
    assert record_pass("l2_norm") == ""
    assert passed_exercises() == first
    assert json.loads(path.read_text()) == {"version": 1, "passed": first}


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"passed": 3}', '{"passed": {"a": 1}}', "[" * 100_000], ids=range(6)
)
def test_a_corrupt_file_is_set_aside_with_a_word(path, content):
    path.write_text(content)
    note = record_pass("l2_norm")
    assert "set aside as progress.json.corrupt-1" in note
    assert path.with_name("progress.json.corrupt-1").read_text() == content
    assert list(passed_exercises()) == ["l2_norm"]


def test_a_second_corrupt_file_does_not_replace_the_first(path):
    for content in ("first", "second"):
        path.write_text(content)
        record_pass("l2_norm")
    assert path.with_name("progress.json.corrupt-1").read_text() == "first"
    assert path.with_name("progress.json.corrupt-2").read_text() == "second"


def _record_many(path, names):
    for name in names:
        record_pass(name, path)


def test_two_notebooks_at_once_lose_nothing(path):
    names = [[f"{notebook}-{i}" for i in range(40)] for notebook in ("a", "b", "c")]
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_record_many, args=(path, some)) for some in names]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
        assert writer.exitcode == 0
    assert sorted(passed_exercises()) == sorted(name for some in names for name in some)


def test_a_folder_that_cannot_be_written_is_said_and_stops_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "missing" / "progress.json"))
    assert "could not be saved in progress.json" in record_pass("l2_norm")
    check(EXERCISES["l2_norm"].reference)


def test_a_system_without_locks_keeps_progress_too(path, monkeypatch):
    """JupyterLite has a module `fcntl` with nothing in it."""
    monkeypatch.setattr(sys.modules["helpers.progress"], "fcntl", ModuleType("fcntl"))
    assert record_pass("l2_norm") == ""
    assert list(passed_exercises()) == ["l2_norm"]


def test_no_temporary_file_is_left(path):
    record_pass("a")
    record_pass("b")
    assert sorted(p.name for p in path.parent.iterdir()) == [".progress.json.lock", "progress.json"]


def test_without_the_variable_it_lies_in_the_notebooks_folder(tmp_path, monkeypatch):
    monkeypatch.delenv("COURSE_PROGRESS", raising=False)
    monkeypatch.chdir(tmp_path)
    assert progress_path() == tmp_path / "progress.json"


def test_check_records_a_pass_and_shows_it(path, capsys):
    check(EXERCISES["l2_norm"].reference)
    assert list(passed_exercises()) == ["l2_norm"]
    shown = capsys.readouterr().out
    assert "✓ Passed: l2_norm" in shown
    assert "1 of 10 exercises passed" in shown


def test_a_failed_check_raises_and_records_nothing(path, capsys):
    def l2_norm(x):
        return 0.0

    with pytest.raises(CheckFailed, match="l2_norm is not right yet"):
        check(l2_norm)
    assert passed_exercises() == {}
    assert "✗ Not yet: l2_norm" in capsys.readouterr().out


def test_an_untouched_starter_raises_not_attempted(path):
    def l2_norm(x):
        raise NotImplementedError()

    with pytest.raises(NotAttempted) as caught:
        check(l2_norm)
    assert isinstance(caught.value, NotImplementedError)
    assert isinstance(caught.value, CheckFailed)


def test_grading_leaves_no_progress_file(path, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    check(EXERCISES["l2_norm"].reference)
    assert not path.exists()


l2_norm = EXERCISES["l2_norm"].reference
max_norm = lambda x: max((abs(float(v)) for v in x), default=0.0)  # noqa: E731
l1_norm = max_norm


def test_check_goes_by_the_name_in_the_calling_code(path):
    check(max_norm)
    assert list(passed_exercises()) == ["max_norm"]
    with pytest.raises(CheckFailed, match="l1_norm is not right yet"):
        check(l1_norm)


def test_a_renamed_function_is_explained(path):
    def my_norm(x):
        return 0.0

    with pytest.raises(CheckFailed, match="got 'my_norm': keep the name that the starter has"):
        check(my_norm)


def test_the_terminal_table_is_a_command(path):
    record_pass("l2_norm")
    done = subprocess.run([sys.executable, "-m", "helpers"], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"01_norms +1 of 10 .* l1_norm", done.stdout)


NOTEBOOK = """
def l2_norm(x):
    return float(sum(v * v for v in x))

def euclidean_distance(a, b):
    if len(a) != len(b):
        raise ValueError("shapes differ")
    return l2_norm([float(x) - float(y) for x, y in zip(a, b)])
"""


def test_a_card_names_the_earlier_exercises_that_a_function_leans_on_and_that_have_not_passed(path, capsys):
    notebook = {"__name__": "notebook"}
    exec(NOTEBOOK, notebook)
    with pytest.raises(CheckFailed):
        check(notebook["euclidean_distance"])
    assert "It calls your `l2_norm`, which has not passed its own check" in capsys.readouterr().out
    record_pass("l2_norm")
    with pytest.raises(CheckFailed):
        check(notebook["euclidean_distance"])
    assert "It calls your" not in capsys.readouterr().out


def test_imported_references_are_not_the_learners_own(path, capsys):
    notebook = {"__name__": "notebook"}
    exec("from helpers.norms import l2_norm\ndef max_norm(x):\n    return l2_norm(x)", notebook)
    with pytest.raises(CheckFailed):
        check(notebook["max_norm"])
    assert "It calls your" not in capsys.readouterr().out


SLOW = """
import time
from dataclasses import replace
import numpy as np
from helpers import exercises
from helpers.checking import Property

LONG = replace(
    exercises.EXERCISES["l2_norm"], cases=(), n_drawn=1, n_again=0, seconds=30, forbidden=(),
    due=Property("any number", lambda value, x: ""),
)
exercises.EXERCISES["l2_norm"] = LONG

def l2_norm(x):
    time.sleep(2.5)
    return 0.0

exercises.check(l2_norm)
"""


def test_a_check_that_takes_long_shows_that_it_goes_on_and_then_its_card(path, tmp_path, monkeypatch):
    for name, value in isolated_environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("COURSE_PROGRESS", str(path))
    shown = []

    class Client(NotebookClient):
        def process_message(self, message, cell, index):
            if message["msg_type"] in ("display_data", "update_display_data"):
                shown.append(message["content"]["data"]["text/plain"])
            return super().process_message(message, cell, index)

    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(SLOW)])
    config = Config({"KernelManager": {"transport_encryption": "auto"}})
    Client(notebook, kernel_name="python3", timeout=60, config=config).execute()
    assert shown[0] == "… l2_norm is running: 0 s so far, 30 s at most."
    assert "… l2_norm is running: 2 s so far, 30 s at most." in shown
    assert shown[-1].startswith("✓ Passed: l2_norm")
    (output,) = notebook.cells[0].outputs  # the card has taken the other's place
    assert output.data["text/plain"] == shown[-1]


WITHOUT_THREADS = """
import threading

def start(thread):
    raise RuntimeError("can't start new thread")

threading.Thread.start = start
"""


def test_where_no_thread_can_start_a_long_check_still_shows_its_card(path, tmp_path, monkeypatch):
    """As in the browser, where nothing counts the seconds."""
    for name, value in isolated_environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    source = SLOW.replace("exercises.check(l2_norm)", WITHOUT_THREADS + "exercises.check(l2_norm)")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    config = Config({"KernelManager": {"transport_encryption": "auto"}})
    NotebookClient(notebook, kernel_name="python3", timeout=60, config=config).execute()
    (output,) = notebook.cells[0].outputs
    assert output.data["text/plain"].startswith("✓ Passed: l2_norm")


def test_in_a_terminal_a_long_check_says_how_long_it_may_take(path, capsys, monkeypatch):
    long = replace(
        EXERCISES["l2_norm"],
        cases=(),
        n_drawn=1,
        n_again=0,
        seconds=30,
        due=Property("a number", lambda v, x: ""),
    )
    monkeypatch.setitem(EXERCISES, "l2_norm", long)

    def l2_norm(x):
        return 0.0

    check(l2_norm)
    first, *card = capsys.readouterr().out.splitlines()
    assert first == "… l2_norm is running: 0 s so far, 30 s at most."
    assert card[0] == "✓ Passed: l2_norm"


def test_failures_are_counted_until_a_pass(tmp_path):
    path = tmp_path / "progress.json"
    assert [record_failure("l2_norm", path) for _ in range(3)] == [1, 2, 3]
    assert record_failure("l1_norm", path) == 1
    record_pass("l2_norm", path)
    assert record_failure("l2_norm", path) == 1
    assert set(passed_exercises(path)) == {"l2_norm"}


def test_a_solution_counts_as_seen_only_before_the_pass(tmp_path):
    path = tmp_path / "progress.json"
    record_solution_seen("l2_norm", path)
    (first,) = solutions_seen(path).values()
    record_pass("l1_norm", path)
    record_solution_seen("l1_norm", path)
    record_solution_seen("l2_norm", path)
    assert solutions_seen(path) == {"l2_norm": first}
    assert set(passed_exercises(path)) == {"l1_norm"}


def test_a_file_of_an_older_version_is_read(tmp_path):
    path = tmp_path / "progress.json"
    path.write_text('{"version": 1, "passed": {"l2_norm": "2026-01-01T00:00:00Z"}}')
    assert record_failure("l1_norm", path) == 1
    assert set(passed_exercises(path)) == {"l2_norm"}
    path.write_text('{"version": 1, "passed": {}, "failures": {"l1_norm": "many"}}')
    assert record_failure("l1_norm", path) == 1
    assert path.with_name("progress.json.corrupt-1").exists()


def stubborn(x):
    return 7.0


def tries(n, capsys):
    """Card of the last of `n` failed tries at l2_norm."""
    l2_norm = stubborn
    for _ in range(n):
        with pytest.raises(CheckFailed):
            check(l2_norm)
    return capsys.readouterr().out.rpartition("Not yet")[2]


def test_every_third_failed_try_opens_a_hint(path, capsys):
    assert "tries so far" not in tries(2, capsys)
    assert "3 tries so far: hint 1 is open." in tries(1, capsys)
    n_hints = len(EXERCISES["l2_norm"].hints)
    assert f"hint {n_hints} is open." in tries(3 * n_hints - 1, capsys)
    assert 'tries so far: `solution("l2_norm")` in a new cell' in tries(1, capsys)


def test_after_a_pass_the_reference_can_be_unfolded(path, capsys):
    check(EXERCISES["l2_norm"].reference)
    said = capsys.readouterr().out
    assert "Another way to write it" in said
    assert "    def l2_norm(x):" in said
    assert EXERCISES["l2_norm"].showed in said
    assert "Euclidean length" not in said  # the docstring is in the learner's own function


def test_a_solution_is_shown_to_whoever_asks_twice(path, capsys, monkeypatch):
    monkeypatch.setattr("helpers.exercises._ASKED", set())
    solution("l1_norm")
    assert "def l1_norm" not in capsys.readouterr().out
    assert solutions_seen(path) == {}
    solution("l1_norm")
    assert "def l1_norm" in capsys.readouterr().out
    assert set(solutions_seen(path)) == {"l1_norm"}


def test_a_solution_is_shown_at_once_to_whoever_has_passed(path, capsys):
    record_pass("l1_norm", path)
    solution("l1_norm")
    assert "def l1_norm" in capsys.readouterr().out
    assert solutions_seen(path) == {}


def test_solutions_can_be_switched_off(path, capsys, monkeypatch):
    monkeypatch.setattr(settings, "SOLUTIONS", False)
    record_pass("l1_norm", path)
    solution("l1_norm")
    check(EXERCISES["l1_norm"].reference)
    said = capsys.readouterr().out
    assert "Solutions are not shown in this course." in said
    assert "def l1_norm" not in said


def test_the_solution_of_nothing_is_asked_back():
    with pytest.raises(CheckFailed, match="Did you mean 'l2_norm'"):
        solution("l2norm")


def test_while_nbgrader_runs_no_solution_is_shown(path, capsys, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    record_pass("l1_norm", path)
    solution("l1_norm")
    assert capsys.readouterr().out == ""
