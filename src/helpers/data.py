"""Data sets of the course.

Two ship with scikit-learn and need no network. Reviews and loans are fetched at first use, verified, and
kept in scikit-learn's data home; a folder named by the environment variable `COURSE_DATA` is looked at
first. Where neither is to be had, stand-ins that ship with the course take over, and say so.
"""

import functools
import hashlib
import os
import socket
import warnings
import zipfile
import zlib
from http.client import HTTPException
from importlib import resources
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np

_REVIEWS = "https://archive.ics.uci.edu/static/public/331/sentiment+labelled+sentences.zip"
_LOANS = "https://archive.ics.uci.edu/static/public/144/statlog+german+credit+data.zip"
_SHA256 = {  # of the members, since the archives are packed anew now and then
    "amazon_cells_labelled.txt": (
        "47003fc0a0d4840b00e96e715b6189bad09e7443a3da41c4cbe12ffc79f86ae3",
        "49df8059de0eb9c2c13253f9d33a579bc56efc0f620dde2f6be1ec74c59893cb",  # one more newline at the end
    ),
    "imdb_labelled.txt": ("aef2e49e3da25714d61175e3a6e68eeef74a20a2f914318dc3be9947ea86512d",),
    "yelp_labelled.txt": ("c76468b7b5c6e56a0804d728345c5f84aa2142ddb214420f61cc9cfd4c00d2ea",),
    "german.data": ("b21f3d81db8071257d5ff1deaeba1fd4303b62712e6fcc9715c7a86202cb5871",),
}
_SECONDS = 20  # without a word from the server


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
        Age, sex, body mass index, blood pressure, six blood values; each standardised to mean 0
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


def load_reviews():
    """Sentences from reviews of products, films and restaurants, and whether they praise.

    Returns
    -------
    texts : list of str
        3,000 sentences: 1,000 each from Amazon, IMDb and Yelp, in this order. The stand-in has fewer
        sentences, written for this course.
    labels : ndarray of shape (n_texts,)
        1 = positive, 0 = negative; half of each.

    References
    ----------
    Kotzias, Denil, de Freitas, Smyth (2015), From group to individual labels using deep features, KDD;
    UCI Machine Learning Repository, Sentiment Labelled Sentences, data set 331 (CC BY 4.0).
    """
    texts, labels = zip(*(line.rsplit("\t", 1) for line in _review_lines()), strict=True)
    return list(texts), np.array(labels, dtype=int)


def load_loans():
    """A bank's 1,000 consumer loans of the 1970s, and which of them went bad.

    Returns
    -------
    X : ndarray of shape (1000, 18)
        One loan per row, NaN where the bank did not know. No column of ones.
    y : ndarray of shape (1000,)
        1 = the loan went bad, 0 = it was paid back.
    names : list of str
        What the columns mean, units included. Levels count up from 0 or 1.

    Notes
    -----
    Of the 20 published attributes, sex with marital status, being a foreign worker, telephone and most
    purposes are left out on purpose: a lender must not, or need not, decide by them. "Unknown" savings (code
    A65) and property (A124) are NaN.

    The columns are called what the published table of codes calls them. Grömping (2019) went back to
    the bank's own documents and found that table wrong in several places: by hers, A11 means "no
    account" and A14 "200 DM or more", A34 means "all loans at this bank paid back duly", and A61 and
    A65 are "unknown" and "1,000 DM or more" savings. The numbers are the same either way.

    The stand-in has the same columns and 1,000 made-up loans, drawn with a fixed seed: about as many missing
    values and bad loans as in the real ones, and a risk that truly is a logistic function of some of
    the columns. No person stands behind it.

    References
    ----------
    Hofmann (1994), Statlog (German Credit Data), UCI Machine Learning Repository, data set 144 (CC BY 4.0).
    Grömping (2019), South German Credit Data: correcting a widely used data set, Beuth University Berlin.
    """
    X, y = _loans()
    return X.copy(), y.copy(), list(_LOAN_COLUMNS)


# One column of X each: name, position in german.data (from 0), and the number of each code; a column
# without codes holds a number as it is, and a code that is not listed counts as 0.
_UNKNOWN = float("nan")
_LOAN_COLUMNS = {
    "duration in months": (1, None),
    "amount in DM": (4, None),
    "age in years": (12, None),
    "instalment in % of income (level 1 to 4)": (7, None),
    "time at this address (level 1 to 4)": (10, None),
    "time in this job (level 0 to 4)": (6, {"A72": 1, "A73": 2, "A74": 3, "A75": 4}),
    "skill in the job (level 0 to 3)": (16, {"A172": 1, "A173": 2, "A174": 3}),
    "savings (level 1 to 4)": (5, {"A61": 1, "A62": 2, "A63": 3, "A64": 4, "A65": _UNKNOWN}),
    "property (level 1 to 3)": (11, {"A121": 3, "A122": 2, "A123": 1, "A124": _UNKNOWN}),
    "loans at this bank": (15, None),
    "dependants": (17, None),
    "account overdrawn (A11, 0 or 1)": (0, {"A11": 1}),
    "no account (A14, 0 or 1)": (0, {"A14": 1}),
    "critical history (A34, 0 or 1)": (2, {"A34": 1}),
    "buys by instalment elsewhere (0 or 1)": (13, {"A141": 1, "A142": 1}),
    "has a guarantor (0 or 1)": (9, {"A103": 1}),
    "rents the home (0 or 1)": (14, {"A151": 1}),
    "for a used car (0 or 1)": (3, {"A41": 1}),
}


@functools.lru_cache(maxsize=1)
def _review_lines():
    """Lines "sentence<TAB>label", the published ones if they are to be had."""
    contents, reason = _published(
        ("amazon_cells_labelled.txt", "imdb_labelled.txt", "yelp_labelled.txt"),
        "sentiment_sentences",
        _REVIEWS,
    )
    if reason:
        contents = [resources.files("helpers").joinpath("own_reviews.tsv").read_bytes()]
    # split at "\n" alone: U+0085, a line break to str.splitlines, stands inside some sentences
    lines = [line for text in contents for line in text.decode("utf-8").split("\n") if line]
    if reason:
        print(f"{reason}: using {len(lines)} reviews written for this course instead of 3,000 real ones.")
    return lines


@functools.lru_cache(maxsize=1)
def _loans():
    contents, reason = _published(("german.data",), "german_credit", _LOANS)
    if reason:
        print(f"{reason}: using 1,000 made-up loans instead of 1,000 real ones.")
        return _made_up_loans(np.random.default_rng(1973))
    rows = [line.split() for line in contents[0].decode("ascii").splitlines()]
    columns = [
        [float(row[place]) if codes is None else codes.get(row[place], 0) for row in rows]
        for place, codes in _LOAN_COLUMNS.values()
    ]
    return np.array(columns, dtype=float).T, np.array([int(row[20] == "2") for row in rows])


def _made_up_loans(rng, n=1000):
    """Loans with the columns of `load_loans`; who has much saved is asked less often how much."""

    def levels(first, *shares):
        return rng.choice(np.arange(first, first + len(shares)), n, p=shares)

    def yes(share):
        return (rng.random(n) < share).astype(float)

    duration = 3.0 * levels(2, 0.08, 0.05, 0.2, 0.07, 0.13, 0.06, 0.2, 0.01, 0.07, 0.01, 0.09, 0.03)
    amount = np.round(duration * rng.lognormal(4.85, 0.55, n))
    age = np.round(19 + rng.gamma(2.0, 8.2, n)).clip(19, 75)
    instalment = levels(1, 0.14, 0.23, 0.16, 0.47)
    address = levels(1, 0.13, 0.31, 0.15, 0.41)
    job_time = levels(0, 0.06, 0.17, 0.34, 0.18, 0.25)
    skill = levels(0, 0.02, 0.2, 0.63, 0.15)
    savings = levels(1, 0.66, 0.14, 0.11, 0.09).astype(float)
    property_ = levels(1, 0.4, 0.27, 0.33).astype(float)
    account = levels(0, 0.27, 0.33, 0.4)  # overdrawn, a positive balance, none
    overdrawn, no_account = (account == 0).astype(float), (account == 2).astype(float)
    critical, by_instalment = yes(0.29), yes(0.19)
    guarantor, rents, used_car = yes(0.05), yes(0.18), yes(0.1)
    score = (
        -0.5 + 0.04 * (duration - 21) + 0.2 * (instalment - 3) - 0.02 * (age - 35) - 0.15 * (job_time - 2)
        - 0.3 * (savings - 1) - 0.25 * (property_ - 2) + 0.6 * overdrawn - 1.1 * no_account - 0.8 * critical
        + 0.5 * by_instalment - 0.6 * guarantor + 0.4 * rents - 0.9 * used_car
    )  # fmt: skip
    y = (rng.random(n) < 1 / (1 + np.exp(-score))).astype(int)
    savings[rng.random(n) < np.where(savings > 2, 0.5, 0.1)] = np.nan
    property_[rng.random(n) < 0.15] = np.nan
    columns = (
        duration, amount, age, instalment, address, job_time, skill, savings, property_,
        levels(1, 0.63, 0.33, 0.03, 0.01), levels(1, 0.85, 0.15), overdrawn, no_account, critical,
        by_instalment, guarantor, rents, used_car,
    )  # fmt: skip
    return np.column_stack(columns), y


def _published(names, folder, address):
    """Contents of published files, or why there are none.

    Parameters
    ----------
    names : tuple of str
        Names of the files.
    folder : str
        Where they may lie below `COURSE_DATA`.
    address : str
        Archive that has them.

    Returns
    -------
    contents : list of bytes or None
    reason : str
        "" if the contents are there.
    """
    refused = ""
    if os.environ.get("COURSE_DATA"):
        home = Path(os.environ["COURSE_DATA"])
        paths = [next((p for p in (home / folder / n, home / n) if p.is_file()), None) for n in names]
        if all(paths):
            contents = [path.read_bytes() for path in paths]
            if _verified(names, contents):
                return contents, ""
            refused = f"What lies in {home} is not what was published (SHA-256), so it is not used; "
    for _ in range(2):  # once more if what was kept turns out to be damaged
        try:
            archive = _fetch(address)
        except (OSError, HTTPException):
            return (
                None,
                f"{refused or 'No copy in COURSE_DATA, and '}{urlsplit(address).netloc} cannot be reached",
            )
        try:
            contents = _members(archive, names)
            if _verified(names, contents):
                return contents, ""
        except (zipfile.BadZipFile, zlib.error, KeyError, EOFError):
            pass
        archive.unlink()
    return None, f"{refused}{urlsplit(address).netloc} sent something else than was published (SHA-256)"


def _fetch(address):
    """Path of the archive in scikit-learn's data home."""
    from sklearn.datasets import fetch_file

    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(_SECONDS)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it tries again
            return fetch_file(address, n_retries=1)
    finally:
        socket.setdefaulttimeout(before)


def _members(archive, names):
    """Contents of the files with these names in any folder of a zip archive."""
    with zipfile.ZipFile(archive) as opened:
        # macOS adds "__MACOSX/._name", whose last part differs
        by_name = {info.filename.rsplit("/", 1)[-1]: info for info in opened.infolist()}
        return [opened.read(by_name[name]) for name in names]


def _verified(names, contents):
    return all(
        hashlib.sha256(content).hexdigest() in _SHA256[name]
        for name, content in zip(names, contents, strict=True)
    )
