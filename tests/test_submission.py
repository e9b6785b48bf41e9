"""Whatever is handed in, what is graded is the released notebook with the learner's work put in."""

import base64
import copy
import errno
import json
import os
import socket
import struct
import time
import zlib

import nbformat
import pytest
from fuzzing import any_json, any_text, bounded
from grading import code_cell
from hypothesis import given
from hypothesis import strategies as st
from nbgrader.utils import compute_checksum, determine_grade
from submissions import perfect, read

from autograder.grading import submission
from autograder.grading.submission import SubmissionError, harmless, read_cells, read_file, rebuild
from helpers.exercises import LESSONS

LESSON = "01_norms"
NOTEBOOK = json.loads(json.dumps(read("notebooks", LESSON)))
RELEASED = NOTEBOOK["cells"]
GRADE_IDS = [cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in RELEASED]
ANSWERS = [i for i, cell in enumerate(RELEASED) if cell["metadata"].get("nbgrader", {}).get("solution")]
TESTS = [i for i, name in enumerate(GRADE_IDS) if name and name.endswith("-tests")]
WRITTEN = [i for i in ANSWERS if RELEASED[i]["cell_type"] == "markdown"]
SECONDS = 10


def place(grade_id):
    """Index of a released cell."""
    return GRADE_IDS.index(grade_id)


def content(cells, **more):
    """Bytes of a notebook with these cells."""
    return json.dumps({**NOTEBOOK, "cells": cells, **more}).encode()


def rebuilt(cells, **more):
    """Cells of the notebook that is graded for one with these cells."""
    return rebuild(RELEASED, read_cells(content(cells, **more)))


def as_graded(cells):
    """The notebook that is graded, which must be a good one."""
    text = json.dumps({**NOTEBOOK, "cells": [cell.content for cell in cells]}, ensure_ascii=False)
    notebook = nbformat.reads(text.encode("utf-8").decode("utf-8"), as_version=4)
    nbformat.validate(notebook)
    assert len({cell.id for cell in notebook.cells}) == len(cells)
    return notebook


def check_laws(cells):
    """What holds of the notebook that is graded, whatever was handed in."""
    as_graded(cells)
    ids = [cell["id"] for cell in RELEASED]
    kept = {cell.content["id"]: cell for cell in cells if cell.content["id"] in ids}
    assert [cell.content["id"] for cell in cells if cell.content["id"] in ids] == ids
    for cell_released, cell in zip(RELEASED, kept.values(), strict=True):
        is_answer = bool(cell_released["metadata"].get("nbgrader", {}).get("solution"))
        changing = {"outputs", "source"} if is_answer else {"outputs"}
        same = {key: value for key, value in cell.content.items() if key not in changing}
        assert same == {key: value for key, value in cell_released.items() if key not in changing}
        assert cell.own == is_answer
    for cell in cells:
        assert cell.own or cell.content["id"] in kept
        assert cell.is_code or cell.source == harmless(cell.source) or not cell.own
        if cell.content["id"] not in kept:
            assert cell.content["metadata"] == {}
            assert not cell.grade_id
        for output in cell.content.get("outputs", []):
            check_output(output)
    size = sum(len(json.dumps(cell.content.get("outputs", []))) for cell in cells)
    assert size < 16 << 20


def check_output(output):
    """What an output that is kept may be: text, or a PNG picture with a text."""
    if output["output_type"] == "stream":
        assert set(output) == {"output_type", "name", "text"}
        assert len(output["text"]) < 21_000
        assert not any(ord(c) < 32 and c not in "\n\t" for c in output["text"])
        return
    assert output["output_type"] == "display_data"
    assert set(output["data"]) == {"image/png", "text/plain"}
    assert output["metadata"] == {}
    assert base64.b64decode(output["data"]["image/png"], validate=True).startswith(b"\x89PNG\r\n\x1a\n")


# -- any bytes ------------------------------------------------------------------------------------


def graded_or_refused(data):
    """Cells that are graded for some bytes, which pass all laws, or the one exception there is."""
    started = time.monotonic()
    try:
        cells = rebuild(RELEASED, read_cells(data))
    except SubmissionError as error:
        assert str(error).endswith((".", "?"))
        assert len(str(error)) < 300
        return None
    assert time.monotonic() - started < SECONDS
    check_laws(cells)
    return cells


@bounded(150)
@given(st.binary(max_size=100) | any_text.map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_graded_or_refused(data):
    graded_or_refused(data)


@bounded(150)
@given(any_json)
def test_any_json_is_graded_or_refused(value):
    graded_or_refused(json.dumps(value).encode())
    graded_or_refused(json.dumps({"nbformat": 4, "cells": value}).encode())
    graded_or_refused(json.dumps({"nbformat": 4, "cells": [value]}).encode())


refused = {
    "nothing": (b"", "not JSON"),
    "a text": (b"hello", "not JSON at line 1"),
    "half a notebook": (content(RELEASED)[:-2000], "only partly uploaded"),
    "a list": (b"[]", "no object"),
    "not UTF-8": (b'{"nbformat": 4, "cells": "\xff"}', "not UTF-8"),
    "UTF-16": (content(RELEASED).decode().encode("utf-16"), "not UTF-8"),
    "an archive": (b"PK\x03\x04" + bytes(range(256)), "not UTF-8"),
    "deep JSON": (b"[" * 1_000_000, "not JSON"),
    "a huge number": (b'{"nbformat": ' + b"9" * 10_000 + b"}", "not JSON"),
    "no format": (b"{}", "no notebook of a known format"),
    "format 5": (content(RELEASED, nbformat=5), "no notebook of a known format (nbformat 5)"),
    "format 0": (content(RELEASED, nbformat=0), "no notebook of a known format"),
    "format true": (content(RELEASED, nbformat=True), "no notebook of a known format"),
    "format 4.0": (content(RELEASED, nbformat=4.0), "no notebook of a known format"),
    "format text": (content(RELEASED, nbformat="4" * 1000), "no notebook of a known format"),
    "no cells": (b'{"nbformat": 4}', "no list of cells"),
    "cells that are none": (b'{"nbformat": 4, "cells": [1]}', "no list of cells"),
    "too many cells": (content([code_cell("1")] * 2001), "2,001 cells, and 2,000 is the most"),
    "too much source": (content([code_cell("a" * 190_000)] * 11), "more than 2,000,000 characters"),
}


@pytest.mark.parametrize(("data", "words"), refused.values(), ids=refused)
def test_what_is_no_notebook_is_refused_with_a_reason(data, words):
    with pytest.raises(SubmissionError) as caught:
        read_cells(data)
    assert words in str(caught.value)


def test_a_byte_order_mark_is_no_obstacle():
    assert len(read_cells(b"\xef\xbb\xbf" + content(RELEASED))) == len(RELEASED)


# -- changed notebooks ----------------------------------------------------------------------------

fields = st.sampled_from(
    ["cell_type", "source", "id", "metadata", "outputs", "attachments", "nbgrader", "grade_id"]
)
places = st.integers(0, len(RELEASED) - 1)
hostile = any_json | st.sampled_from(
    [
        "code",
        "markdown",
        "raw",
        "l2_norm",
        "l2_norm-tests",
        ["a", 1, "b"],
        [None],
        {"grade_id": "l2_norm"},
        "\ud800\0",
    ]
)
damages = st.lists(st.tuples(places, fields, hostile), min_size=1, max_size=6)


@bounded(120)
@given(damages)
def test_a_notebook_with_anything_in_any_field_is_graded(damages):
    cells = copy.deepcopy(RELEASED)
    for i, field, value in damages:
        holder = cells[i]
        if field in ("nbgrader", "grade_id"):
            holder = holder["metadata"] if isinstance(holder["metadata"], dict) else {}
        if field == "grade_id":
            holder = holder.get("nbgrader") if isinstance(holder.get("nbgrader"), dict) else {}
        holder[field] = value
    assert graded_or_refused(content(cells)) is not None


@bounded(60)
@given(places, fields)
def test_a_notebook_with_a_missing_field_is_graded(i, field):
    cells = copy.deepcopy(RELEASED)
    cells[i].pop(field, None)
    cells[i].get("metadata", {}).pop(field, None)
    assert graded_or_refused(content(cells)) is not None


sources = st.sampled_from(
    ["x = 1", "def l2_norm(x):\n    return 0", "# Title", " ", "check = print", "<b>bold</b>"]
)
edits = st.lists(
    st.one_of(
        st.tuples(st.just("delete"), places, st.none()),
        st.tuples(st.just("copy"), places, places),
        st.tuples(st.just("move"), places, places),
        st.tuples(st.just("change"), places, sources),
        st.tuples(st.just("answer"), st.sampled_from(ANSWERS), sources),
        st.tuples(st.just("insert"), places, sources),
        st.tuples(st.just("type"), places, st.sampled_from(["code", "markdown", "raw"])),
        st.tuples(st.just("tag"), places, st.sampled_from(["skip-execution", "hide", "remove-cell"])),
        st.tuples(st.just("lines"), places, st.none()),
    ),
    max_size=8,
)


def edited(edits):
    """Cells of the released notebook after what somebody may do to it in JupyterLab."""
    cells = copy.deepcopy(RELEASED)
    for kind, i, what in edits:
        i = min(i, len(cells) - 1)
        if kind == "delete" and len(cells) > 1:
            del cells[i]
        elif kind == "copy":
            cells.insert(what, copy.deepcopy(cells[i]))
        elif kind == "move":
            cells.insert(what, cells.pop(i))
        elif kind in ("change", "answer"):
            cells[i]["source"] = what
        elif kind == "insert":
            cells.insert(i, code_cell(what))
        elif kind == "type":
            cells[i]["cell_type"] = what
        elif kind == "tag":
            cells[i]["metadata"]["tags"] = [what]
        elif kind == "lines" and isinstance(cells[i]["source"], str):
            cells[i]["source"] = cells[i]["source"].splitlines(keepends=True)
    return cells


def text_of(cell):
    return "".join(cell["source"]).strip()


@bounded(200)
@given(edits)
def test_an_edited_notebook_is_the_released_one_with_the_answers_put_in(edits):
    cells = edited(edits)
    graded = graded_or_refused(content(cells))
    by_grade_id = {cell.grade_id: cell for cell in graded if cell.grade_id}
    for i in ANSWERS:
        submitted = [c for c in cells if c["metadata"].get("nbgrader", {}).get("grade_id") == GRADE_IDS[i]]
        texts = [text_of(cell) for cell in submitted]
        changed = [text for text in texts if text and text != RELEASED[i]["source"].strip()]
        source = by_grade_id[GRADE_IDS[i]].source.strip()
        starter = RELEASED[i]["source"].strip()
        if RELEASED[i]["cell_type"] == "markdown":
            assert source in map(harmless, changed) if changed else source.startswith(starter)
        elif changed:  # the others run where they stand
            assert source in (*changed, starter, "")
        elif any(texts):
            assert source == starter
    # no source gets lost but those of test cells, and copies of an untouched answer
    starters = {RELEASED[i]["source"].strip() for i in ANSWERS}
    everything = "\n".join(cell.source for cell in graded)
    for cell in cells:
        is_test = cell["metadata"].get("nbgrader", {}).get("grade_id") in {GRADE_IDS[i] for i in TESTS}
        if not is_test and text_of(cell) not in starters:
            assert text_of(cell) in everything or harmless(text_of(cell)) in everything


@pytest.mark.parametrize("lesson", LESSONS)
@pytest.mark.parametrize(
    "make", [lambda lesson: read("notebooks", lesson), perfect], ids=["released", "solved"]
)
def test_an_honest_notebook_comes_through_as_it_is(lesson, make):
    released, notebook = (json.loads(json.dumps(n)) for n in (read("notebooks", lesson), make(lesson)))
    cells = rebuild(released["cells"], read_cells(json.dumps(notebook).encode()))
    assert [cell.content["id"] for cell in cells] == [cell["id"] for cell in released["cells"]]
    for cell, before in zip(cells, notebook["cells"], strict=True):
        same = cell.source if cell.is_code or not cell.own else cell.source.strip()
        assert same in (before["source"], before["source"].strip(), harmless(before["source"]).strip())


def test_extra_cells_stay_where_they_are():
    cells = copy.deepcopy(RELEASED)
    after = {5: "five = 1", 9: "nine = 1", len(RELEASED) - 1: "last = 1"}
    for i, source in sorted(after.items(), reverse=True):
        cells.insert(i + 1, code_cell(source, id=f"x{i}"))
    cells.insert(0, code_cell("first = 1", id="x"))
    sources = [cell.source for cell in rebuilt(cells)]
    assert sources[0] == "first = 1"
    assert sources[-1] == "last = 1"
    for i in (5, 9):
        where = sources.index(after[i])
        assert sources[where - 1] == RELEASED[i]["source"]
        assert sources[where + 1] == RELEASED[i + 1]["source"]


def with_answer(cells, name, source, **changes):
    """Cells in which an answer cell says something."""
    cells = copy.deepcopy(cells)
    cells[place(name)] |= {"source": source, **changes}
    return cells


NEW = "def l2_norm(x):\n    return 1"
TWICE = with_answer(RELEASED, "l2_norm", NEW)
SPLIT = with_answer(RELEASED, "l2_norm", "helper = 1")
HELPER = code_cell("def helper():\n    return 1", id="helper")
IMPORTS = next(i for i, cell in enumerate(RELEASED) if "import numpy" in cell["source"])
FIRST_ANSWER, FAR = place("l1_norm"), place("euclidean_distance")


def pasted(cell, **more):
    """Copy of a cell as JupyterLab pastes it."""
    return {**copy.deepcopy(cell), "id": "pasted", **more}


# the cells handed in, and the sources, in order, of what is new
TAKEN = {
    "an answer": (with_answer(RELEASED, "l2_norm", NEW), [NEW]),
    "as lines": (with_answer(RELEASED, "l2_norm", NEW.splitlines(keepends=True)), [NEW]),
    "as markdown": (with_answer(RELEASED, "l2_norm", NEW, cell_type="markdown"), [NEW]),
    "as raw text": (with_answer(RELEASED, "l2_norm", NEW, cell_type="raw"), [NEW]),
    "without its id": (with_answer(RELEASED, "l2_norm", NEW, id="other"), [NEW]),
    "without its metadata": (with_answer(RELEASED, "l2_norm", NEW, metadata={}), [NEW]),
    "tagged": (
        with_answer(
            RELEASED,
            "l2_norm",
            NEW,
            metadata={"tags": ["skip-execution"], **RELEASED[place("l2_norm")]["metadata"]},
        ),
        [NEW],
    ),
    "moved to the end": (
        [*RELEASED[: place("l2_norm")], *RELEASED[place("l2_norm") + 1 :], TWICE[place("l2_norm")]],
        [NEW],
    ),
    "a copy above it": (
        [*RELEASED[: place("l2_norm")], TWICE[place("l2_norm")], *RELEASED[place("l2_norm") :]],
        [NEW],
    ),
    "a copy below it": ([*RELEASED, TWICE[place("l2_norm")]], [NEW]),
    "split in two": ([*SPLIT[: place("l2_norm") + 1], *TWICE[place("l2_norm") :]], ["helper = 1", NEW]),
    "split in two, the second without metadata": (
        [*SPLIT[: place("l2_norm") + 1], code_cell(NEW), *RELEASED[place("l2_norm") + 1 :]],
        ["helper = 1", NEW],
    ),
    "a changed test cell": (with_answer(RELEASED, "l2_norm-tests", "check = print"), ["check = print"]),
    "a test cell that gives points": (with_answer(RELEASED, "l2_norm-tests", "1000"), ["1000"]),
    "a copied test cell": ([*RELEASED[: TESTS[0] + 1], *RELEASED[TESTS[0] :]], []),
    "no test cells": ([cell for i, cell in enumerate(RELEASED) if i not in TESTS], []),
    "test cells first": ([RELEASED[i] for i in TESTS] + RELEASED, []),
    "cells upside down": (RELEASED[::-1], []),
    "all cells twice": (RELEASED * 2, []),
}


@pytest.mark.parametrize("case", TAKEN)
def test_what_is_new_is_taken_over_once(case):
    cells, new = TAKEN[case]
    graded = rebuilt(cells)
    check_laws(graded)
    known = {cell["source"] for cell in RELEASED}
    assert [cell.source for cell in graded if cell.source and cell.source not in known] == new
    assert all(cell.is_code for cell in graded if cell.source in new)


# sources of code cells that differ from the released ones, as they are to run, and the places they follow
BEFORE = RELEASED[place("l2_norm") - 1]["source"]
STARTER, CHECK = (RELEASED[place(name)]["source"] for name in ("l2_norm", "l2_norm-tests"))
OTHER = NEW.replace("1", "2")
TEST = place("l2_norm-tests")
AROUND = {
    "a copy below the check": (
        [*TWICE[: TEST + 1], pasted(TWICE[TEST - 1], source=OTHER), *TWICE[TEST + 1 :]],
        [BEFORE, NEW, CHECK, OTHER],
    ),
    "a copy of what is untouched below the check": (
        [*RELEASED[: TEST + 1], pasted(TWICE[TEST - 1]), *RELEASED[TEST + 1 :]],
        [BEFORE, STARTER, CHECK, NEW],
    ),
    "a copy of what is untouched above the check": (
        [*RELEASED[:TEST], pasted(TWICE[TEST - 1]), *RELEASED[TEST:]],
        [BEFORE, STARTER, NEW, CHECK],
    ),
    "the work in a copy above": (
        [*RELEASED[: TEST - 1], pasted(TWICE[TEST - 1]), *RELEASED[TEST - 1 :]],
        [BEFORE, NEW, CHECK],
    ),
    "the work in two copies above": (
        [*RELEASED[: TEST - 1], pasted(TWICE[TEST - 1], source=OTHER), HELPER, *TWICE[TEST - 1 :]],
        [BEFORE, OTHER, HELPER["source"], NEW, CHECK],
    ),
    "the work in two copies at the top": (
        [*(pasted(TWICE[TEST - 1], source=source) for source in (OTHER, NEW)), *RELEASED],
        [BEFORE, NEW, CHECK],
    ),
    "the work in a copy, and the cell emptied": (
        [*with_answer(RELEASED, "l2_norm", "")[: TEST + 1], pasted(TWICE[TEST - 1]), *RELEASED[TEST + 1 :]],
        [BEFORE, "", CHECK, NEW],
    ),
    "in two parts with a cell between them": (
        [*SPLIT[:TEST], HELPER, pasted(TWICE[TEST - 1]), *SPLIT[TEST:]],
        [BEFORE, "helper = 1", HELPER["source"], NEW, CHECK],
    ),
    "untouched below the work": (
        [*TWICE[: TEST + 1], pasted(RELEASED[TEST - 1]), *TWICE[TEST + 1 :]],
        [BEFORE, NEW, CHECK, RELEASED[TEST + 1]["source"]],
    ),
    "code in the test cell": (
        with_answer(TWICE, "l2_norm-tests", OTHER),
        [BEFORE, NEW, CHECK, OTHER],
    ),
    "code in a copy of the test cell": (
        [*TWICE[:TEST], pasted(TWICE[TEST], source=OTHER), *TWICE[TEST:]],
        [BEFORE, NEW, CHECK, OTHER],
    ),
    "a copy of the test cell": (
        [*TWICE[: TEST + 1], *TWICE[TEST:]],
        [BEFORE, NEW, CHECK, RELEASED[TEST + 1]["source"]],
    ),
    "the call of the check in a cell of one's own": (
        [*TWICE[: TEST + 1], code_cell(CHECK), *TWICE[TEST + 1 :]],
        [BEFORE, NEW, CHECK, CHECK],
    ),
}


@pytest.mark.parametrize("case", AROUND)
def test_what_stands_around_an_answer_keeps_its_order(case):
    cells, sources = AROUND[case]
    graded = rebuilt(cells)
    check_laws(graded)
    found = [cell.source for cell in graded]
    start = found.index(BEFORE)
    assert found[start : start + len(sources)] == sources
    own = {cell.source for cell in graded if cell.content["id"].startswith("own-")}
    assert STARTER not in own


# cells that are no landmarks: copies of released ones, and released ones that were moved
ASIDE = {
    "the call of a check": [code_cell("check(l1_norm)")],
    "the call of a later check": [code_cell("check(spectral_norm)")],
    "a copy of a test cell": [RELEASED[FIRST_ANSWER + 1]],
    "the imports": [code_cell(RELEASED[IMPORTS]["source"])],
    "the imports with their id": [RELEASED[IMPORTS]],
    "an answer": [RELEASED[FIRST_ANSWER]],
    "a text": [RELEASED[0]],
    "several": RELEASED[IMPORTS : FIRST_ANSWER + 2],
}


@pytest.mark.parametrize("moved", [False, True], ids=["copied", "moved"])
@pytest.mark.parametrize("case", ASIDE)
def test_a_released_cell_elsewhere_draws_no_cell_with_it(case, moved):
    aside = ASIDE[case]
    sources = [cell["source"] for cell in aside]
    before = [cell for cell in RELEASED[:FAR] if not (moved and cell["source"] in sources)]
    after = [cell for cell in RELEASED[FAR:] if not (moved and cell["source"] in sources)]
    graded = rebuilt([*before, *aside, HELPER, *after])
    check_laws(graded)
    found = [cell.source for cell in graded]
    where = found.index(HELPER["source"])
    assert found[where + 1] == RELEASED[FAR]["source"]
    assert set(found) == {cell["source"] for cell in RELEASED} | {HELPER["source"]}
    own = [cell.source for cell in graded if cell.content["id"].startswith("own-")]
    runs_again = not moved and ("call" in case or "imports" in case)
    assert own == [*(sources if runs_again else own[:-1]), HELPER["source"]]
    assert not set(own) & {RELEASED[i]["source"] for i in ANSWERS}


# -- written answers ------------------------------------------------------------------------------


@pytest.mark.parametrize("i", WRITTEN, ids=[GRADE_IDS[i] for i in WRITTEN])
@pytest.mark.parametrize(
    ("change", "is_answered"),
    [
        (lambda source: source, False),
        (lambda source: source.splitlines(keepends=True), False),
        (lambda source: source + "\n\n", False),
        (lambda source: "", False),
        (lambda source: "It is *longer*.", True),
        (lambda source: source + "\nMore.", True),
        (lambda source: "<script>alert(1)</script>", True),
    ],
    ids=["unchanged", "as lines", "blank lines", "empty", "an answer", "below the question", "HTML"],
)
def test_only_a_written_answer_waits_for_a_person(i, change, is_answered):
    """nbgrader gives an answer 0 points by itself if its cell is still as it was released."""
    cells = copy.deepcopy(RELEASED)
    cells[i]["source"] = change(cells[i]["source"])
    notebook = as_graded(rebuilt(cells))
    cell = next(cell for cell in notebook.cells if cell.id == RELEASED[i]["id"])
    assert (cell.metadata.nbgrader.checksum == compute_checksum(cell)) == (not is_answered)
    score, most = determine_grade(cell)
    assert score == (None if is_answered else 0)
    assert most == cell.metadata.nbgrader.points


QUESTION = WRITTEN[0] - 1
ESSAY = "It is *longer* by $\\sqrt n$."


def text_cell(source, **more):
    return {"cell_type": "markdown", "id": "text", "metadata": {}, "source": source, **more}


def with_question(source):
    cells = copy.deepcopy(RELEASED)
    cells[QUESTION]["source"] = source
    return cells


ASKED = RELEASED[QUESTION]["source"]
START, END = RELEASED[: QUESTION + 1], RELEASED[QUESTION + 2 :]  # around the answer
BESIDE = {
    "a cell below it": [*START, RELEASED[QUESTION + 1], text_cell(ESSAY), *END],
    "two cells below it": [*START, RELEASED[QUESTION + 1], text_cell(ESSAY), text_cell("And", id="b"), *END],
    "raw text below it": [*START, RELEASED[QUESTION + 1], text_cell(ESSAY, cell_type="raw"), *END],
    "a comment below it": [*START, RELEASED[QUESTION + 1], code_cell(f"# {ESSAY}"), *END],
    "a cell above it": [*START, text_cell(ESSAY), *RELEASED[QUESTION + 1 :]],
    "a cell in its place": [*START, text_cell(ESSAY), *END],
    "a cell in place of both": [*START[:-1], text_cell(ESSAY), *END],
    "a cell below it when it is emptied": [
        *START,
        {**RELEASED[QUESTION + 1], "source": ""},
        text_cell(ESSAY),
        *END,
    ],
    "far away while its cell is gone": [*START, *END, text_cell(ESSAY)],
    "a comment in its place": [*START, code_cell(f"# {ESSAY}"), *END],
    "below the question": with_question(f"{ASKED}\n\n{ESSAY}"),
    "above the question": with_question(f"{ESSAY}\n\n{ASKED}"),
    "into the question": with_question(ASKED.replace("\n\n", f"\n\n{ESSAY}\n\n")),
    "a copy of it elsewhere": [text_cell(ESSAY, metadata=RELEASED[QUESTION + 1]["metadata"]), *RELEASED],
}


def written_answer(cells):
    """The first written answer of the notebook that is graded, and whether it waits for a person."""
    notebook = as_graded(rebuilt(cells))
    cell = next(cell for cell in notebook.cells if cell.id == RELEASED[QUESTION + 1]["id"])
    return cell.source, determine_grade(cell)[0] is None


@pytest.mark.parametrize("case", BESIDE)
def test_what_stands_beside_a_written_answer_waits_for_a_person(case):
    source, is_waiting = written_answer(BESIDE[case])
    assert is_waiting
    assert ESSAY in source
    assert source.count(ASKED) == 0 or case == "into the question"
    check_laws(rebuilt(BESIDE[case]))


@pytest.mark.parametrize(
    "cells",
    [
        [text_cell("# My notes"), *RELEASED],
        [*START[:-1], text_cell("My notes"), *RELEASED[QUESTION:]],
        [*RELEASED[: QUESTION + 3], text_cell("My notes"), *RELEASED[QUESTION + 3 :]],
        [*START, RELEASED[QUESTION + 1], code_cell("check(l1_norm)"), *END],
        [*START[:-1], text_cell(ASKED[:90]), text_cell(ASKED[90:], id="b"), *RELEASED[QUESTION + 1 :]],
        [*START, RELEASED[QUESTION + 1], *RELEASED[QUESTION : QUESTION + 2], *END],
        [*START, *END],
    ],
    ids=["at the top", "above the question", "further below", "a check", "in two", "copied", "deleted"],
)
def test_what_stands_elsewhere_does_not_wait_for_a_person(cells):
    assert written_answer(cells) == (RELEASED[QUESTION + 1]["source"], False)


def test_what_stands_beside_a_written_answer_is_not_put_into_one_that_was_given():
    cells = with_answer(RELEASED, GRADE_IDS[QUESTION + 1], "Mine.")
    cells.insert(QUESTION + 2, text_cell(ESSAY))
    assert written_answer(cells) == ("Mine.", True)


harmful = {
    "a script": ("<script>alert(1)</script>", "<script"),
    "an event": ('<img src=x onerror="alert(1)">', "<img"),
    "a comment": ("<!-- hidden", "<!"),
    "a link to a script": ("[a](javascript:alert(1))", "]("),
    "a place that names one": ("[a]: javascript:alert(1)", "]:"),
    "a picture from elsewhere": ("![a](https://example.org/x.png)", "]("),
    "a diagram": ("```mermaid\ngraph TD\n```", "mermaid"),
    "a diagram in tildes": ("~~~~ mermaid\ngraph TD\n~~~~", "mermaid"),
    "a diagram in a list": ("- a\n- ```mermaid\n  graph TD\n  ```", "mermaid"),
    "a diagram in a numbered list": ("1. ```mermaid\n   graph TD\n   ```", "mermaid"),
    "a diagram in a quotation": ("> 2) ```\u00a0mermaid\n> graph TD\n> ```", "mermaid"),
    "a diagram after a carriage return": ("a `b`\r```mermaid\rgraph TD\r```", "mermaid"),
}


@pytest.mark.parametrize(("source", "words"), harmful.values(), ids=harmful)
def test_a_written_answer_is_text_and_formulas_only(source, words):
    cells = copy.deepcopy(RELEASED)
    cells[WRITTEN[0]]["source"] = f"Before $a < b$ and $$x_1$$.\n\n{source}\n\nAfter."
    cells.insert(3, {"cell_type": "markdown", "id": "m", "metadata": {}, "source": source})
    graded = [cell for cell in rebuilt(cells) if cell.own and not cell.is_code]
    assert len([cell for cell in graded if "Before $a < b$ and $$x_1$$." in cell.source]) == 1
    assert not any(words in cell.source for cell in graded)


@pytest.mark.parametrize(
    "part", ["\n", " ", "\r", "`", "~", "```", "``` ", "~~~\n", "1. ", "- \n", "<", "]", "\x1b[0"]
)
def test_a_text_of_any_length_is_made_harmless_in_no_time(part):
    harmless(part * (200_000 // len(part)) + "x")
    submission._plain(part * (200_000 // len(part)) + "x")


# -- outputs --------------------------------------------------------------------------------------


def png(width=1, height=1, size=0):
    """Base64 text of a PNG picture."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(bytes(2))), (b"tEXt", bytes(size)), (b"IEND", b"")]
    parts = [struct.pack(">I", len(d)) + n + d + struct.pack(">I", zlib.crc32(n + d)) for n, d in chunks]
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"".join(parts)).decode()


def display(data, kind="display_data"):
    return {"output_type": kind, "data": data, "metadata": {}, "execution_count": 1}


def stream(text, name="stdout"):
    return {"output_type": "stream", "name": name, "text": text}


def error(ename, evalue):
    return {"output_type": "error", "ename": ename, "evalue": evalue, "traceback": ["<b>"]}


# outputs, and what is kept: texts, and the word PNG for a picture
KEPT = {
    "text": ([stream("a\n"), stream(["b\n", "c"], "stderr")], ["a\n", "b\nc"]),
    "a value": ([display({"text/plain": "3.0"}, "execute_result")], ["3.0"]),
    "an error": ([error("ValueError", "no")], ["ValueError: no"]),
    "a picture": ([display({"image/png": png(), "text/plain": "<Figure>"})], ["PNG"]),
    "a picture in lines": ([display({"image/png": [png()[:10] + "\n", png()[10:]]})], ["PNG"]),
    "HTML": ([display({"text/html": "<script>", "text/plain": "a table"})], ["a table"]),
    "HTML alone": ([display({"text/html": "<script>"})], []),
    "JavaScript": ([display({"application/javascript": "alert(1)"})], []),
    "SVG": ([display({"image/svg+xml": "<svg onload=alert(1)>"})], []),
    "a widget": ([display({"application/vnd.jupyter.widget-view+json": {}, "text/plain": "w"})], ["w"]),
    "LaTeX": ([display({"text/latex": "$x$", "text/plain": "x"})], ["x"]),
    "HTML called a picture": ([display({"image/png": base64.b64encode(b"<script>").decode()})], []),
    "a picture that is no base64": ([display({"image/png": "<script>alert(1)</script>"})], []),
    "a JPEG called PNG": ([display({"image/png": base64.b64encode(b"\xff\xd8\xff\xe0" * 9).decode()})], []),
    "half a picture": ([display({"image/png": png()[:20]})], []),
    "a huge picture": ([display({"image/png": png(size=2 << 20)})], []),
    "a picture of many pixels": ([display({"image/png": png(100_000, 100_000)})], []),
    "colours": ([stream("\x1b[31mred\x1b[0m\x07\x00")], ["red\ufffd"]),
    "long text": ([stream("a" * 50_000)], ["a" * 20_000 + "\n… (cut off)"]),
    "much text": ([stream("a" * 15_000)] * 9, ["a" * 15_000, "a" * 5_000 + "\n… (cut off)"]),
    "many outputs": ([stream("a")] * 500, ["a"] * 50),
    "no outputs": ("none", []),
    "outputs that are none": (
        [None, 1, [], {}, {"output_type": []}, {"output_type": "stream", "text": 3}],
        [],
    ),
    "odd data": ([display(["text/plain"]), display({"text/plain": {"a": 1}, "image/png": 7})], []),
    "an old error": ([{"output_type": "pyerr", "ename": "E", "evalue": "e"}], ["E: e"]),
}


@pytest.mark.parametrize("case", KEPT)
def test_outputs_are_reduced_to_text_and_pictures(case):
    outputs, kept = KEPT[case]
    cells = with_answer(RELEASED, "l2_norm", NEW, outputs=outputs)
    cells.append(code_cell("extra = 1", outputs=outputs))
    graded = rebuilt(cells)
    check_laws(graded)
    for cell in (next(cell for cell in graded if cell.grade_id == "l2_norm"), graded[-1]):
        found = [
            o.get("text") or ("PNG" if "image/png" in o["data"] else "") for o in cell.content["outputs"]
        ]
        assert found == kept


def test_the_outputs_of_a_test_cell_are_not_taken_over():
    cells = with_answer(
        RELEASED, "l2_norm-tests", "check(l2_norm)", outputs=[display({"text/plain": "1000"})]
    )
    graded = rebuilt(cells)
    assert next(cell for cell in graded if cell.grade_id == "l2_norm-tests").content["outputs"] == []


def test_pictures_have_a_limit_together():
    picture = display({"image/png": png(size=600_000)})
    cells = [code_cell(f"x = {i}", outputs=[picture]) for i in range(40)]
    kept = [output for cell in rebuilt([*RELEASED, *cells]) for output in cell.content.get("outputs", [])]
    assert 5 <= len(kept) <= 12


def test_a_source_of_any_length_is_cut():
    cell = next(
        c for c in rebuilt(with_answer(RELEASED, "l2_norm", "a" * 1_000_000)) if c.grade_id == "l2_norm"
    )
    assert len(cell.source) == submission.LARGEST_SOURCE


# -- old formats ----------------------------------------------------------------------------------


def old_cell(cell):
    """A cell as format 3 writes it."""
    if cell["cell_type"] != "code":
        return {key: cell[key] for key in ("cell_type", "metadata", "source")}
    outputs = [
        {"output_type": "pyout", "prompt_number": 3, "text": ["5.0"], "png": png(), "metadata": {}},
        {"output_type": "stream", "stream": "stdout", "text": ["said\n"]},
        {"output_type": "pyerr", "ename": "E", "evalue": "e", "traceback": []},
        {"output_type": "display_data", "html": "<script>", "javascript": "alert(1)", "metadata": {}},
    ]
    lines = cell["source"].splitlines(keepends=True)
    made = {"cell_type": "code", "collapsed": False, "input": lines, "language": "python", "prompt_number": 3}
    return {**made, "metadata": cell["metadata"], "outputs": outputs}


def test_a_notebook_of_format_3_is_graded():
    cells = [old_cell(cell) for cell in TWICE]
    cells.insert(1, {"cell_type": "heading", "level": 2, "metadata": {}, "source": "My notes"})
    old = {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": "", "signature": ""}}
    old["worksheets"] = [{"cells": cells, "metadata": {}}]
    graded = graded_or_refused(json.dumps(old).encode())
    answer = next(cell for cell in graded if cell.grade_id == "l2_norm")
    assert answer.source == NEW
    texts = [output.get("text") for output in answer.content["outputs"]]
    assert texts == [None, "said\n", "E: e"]
    assert "## My notes" in [cell.source for cell in graded]


@pytest.mark.parametrize("version", [1, 2, 3])
@pytest.mark.parametrize(
    "more",
    [
        {},
        {"cells": RELEASED},
        {"cells": None},
        {"worksheets": None},
        {"worksheets": [1]},
        {"worksheets": [{}]},
        {"worksheets": [{"cells": 1}]},
        {"worksheets": [{"cells": [1]}]},
        {"worksheets": [{"cells": [{"cell_type": "code"}]}]},
        {"worksheets": [{"cells": [{"cell_type": "heading", "level": "x", "source": [1]}]}]},
        {
            "worksheets": [
                {"cells": [{"cell_type": "code", "input": "x = 1", "outputs": [{"output_type": "pyout"}]}]}
            ]
        },
        {"cells": [{"cell_type": "code", "code": "x = 1"}, {"cell_type": "text", "text": "a"}]},
    ],
    ids=range(12),
)
@pytest.mark.filterwarnings("ignore")  # of nbformat
def test_an_old_notebook_is_graded_or_refused(version, more):
    graded_or_refused(json.dumps({"nbformat": version, "nbformat_minor": 0, "metadata": {}, **more}).encode())


# -- the file -------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    """Return a folder with one submission in it; `place` is its notebook."""
    path = tmp_path / "submitted" / "ada" / LESSON / f"{LESSON}.ipynb"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"{}")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / f"{LESSON}.ipynb").write_bytes(b'{"secret": 1}')
    return tmp_path / "submitted"


def read_from(folder, **more):
    return read_file(folder, "ada", LESSON, f"{LESSON}.ipynb", **more)


def test_a_file_is_read(folder):
    assert read_from(folder) == b"{}"
    assert read_from(folder, largest=2) == b"{}"


def replaced(path, make):
    """Put something else in a file's or a folder's place."""
    path.rename(path.with_name("away"))
    make(path)


def unix_socket(path):
    connection = socket.socket(socket.AF_UNIX)
    os.chdir(path.parent)  # the name of a socket is short
    connection.bind(path.name)
    connection.close()


ODD_FILES = {
    "a link": (lambda path: path.symlink_to(path.parents[3] / "elsewhere" / path.name), "is a link"),
    "a link to what is there": (lambda path: path.symlink_to("away"), "is a link"),
    "a link to nothing": (lambda path: path.symlink_to("nowhere"), "is a link"),
    "a link to itself": (lambda path: path.symlink_to(path), "is a link"),
    "a link to a device": (lambda path: path.symlink_to("/dev/zero"), "is a link"),
    "a folder": (lambda path: path.mkdir(), "is not a regular file"),
    "a fifo": (os.mkfifo, "is not a regular file"),
    "a socket": (unix_socket, "is not a regular file"),
    "nothing": (lambda path: None, "Expected a file 01_norms.ipynb."),
    "a large file": (lambda path: path.write_bytes(bytes(20)), "is larger than 0 MB: clear its outputs"),
    "a file of gigabytes": (
        lambda path: os.truncate(os.open(path, os.O_CREAT | os.O_WRONLY), 1 << 33),
        "is larger",
    ),
}


@pytest.mark.parametrize("kind", ODD_FILES)
def test_only_a_regular_file_is_read(folder, kind, monkeypatch):
    monkeypatch.chdir(folder)
    make, words = ODD_FILES[kind]
    replaced(folder / "ada" / LESSON / f"{LESSON}.ipynb", make)
    started = time.monotonic()
    with pytest.raises(SubmissionError) as caught:
        read_from(folder, largest=10)
    assert words in str(caught.value)
    assert "elsewhere" not in str(caught.value)
    assert time.monotonic() - started < 1


@pytest.mark.skipif(not hasattr(os, "mknod") or os.geteuid() != 0, reason="only root makes devices")
def test_a_device_is_not_read(folder):
    path = folder / "ada" / LESSON / f"{LESSON}.ipynb"
    path.unlink()
    try:
        os.mknod(path, 0o600 | 0o020000, os.makedev(1, 5))  # endless zeros
    except OSError:
        pytest.skip("no devices here")
    with pytest.raises(SubmissionError, match="not a regular file|cannot be read"):
        read_from(folder, largest=10)


@pytest.mark.parametrize("level", ["ada", LESSON])
@pytest.mark.parametrize("kind", ["a link", "a file", "nothing"])
def test_no_folder_on_the_way_is_a_link(folder, level, kind):
    path = folder / "ada" if level == "ada" else folder / "ada" / LESSON
    elsewhere = folder.parent / "away"
    path.rename(elsewhere)
    if kind == "a link":
        path.symlink_to(elsewhere)
    elif kind == "a file":
        path.write_text("")
    with pytest.raises(SubmissionError) as caught:
        read_from(folder)
    assert ("Expected a file" if kind == "nothing" else f"{level} is a link, or no folder") in str(
        caught.value
    )


@pytest.mark.parametrize("name", ["01_norms (1).ipynb", "norms.ipynb", "01_norms.IPYNB", "Übung.ipynb"])
def test_a_file_of_another_name_is_named(folder, name):
    path = folder / "ada" / LESSON / f"{LESSON}.ipynb"
    path.rename(path.with_name(name))
    with pytest.raises(SubmissionError) as caught:
        read_from(folder)
    assert "Expected a file 01_norms.ipynb." in str(caught.value)
    assert (repr(name) in str(caught.value)) == name.endswith(".ipynb")


def test_a_file_that_may_not_be_read_is_said_to_be_so(folder, monkeypatch):
    opened = os.open

    def open_or_refuse(path, *args, **kwargs):  # what the system answers anybody but root
        if str(path).endswith(".ipynb"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        return opened(path, *args, **kwargs)

    monkeypatch.setattr(os, "open", open_or_refuse)
    with pytest.raises(SubmissionError, match="cannot be read: Permission denied"):
        read_from(folder)
