"""Bundles for graded courses: what is in them, what is not, and that they check as the course does."""

import ast
import io
import json
import lzma
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import numpy as np
import pytest
from submissions import ROOT, isolated_environment
from unknown_mistakes import ATTEMPTS

from autograder import bundle
from autograder.__main__ import main
from autograder.bundled import given, recorded
from autograder.grading import wire
from helpers import training_health
from helpers.exercises import EXERCISES, LESSONS

every_exercise = pytest.mark.parametrize("name", EXERCISES)
HELPERS = ROOT / "src" / "helpers"


def run(*arguments, cwd, **environ):
    """Start Python in a folder, without the course on its path."""
    environ = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "NBGRADER_EXECUTION")} | environ
    command = [sys.executable, *map(str, arguments)]
    return subprocess.Popen(
        command, cwd=cwd, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def output_of(process):
    """Output of a process, which has to end well."""
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0, output
    return output


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    """Return two archives of the whole course, made at once in processes with other hashes."""
    folder = tmp_path_factory.mktemp("archives")
    command = ("-m", "autograder", "bundle", "--to")
    path = os.pathsep.join((str(ROOT), str(ROOT / "src")))
    processes = [
        run(*command, folder / f"{seed}.zip", cwd=ROOT, PYTHONHASHSEED=str(seed), PYTHONPATH=path)
        for seed in (1, 2)
    ]
    outputs = [output_of(process) for process in processes]
    return outputs[0], [(folder / f"{seed}.zip").read_bytes() for seed in (1, 2)]


@pytest.fixture(scope="module")
def files(archives):
    """Return the contents of the archive of the whole course by path."""
    with zipfile.ZipFile(io.BytesIO(archives[1][0])) as archive:
        return {path.removeprefix("norms-course/"): archive.read(path) for path in archive.namelist()}


@pytest.fixture(scope="module")
def unpacked(files, tmp_path_factory):
    return unpack(files, tmp_path_factory.mktemp("bundle") / "norms-course")


def unpack(files, folder):
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


@pytest.fixture(scope="module")
def single_bundle(files):
    """Return a function for the files of the bundle of one lesson, whose records are those of `files`."""

    def make(lesson):
        with pytest.MonkeyPatch.context() as patch:
            record = "helpers/exercises/records/{}.xz"
            patch.setattr(bundle, "record_of", lambda exercise: files[record.format(exercise.name)])
            return bundle.contents(ROOT, EXERCISES, {lesson: LESSONS[lesson]})

    return make


# -- what is in it ------------------------------------------------------------------------------


def test_the_same_course_makes_the_same_bytes(archives):
    first, second = archives[1]
    assert first == second
    assert len(first) < 3e6


def test_the_command_says_what_is_ready_made_in_it(archives):
    said, ready_made = archives[0].splitlines()
    assert said.endswith("MB.")
    assert f"{len(EXERCISES)} exercises" in said
    assert "stable_l2_norm" in ready_made
    assert "lstm_step" not in ready_made
    assert "one by one" in ready_made


def test_it_holds_the_released_notebooks_and_the_kept_modules_as_they_are(files):
    for lesson in LESSONS:
        assert files[f"{lesson}.ipynb"] == (ROOT / "notebooks" / lesson / f"{lesson}.ipynb").read_bytes()
    for path in kept():
        assert files[f"helpers/{path}"] == (HELPERS / path).read_bytes()


def kept():
    return [p.relative_to(HELPERS).as_posix() for pattern in bundle.KEPT for p in HELPERS.glob(pattern)]


def test_it_holds_no_module_of_exercises(files):
    inside = {path for path in files if path.startswith("helpers/exercises/") and path.endswith(".py")}
    assert inside == {"helpers/exercises/__init__.py", "helpers/exercises/registry.py"}


@pytest.fixture(scope="module")
def secret():
    """Return the lines of references and of misconceptions that stand nowhere in public."""
    topics = {exercise.reference.__module__.rpartition(".")[2] for exercise in EXERCISES.values()}
    paths = [HELPERS / f"{topic}.py" for topic in topics]
    paths += [p for p in (HELPERS / "exercises").glob("*.py") if p.stem not in ("__init__", "registry")]
    lines = set().union(*(lines_of_code(path.read_text(encoding="utf-8")) for path in paths))
    released = [nbformat.read(path, as_version=4) for path in ROOT.glob("notebooks/*/*.ipynb")]
    public = [cell.source for notebook in released for cell in notebook.cells]
    public += [(HELPERS / path).read_text(encoding="utf-8") for path in kept()]
    public = {line.strip() for text in public for line in text.splitlines()}
    assert len(lines - public) > 0.95 * len(lines) > 2000
    return lines - public


def lines_of_code(source):
    """Lines inside functions and lambdas, as far as they say anything."""
    all_lines, lines = source.splitlines(), set()
    for node in ast.walk(ast.parse(source)):
        body = getattr(node, "body", None)
        if isinstance(node, ast.FunctionDef):
            body = body[ast.get_docstring(node) is not None :]
        elif isinstance(node, ast.Lambda):
            body = [body]
        else:
            continue
        for part in body:
            lines |= {line.strip() for line in all_lines[part.lineno - 1 : part.end_lineno]}
    return {line for line in lines if len(line) > 12 and not line.startswith("#")}


def test_no_line_of_a_reference_or_of_a_misconception_is_in_a_file(files, secret):
    same = {f"helpers/{path}" for path in kept()} | {f"{lesson}.ipynb" for lesson in LESSONS}
    for path in files.keys() - same:
        if not path.endswith(".xz"):
            assert not secret & {line.strip() for line in files[path].decode().splitlines()}, path


def test_no_line_of_a_reference_or_of_a_misconception_is_in_a_record(files, secret):
    for name, exercise in EXERCISES.items():
        shown = "\n".join([*exercise.hints, *(mistake.hint for mistake in exercise.misconceptions)])
        said = "\n".join(texts_in(decoded(files, name)))
        assert not [line for line in secret if line in said and line not in shown], name


def decoded(files, name):
    """The record of an exercise as plain data."""
    frame = lzma.decompress(files[f"helpers/exercises/records/{name}.xz"])
    n = int.from_bytes(frame[:4], "little")
    return wire.decode(frame[8 : 8 + n], frame[8 + n :], lambda tag, plain: plain)


def texts_in(value):
    """Every text in plain data."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, tuple, dict)):
        for item in [*value.items()] if isinstance(value, dict) else value:
            yield from texts_in(item)


# -- it checks as the course does ---------------------------------------------------------------


@pytest.fixture(scope="module")
def cards(unpacked, tmp_path_factory):
    """Return pairs of cards, the course's and the bundle's, by exercise and attempt."""
    folder = tmp_path_factory.mktemp("cards")
    for path in HELPERS.rglob("*"):
        if path.suffix in (".py", ".tsv"):
            copy = folder / "course_helpers" / path.relative_to(HELPERS)
            copy.parent.mkdir(parents=True, exist_ok=True)
            text = path.read_text(encoding="utf-8")
            copy.write_text(
                re.sub(r"^(\s*)from helpers\b", r"\1from course_helpers", text, flags=re.M), "utf-8"
            )
    script = Path(__file__).parent / "compare_cards.py"
    halves = [[*EXERCISES][:-1][::2], [*EXERCISES][:-1][1::2]]
    halves[0].append([*EXERCISES][-1])  # which takes long
    processes = [
        run(script, unpacked, folder, folder / f"{i}.json", *half, cwd=unpacked)
        for i, half in enumerate(halves)
    ]
    for process in processes:
        output_of(process)
    texts = [(folder / f"{i}.json").read_text(encoding="utf-8") for i in range(len(halves))]
    return json.loads(texts[0]) | json.loads(texts[1])


@every_exercise
def test_the_reference_passes_in_a_bundle(cards, name):
    course, own = cards[name]["reference"]
    assert own["status"] == "passed"
    assert own == course


@every_exercise
def test_a_starter_is_not_attempted_in_a_bundle(cards, name):
    course, own = cards[name]["starter"]
    assert own["status"] == "not attempted"
    assert own == course


@every_exercise
def test_every_known_mistake_gets_the_same_card_in_a_bundle(cards, name):
    pairs = {who: pair for who, pair in cards[name].items() if who.startswith("mistake")}
    assert len(pairs) == len(EXERCISES[name].misconceptions)
    for who, (course, own) in pairs.items():
        assert own["status"] == "failed"
        assert who == f"mistake {own['named']}"
        assert own == course


@pytest.mark.parametrize("name", ATTEMPTS)
def test_an_unknown_mistake_gets_the_same_card_in_a_bundle(cards, name):
    pairs = [pair for who, pair in cards[name].items() if who.startswith("unknown")]
    assert len(pairs) == len(ATTEMPTS[name])
    for course, own in pairs:
        assert own["status"] == "failed"
        assert own == course


def test_unknown_mistakes_reach_what_a_bundle_does_in_its_own_way(cards):
    """They have to: remarks on parts of an input, and mistakes that only further inputs tell apart."""
    texts = [own["text"] for pairs in cards.values() for who, (_, own) in pairs.items() if "unknown" in who]
    for part in (
        "that of the first entry alone",
        "without its last entry",
        "twice the expected",
        "over the rows",
    ):
        assert any(part in text for text in texts), part


def test_the_cases_are_the_recorded_ones_whatever_the_seed(files):
    frame = lzma.decompress(files["helpers/exercises/records/l2_norm.xz"])
    exercise = recorded.exercise_of(frame)
    course = EXERCISES["l2_norm"]
    assert exercise.evaluate(course.reference, seed=7).passed
    for own, case in zip(exercise.drawn_cases(7), course.drawn_cases(0), strict=True):
        assert np.array_equal(own.args[0], case.args[0])
        assert own.expected == case.expected


# -- functions of earlier lessons ---------------------------------------------------------------

GIVEN = [name for name in vars(given) if name in EXERCISES]


def test_a_ready_made_function_is_public_or_helps_one_that_is():
    assert {"adding_gradients", "adding_run", *GIVEN} == {
        name for name, value in vars(given).items() if callable(value) and not name.startswith("_")
    }


@pytest.mark.parametrize("name", GIVEN)
@pytest.mark.parametrize("seed", [0, 1])
def test_a_ready_made_function_is_right(name, seed):
    outcome = EXERCISES[name].evaluate(getattr(given, name), seed)
    assert outcome.passed, outcome.message
    assert not outcome.notes


def test_gradients_of_the_adding_problem_are_those_of_the_course():
    rng = np.random.default_rng(1)
    shapes = {"b_h": (5,), "W_xh": (2, 5), "W_hh": (5, 5), "W_hy": (5, 1), "b_y": (1,)}
    params = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    x, y = training_health.adding_problem(7, 9, rng)
    loss, grads = given.adding_gradients(x, y, params)
    due_loss, due = training_health.adding_gradients(x, y, params)
    assert loss == pytest.approx(due_loss, rel=1e-12)
    assert [*grads] == [*due]
    for name in due:
        np.testing.assert_allclose(grads[name], due[name], rtol=1e-10, atol=1e-14)
    with pytest.raises(ValueError, match="do not fit"):
        given.adding_gradients(x, y[:-1], params)


@pytest.mark.parametrize(
    "options",
    [
        {"learning_rate": 0.1, "n_updates": 40},
        {"learning_rate": 0.1, "n_updates": 30, "max_norm": 0.5},
        {"learning_rate": 0.1, "n_updates": 40, "max_norm": 0.5, "one_batch": True},
        {"learning_rate": 0.02, "n_updates": 30, "recurrent_scale": 0.3},
        {"learning_rate": 0.1, "stop": lambda losses, norms: len(losses) == len(norms) == 5},
        {"learning_rate": 1e200, "n_updates": 10},
    ],
    ids=lambda options: "-".join(options),
)
def test_a_run_on_the_adding_problem_is_that_of_the_course(options):
    runs = [module.adding_run(np.random.default_rng(8), **options) for module in (given, training_health)]
    own, due = runs
    assert [*own] == [*due]
    for part in due:
        np.testing.assert_allclose(own[part], due[part], rtol=1e-8, atol=1e-10)


# -- it works -----------------------------------------------------------------------------------

IMPORTS = """
import ast, json, sys
from IPython.core.inputtransformer2 import TransformerManager

n_imports = 0
for cell in json.load(open(sys.argv[1], encoding="utf-8"))["cells"]:
    if cell["cell_type"] != "code":
        continue
    tree = ast.parse(TransformerManager().transform_cell("".join(cell["source"])))
    for node in tree.body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            exec(ast.unparse(node))
            n_imports += "helpers" in ast.unparse(node)
print(n_imports, "helpers" in sys.modules and sys.modules["helpers"].__file__)
"""


@pytest.mark.parametrize("lesson", LESSONS)
def test_what_a_notebook_imports_is_in_the_bundle_of_its_lesson(single_bundle, lesson, tmp_path):
    files, ready_made = single_bundle(lesson)
    assert not ready_made
    folder = unpack(files, tmp_path / "norms-course")
    n_imports, where = output_of(run("-c", IMPORTS, f"{lesson}.ipynb", cwd=folder)).split(maxsplit=1)
    assert int(n_imports) >= 2
    assert where.strip() == str(folder / "helpers" / "__init__.py")


def test_a_bundle_holds_only_what_its_own_lessons_import(single_bundle):
    files, _ = single_bundle("02_gradient_norms")
    functions = [n.name for n in ast.parse(files["helpers/given.py"]).body if isinstance(n, ast.FunctionDef)]
    assert functions == ["l1_norm", "l2_norm", "stable_l2_norm", "_floats", "_vector"]
    assert "helpers/given.py" not in single_bundle("01_norms")[0]
    assert [p for p in files if p.endswith(".ipynb")] == ["02_gradient_norms.ipynb"]
    assert sum(p.endswith(".xz") for p in files) == len(LESSONS["02_gradient_norms"])


def test_the_cell_that_looks_into_an_exercise_works(single_bundle, tmp_path):
    folder = unpack(single_bundle("06_clipping")[0], tmp_path)
    code = "; ".join(
        (
            "from helpers.exercises import EXERCISES",
            "zeroed = lambda grads, limit: {n: g * (abs(g) <= limit) for n, g in grads.items()}",
            "print(EXERCISES['clip_by_value'].evaluate(zeroed).misconception)",
        )
    )
    expected = EXERCISES["clip_by_value"].evaluate(
        lambda grads, limit: {n: g * (abs(g) <= limit) for n, g in grads.items()}
    )
    assert output_of(run("-c", code, cwd=folder)).strip() == str(expected.misconception)


def test_a_solved_lesson_runs_beside_the_package_and_progress_is_kept(single_bundle, tmp_path):
    lesson = "02_gradient_norms"
    folder = unpack(single_bundle(lesson)[0], tmp_path / "norms-course")
    solved = (ROOT / "solutions" / lesson / f"{lesson}.ipynb").read_bytes()
    (folder / f"{lesson}.ipynb").write_bytes(solved)
    environ = isolated_environment(tmp_path)
    environ.pop("COURSE_PROGRESS", None)
    command = ("-m", "nbconvert", "--to", "notebook", "--execute", "--inplace", f"{lesson}.ipynb")
    output_of(run(*command, cwd=folder, **environ))
    passed = json.loads((folder / "progress.json").read_text(encoding="utf-8"))["passed"]
    assert [*passed] == [*LESSONS[lesson]]


def test_the_package_can_be_installed(unpacked, tmp_path):
    options = (
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
        "--quiet",
        "--target",
        tmp_path / "packages",
    )
    output_of(run("-m", "pip", "install", *options, unpacked, cwd=tmp_path))
    code = "import helpers.data, helpers.exercises as e; "
    code += "print(len(e.EXERCISES), e.EXERCISES['cliff'].points, e.__file__)"
    process = run("-c", code, cwd=tmp_path, PYTHONPATH=str(tmp_path / "packages"))
    n_exercises, points, where = output_of(process).split(maxsplit=2)
    assert int(n_exercises) == len(EXERCISES)
    assert int(points) == EXERCISES["cliff"].points
    assert where.strip() == str(tmp_path / "packages" / "helpers" / "exercises" / "__init__.py")


# -- what goes wrong ----------------------------------------------------------------------------


def test_an_unknown_lesson_is_one_sentence(tmp_path, capsys):
    assert main(["bundle", "01_norm", "--to", str(tmp_path)]) == 1
    assert capsys.readouterr().err == f"There is no lesson '01_norm'; there are {', '.join(LESSONS)}.\n"
    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(bundle, "record_of", lambda exercise: b"")
    (tmp_path / "file").write_text("")
    assert main(["bundle", "01_norms", "--to", str(tmp_path / "file" / "x.zip")]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "file cannot be used" in said


def test_a_function_that_no_module_has_is_one_sentence():
    with pytest.raises(bundle.BundleError, match="imports 'l3_norm': add it"):
        bundle.cut("import numpy", ["l3_norm"])


def test_the_name_of_an_archive_says_what_is_in_it(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(bundle, "record_of", lambda exercise: b"")
    assert main(["bundle", "02_gradient_norms", "01_norms", "--to", str(tmp_path)]) == 0
    (path,) = tmp_path.iterdir()
    assert path.name == "norms-course-01_norms-02_gradient_norms.zip"
    with zipfile.ZipFile(path) as archive:
        assert {name.partition("/")[0] for name in archive.namelist()} == {path.stem}
    said = capsys.readouterr().out.splitlines()
    assert "l1_norm, l2_norm, stable_l2_norm" in said[1]
