"""What `course.py` does: the environment, the learner's copies, JupyterLab in the student view."""
