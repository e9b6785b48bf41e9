"""Trusted grading: submissions run in a sandbox, and what they return is judged outside of it."""
