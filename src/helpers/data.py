"""Data sets of the course.

Those that ship with scikit-learn are loaded from there, so that they need no network.
"""


def load_digit_images():
    """Images of handwritten digits and what they show.

    Returns
    -------
    images : ndarray of shape (1797, 64)
        Grey values from 0 to 16 of 8 by 8 pixels, row by row.
    digits : ndarray of shape (1797,)
        The digit, 0 to 9, that a person wrote.

    References
    ----------
    Alpaydin, Kaynak (1998), Optical Recognition of Handwritten Digits, UCI Machine Learning
    Repository (CC BY 4.0); it ships with scikit-learn.
    """
    from sklearn.datasets import load_digits

    images, digits = load_digits(return_X_y=True)
    return images, digits


def load_diabetes_patients():
    """Ten measurements of diabetes patients and how the disease went on.

    Returns
    -------
    X : ndarray of shape (442, 10)
        Age, sex, body mass index, blood pressure and six blood values, each standardised to mean 0
        and standard deviation 1.
    y : ndarray of shape (442,)
        Measure of the disease's progression one year later, from 25 to 346, less its mean.

    References
    ----------
    Efron, Hastie, Johnstone, Tibshirani (2004), Least angle regression, Annals of Statistics 32(2);
    it ships with scikit-learn.
    """
    from sklearn.datasets import load_diabetes

    X, y = load_diabetes(return_X_y=True, scaled=False)
    return (X - X.mean(axis=0)) / X.std(axis=0), y - y.mean()
