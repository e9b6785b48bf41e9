"""Helpers of the course: what notebooks call, and the references and exercises behind it."""

from helpers.exercises import check, progress, solution

__all__ = ["check", "progress", "solution"]
