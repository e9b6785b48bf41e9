"""The learner's copies of the lessons: they arrive, are renewed beside, and are never overwritten."""

import re
import shutil
from pathlib import Path

import pytest
from clones import clone_to, course, text

from lab import common, lessons

LESSON = "01_norms"


@pytest.fixture
def clone(tmp_path):
    """Return a clone with no environment."""
    return clone_to(tmp_path)


@pytest.fixture
def hand_out(tmp_path, capsys):
    """Return a function that releases a version of a lesson and hands it out; returns the output."""

    def hand_out(content):
        released = tmp_path / "notebooks" / LESSON / f"{LESSON}.ipynb"
        released.parent.mkdir(parents=True, exist_ok=True)
        released.write_text(content, encoding="utf-8")
        lessons.hand_out_lessons(tmp_path)
        return capsys.readouterr().out

    return hand_out


def work(tmp_path):
    """Content of each file that the learner sees in `my-work/`, by its name."""
    return {path.name: text(path) for path in (tmp_path / "my-work").glob("[!.]*")}


COPY, UPDATED = f"{LESSON}.ipynb", f"{LESSON} (updated).ipynb"


@pytest.mark.parametrize("learnt", ["v1", "v1, with answers"])
def test_an_updated_lesson_arrives_beside_once(hand_out, tmp_path, learnt):
    assert COPY in hand_out("v1")
    (tmp_path / "my-work" / COPY).write_text(learnt, encoding="utf-8")
    assert hand_out("v1") == ""
    said = hand_out("v2")
    assert UPDATED in said
    assert said.count("\n") == 1
    assert hand_out("v2") == ""
    assert work(tmp_path) == {COPY: learnt, UPDATED: "v2"}


def test_each_further_version_gets_a_name_of_its_own(hand_out, tmp_path):
    hand_out("v1")
    hand_out("v2")
    (tmp_path / "my-work" / UPDATED).write_text("v2, with answers", encoding="utf-8")
    hand_out("v3")
    hand_out("v4")
    assert hand_out("v2") == ""
    assert work(tmp_path) == {
        COPY: "v1",
        UPDATED: "v2, with answers",
        f"{LESSON} (updated 2).ipynb": "v3",
        f"{LESSON} (updated 3).ipynb": "v4",
    }


def test_a_deleted_copy_is_handed_out_again_and_a_deleted_update_is_not(hand_out, tmp_path):
    hand_out("v1")
    hand_out("v2")
    (tmp_path / "my-work" / UPDATED).unlink()
    assert hand_out("v2") == ""
    (tmp_path / "my-work" / COPY).unlink()
    hand_out("v2")
    assert work(tmp_path) == {COPY: "v2"}


@pytest.mark.parametrize("record", [None, "", "{", "[1]", '{"01_norms": 3}', "\0" * 50])
def test_a_lost_record_costs_no_work(hand_out, tmp_path, record):
    hand_out("v1")
    (tmp_path / "my-work" / COPY).write_text("answers", encoding="utf-8")
    hand_out("v2")
    path = tmp_path / "my-work" / ".handed-out.json"
    path.unlink() if record is None else path.write_text(record, encoding="utf-8")
    assert hand_out("v2") == ""
    assert work(tmp_path) == {COPY: "answers", UPDATED: "v2"}
    assert hand_out("v2") == ""


def test_a_copy_equal_to_the_new_release_needs_no_update(hand_out, tmp_path):
    hand_out("v1")
    (tmp_path / "my-work" / COPY).write_text("v2", encoding="utf-8")
    assert hand_out("v2") == ""
    assert work(tmp_path) == {COPY: "v2"}


def test_a_copy_cut_short_leaves_nothing_that_looks_like_a_lesson(hand_out, tmp_path, monkeypatch):
    def replace(self, target):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", replace)
        with pytest.raises(common.SetupError, match="No space left on device"):
            hand_out("v1")
    assert work(tmp_path) == {}
    hand_out("v1")
    assert work(tmp_path) == {COPY: "v1"}


def test_missing_lessons_are_told_before_anything_is_installed(clone):
    shutil.rmtree(clone / "notebooks")
    status, output = course(clone, "--no-browser")
    assert status == 1
    assert "The lessons should be in" in output
    assert not (clone / ".venv").exists()


def test_a_learners_folder_that_cannot_be_used_is_told_before_anything_is_installed(clone):
    (clone / "my-work").write_text("not a folder", encoding="utf-8")
    status, output = course(clone, "--no-browser")
    assert status == 1
    assert re.search(r"my-work, but it cannot be used .*: make it a folder that you may", output)
    assert text(clone / "my-work") == "not a folder"
    assert not (clone / ".venv").exists()
