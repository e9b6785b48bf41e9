"""The course as a JupyterLite site, as far as it goes without Pyodide's CDN: up to the asking for NumPy."""

import ast
import functools
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import tomllib
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from jupyterlite_pyodide_kernel.constants import PYODIDE_CDN_URL, PYODIDE_VERSION
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from autograder import lite
from helpers.exercises import LESSONS
from lab import commands

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCK = json.loads((ROOT / f"autograder/lite/pyodide-lock-{PYODIDE_VERSION}.json").read_text())
KERNEL = "@jupyterlite/pyodide-kernel-extension:kernel"
# what the kernel itself is made of; Pyodide's lock file has the versions, but for comm
KERNEL_PACKAGES = (
    *("micropip", "packaging", "ipython", "asttokens", "decorator", "executing", "matplotlib-inline"),
    *(
        "prompt-toolkit",
        "pure-eval",
        "pygments",
        "six",
        "stack-data",
        "traitlets",
        "wcwidth",
        "jedi",
        "parso",
    ),
)
# progress.py alone, since without NumPy `import helpers` ends before it
PROGRESS = """
import importlib.util, io, warnings, zipfile
from pyodide.http import pyfetch
response = await pyfetch("{wheel}")
wheel = zipfile.ZipFile(io.BytesIO(await response.bytes()))
sources = {{name: wheel.read(name).decode() for name in wheel.namelist() if name.endswith(".py")}}
with warnings.catch_warnings():
    warnings.simplefilter("error")
    for name, source in sources.items():
        compile(source, name, "exec")
progress = {{"__name__": "progress"}}
exec(sources["helpers/progress.py"], progress)
note = progress["record_pass"]("l2_norm")
print([len(sources) > 10, note, list(progress["passed_exercises"]()), str(progress["progress_path"]())])
"""


def system_part(name):
    """Path of a program; without it the test is skipped, except in continuous integration."""
    path = shutil.which(name)
    if path is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{name} is not installed")
    return path


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Return the folder of a site, built as `course.py lite --to` builds it."""
    folder = tmp_path_factory.mktemp("lite")
    before = {path: path.stat().st_mtime_ns for path in (ROOT / "src").rglob("*.py")}
    command = [sys.executable, "-m", "autograder", "lite", "--folder", folder, "--to", "a site"]
    subprocess.run(command, cwd=ROOT, check=True, timeout=300)
    assert {path: path.stat().st_mtime_ns for path in (ROOT / "src").rglob("*.py")} == before
    return folder / "a site"


@pytest.fixture(scope="module")
def pyodide(tmp_path_factory):
    """Return the folder of the npm package pyodide: the core, without the scientific packages."""
    npm = system_part("npm")
    folder = tmp_path_factory.mktemp("pyodide")
    command = [npm, "pack", "--silent", f"pyodide@{PYODIDE_VERSION}"]
    name = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, timeout=300).stdout
    shutil.unpack_archive(folder / name.strip(), folder)
    return folder / "package"


@pytest.fixture(scope="module")
def served(site, pyodide, tmp_path_factory):
    """Return the address of a site whose CDN is on this machine, and a list of what is asked of it."""
    folder = tmp_path_factory.mktemp("served")
    shutil.copytree(site, folder, dirs_exist_ok=True)
    cdn = shutil.copytree(pyodide, folder / "cdn")
    versions = {name: LOCK["packages"][name]["version"] for name in KERNEL_PACKAGES} | {"comm": "0.2.3"}
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    pip += ["--python-version", "3.14", "--dest", cdn, *(f"{n}=={v}" for n, v in versions.items())]
    subprocess.run(pip, check=True, timeout=300)
    asked = []

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, message, *arguments):
            if len(arguments) == 3:
                asked.append((arguments[0].split()[1], arguments[1]))

    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=folder))
    address = f"http://127.0.0.1:{server.server_port}"
    point_at(folder, address, cdn)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield address, asked
    server.shutdown()
    thread.join()
    server.server_close()


def point_at(folder, address, cdn):
    """Let a site take Pyodide, and the wheels that are there, from a server on this machine."""
    lock = json.loads((folder / lite.LOCK).read_text().replace(PYODIDE_CDN_URL, f"{address}/cdn"))
    lock["packages"]["comm"] = {**lock["packages"]["six"], "name": "comm", "version": "0.2.3"}
    for wheel in cdn.glob("*.whl"):  # not Pyodide's own builds of them, so with other hashes
        package = lock["packages"][re.sub(r"[-_.]+", "-", wheel.name.split("-")[0]).lower()]
        package["file_name"] = f"{address}/cdn/{wheel.name}"
        package["sha256"] = hashlib.sha256(wheel.read_bytes()).hexdigest()
    (folder / lite.LOCK).write_text(json.dumps(lock))
    page = json.loads((folder / "jupyter-lite.json").read_text())
    settings = page["jupyter-config-data"]["litePluginSettings"][KERNEL]
    assert "pyodideUrl" not in settings  # the kernel's own address, which the lock file's are made from
    settings["pyodideUrl"] = f"{address}/cdn/pyodide.mjs"
    (folder / "jupyter-lite.json").write_text(json.dumps(page))


@pytest.fixture(scope="module")
def lesson(served, browser):
    """Return the page of lesson 01, opened from the start page, with its kernel ready."""
    page = browser.new_page(viewport={"width": 1300, "height": 1000})
    page.outside = []
    page.on("request", lambda each: page.outside.append(each.url) if not is_local(each.url) else None)
    page.goto(served[0])
    page.get_by_role("link", name="how long is a vector").click()
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=180_000)
    idle(page)
    yield page
    page.close()


def is_local(url):
    return url.startswith(("http://127.0.0.1:", "data:", "blob:"))


def idle(page):
    page.wait_for_selector("text=Python (Pyodide) | Idle", timeout=180_000)


def run(page, code):
    """Type code over the cell with the imports, run it, and return what it shows."""
    cell = page.locator(".jp-CodeCell").nth(1)
    cell.locator(".cm-content").click()
    if code:
        page.keyboard.press("Control+A")
        page.keyboard.insert_text(code)
    before = cell.locator(".jp-InputPrompt").first.inner_text()
    page.keyboard.press("Control+Enter")
    prompt = cell.locator(".jp-InputPrompt").first
    page.wait_for_function(
        "([element, before]) => /\\d/.test(element.innerText) && element.innerText != before",
        arg=[prompt.element_handle(), before],
        timeout=180_000,
    )
    return cell.locator(".jp-OutputArea-output").first.inner_text().strip()


def test_the_command_installs_its_extra_and_hands_on_the_callers_folder(monkeypatch, tmp_path):
    done = []
    monkeypatch.setattr(commands, "ensure_environment", lambda root, extra: done.append((root, extra)))
    monkeypatch.setattr(commands, "become", lambda *arguments: done.append(arguments))
    monkeypatch.chdir(tmp_path)
    commands.main(["lite", "--to", "there"])
    assert done == [
        (commands.ROOT, "lite"),
        ("autograder", "lite", "--folder", str(tmp_path), "--to", "there"),
    ]


def test_the_notebooks_are_those_that_everybody_gets(site):
    released = {path.name: path.read_bytes() for path in (ROOT / "notebooks").glob("*/*.ipynb")}
    assert {path.name: path.read_bytes() for path in (site / "files").iterdir()} == released
    assert list(released) and len(released) == len(LESSONS)


def test_the_wheel_is_on_the_index_of_the_site(site):
    (wheel,) = (site / "pypi").glob("*.whl")
    index = json.loads((site / "pypi" / "all.json").read_text())
    ((release,),) = index[PROJECT["name"]]["releases"].values()
    assert (site / "pypi" / release["url"]).samefile(wheel)
    assert release["digests"]["sha256"] == hashlib.sha256(wheel.read_bytes()).hexdigest()


def test_the_lock_file_is_pyodides_with_the_courses_package(site):
    path = site / lite.LOCK
    lock = json.loads(path.read_text())
    own = lock["packages"].pop(PROJECT["name"])
    wheel = path.parent / own["file_name"]
    assert own["sha256"] == hashlib.sha256(wheel.read_bytes()).hexdigest()
    assert own["imports"] == ["helpers"]
    assert set(own["depends"]) <= lock["packages"].keys()
    for package in lock["packages"].values():
        package["file_name"] = package["file_name"].removeprefix(f"{PYODIDE_CDN_URL}/")
    assert lock == LOCK
    settings = json.loads((site / "jupyter-lite.json").read_text())["jupyter-config-data"]
    options = settings["litePluginSettings"][KERNEL]["loadPyodideOptions"]
    assert (site / options["lockFileURL"]).samefile(path)


def test_the_committed_lock_file_is_that_of_the_kernels_pyodide(pyodide):
    assert json.loads((pyodide / "pyodide-lock.json").read_text()) == LOCK


def test_pyodide_has_what_the_helpers_need():
    """Its Python and its packages lie in the project's ranges."""
    assert LOCK["info"]["python"] in SpecifierSet(PROJECT["requires-python"])
    ranges = {each.name: each.specifier for each in map(Requirement, PROJECT["dependencies"])}
    for name in lite.NEEDED:
        assert LOCK["packages"][name]["version"] in ranges[name]


def test_the_helpers_import_nothing_else():
    imported = set()
    for path in (ROOT / "src" / "helpers").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) else []
            imported |= {name.partition(".")[0] for name in names}
    outside = imported - sys.stdlib_module_names - {"helpers", "IPython"}
    modules = {name: set(LOCK["packages"][name]["imports"]) for name in lite.NEEDED}
    modules["numpy"] = {"numpy"}  # its list names the parts
    assert outside <= set().union(*modules.values())


def test_a_folder_that_holds_something_else_stays_as_it_is(tmp_path):
    (tmp_path / "thesis.txt").write_text("years")
    with pytest.raises(lite.LiteError, match="holds something else"):
        lite.build(ROOT, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_the_start_page_leads_to_every_lesson(site):
    page = (site / "index.html").read_text(encoding="utf-8")
    links = re.findall(r'href="lab/index\.html\?path=([^"]+)"', page)
    assert links == [f"{name}.ipynb" for name in LESSONS]
    for part in ('<html lang="en">', "<title>", 'name="viewport"', 'name="description"'):
        assert part in page


def test_lesson_01_opens_beside_the_others_and_the_kernel_starts(lesson):
    names = lesson.locator(".jp-DirListing-item").all_inner_texts()
    assert [name.split("\n")[0] for name in names] == [f"{name}.ipynb" for name in LESSONS]
    assert lesson.locator(".jp-Notebook h1").first.inner_text().startswith("Norms: how long is a vector")
    assert run(lesson, "import sys; print(sys.platform, sys.version_info[:2])") == "emscripten (3, 14)"


def test_a_cell_that_imports_the_helpers_asks_for_all_that_they_need(lesson, served):
    _, asked = served
    before = len(asked)
    shown = run(lesson, "from helpers import check")
    assert "No module named 'numpy'" in shown  # which comes from the CDN alone
    answers = dict(asked[before:])
    assert {status for path, status in answers.items() if path.startswith("/pypi/norms_course-")} == {"200"}
    for name in lite.NEEDED:
        assert answers[f"/cdn/{LOCK['packages'][name]['file_name']}"] == "404"
    assert lesson.outside == []


def test_progress_is_kept_in_the_browser(lesson, site):
    (wheel,) = (site / "pypi").glob("*.whl")
    shown = ast.literal_eval(run(lesson, PROGRESS.format(wheel=f"/pypi/{wheel.name}")))
    assert shown == [True, "", ["l2_norm"], "/drive/progress.json"]
    lesson.reload()
    lesson.wait_for_selector(".jp-DirListing-item >> text=progress.json", timeout=180_000)
