"""Logistic regression by gradient ascent: the references of lesson 03."""

import string

import numpy as np


def count_words(texts, vocabulary):
    column = {word: j for j, word in enumerate(vocabulary)}
    delete_punctuation = str.maketrans("", "", string.punctuation)
    counts = np.zeros((len(texts), len(vocabulary)), dtype=int)
    for row, text in zip(counts, texts, strict=True):
        for word in text.lower().translate(delete_punctuation).split():
            if word in column:
                row[column[word]] += 1
    return counts


def sigmoid(z):
    return 0.5 * (1 + np.tanh(0.5 * np.asarray(z, dtype=float)))


def log_likelihood(w, X, y):
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    scores = X @ np.asarray(w, dtype=float)  # (n_samples,)
    return float(np.sum(y * scores - np.logaddexp(0, scores)))


def log_likelihood_gradient(w, X, y):
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    return X.T @ (y - sigmoid(X @ np.asarray(w, dtype=float)))


def fit_logistic_regression(X, y, learning_rate, n_steps):
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    w, gradient_norms = np.zeros(X.shape[1]), np.zeros(n_steps)
    for step in range(n_steps):
        gradient = log_likelihood_gradient(w, X, y)
        gradient_norms[step] = np.sqrt(np.sum(gradient**2))
        w = w + learning_rate * gradient
    return w, gradient_norms


def predict_probability(w, X):
    return sigmoid(np.asarray(X, dtype=float) @ np.asarray(w, dtype=float))


def predict(w, X, threshold=0.5):
    return (predict_probability(w, X) > threshold).astype(int)


def accuracy(y, y_pred):
    return float(np.mean(np.asarray(y) == np.asarray(y_pred)))
