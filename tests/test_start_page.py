"""The start page: what it tells, when it is renewed, and that it is yours as soon as you change it."""

import json
import re
import shutil

import pytest
from clones import ROOT

from helpers.exercises import LESSONS
from lab import server, start_page
from lab.lessons import hand_out_lessons
from lab.progress import lessons_of, next_lesson


@pytest.fixture
def root(tmp_path, capsys):
    """Return a folder with the lessons, and the learner's copies of them."""
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks")
    hand_out_lessons(tmp_path)
    capsys.readouterr()
    return tmp_path


def passes(root, *names):
    """Note that exercises have been passed, one minute after the other."""
    times = {name: f"2026-01-01T10:{minute:02}:00Z" for minute, name in enumerate(names)}
    path = root / "my-work" / "progress.json"
    path.write_text(json.dumps({"version": 1, "passed": times}), encoding="utf-8")


def page(root):
    """Write the start page and return its text."""
    return start_page.write_start_page(root).read_text(encoding="utf-8")


def box(root):
    """What the start page says to do next."""
    return re.search(r'<div class="course-next">(.*?)</div>', page(root), re.DOTALL)[1].strip()


def test_the_page_knows_every_exercise_of_every_lesson_in_order(root):
    found = [tuple(each.name for each in lesson.exercises) for lesson in lessons_of(root)]
    assert found == list(LESSONS.values())


def test_every_lesson_tells_its_title_its_hours_and_the_heading_of_each_exercise(root):
    for lesson in lessons_of(root):
        assert ":" in lesson.title
        assert 4 <= lesson.hours <= 8
        assert all(each.heading for each in lesson.exercises)
        assert all(re.fullmatch(r"\w+\.ipynb#cell-id=\w+", each.link) for each in lesson.exercises)


def test_a_link_leads_to_the_cell_whose_heading_it_names(root):
    for lesson in lessons_of(root):
        cells = json.loads((root / "my-work" / lesson.link).read_text(encoding="utf-8"))["cells"]
        source_by_id = {cell["id"]: "".join(cell["source"]) for cell in cells}
        for each in lesson.exercises:
            assert f"# {each.heading}" in source_by_id[each.link.partition("=")[2]]


def test_a_newcomer_is_sent_to_the_top_of_the_first_lesson(root):
    assert box(root).startswith(
        "**Begin with [Norms: how long is a vector, a matrix, a distance?](01_norms.ipynb)**"
    )
    assert "The L1 norm: `l1_norm`" in box(root)
    assert '<progress value="0" max="69"></progress> 0 of 69 exercises passed' in box(root)
    assert box(root).endswith("about 44 hours to go")


def test_who_has_begun_is_sent_to_the_heading_of_the_next_exercise(root):
    passes(root, "l1_norm", "max_norm")
    assert re.match(
        r"\*\*Go on with \[The L2 norm: `l2_norm`\]\(01_norms\.ipynb#cell-id=\w+\)\*\*", box(root)
    )
    assert '<progress value="2" max="69"></progress> 2 of 69 exercises passed' in box(root)
    assert box(root).endswith("about 43 hours to go")


@pytest.mark.parametrize(
    ("passed", "following"),
    [
        (("l1_norm", "count_words"), "sigmoid"),  # begun in the middle: there it goes on
        (("count_words", "l1_norm"), "l2_norm"),
        (LESSONS["01_norms"], "squared_l2_norm_gradient"),
        (LESSONS["07_training_health"], "l1_norm"),
    ],
)
def test_it_goes_on_in_the_lesson_of_the_last_pass_or_after_it(root, passed, following):
    passes(root, *passed)
    assert next_lesson(lessons_of(root)).missing[0].name == following


def test_who_has_passed_everything_is_told_so(root):
    passes(root, *(name for names in LESSONS.values() for name in names))
    assert next_lesson(lessons_of(root)) is None
    assert "You have passed every exercise" in box(root)
    assert page(root).count("✓ all passed") == len(LESSONS)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"passed": 3}', '{"passed": {"l1_norm": 3}}', "\0\0"])
def test_progress_that_cannot_be_read_counts_as_none(root, content):
    (root / "my-work" / "progress.json").write_text(content, encoding="utf-8")
    assert "0 of 69 exercises passed" in box(root)


@pytest.mark.parametrize("content", ["", "[]", '{"cells": 3}', '{"cells": [3, {"metadata": 3}]}'])
def test_a_copy_that_cannot_be_read_is_linked_as_a_whole(root, content):
    (root / "my-work" / "01_norms.ipynb").write_text(content, encoding="utf-8")
    assert "[The L1 norm: `l1_norm`](01_norms.ipynb)" in box(root)


def test_a_new_version_of_a_lesson_is_named_with_links_to_both(root):
    assert "New versions" not in page(root)
    released = root / "notebooks" / "01_norms" / "01_norms.ipynb"
    released.write_text(released.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    hand_out_lessons(root)
    link = "[01_norms (updated).ipynb](01_norms%20%28updated%29.ipynb), beside [your own](01_norms.ipynb)"
    assert link in page(root)


def test_a_page_that_nobody_changed_is_renewed(root):
    before = page(root)
    assert page(root) == before
    passes(root, "l1_norm")
    assert "1 of 69" in page(root)
    (root / "my-work" / "start.md").write_bytes(page(root).replace("\n", "\r\n").encode())
    passes(root, "l1_norm", "l2_norm")
    assert "2 of 69" in page(root)


def changed_pages(made):
    """Pages that somebody has changed or written."""
    return [
        "My notes",
        "",
        made + "My notes",
        "My notes\n" + made,
        made.replace("Norms", "norms", 1),
        made[:-9],
    ]


@pytest.mark.parametrize("change", range(6))
def test_a_page_that_somebody_changed_is_theirs(root, capsys, change):
    changed = changed_pages(page(root))[change]
    (root / "my-work" / "start.md").write_text(changed, encoding="utf-8")
    passes(root, "l1_norm")
    assert page(root) == changed
    assert capsys.readouterr().out.startswith("my-work/start.md is yours and stays as it is")


def test_a_page_that_was_removed_or_renamed_comes_again(root):
    page(root)
    path = root / "my-work" / "start.md"
    path.write_text("My notes", encoding="utf-8")
    path.rename(root / "my-work" / "notes.md")
    assert "Where you are" in page(root)
    assert (root / "my-work" / "notes.md").read_text(encoding="utf-8") == "My notes"


def test_a_pass_renews_the_page_while_jupyterlab_runs(root):
    page(root)
    watch = server.Watch(root)
    watch.look()
    passes(root, "l1_norm")
    watch.look()
    assert "1 of 69" in (root / "my-work" / "start.md").read_text(encoding="utf-8")


def workspace(root, *names):
    """Let JupyterLab have left something open."""
    folder = root / "my-work" / server.WORKSPACES
    folder.mkdir()
    content = {"data": {"layout-restorer:data": {}, **{name: {} for name in names}}}
    (folder / "default-37a8.jupyterlab-workspace").write_text(json.dumps(content), encoding="utf-8")


def test_the_first_start_lands_on_the_start_page(root):
    assert server.landing(root / "my-work") == "lab/tree/start.md"


@pytest.mark.parametrize(
    ("names", "page"),
    [
        ((), "lab/tree/start.md"),
        (("file-browser-filebrowser:cwd", "terminal:1", "notebook:gone.ipynb"), "lab/tree/start.md"),
        (("notebook:02_gradient_norms.ipynb",), "lab"),
    ],
)
def test_a_later_start_lands_where_something_was_left_open(root, names, page):
    workspace(root, *names)
    assert server.landing(root / "my-work") == page
