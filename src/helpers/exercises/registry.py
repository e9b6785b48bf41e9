"""Every exercise of the course by name, and which lesson has which."""

from helpers.exercises import (
    clipping,
    gradient_norms,
    logistic_regression,
    norms,
    regularization,
    rnn,
    training_health,
)

_MODULES = {
    "01_norms": norms,
    "02_gradient_norms": gradient_norms,
    "03_logistic_regression": logistic_regression,
    "04_regularization": regularization,
    "05_rnn": rnn,
    "06_clipping": clipping,
    "07_training_health": training_health,
}

LESSONS = {
    lesson: tuple(exercise.name for exercise in module.EXERCISES) for lesson, module in _MODULES.items()
}
EXERCISES = {exercise.name: exercise for module in _MODULES.values() for exercise in module.EXERCISES}
