"""Making and grading the course's notebooks; run as ``python -m autograder``."""
