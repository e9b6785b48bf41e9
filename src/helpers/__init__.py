"""Helpers of the course: `check` and `progress` in notebooks, the references and exercises behind them."""

from helpers.exercises import check, progress

__all__ = ["check", "progress"]
