"""Logistic regression by gradient ascent, from words to decisions: the references of lesson 03."""

import string

import numpy as np

from helpers.norms import stable_l2_norm


def count_words(texts, vocabulary):
    """How often each word of a vocabulary stands in each text.

    Parameters
    ----------
    texts : list of str
        Any texts, empty ones included; the list itself may be empty (the result then has shape
        ``(0, len(vocabulary))``).
    vocabulary : list of str
        Words, all different, in lower case and without punctuation.

    Returns
    -------
    counts : ndarray of int, of shape (n_texts, len(vocabulary))
        One row per text, one column per word, in the order of the vocabulary. No units.

    Raises
    ------
    TypeError
        If `texts` is one string, which would be taken for a list of letters (not graded).

    Notes
    -----
    A text is put into lower case (`str.lower`); the 32 characters of `string.punctuation` are deleted, not
    replaced by a space ("baby's" becomes "babys", "non-stop" becomes "nonstop"), all others stay; and it is
    split wherever white space is (`str.split`). Only whole words count, each time that they occur.

    References
    ----------
    Jurafsky, Martin (2025), Speech and Language Processing, 3rd ed. draft, on the bag of words.

    Examples
    --------
    >>> count_words(["Great, great phone!", "Not so great."], ["not", "great"])
    array([[0, 2],
           [1, 1]])
    """
    if isinstance(texts, str):
        raise TypeError("expected a list of texts, got a single string")
    column = {word: j for j, word in enumerate(vocabulary)}
    no_punctuation = str.maketrans("", "", string.punctuation)
    counts = np.zeros((len(texts), len(vocabulary)), dtype=int)
    for i, text in enumerate(texts):
        for word in text.lower().translate(no_punctuation).split():
            if word in column:
                counts[i, column[word]] += 1
    return counts


def sigmoid(z):
    """The logistic function ``1 / (1 + exp(-z))`` of each entry: a score becomes a probability.

    Parameters
    ----------
    z : float or array-like of any shape
        Scores, from -1e4 to 1e4.

    Returns
    -------
    p : float or ndarray of the shape of `z`
        Between 0 and 1, right to 1e-12 (absolute), computed without a warning. No units.

    Raises
    ------
    ValueError
        If `z` holds no numbers (not graded).

    References
    ----------
    Hastie, Tibshirani, Friedman (2009), The Elements of Statistical Learning, 2nd ed., section 4.4.

    Examples
    --------
    >>> sigmoid([0, -10000])
    array([0.5, 0. ])
    """
    return 0.5 * (1 + np.tanh(0.5 * np.asarray(z, dtype=float)))


def predict_probability(w, X):
    """Probability that y = 1, for each sample.

    Parameters
    ----------
    w : array-like of shape (n_features,)
        Weights; `w[0]` is the intercept.
    X : array-like of shape (n_samples, n_features)
        One sample per row; column 0 is all ones, so that the intercept needs no treatment of its own.

    Returns
    -------
    p : ndarray of shape (n_samples,)
        Sigmoid of the score of each row, between 0 and 1. No units.

    Raises
    ------
    ValueError
        If the shapes do not fit together (not graded).

    References
    ----------
    Hastie, Tibshirani, Friedman (2009), The Elements of Statistical Learning, 2nd ed., section 4.4.

    Examples
    --------
    >>> predict_probability([-1, 2], [[1, 0.5], [1, 1e4]])
    array([0.5, 1. ])
    """
    w, X = np.asarray(w, dtype=float), np.asarray(X, dtype=float)
    if w.ndim != 1 or X.ndim != 2 or X.shape[1] != w.size:
        raise ValueError(f"expected w (d,) and X (n, d), got {w.shape} and {X.shape}")
    return sigmoid(X @ w)


def log_likelihood(w, X, y):
    """Logarithm of the probability that the model gives to all labels together.

    Parameters
    ----------
    w : array-like of shape (n_features,)
        Weights; `w[0]` is the intercept.
    X : array-like of shape (n_samples, n_features)
        Column 0 is all ones. Scores ``X @ w`` from -1e4 to 1e4.
    y : array-like of shape (n_samples,)
        Labels, each 0 or 1.

    Returns
    -------
    value : float
        In units of nats (natural logarithm); at most 0, and finite, computed without a warning.

    Raises
    ------
    ValueError
        If the shapes do not fit together (not graded).

    Notes
    -----
    A sum over the samples, not a mean; no minus sign in front, so that larger is better.

    References
    ----------
    Hastie, Tibshirani, Friedman (2009), The Elements of Statistical Learning, 2nd ed., section 4.4.1.

    Examples
    --------
    >>> round(log_likelihood([1, 3, -1], [[1, 2, 3], [1, -1, -1]], [0, 1]), 6)
    -5.331412
    """
    w, X, y = (np.asarray(a, dtype=float) for a in (w, X, y))
    if X.ndim != 2 or w.shape != X.shape[1:] or y.shape != X.shape[:1]:
        raise ValueError(f"expected w (d,), X (n, d), y (n,), got {w.shape}, {X.shape}, {y.shape}")
    in_favour = (2 * y - 1) * (X @ w)  # (n_samples,): the score, counted towards the label that came
    return -float(np.sum(np.logaddexp(0, -in_favour)))


def log_likelihood_gradient(w, X, y):
    """How the log-likelihood changes with each weight: its partial derivatives.

    Parameters
    ----------
    w : array-like of shape (n_features,)
        Weights; `w[0]` is the intercept.
    X : array-like of shape (n_samples, n_features)
        Column 0 is all ones. Scores ``X @ w`` from -1e4 to 1e4.
    y : array-like of shape (n_samples,)
        Labels, each 0 or 1.

    Returns
    -------
    gradient : ndarray of shape (n_features,)
        Finite; in units of nats per unit of the weight.

    Raises
    ------
    ValueError
        If the shapes do not fit together (not graded).

    Notes
    -----
    Of the sum over the samples; it points uphill, to larger log-likelihood.

    References
    ----------
    Hastie, Tibshirani, Friedman (2009), The Elements of Statistical Learning, 2nd ed., eq. 4.21.

    Examples
    --------
    >>> log_likelihood_gradient([0, 0], [[1, 2], [1, -4]], [1, 0])
    array([0., 3.])
    """
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    if X.ndim != 2 or y.shape != X.shape[:1]:
        raise ValueError(f"expected X (n, d) and y (n,), got {X.shape} and {y.shape}")
    return X.T @ (y - predict_probability(w, X))


def fit_logistic_regression(X, y, learning_rate, n_steps):
    """Weights after so many steps of gradient ascent on the log-likelihood, from zero.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        Column 0 is all ones.
    y : array-like of shape (n_samples,)
        Labels, each 0 or 1.
    learning_rate : float
        Positive; what the gradient of the sum over the samples is multiplied by.
    n_steps : int
        Number of steps, 0 or more; all of them are taken.

    Returns
    -------
    w : ndarray of shape (n_features,)
        All weights, the intercept first. No units of their own: a weight times its column is a score.
    gradient_norms : ndarray of shape (n_steps,)
        L2 norm of the gradient before each step.

    Raises
    ------
    ValueError
        If the shapes do not fit together (not graded).

    References
    ----------
    Hastie, Tibshirani, Friedman (2009), The Elements of Statistical Learning, 2nd ed., section 4.4.1.

    Examples
    --------
    >>> w, gradient_norms = fit_logistic_regression([[1, 2], [1, -4]], [1, 0], 0.1, 1)
    >>> w, gradient_norms
    (array([0. , 0.3]), array([3.]))
    """
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    w, gradient_norms = np.zeros(X.shape[1]), np.zeros(n_steps)
    for step in range(n_steps):
        gradient = log_likelihood_gradient(w, X, y)
        gradient_norms[step] = stable_l2_norm(gradient)
        w = w + learning_rate * gradient
    return w, gradient_norms


def predict(w, X, threshold=0.5):
    """A decision for each sample: 1 where the probability exceeds a threshold.

    Parameters
    ----------
    w : array-like of shape (n_features,)
        Weights; `w[0]` is the intercept.
    X : array-like of shape (n_samples, n_features)
        Column 0 is all ones.
    threshold : float
        Between 0 and 1.

    Returns
    -------
    y_pred : ndarray of int, of shape (n_samples,)
        1 where the probability of y = 1 is greater than the threshold, else 0, also where they are equal. No
        units.

    Raises
    ------
    ValueError
        If the shapes do not fit together (not graded).

    References
    ----------
    Provost, Fawcett (2013), Data Science for Business, chapter 7.

    Examples
    --------
    >>> predict([-1, 2], [[1, 0], [1, 0.5], [1, 1]])
    array([0, 0, 1])
    """
    return (predict_probability(w, X) > threshold).astype(int)


def accuracy(y, y_pred):
    """Fraction of the predictions that agree with the labels.

    Parameters
    ----------
    y : array-like of shape (n_samples,)
        Labels, each 0 or 1; at least one.
    y_pred : array-like of shape (n_samples,)
        Predictions, each 0 or 1.

    Returns
    -------
    fraction : float
        From 0 (none agrees) to 1 (all agree). No units.

    Raises
    ------
    ValueError
        If the shapes differ, or there is no sample (not graded).

    References
    ----------
    Provost, Fawcett (2013), Data Science for Business, chapter 7.

    Examples
    --------
    >>> accuracy([1, 0, 1, 1], [1, 1, 1, 1])
    0.75
    """
    y, y_pred = np.asarray(y), np.asarray(y_pred)
    if y.shape != y_pred.shape or y.size == 0:
        raise ValueError(f"expected y and y_pred of one shape (n,), n > 0, got {y.shape} and {y_pred.shape}")
    return float(np.mean(y == y_pred))


def top_words(w, vocabulary, k):
    """The words with the most positive and with the most negative weights.

    Parameters
    ----------
    w : array-like of shape (len(vocabulary) + 1,)
        Weights; `w[0]` is the intercept, which belongs to no word, and `w[1]` belongs to `vocabulary[0]`.
    vocabulary : list of str
        The words.
    k : int
        How many words to name, from 0 to ``len(vocabulary)``.

    Returns
    -------
    positive : list of str
        `k` words, the one with the largest weight first. No units.
    negative : list of str
        `k` words, the one with the smallest weight first.

    Raises
    ------
    ValueError
        If `w` has not one entry more than the vocabulary (not graded).

    Notes
    -----
    Always `k` words, whatever the signs of their weights. Equal weights may stand in any order. The words
    are Python strings: of an array of words, return ``.tolist()``.

    References
    ----------
    Jurafsky, Martin (2025), Speech and Language Processing, 3rd ed. draft, on logistic regression.

    Examples
    --------
    >>> top_words([9, 0.5, -2, 1.5], ["fine", "bad", "great"], 1)
    (['great'], ['bad'])
    """
    weights = np.asarray(w, dtype=float)[1:]
    if weights.shape != (len(vocabulary),):
        raise ValueError(f"expected w of shape ({len(vocabulary) + 1},), got {np.shape(w)}")
    order = np.argsort(weights)  # the most negative first
    return [vocabulary[j] for j in order[::-1][:k]], [vocabulary[j] for j in order[:k]]


def precision_recall(y, y_pred):
    """How far to trust a predicted 1, and how many of the true 1s it finds.

    Parameters
    ----------
    y : array-like of shape (n_samples,)
        Labels, each 0 or 1; they may be floats, 0.0 and 1.0.
    y_pred : array-like of shape (n_samples,)
        Predictions, each 0 or 1; they may be floats.

    Returns
    -------
    precision : float
        Of the samples predicted as 1, the fraction that are 1; 0.0 if none is predicted as 1. No units.
    recall : float
        Of the samples that are 1, the fraction predicted as 1; 0.0 if none is 1. No units.

    Raises
    ------
    ValueError
        If the shapes differ (not graded).

    References
    ----------
    Manning, Raghavan, Schütze (2008), Introduction to Information Retrieval, section 8.3.

    Examples
    --------
    >>> precision_recall([1, 1, 0, 0, 1, 1], [1, 0, 1, 0, 0, 0])
    (0.5, 0.25)
    """
    y, y_pred = np.asarray(y), np.asarray(y_pred)
    if y.shape != y_pred.shape:
        raise ValueError(f"expected y and y_pred of one shape, got {y.shape} and {y_pred.shape}")
    n_found = np.sum((y == 1) & (y_pred == 1))
    n_predicted, n_true = np.sum(y_pred == 1), np.sum(y == 1)
    precision = n_found / n_predicted if n_predicted else 0.0
    recall = n_found / n_true if n_true else 0.0
    return float(precision), float(recall)


def impute_mean(X_train, X):
    """Missing values filled in with the mean of their column in the training data.

    Parameters
    ----------
    X_train : array-like of shape (n_train, n_features)
        What the means are taken of; NaN where a value is missing.
    X : array-like of shape (n_samples, n_features)
        What is to be filled in; NaN where a value is missing. May be `X_train` itself.

    Returns
    -------
    filled : ndarray of shape (n_samples, n_features)
        `X` with each NaN replaced by the mean of the known values in that column of `X_train`; by 0 where
        that column has none. In the units of the columns; everything else as in `X`.

    Raises
    ------
    ValueError
        If the shapes do not fit together (not graded).

    References
    ----------
    Little, Rubin (2019), Statistical Analysis with Missing Data, 3rd ed., section 4.2.

    Examples
    --------
    >>> impute_mean([[1, np.nan], [3, 5]], [[np.nan, np.nan], [7, 8]])
    array([[2., 5.],
           [7., 8.]])
    """
    X_train, X = np.asarray(X_train, dtype=float), np.asarray(X, dtype=float)
    if X_train.ndim != 2 or X.ndim != 2 or X_train.shape[1] != X.shape[1]:
        raise ValueError(f"expected X_train (m, d) and X (n, d), got {X_train.shape} and {X.shape}")
    known = ~np.isnan(X_train)
    n_known = np.maximum(np.sum(known, axis=0), 1)  # of nothing the sum is 0, and so is the mean
    means = np.sum(X_train, axis=0, where=known) / n_known  # (n_features,)
    return np.where(np.isnan(X), means, X)


def standardize(X_train, X):
    """Columns shifted and scaled so that those of the training data have mean 0 and standard deviation 1.

    Parameters
    ----------
    X_train : array-like of shape (n_train, n_features)
        What mean and standard deviation are taken of; at least one row, no NaN.
    X : array-like of shape (n_samples, n_features)
        What is to be shifted and scaled. May be `X_train` itself.

    Returns
    -------
    Z : ndarray of shape (n_samples, n_features)
        ``(X - mean) / std``, column by column, with the population's standard deviation (divided by
        `n_train`). No units.

    Raises
    ------
    ValueError
        If the shapes do not fit together (not graded).

    Notes
    -----
    A column that is constant in `X_train` (its largest value equals its smallest) is only centred: its
    mean is subtracted, and it is not divided. The computed standard deviation of such a column need not
    be exactly 0: for three times 0.1 it is 1.4e-17.

    References
    ----------
    Hastie, Tibshirani, Friedman (2009), The Elements of Statistical Learning, 2nd ed., section 3.4.1.

    Examples
    --------
    >>> standardize([[1, 5], [3, 5]], [[2, 5], [5, 6]])
    array([[0., 0.],
           [3., 1.]])
    """
    X_train, X = np.asarray(X_train, dtype=float), np.asarray(X, dtype=float)
    if X_train.ndim != 2 or X.ndim != 2 or X_train.shape[1] != X.shape[1]:
        raise ValueError(f"expected X_train (m, d) and X (n, d), got {X_train.shape} and {X.shape}")
    constant = np.max(X_train, axis=0) == np.min(X_train, axis=0)
    std = np.where(constant, 1.0, np.std(X_train, axis=0))
    return (X - np.mean(X_train, axis=0)) / std
