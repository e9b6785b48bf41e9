"""`python -m helpers`: a learner's progress as a table in the terminal."""

from helpers.exercises import progress_report

if __name__ == "__main__":
    print(progress_report())
