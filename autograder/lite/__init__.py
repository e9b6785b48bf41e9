"""The course as a JupyterLite site: the notebooks run in the reader's browser, on any static host.

Pyodide, the Python of the browser, comes from its public CDN when a page is opened. The site's own copy
of Pyodide's lock file names one package more, the course's own, so that a cell with ``import helpers`` loads
it and what it needs; the notebooks are those that everybody gets.
"""

import hashlib
import html
import json
import re
import shutil
import string
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

import nbformat

HERE = Path(__file__).resolve().parent
KERNEL = "@jupyterlite/pyodide-kernel-extension"
LOCK = "static/pyodide-lock/pyodide-lock.json"
NEEDED = ("numpy", "scipy", "scikit-learn", "matplotlib")  # by the helpers, of what Pyodide has


class LiteError(Exception):
    """Why there is no site, as a sentence."""


def build(root, site):
    """Build the site.

    Parameters
    ----------
    root : Path
        The project.
    site : Path
        Folder of the site; what was there is replaced.

    Raises
    ------
    LiteError
        If `site` holds something that is no such site, or if a step fails.
    """
    if site.exists() and any(site.iterdir()) and not (site / "jupyter-lite.json").exists():
        raise LiteError(f"{site} holds something else than a site of this kind: name another folder.")
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        wheel = make_wheel(root, work)
        configure(root, work)
        for notebook in released_notebooks(root):
            shutil.copy(notebook, work / "lessons")
        made = work / "site"
        run("JupyterLite", work, "jupyterlite_core", *options(work, wheel, made))
        write_json(made / LOCK, lock_with(wheel))
        (made / "index.html").write_text(start_page(root), encoding="utf-8")
        shutil.rmtree(site, ignore_errors=True)
        shutil.copytree(made, site)


def released_notebooks(root):
    """Paths of the notebooks that students get, in order."""
    return sorted(root.glob("notebooks/*/*.ipynb"))


def make_wheel(root, work):
    """Wheel of the helpers, made from a copy, so that no build leaves anything in the project."""
    source = work / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE", "LICENSE-lessons"):
        shutil.copy(root / name, source)
    shutil.copytree(root / "src" / "helpers", source / "src" / "helpers", ignore=_CACHES)
    own = ("--no-deps", "--no-build-isolation", "--wheel-dir", work, source)
    run("The wheel", work, "pip", "wheel", "--quiet", *own)
    (wheel,) = work.glob("*.whl")
    return wheel


_CACHES = shutil.ignore_patterns("__pycache__")


def configure(root, work):
    """Write what JupyterLite reads: JupyterLab as it is for learners, and the lock file in its place."""
    settings = {"loadPyodideOptions": {"lockFileURL": f"./{LOCK}"}}
    page = {
        "appName": "The course in your browser",
        "disabledExtensions": list(read_json(root / "lab/labconfig/page_config.json")["disabledExtensions"]),
        "litePluginSettings": {f"{KERNEL}:kernel": settings},
    }
    write_json(work / "jupyter-lite.json", {"jupyter-lite-schema-version": 0, "jupyter-config-data": page})
    overrides = read_json(root / "lab/labconfig/default_setting_overrides.json")
    overrides.pop("@jupyterlab/application-extension:top-bar")  # its button opens a page made by course.py
    write_json(work / "overrides.json", overrides)
    # of the extensions around, the kernel's alone: the others need a server
    extension = Path(sysconfig.get_path("data")) / "share" / "jupyter" / "labextensions" / KERNEL
    config = {
        "ignore_sys_prefix": ["federated_extensions"],
        "federated_extensions": [str(extension)],
        "no_sourcemaps": True,
        "no_unused_shared_packages": True,
    }
    write_json(work / "jupyter_lite_config.json", {"LiteBuildConfig": config})
    (work / "lessons").mkdir()


def options(work, wheel, site):
    """Command line of JupyterLite's build."""
    return (
        *("build", "--apps", "lab", "--lite-dir", work, "--contents", work / "lessons"),
        *("--piplite-wheels", wheel, "--output-dir", site),
    )


def run(name, work, module, *arguments):
    """Run a Python module in the folder `work` to its end, quietly unless it fails."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    done = subprocess.run(
        command, cwd=work, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        raise LiteError(f"{name} could not be built:\n\n{done.stdout[-3000:]}")


def lock_with(wheel):
    """Pyodide's lock file with the course's package in it.

    Parameters
    ----------
    wheel : Path

    Returns
    -------
    lock : dict
        Packages of Pyodide by their address at the CDN, the wheel by its place in the site.
    """
    from jupyterlite_pyodide_kernel.constants import PYODIDE_CDN_URL, PYODIDE_VERSION

    path = HERE / f"pyodide-lock-{PYODIDE_VERSION}.json"
    if not path.exists():
        raise LiteError(
            f"The kernel runs on Pyodide {PYODIDE_VERSION}, so {path} should be here, but is not."
        )
    lock = read_json(path)
    for package in lock["packages"].values():
        package["file_name"] = f"{PYODIDE_CDN_URL}/{package['file_name']}"
    name, version = wheel.name.split("-")[:2]
    name = name.replace("_", "-")
    lock["packages"][name] = {
        "name": name,
        "version": version,
        "file_name": f"../../pypi/{wheel.name}",
        "install_dir": "site",
        "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
        "package_type": "package",
        "imports": ["helpers"],
        "depends": list(NEEDED),
        "unvendored_tests": False,
    }
    return lock


def start_page(root):
    """HTML of the first page: the lessons, and what is different in a browser."""
    items = []
    for path in released_notebooks(root):
        (title,) = re.findall(r"^# (.+)$", nbformat.read(path, as_version=4).cells[0].source, re.MULTILINE)
        items.append(f'        <li><a href="lab/index.html?path={path.name}">{html.escape(title)}</a></li>')
    template = string.Template((HERE / "index.html").read_text(encoding="utf-8"))
    return template.substitute(lessons="\n".join(items))


def read_json(path):
    """Object in a JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))


def write_json(path, content):
    """Write an object as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")
