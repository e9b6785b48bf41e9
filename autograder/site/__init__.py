"""The course as a static site, run as ``python -m autograder site``."""
