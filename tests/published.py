"""Where the published data are, and the mark of tests that need them."""

import os
from pathlib import Path

import pytest
from submissions import ROOT

PUBLISHED = Path(os.environ.get("COURSE_DATA") or ROOT.parent / "shared" / "data")


def has_published(folder):
    """Mark of tests that need the published data."""
    return pytest.mark.skipif(
        not (PUBLISHED / folder).is_dir(),
        reason=f"no folder {folder} in {PUBLISHED}: name the folder of the published data in COURSE_DATA",
    )
