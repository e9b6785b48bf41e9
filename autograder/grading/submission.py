"""Read what a student handed in without trusting any of it, and rebuild it from the released notebook."""

import base64
import binascii
import bisect
import contextlib
import errno
import json
import os
import re
import stat
import struct
from dataclasses import dataclass

from autograder.grading import wire

LARGEST_FILE = 16 << 20  # bytes
MOST_CELLS = 2_000
LARGEST_SOURCE = 200_000  # characters of a cell; what is beyond is cut off
LARGEST_SOURCES = 2_000_000  # of all cells together
_LARGEST_TEXT = 20_000  # characters of a cell's outputs that are kept
_LARGEST_IMAGE = 1 << 20  # bytes
_LARGEST_IMAGES = 8 << 20  # of a notebook together
_LONGEST_SIDE = 4_000  # pixels
_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f]")


class SubmissionError(Exception):
    """What keeps a submission from being read, as a sentence for student and teacher."""


@dataclass(frozen=True)
class Cell:
    """A cell of a rebuilt notebook.

    Attributes
    ----------
    content : dict
        The cell as the autograded notebook holds it.
    own : bool
        Whether the learner wrote it, or may have.
    grade_id : str
        nbgrader's id; "" for cells that nbgrader does not know.
    """

    content: dict
    own: bool
    grade_id: str = ""

    @property
    def source(self):
        """Its source."""
        return self.content["source"]

    @property
    def is_code(self):
        """Whether it is a code cell."""
        return self.content["cell_type"] == "code"


# -- the file -----------------------------------------------------------------------------------


def read_file(folder, student, lesson, name, largest=LARGEST_FILE):
    """Bytes of a submitted file; only a regular file below `folder` is read, and no link is followed.

    Parameters
    ----------
    folder : Path
    student, lesson, name : str
    largest : int
        Number of bytes that are accepted.

    Returns
    -------
    content : bytes

    Raises
    ------
    SubmissionError
    """
    with contextlib.ExitStack() as stack:
        place = {"path": os.fspath(folder / student)}
        for part in (student, lesson, name):
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | (0 if part is name else os.O_DIRECTORY)
            try:
                descriptor = os.open(**place, flags=flags)
            except OSError as error:
                raise SubmissionError(_why_not_opened(error, folder / student / lesson, part, name)) from None
            stack.callback(os.close, descriptor)
            place = {"path": lesson if part is student else name, "dir_fd": descriptor}
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise SubmissionError(f"{name} is not a regular file: hand in the notebook itself.")
        content = bytearray()
        while len(content) <= largest and (chunk := os.read(descriptor, 1 << 20)):
            content += chunk
    if len(content) > largest:
        raise SubmissionError(
            f"{name} is larger than {largest >> 20} MB: clear its outputs (Edit, Clear Outputs of All "
            "Cells), save, and hand it in again."
        )
    return bytes(content)


def _why_not_opened(error, folder, part, name):
    if error.errno == errno.ELOOP or (error.errno == errno.ENOTDIR and part != name):
        return f"{part} is a link, or no folder: hand in the notebook itself."
    if error.errno == errno.ENXIO:
        return f"{part} is not a regular file: hand in the notebook itself."
    if error.errno != errno.ENOENT:
        return f"{part} cannot be read: {error.strerror}."
    found = []
    with contextlib.suppress(OSError):
        found = sorted(path.name for path in folder.iterdir() if path.suffix == ".ipynb")
    there = f" There is {found[0]!r} instead: it needs that name." if found else ""
    return f"Expected a file {name}.{there}"


# -- the notebook -------------------------------------------------------------------------------


def read_cells(content):
    """Cells of a notebook, each a dict with ``cell_type``, ``source``, ``id``, ``grade_id`` and ``outputs``.

    Parameters
    ----------
    content : bytes
        Anything.

    Returns
    -------
    cells : list of dict
        Sources are text, outputs a list, ids text, whatever the file holds.

    Raises
    ------
    SubmissionError
    """
    notebook = _parsed(content)
    version = notebook.get("nbformat")
    if type(version) is not int or not 1 <= version <= 4:
        known = f"nbformat {str(version)[:20]}" if type(version) in (int, float) else "without a number"
        raise SubmissionError(f"It is no notebook of a known format ({known}).")
    if version < 4:
        notebook = _converted(notebook)
    cells = notebook.get("cells")
    if not isinstance(cells, list) or not all(isinstance(cell, dict) for cell in cells):
        raise SubmissionError("It is no notebook: it has no list of cells.")
    if len(cells) > MOST_CELLS:
        raise SubmissionError(f"It has {len(cells):,} cells, and {MOST_CELLS:,} is the most that is graded.")
    cells = [_plain_cell(cell) for cell in cells]
    if sum(len(cell["source"]) for cell in cells) > LARGEST_SOURCES:
        raise SubmissionError(
            f"Its cells hold more than {LARGEST_SOURCES:,} characters: take out what is not yours."
        )
    return cells


def _parsed(content):
    try:
        notebook = json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise SubmissionError("It is no notebook: it is not UTF-8 text.") from None
    except (ValueError, RecursionError, MemoryError) as error:
        where = f" at line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise SubmissionError(
            f"It is no notebook: it is not JSON{where}. Was it changed in a text editor, or only partly "
            "uploaded?"
        ) from None
    if not isinstance(notebook, dict):
        raise SubmissionError("It is no notebook: it is JSON, but no object.")
    return notebook


def _converted(notebook):
    """An old notebook in format 4."""
    import nbformat  # takes a second, and few notebooks are old

    try:
        return nbformat.convert(nbformat.from_dict(notebook), 4)
    except Exception:  # the converters expect well-formed notebooks
        raise SubmissionError("It is a notebook of an old format that cannot be converted.") from None


def _plain_cell(cell):
    metadata = cell.get("metadata")
    grading = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = grading.get("grade_id") if isinstance(grading, dict) else None
    outputs = cell.get("outputs")
    kind = cell.get("cell_type")
    return {
        "cell_type": kind if kind in ("code", "markdown", "raw") else "raw",
        "source": _text(cell.get("source")),
        "id": _text(cell.get("id")),
        "grade_id": _text(grade_id),
        "outputs": outputs if isinstance(outputs, list) else [],
    }


def _text(value):
    """Text of what may be text, or a list of lines."""
    if isinstance(value, list):
        value = "".join(part for part in value if isinstance(part, str))
    if not isinstance(value, str):
        return ""
    return wire.clean(value[:LARGEST_SOURCE])


# -- the rebuilt notebook -----------------------------------------------------------------------


def rebuild(released, submitted):
    """Cells of the released notebook with the learner's work put in.

    Only the sources of answer cells, by grade id, and the learner's own and changed cells are taken over,
    in their places; test cells, metadata, tags and attachments are the released ones. What was written beside
    a written answer that is untouched, or gone, is put into it, too, so that it waits for a person.

    Parameters
    ----------
    released : list of dict
        Cells of the released notebook.
    submitted : list of dict
        From `read_cells`.

    Returns
    -------
    cells : list of Cell
    """
    taken = _taken_over(released, submitted)
    room = [_LARGEST_IMAGES]
    cells = [_extra_cell(cell, room) for cell in taken.extra.get(-1, [])]
    for place, cell in enumerate(released):
        content = json.loads(json.dumps(cell))
        grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        if place in taken.answers:
            content["source"] = _shown(taken.answers[place], cell["cell_type"])
        elif cell["cell_type"] == "code" and _is_answer(cell) and place not in taken.outputs:
            content["source"] = ""  # it is gone, or empty: its starter may not undo what another cell defines
        elif _is_answer(cell) and (beside := _written_beside(place, released, taken)):
            content["source"] += f"\n\n*Found beside this cell:*\n\n{harmless(beside)}"
        if cell["cell_type"] == "code":
            content["outputs"] = _reduced(taken.outputs.get(place, []), room)
        cells.append(Cell(content, _is_answer(cell), grade_id))
        cells += [_extra_cell(cell, room) for cell in taken.extra.get(place, [])]
    return _with_ids(cells)


@dataclass(frozen=True)
class _TakenOver:
    """What of a submission goes into the rebuilt notebook, by index of the released cell.

    Attributes
    ----------
    answers : dict of int to str
        Changed sources of answer cells.
    extra : dict of int to list of dict
        The learner's other cells, by the released one that they follow; -1 for those at the top.
    outputs : dict of int to list
    in_order : list of int
        The released cells that stand in their order, which the learner's other cells follow.
    """

    answers: dict
    extra: dict
    outputs: dict
    in_order: list


def _taken_over(released, submitted):
    place_by_key = _places(released)
    places = [_place_of(cell, place_by_key) for cell in submitted]
    anchors = _longest_rise(places)
    changed = [
        place is not None and cell["source"].strip() not in ("", released[place]["source"].strip())
        for cell, place in zip(submitted, places, strict=True)
    ]
    homes = _homes(released, places, changed, anchors)
    answers, extra, outputs, position = {}, {}, {}, -1
    for index, (cell, place) in enumerate(zip(submitted, places, strict=True)):
        position = place if index in anchors else position
        is_home = place is not None and homes[place] == index
        if not cell["source"].strip():
            continue
        if place is None or (changed[index] and not (is_home and _is_answer(released[place]))):
            extra.setdefault(position, []).append(cell)
        elif is_home and not _is_test(released[place]):
            outputs[place] = cell["outputs"]
            if changed[index]:
                answers[place] = cell["source"]
        elif not is_home and _may_run_again(cell, released[place]):
            extra.setdefault(position, []).append(cell)
    return _TakenOver(answers, extra, outputs, [places[index] for index in sorted(anchors)])


def _longest_rise(places):
    """Indices of the cells that stand in the released order, as many as can be; the rest was moved."""
    last, before = [], {}  # of the rises of each length, the one that ends lowest
    for index, place in enumerate(places):
        if place is not None:
            length = bisect.bisect_left(last, place, key=places.__getitem__)
            if last[length:] and places[last[length]] == place:
                continue  # of equal ones, the first
            before[index] = last[length - 1] if length else None
            last[length : length + 1] = [index]
    found, index = set(), last[-1] if last else None
    while index is not None:
        found.add(index)
        index = before[index]
    return found


def _homes(released, places, changed, anchors):
    """Index of the submitted cell that goes into each released one; what else matches it is a copy."""
    indices_by_place = {}
    for index, place in enumerate(places):
        indices_by_place.setdefault(place, []).append(index)
    homes = {}
    for place, indices in indices_by_place.items():
        if place is None:
            continue
        home = next((index for index in indices if index in anchors), None)
        work = [index for index in indices if changed[index]] if _is_answer(released[place]) else []
        if home not in work and work:
            if released[place]["cell_type"] != "code":
                home = work[0]  # a person reads it, wherever it stood
            elif home is None:
                home = work[0] if len(work) == 1 else -1  # several run where they stand
            else:  # what is untouched may not undo the work above it
                home = max((index for index in work if index < home), default=home)
        homes[place] = indices[0] if home is None else home
    return homes


def _may_run_again(cell, released):
    """Whether an unchanged copy of a released cell runs where it stands: it may bring names back."""
    return released["cell_type"] == "code" and not _is_answer(released) and not cell["grade_id"]


def _written_beside(place, released, taken):
    """What the learner wrote between a question, which stands above its answer, and what follows both.

    Where the answer's cell is gone, it may have been written anywhere.
    """
    if released[place]["cell_type"] == "code":
        return ""
    question = released[place - 1]["source"].strip()
    above = max((other for other in taken.in_order if other < place), default=-1)
    is_gone = place not in taken.outputs
    cells = [
        cell
        for other, extra in sorted(taken.extra.items())
        for cell in extra
        if above <= other <= place or (is_gone and cell["cell_type"] != "code")
    ]
    known = {other["source"].strip() for other in released}
    texts = [c["source"].replace(question, "").strip() for c in cells if c["source"].strip() not in known]
    # a question that was split in two is no answer
    return "\n\n".join(t for t in texts if t and not question.startswith(t) and not question.endswith(t))


def _is_answer(cell):
    return cell["metadata"].get("nbgrader", {}).get("solution", False)


def _is_test(cell):
    grading = cell["metadata"].get("nbgrader", {})
    return grading.get("grade", False) and not grading.get("solution", False)


def _places(released):
    """Index of each released cell by its grade id, by its id, and by what it says."""
    places = {}
    for place, cell in enumerate(released):
        keys = [("grade", cell["metadata"].get("nbgrader", {}).get("grade_id"))]
        keys += [("id", cell["id"]), ("source", cell["cell_type"], cell["source"].strip())]
        for key in keys:
            places.setdefault(key, place)
    return places


def _place_of(cell, places):
    """Index of the released cell that a submitted one is, was, or is a copy of."""
    keys = [("grade", cell["grade_id"]), ("id", cell["id"])] if cell["grade_id"] or cell["id"] else []
    keys.append(("source", cell["cell_type"], cell["source"].strip()))
    return next((places[key] for key in keys if key[1] and key in places), None)


def _extra_cell(cell, room):
    content = {"cell_type": cell["cell_type"], "id": "", "metadata": {}}
    content["source"] = _shown(cell["source"], cell["cell_type"])
    if cell["cell_type"] == "code":
        content |= {"execution_count": None, "outputs": _reduced(cell["outputs"], room)}
    return Cell(content, own=True)


def _shown(source, cell_type):
    """Source of a cell as it goes into the notebook: code is shown as it is, and nothing else."""
    return source if cell_type == "code" else harmless(source)


def _with_ids(cells):
    number = 0
    for cell in cells:
        if not cell.content["id"]:
            number += 1
            cell.content["id"] = f"own-{number}"
    return cells


def harmless(source):
    """Markdown without what would run, or stand for something else, in the browser of whoever grades.

    A blank makes plain text of a tag, of a link or picture (which may lead to a script, or to an attachment
    that is not there) and of the place that a link names; formulas stay what they were. Addresses that
    are written out still become links.
    """
    source = re.sub(r"<(?=[A-Za-z/!?])|\](?=[(:])", r"\g<0> ", source)
    return re.sub(
        r"((?:^|\r)[^\n\r`~]*(?:`{3}|~{3})[^\w\n\r]*)mermaid", r"\1text", source, flags=re.MULTILINE
    )


# -- outputs ------------------------------------------------------------------------------------


def _reduced(outputs, room):
    """Outputs with nothing in them but text and PNG pictures of a reasonable size."""
    kept, n_characters = [], 0
    for output in outputs[:50]:
        text, png = _text_and_picture(output) if isinstance(output, dict) else ("", "")
        if png and len(png) <= room[0]:
            room[0] -= len(png)
            data = {"image/png": png, "text/plain": text[:200] or "a figure"}
            kept.append({"output_type": "display_data", "data": data, "metadata": {}})
        elif text and n_characters < _LARGEST_TEXT:
            cut = text[: _LARGEST_TEXT - n_characters]
            n_characters += len(text)
            more = "" if len(cut) == len(text) else "\n… (cut off)"
            kept.append({"output_type": "stream", "name": "stdout", "text": cut + more})
    return kept


def _text_and_picture(output):
    kind = output.get("output_type")
    if kind == "stream":
        return _plain(output.get("text")), ""
    if kind in ("error", "pyerr"):
        return f"{_plain(output.get('ename'))}: {_plain(output.get('evalue'))}", ""
    data = output.get("data")
    if kind not in ("execute_result", "display_data") or not isinstance(data, dict):
        return "", ""
    return _plain(data.get("text/plain")), _picture(data.get("image/png"))


def _plain(value):
    return _ANSI.sub("", _text(value))


def _picture(value):
    """Base64 text of a PNG picture of a reasonable size, else ""."""
    if isinstance(value, list):
        value = "".join(part for part in value if isinstance(part, str))
    if not isinstance(value, str) or len(value) > 1.4 * _LARGEST_IMAGE:
        return ""
    try:
        content = base64.b64decode("".join(value.split()), validate=True)
        is_png = content[:8] == b"\x89PNG\r\n\x1a\n" and content[12:16] == b"IHDR"
        width, height = struct.unpack(">II", content[16:24])
    except (binascii.Error, ValueError, struct.error):
        return ""
    return base64.b64encode(content).decode() if is_png and max(width, height) <= _LONGEST_SIDE else ""
