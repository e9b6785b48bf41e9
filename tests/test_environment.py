"""environment.yml, pyproject.toml and the pinned requirements describe the same environment."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CONDA = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
PINNED = ("requirements.txt", "requirements-test.txt", "requirements-site.txt", "requirements-lite.txt")
SHA256 = r"--hash=sha256:[0-9a-f]{64}"


def ranges(lines):
    """Version range of each package, by its name."""
    requirements = map(Requirement, lines)
    return {canonicalize_name(each.name): each.specifier for each in requirements}


def lines(name):
    """Return the logical lines of a requirements file, without comments."""
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]


def pins(name):
    """Pinned version of each package of a requirements file, by its name."""
    specifiers = ranges(line.split("--hash")[0] for line in lines(name))
    assert all(re.fullmatch(r"==[^,*]+", str(each)) for each in specifiers.values())
    return {package: Version(str(each)[2:]) for package, each in specifiers.items()}


def conda_packages():
    """Version range of each conda package, by its name; what pip installs is left out."""
    return ranges(each for each in CONDA if isinstance(each, str))


def test_conda_gets_the_packages_and_ranges_of_the_project():
    expected = ranges(PROJECT["dependencies"])
    packages = conda_packages()
    assert {name: packages[name] for name in packages if name not in ("python", "pip")} == expected


def test_conda_gets_a_python_that_the_project_allows():
    assert str(conda_packages()["python"]) == PROJECT["requires-python"]


def test_conda_installs_the_helpers_from_the_project():
    assert {"pip": ["-e ."]} in CONDA
    assert "pip" in conda_packages()


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("requirements.txt", PROJECT["dependencies"]),
        ("requirements-test.txt", PROJECT["dependencies"]),
        ("requirements-test.txt", PROJECT["optional-dependencies"]["test"]),
        ("requirements-test.txt", PROJECT["optional-dependencies"]["site"]),
        ("requirements-site.txt", PROJECT["dependencies"]),
        ("requirements-site.txt", PROJECT["optional-dependencies"]["site"]),
        ("requirements-lite.txt", PROJECT["dependencies"]),
        ("requirements-lite.txt", PROJECT["optional-dependencies"]["lite"]),
    ],
)
def test_every_range_of_the_project_is_pinned_inside(name, wanted):
    pinned = pins(name)
    for package, specifier in ranges(wanted).items():
        assert pinned[package] in specifier, f"{package} {pinned[package]} is not {specifier}"


@pytest.mark.parametrize("name", PINNED)
def test_every_environment_has_the_versions_that_learners_have(name):
    pinned = pins(name)
    assert {package: pinned.get(package) for package in pins("requirements.txt")} == pins("requirements.txt")


@pytest.mark.parametrize("extra", ["site", "lite"])
def test_the_tests_build_with_the_versions_that_everybody_gets(extra):
    packages = ranges(PROJECT["optional-dependencies"][extra])
    tested, pinned = pins("requirements-test.txt"), pins(f"requirements-{extra}.txt")
    assert {name: tested[name] for name in packages} == {name: pinned[name] for name in packages}


@pytest.mark.parametrize("name", PINNED)
def test_every_pin_has_its_hashes_and_nothing_else_stands_there(name):
    for line in lines(name):
        assert re.fullmatch(rf"[\w.-]+==\S+ (; [^#]+?)?\s*{SHA256}(\s+{SHA256})*\s*", line), line


@pytest.mark.parametrize("name", [*PINNED, "pyproject.toml", "environment.yml"])
def test_no_file_names_an_address_but_the_course_s_own(name):
    text = (ROOT / name).read_text(encoding="utf-8").replace(PROJECT["urls"]["Repository"], "")
    assert not re.search(r"://|--(extra-)?index-url|--find-links|\bwww\.|\.(org|com|io)\b", text)


def test_the_oldest_python_is_the_same_everywhere():
    """`course.py`, the project and the code checker name the same oldest Python."""
    course = (ROOT / "course.py").read_text(encoding="utf-8")
    major, minor = re.search(r"version_info < \((\d+), (\d+)\)", course).groups()
    assert PROJECT["requires-python"] == f">={major}.{minor}"
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    assert tools["ruff"]["target-version"] == f"py{major}{minor}"
