"""PyTorch as an oracle: the tests that need it begin with ``from oracles import torch``."""

import os

import pytest

try:
    import torch
except ImportError:
    if os.environ.get("CI"):
        raise  # there, nothing is skipped
    pytest.skip("PyTorch is not installed: pip install torch==2.13.0", allow_module_level=True)

torch.set_num_threads(1)
__all__ = ["torch"]
