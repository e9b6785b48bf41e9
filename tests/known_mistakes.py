"""The course's own functions, references and known mistakes, as a cell of a learner's own can hold them.

Their modules are laid down and imported there, so that a known mistake is the very same code on both sides.
"""

import base64
import io
import zipfile

from submissions import ROOT

from autograder.grading.submission import LARGEST_SOURCE

# the modules are not those that the sandbox knows under the same names, which come back in the end
CELL = """\
import base64, io, sys, tempfile, zipfile
folder = tempfile.mkdtemp(dir=".")
zipfile.ZipFile(io.BytesIO(base64.b64decode(packed))).extractall(folder)
shadowed = {name: sys.modules.pop(name) for name in list(sys.modules) if name.split(".")[0] == "helpers"}
sys.path.insert(0, folder)
try:
    from helpers.exercises import EXERCISES as known
finally:
    sys.path.remove(folder)
    for name in [name for name in sys.modules if name.split(".")[0] == "helpers"]:
        del sys.modules[name]
    sys.modules.update(shadowed)
"""


def cells():
    """Sources of cells that make every exercise `known`."""
    packed = io.BytesIO()
    source = ROOT / "src" / "helpers"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_LZMA) as archive:
        for path in sorted(source.rglob("*.py")):
            if "plots" not in path.parts:
                archive.write(path, f"helpers/{path.relative_to(source).as_posix()}")
    text, most = base64.b64encode(packed.getvalue()).decode(), LARGEST_SOURCE - 100
    parts = [text[i : i + most] for i in range(0, len(text), most)]
    return ['packed = ""', *(f'packed += "{part}"' for part in parts), CELL]
