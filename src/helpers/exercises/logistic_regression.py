"""Exercises of lesson 03: logistic regression by gradient ascent, from words to decisions."""

import math
import re
import string
import unicodedata

import numpy as np

from helpers import logistic_regression as lr
from helpers.checking import Case, Exercise, Misconception
from helpers.exercises.common import floats, int8, named, uint8
from helpers.gradient_norms import numerical_gradient
from helpers.properties import TIED_WORDS

_LISTS_OR_INTEGERS = "narrow_integers_or_lists"


def _floats(*arrays):
    return tuple(np.asarray(array, dtype=float) for array in arrays)


def _matrix(*rows, dtype=float):
    return np.array(rows, dtype=dtype)


# -- count_words --------------------------------------------------------------------------------

_DELETE = str.maketrans("", "", string.punctuation)
_TO_SPACE = str.maketrans(dict.fromkeys(string.punctuation, " "))


def _counted_in(words_of):
    """A count that goes wrong where a text is cut into words."""

    def count_words(texts, vocabulary):
        counts = [[words_of(text).count(word) for word in vocabulary] for text in texts]
        return np.reshape(counts, (len(texts), len(vocabulary))).astype(int)

    return count_words


def _clean(text):
    return text.lower().translate(_DELETE)


def _without_accents(text):
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def _right_counts(texts, vocabulary):
    return np.asarray(lr.count_words(texts, vocabulary))


def _present_or_absent(texts, vocabulary):
    return (_right_counts(texts, vocabulary) > 0).astype(int)


def _vocabulary_in_alphabetical_order(texts, vocabulary):
    return _right_counts(texts, sorted(vocabulary))


def _one_row_per_word(texts, vocabulary):
    return _right_counts(texts, vocabulary).T


def _counts_of_all_texts_together(texts, vocabulary):
    return _right_counts(texts, vocabulary).sum(axis=0)


def _fractions_of_the_text(texts, vocabulary):
    n_words = np.array([max(len(text.split()), 1) for text in texts])
    return _right_counts(texts, vocabulary) / n_words[:, np.newaxis]


def _column_of_ones_in_front(texts, vocabulary):
    counts = _right_counts(texts, vocabulary)
    return np.column_stack([np.ones(len(texts)), counts])


def _fails_at_words_that_are_not_in_the_vocabulary(texts, vocabulary):
    column = {word: j for j, word in enumerate(vocabulary)}
    counts = np.zeros((len(texts), len(vocabulary)))
    for i, text in enumerate(texts):
        for word in _clean(text).split():
            counts[i, column[word]] += 1
    return counts


def _looks_up_words_in_the_list(texts, vocabulary):
    counts = np.zeros((len(texts), len(vocabulary)))
    for i, text in enumerate(texts):
        for word in _clean(text).split():
            counts[i, vocabulary.index(word)] += 1
    return counts


def _unknown_words_counted_as_the_last(texts, vocabulary):
    counts = np.zeros((len(texts), len(vocabulary)))
    for i, text in enumerate(texts):
        for word in _clean(text).split():
            counts[i, vocabulary.index(word) if word in vocabulary else -1] += 1
    return counts


def _counted_in_the_raw_text(texts, vocabulary):
    return np.array([[text.lower().count(word) for word in vocabulary] for text in texts])


def _letters_of_the_word_are_there(texts, vocabulary):
    return np.array([[int(word in text.lower()) for word in vocabulary] for text in texts])


def _all_rows_are_one_list(texts, vocabulary):
    total = _right_counts(texts, vocabulary).sum(axis=0)
    return np.tile(total, (len(texts), 1))


def _counts_go_on_from_text_to_text(texts, vocabulary):
    return np.cumsum(_right_counts(texts, vocabulary), axis=0)


def _returns_inside_the_loop_over_texts(texts, vocabulary):
    counts = _right_counts(texts, vocabulary).copy()
    counts[1:] = 0
    return counts


_PIECES = (
    "Great", "great,", "GREAT!", "great", "a great", "bad", "bad...", "Not", "not", "baby's", "babys", "at",
    "non stop", "non-stop", "a", "eat", "seat", "Don't", "dont", "good", '"good"', "goods", "it's", "it",
    "IT", "phone", "great/good", "must_see", "(bad)", "10", "café", "not-so-good",
)  # fmt: skip
_WORDS = ("great", "bad", "not", "babys", "nonstop", "at", "a", "eat", "dont", "good", "it", "its", "mustsee")


def _draw_texts(rng):
    vocabulary = [str(word) for word in rng.choice(_WORDS, size=4, replace=False)]
    texts = []
    for n_pieces in rng.integers(4, 9, size=rng.integers(2, 4)):
        pieces = [*rng.choice(_PIECES, size=n_pieces), *rng.choice(vocabulary, size=2)]
        texts.append(
            "".join(f"{piece}{rng.choice([' ', ' ', ' ', '  '])}" for piece in rng.permutation(pieces))
        )
    return texts, vocabulary


COUNT_WORDS = Exercise(
    reference=lr.count_words,
    points=2,
    cases=(
        Case(
            "two texts, three words",
            (["a great phone", "not a good phone"], ["phone", "great", "not"]),
            _matrix([1, 1, 0], [1, 0, 1], dtype=int),
        ),
        Case(
            "a word that comes 300 times",
            (["bad", "good " * 300, "bad"], ["bad", "good"]),
            _matrix([1, 0], [0, 300], [1, 0], dtype=int),
        ),
        Case(
            "lower case as `str.lower` has it, which leaves the letter ß alone",
            (["Maße", "Die MASSE", "die Masse"], ["maße", "masse"]),
            _matrix([1, 0], [0, 1], [0, 1], dtype=int),
        ),
        Case("a word that comes twice", (["bad bad phone"], ["phone", "bad"]), _matrix([1, 2], dtype=int)),
        Case("capital letters", (["Great great GREAT"], ["great"]), _matrix([3], dtype=int)),
        Case(
            "punctuation inside a word is deleted",
            (["My baby's toy plays non-stop"], ["babys", "baby", "nonstop", "stop"]),
            _matrix([1, 0, 1, 0], dtype=int),
        ),
        Case(
            "punctuation at either end of a word",
            (['"Good" (really good), good!!!'], ["good", "really"]),
            _matrix([3, 1], dtype=int),
        ),
        Case(
            "all kinds of punctuation",
            (
                ["must_see a+ #1 50% it's {ok} e~mail @home"],
                ["mustsee", "a", "1", "50", "its", "ok", "email"],
            ),
            _matrix([1, 1, 1, 1, 1, 1, 1], dtype=int),
        ),
        Case("words that are not in the vocabulary", (["what a day"], ["good"]), _matrix([0], dtype=int)),
        Case("part of a longer word does not count", (["goods goodness"], ["good"]), _matrix([0], dtype=int)),
        Case(
            "the columns follow the vocabulary",
            (["a b b c c c"], ["c", "a", "b"]),
            _matrix([3, 1, 2], dtype=int),
        ),
        Case("words of one letter", (["I saw a b and a c"], ["i", "a"]), _matrix([1, 2], dtype=int)),
        Case("an empty text", (["", "good"], ["good", "bad"]), _matrix([0, 0], [1, 0], dtype=int)),
        Case(
            "tabs, line ends and several spaces",
            (["good\tbad\ngood   bad\ngood"], ["good", "bad"]),
            _matrix([3, 2], dtype=int),
        ),
        Case("punctuation alone", (["... !"], ["good"]), _matrix([0], dtype=int)),
        Case(
            "digits, and letters beyond a to z, stay",
            (["A café with 24 naïve cats"], ["café", "naïve", "24"]),
            _matrix([1, 1, 1], dtype=int),
        ),
        Case(
            "a curly apostrophe is not ASCII, so it stays",
            (["don’t dont"], ["dont", "don", "don’t"]),
            _matrix([1, 0, 1], dtype=int),
        ),
    ),
    draw=_draw_texts,
    misconceptions=(
        Misconception(
            named("counts_parts_of_words", _counted_in(_clean)),
            "You counted the letters of each word wherever they stand in the text: there is an `eat` in "
            "`great`. Split the text into words first, and compare whole words.",
        ),
        Misconception(
            _counted_in_the_raw_text,
            "`text.count(word)` counts the letters of the word wherever they stand, also inside longer "
            "words. Delete the punctuation, split the text into words, and compare whole words.",
        ),
        Misconception(
            _letters_of_the_word_are_there,
            "`word in text` asks whether these letters stand somewhere in the text, also inside longer "
            "words. Split the text into words, and count those that are equal.",
        ),
        Misconception(
            _all_rows_are_one_list,
            "All rows are alike, the sum of all texts: `[[0] * d] * n` is one list n times, so that each "
            "count lands in every row. Begin with `np.zeros((n, d), dtype=int)`.",
        ),
        Misconception(
            _counts_go_on_from_text_to_text,
            "The counts of a text include those of the texts before it. Begin anew with each text.",
        ),
        Misconception(
            _returns_inside_the_loop_over_texts,
            "Only the first text was counted: does the `return` stand inside the loop over the texts? Move "
            "it behind.",
        ),
        Misconception(
            named(
                "spaces_in_place_of_punctuation",
                _counted_in(lambda t: t.lower().translate(_TO_SPACE).split()),
            ),
            "You put a space where punctuation was, so that `non-stop` falls into two words. Delete it: "
            "`str.maketrans` takes the characters to delete as its third argument.",
        ),
        Misconception(
            named(
                "punctuation_inside_words_stays",
                _counted_in(lambda t: [word.strip(string.punctuation) for word in t.lower().split()]),
            ),
            "You took punctuation away at the ends of words only, so that `baby's` keeps its apostrophe. "
            "Delete it everywhere, before you split.",
        ),
        Misconception(
            named("forgot_lower_case", _counted_in(lambda t: t.translate(_DELETE).split())),
            "`Great` was not counted as `great`. Put the text into lower case first. (Strings never change: "
            "keep the result, `text = text.lower()`.)",
        ),
        Misconception(
            named("kept_the_punctuation", _counted_in(lambda t: t.lower().split())),
            "`good,` with its comma was not counted as `good`. Delete all punctuation before you split. "
            "(Strings never change: keep the result of `translate` or `replace`.)",
        ),
        Misconception(
            named("neither_lower_case_nor_punctuation", _counted_in(str.split)),
            "You split the text as it is, so that `Great!` is not `great`. Put it into lower case and "
            "delete its punctuation first. (Strings never change: keep each result, `text = text.lower()`.)",
        ),
        Misconception(
            named(
                "deletes_some_punctuation_only",
                _counted_in(lambda t: t.lower().translate(str.maketrans("", "", ".,!?;:\"'()-")).split()),
            ),
            "Some punctuation is left: there are 32 such characters. Delete every character of "
            "`string.punctuation`.",
        ),
        Misconception(
            named(
                "deletes_four_punctuation_marks",
                _counted_in(lambda t: t.lower().translate(str.maketrans("", "", ".,!?")).split()),
            ),
            "You deleted but a few punctuation marks; quotation marks, brackets, apostrophes and others are "
            "left. Delete every character of `string.punctuation`.",
        ),
        Misconception(
            named("folds_the_case", _counted_in(lambda t: t.casefold().translate(_DELETE).split())),
            "`str.casefold` does more than lower the case: it turns ß into ss. Use `str.lower`.",
        ),
        Misconception(
            named("accents_removed", _counted_in(lambda t: _clean(_without_accents(t)).split())),
            "You turned letters such as é into plain ones, or lost them. Delete the characters of "
            "`string.punctuation`, and let all letters be.",
        ),
        Misconception(
            named(
                "deletes_all_but_the_letters_a_to_z",
                _counted_in(lambda t: re.sub(r"[^a-z\s]", "", t.lower()).split()),
            ),
            "You deleted all but the letters a to z, so that digits and letters such as é are lost as well. "
            "Delete the characters of `string.punctuation` and no others.",
        ),
        Misconception(
            named(
                "deletes_what_is_not_alphanumeric",
                _counted_in(
                    lambda t: "".join(c for c in t.lower() if c.isalnum() or c.isspace()).split(),
                ),
            ),
            "You deleted all that is no letter, digit or space, the curly apostrophe among it. Delete the "
            "characters of `string.punctuation` and no others.",
        ),
        Misconception(
            named("underscore_stays", _counted_in(lambda t: re.sub(r"[^\w\s]", "", t.lower()).split())),
            r"To a regular expression the underscore belongs to `\w` and the curly apostrophe does not, but "
            "`string.punctuation` sees it the other way round. Delete those 32 characters and no others.",
        ),
        Misconception(
            named(
                "cuts_words_at_what_is_no_letter",
                _counted_in(lambda t: re.findall(r"\w+", t.lower())),
            ),
            "You cut the text wherever something else than a letter or digit stands, so that `non-stop` "
            "falls into two words. Delete the punctuation first, and split at white space.",
        ),
        Misconception(
            named(
                "drops_words_of_one_letter",
                _counted_in(lambda t: re.findall(r"\b\w\w+\b", t.lower())),
            ),
            "These are scikit-learn's tokens: at least two letters, cut at punctuation. Delete the "
            "punctuation, split at white space, and let words of one letter count.",
        ),
        Misconception(
            named(
                "short_words_are_left_out",
                _counted_in(lambda t: [word for word in _clean(t).split() if len(word) > 1]),
            ),
            "Words of one letter are left out. Count them, too.",
        ),
        Misconception(
            named("splits_at_spaces_only", _counted_in(lambda t: _clean(t).split(" "))),
            'You split at spaces alone: `split(" ")` leaves tabs and line ends inside the words. Split at '
            "any white space: `split()`.",
        ),
        Misconception(
            _present_or_absent,
            "You noted whether a word is there, 0 or 1 (`counts[i, columns] += 1` adds but once, also where "
            "a column stands in `columns` twice). Count how often it is.",
        ),
        Misconception(
            _vocabulary_in_alphabetical_order,
            "The columns are in alphabetical order. Keep the order in which the vocabulary came.",
        ),
        Misconception(
            _one_row_per_word,
            "You made one row per word. Make one row per text and one column per word.",
        ),
        Misconception(
            _counts_of_all_texts_together,
            "You counted all texts together. Make one row of counts for each text.",
        ),
        Misconception(
            _fractions_of_the_text,
            "You divided by the number of words in the text. Return the counts themselves.",
        ),
        Misconception(
            _column_of_ones_in_front,
            "You put a column of ones in front. The intercept comes later: return the counts alone, one "
            "column per word.",
        ),
        Misconception(
            _fails_at_words_that_are_not_in_the_vocabulary,
            "A word of the text is not in the vocabulary, and looking it up fails. Pass over such words.",
        ),
        Misconception(
            _looks_up_words_in_the_list,
            "`index` fails at a word that is not in the vocabulary. Pass over such words, with `in`, before "
            "you look them up.",
        ),
        Misconception(
            _unknown_words_counted_as_the_last,
            "Words that are not in the vocabulary were counted in the last column. Pass over them.",
        ),
    ),
    hints=(
        "Three things make one word look like two: capital letters, punctuation, and white space of any "
        "kind. So lower the case, delete the punctuation, and split at white space.",
        "`text.lower()`, then `.translate(str.maketrans('', '', string.punctuation))`, then `.split()`: a "
        "list of words. How often does each word of the vocabulary stand in it?",
        "Begin with zeros of shape `(len(texts), len(vocabulary))`. Go through the texts, and through the "
        "words of each. A dictionary from word to column tells where to add 1, and which words to pass over.",
    ),
    showed=(
        "Once tidied, `Don't`, `DON'T` and `dont` all count in the column `dont`, while a vocabulary that "
        "holds `don't` would never find any of them."
    ),
)

# -- sigmoid ------------------------------------------------------------------------------------


def _of_floats(formula):
    """A formula for an array of floats that goes wrong without a warning."""

    def sigmoid(z):
        with np.errstate(all="ignore"):
            return formula(np.asarray(z, dtype=float))

    return sigmoid


def _exp_overflows(z):
    return 1 / (1 + np.exp(-np.asarray(z, dtype=float)))


def _nan_for_large_scores(z):
    e = np.exp(np.asarray(z, dtype=float))
    return e / (1 + e)


def _computes_both_branches_of_where(z):
    z = np.asarray(z, dtype=float)
    return np.where(z >= 0, 1 / (1 + np.exp(-z)), np.exp(z) / (1 + np.exp(z)))


def _one_number_only(z):
    return 1 / (1 + math.exp(-z))


def _in_a_loop_over_a_vector(z):
    return np.array([1 / (1 + math.exp(-v)) if v >= 0 else math.exp(v) / (1 + math.exp(v)) for v in z])


def _one(score):
    if score >= 0:
        return 1 / (1 + math.exp(-score))
    return math.exp(score) / (1 + math.exp(score))


def _loop_over_the_entries_of_a_vector(z):
    return np.array([_one(float(v)) for v in z])


def _loop_over_an_array_of_a_vector(z):
    return np.array([_one(v) for v in np.asarray(z, dtype=float)])


def _loop_over_the_length(z):
    return np.array([_one(z[i]) for i in range(len(z))])


def _loop_over_the_length_of_an_array(z):
    z = np.asarray(z, dtype=float)
    return np.array([_one(z[i]) for i in range(len(z))])


def _loop_over_the_rows(z):
    return np.array([lr.sigmoid(z[i]) for i in range(len(z))])


def _loop_over_the_rows_of_an_array(z):
    z = np.asarray(z, dtype=float)
    return np.array([lr.sigmoid(z[i]) for i in range(len(z))])


def _if_of_an_array(z):
    if z >= 0:
        return 1 / (1 + np.exp(-z))
    return np.exp(z) / (1 + np.exp(z))


def _overflows_in_plain_python(z):
    return np.array([1 / (1 + math.exp(-v)) for v in np.ravel(z).tolist()]).reshape(np.shape(z))


def _flattened(z):
    return np.ravel(lr.sigmoid(z))


def _narrow_integers(z):
    z = np.asarray(z)
    with np.errstate(all="ignore"):
        e = np.exp(-np.abs(z))
        return np.where(z >= 0, 1, e) / (1 + e)


def _draw_scores(rng):
    shape = [(4,), (2, 3), (), (5,)][rng.integers(4)]
    return (np.round(rng.normal(scale=3, size=shape) * rng.choice([1, 1, 1, 300]), 2),)


SIGMOID = Exercise(
    reference=lr.sigmoid,
    points=1,
    cases=(
        Case("scores -1, 0 and 4", (floats(-1, 0, 4),), floats(0.2689414213699951, 0.5, 0.9820137900379085)),
        Case("odds of 3 to 1, for and against", (floats(math.log(3), -math.log(3)),), floats(0.75, 0.25)),
        Case("the score 0", (floats(0),), floats(0.5)),
        Case("a single number", (0.0,), 0.5),
        Case("a single negative number", (-math.log(4),), 0.2),
        Case(
            "a matrix",
            (_matrix([0, math.log(4)], [-math.log(4), 0], [0, 0]),),
            _matrix([0.5, 0.8], [0.2, 0.5], [0.5, 0.5]),
        ),
        Case("a very large score", (floats(1e4, 0),), floats(1, 0.5)),
        Case("a very negative score", (floats(-1e4, 0),), floats(0, 0.5)),
        Case("the score 25, where 1 - p is 1.4e-11", (floats(25),), floats(0.999999999986112)),
        Case("a single number that is very negative", (-1e4,), 0.0),
        Case("a list of integers", ([0, 4],), floats(0.5, 0.9820137900379085)),
        Case(
            "8-bit integers",
            (int8(0, 4, -128),),
            floats(0.5, 0.9820137900379085, 0),
        ),
    ),
    draw=_draw_scores,
    misconceptions=(
        Misconception(
            named("sign_flipped", _of_floats(lambda z: 1 / (1 + np.exp(z)))),
            "Your probabilities fall as the scores rise: the sign in the exponent is flipped. It is exp(-z) "
            "in the denominator.",
        ),
        Misconception(
            named("missing_brackets", _of_floats(lambda z: 1 / 1 + np.exp(-z))),
            "`1 / 1 + np.exp(-z)` divides first and adds afterwards. Put the whole denominator into "
            "brackets.",
        ),
        Misconception(
            _exp_overflows,
            "The values are right, but NumPy warned of an overflow: exp(10000) is out of a float's range. "
            "Use a form in which only exp(-|z|) is computed, or the tanh form.",
        ),
        Misconception(
            _computes_both_branches_of_where,
            "The values are right, but NumPy warned: `np.where` computes both branches for all entries, the "
            "overflowing one included. Let the exponent never be positive: use `np.abs(z)` in it.",
        ),
        Misconception(
            _nan_for_large_scores,
            "exp(10000) overflows to inf, and inf / inf is NaN. Use exp(-|z|), which is at most 1, in both "
            "forms.",
        ),
        Misconception(
            _overflows_in_plain_python,
            "`math.exp` raises an OverflowError beyond about 709. Let the exponent never be positive: for "
            "negative z use exp(z) / (1 + exp(z)).",
        ),
        Misconception(
            _one_number_only,
            "`math.exp` takes one number, but z may be an array of any shape. Use `np.exp`, which goes "
            "through all entries.",
        ),
        Misconception(
            _in_a_loop_over_a_vector,
            "Right for vectors. But z may also be a single number or a matrix, and a loop over it fails. "
            "Use NumPy's functions on the whole array.",
        ),
        Misconception(
            _flattened,
            "The result has lost the shape of z. Return one probability for each entry, in the same shape.",
        ),
        Misconception(
            named("tanh_of_the_score", _of_floats(np.tanh)),
            "This is tanh, from -1 to 1. A probability lies between 0 and 1: shift and scale it, and mind "
            "the factor ½ in front of z.",
        ),
        Misconception(
            named("twice_too_steep", _of_floats(lambda z: 0.5 * (1 + np.tanh(z)))),
            "The curve is twice too steep: this is σ(2z). Take the hyperbolic tangent of z / 2.",
        ),
        Misconception(
            named("step_from_0_to_1", _of_floats(lambda z: (z > 0).astype(float))),
            "You decided already, 0 or 1. Return the probability; the decision comes later.",
        ),
        Misconception(
            named(
                "softmax_over_all_entries",
                _of_floats(lambda z: np.exp(z - np.max(z)) / np.sum(np.exp(z - np.max(z)))),
            ),
            "You divided by the sum over all entries (a softmax). Each entry stands for itself: divide by 1 "
            "+ exp(-z) of the same entry.",
        ),
        Misconception(
            named(
                "derivative_of_the_sigmoid",
                _of_floats(lambda z: 0.25 / np.cosh(np.clip(z, -700, 700) / 2) ** 2),
            ),
            "This is σ(z)(1 - σ(z)), the slope of the curve. Return σ(z) itself.",
        ),
        Misconception(
            named("exp_of_the_score", _of_floats(np.exp)),
            "This is exp(z), the odds. Divide them by 1 + exp(z) to get a probability.",
        ),
        Misconception(
            named("logarithm_of_the_probability", _of_floats(lambda z: -np.logaddexp(0, -z))),
            "This is the logarithm of the probability. Return the probability itself.",
        ),
        Misconception(
            named("clipped_too_early", _of_floats(lambda z: 1 / (1 + np.exp(-np.clip(z, -20, 20))))),
            "You clipped the scores at 20, where the sigmoid still differs from 1 by 2e-9. Clip much later "
            "(exp holds up to about 700), or choose a form that needs no clipping.",
        ),
        Misconception(
            _narrow_integers,
            "Right for floats. But of narrow integers NumPy's exp has few digits: it returns 16-bit floats. "
            "Turn z into floats first: `np.asarray(z, dtype=float)`.",
        ),
        Misconception(
            named("never_below_one_half", _of_floats(lambda z: 1 / (1 + np.exp(-np.abs(z))))),
            "Your probability is never below ½: with |z| in the exponent, negative scores are treated like "
            "positive ones. For negative z the numerator is exp(-|z|) in the place of 1.",
        ),
        Misconception(
            named("minus_in_the_denominator", _of_floats(lambda z: 1 / (1 - np.exp(-z)))),
            "There is a minus in your denominator. It is 1 + exp(-z).",
        ),
        Misconception(
            _loop_over_the_entries_of_a_vector,
            "Right for vectors. But `for v in z` fails if z is a single number, and with a matrix it gives "
            "whole rows. Use NumPy's functions on the whole array.",
        ),
        Misconception(
            _loop_over_an_array_of_a_vector,
            "Right for vectors. But one cannot loop over an array without axes, and looping over a matrix "
            "gives whole rows. Use NumPy's functions on the whole array.",
        ),
        Misconception(
            _loop_over_the_length,
            "Right for vectors. But `len(z)` fails if z is a single number, and `z[i]` is a whole row if it "
            "is a matrix. Use NumPy's functions on the whole array.",
        ),
        Misconception(
            _loop_over_the_length_of_an_array,
            "Right for vectors. But an array without axes has no `len`, and that of a matrix is the number "
            "of its rows. Use NumPy's functions on the whole array, which keep its shape.",
        ),
        Misconception(
            _loop_over_the_rows,
            "Right for arrays with axes. But z may be a single number, which has no `len`. Use NumPy's "
            "functions on z as a whole, without a loop.",
        ),
        Misconception(
            _loop_over_the_rows_of_an_array,
            "Right for arrays with axes. But of a single number `np.asarray` makes an array without axes, "
            "which has no `len`. Use NumPy's functions on z as a whole, without a loop.",
        ),
        Misconception(
            _if_of_an_array,
            "`if z >= 0` asks about one number, but z may be an array, some entries positive and some not. "
            "Use `np.where`, which asks for each entry.",
        ),
    ),
    hints=(
        "The formula as it stands is right wherever exp(-z) fits into a float. For which z does it not? "
        "What is the answer there?",
        "Multiply numerator and denominator by exp(z): σ(z) = exp(z) / (1 + exp(z)), which cannot overflow "
        "for negative z. Or use tanh: σ(z) = (1 + tanh(z / 2)) / 2, which cannot overflow at all.",
        "With `e = np.exp(-np.abs(z))` both forms have the denominator `1 + e`. Only the numerator depends "
        "on the sign of z: `np.where` chooses between two numbers that are both harmless.",
    ),
    showed=(
        "In floating-point numbers the sigmoid reaches 1 exactly, from a score of about 37 on, although the "
        "formula never does."
    ),
    # the contract's own bound; absolute, since a probability near 0 may be rounded to 0
    rtol=0.0,
    atol=1e-12,
    warnings_fail=True,
)

# -- predict_probability ------------------------------------------------------------------------

_PUBLISHED_X, _PUBLISHED_W = _matrix([1, 2, 3], [1, -1, -1]), floats(1, 3, -1)
_THREE_ROWS = _matrix([1, 1], [1, -1], [1, 0])
_LOG_3 = math.log(3)  # a score of ln 3 is a probability of 3/4


def _of_scores(turn):
    """Something else than the sigmoid, made of the scores."""

    def predict_probability(w, X):
        w, X = _floats(w, X)
        with np.errstate(all="ignore"):
            return turn(X @ w)

    return predict_probability


def _left_out_the_intercept(w, X):
    w, X = _floats(w, X)
    return lr.sigmoid(X[:, 1:] @ w[1:])


def _added_the_intercept_twice(w, X):
    w, X = _floats(w, X)
    return lr.sigmoid(w[0] + X @ w)


def _one_more_column_of_ones(w, X):
    w, X = _floats(w, X)
    return lr.sigmoid(np.column_stack([np.ones(len(X)), X]) @ w)


def _transposed_the_matrix(w, X):
    w, X = _floats(w, X)
    return lr.sigmoid(X.T @ w)


def _multiplied_in_the_wrong_order(w, X):
    w, X = _floats(w, X)
    return lr.sigmoid(w @ X)


def _dot_in_the_wrong_order(w, X):
    w, X = _floats(w, X)
    return lr.sigmoid(np.dot(w, X))


def _multiplied_entry_by_entry(w, X):
    w, X = _floats(w, X)
    return lr.sigmoid(X * w)


def _two_columns(w, X):
    p = lr.predict_probability(w, X)
    return np.column_stack([1 - p, p])


def _probability_of_the_first_row(w, X):
    return lr.predict_probability(w, X)[0]


def _product_of_narrow_integers(w, X):
    return lr.sigmoid(np.asarray(X) @ np.asarray(w))


def _design(rng):
    """Weights and rows with a one in front, more rows than columns."""
    n_features = int(rng.integers(2, 5))
    X = rng.normal(scale=1.5, size=(n_features + int(rng.integers(1, 4)), n_features)).round(1)
    X[:, 0] = 1
    return rng.normal(scale=0.8, size=n_features).round(2), X


def _sigmoid_before_the_product(w, X):
    w, X = _floats(w, X)
    return lr.sigmoid(X) @ w


def _sigmoid_before_the_sum(w, X):
    w, X = _floats(w, X)
    return np.sum(lr.sigmoid(X * w), axis=1)


PREDICT_PROBABILITY = Exercise(
    reference=lr.predict_probability,
    points=1,
    cases=(
        Case("an intercept and one feature", (floats(0, _LOG_3), _THREE_ROWS), floats(0.75, 0.25, 0.5)),
        Case(
            "a published example with scores 4 and -1",
            (_PUBLISHED_W, _PUBLISHED_X),
            floats(0.9820137900379085, 0.2689414213699951),
        ),
        Case("the intercept alone", (floats(_LOG_3), _matrix([1], [1])), floats(0.75, 0.75)),
        Case("weights of 0", (floats(0, 0), _matrix([1, 5], [1, -7], [1, 2])), floats(0.5, 0.5, 0.5)),
        Case("one sample", (floats(-1, 2), _matrix([1, 0.5])), floats(0.5)),
        Case("scores of 1000 and -1000", (floats(0, 1000), _matrix([1, 1], [1, -1])), floats(1, 0)),
        Case(
            "lists of integers",
            ([1, 3, -1], [[1, 2, 3], [1, -1, -1]]),
            floats(0.9820137900379085, 0.2689414213699951),
        ),
        Case(
            "8-bit integers, whose products do not fit",
            (int8(0, 2), _matrix([1, 100], [1, 0], dtype=np.int8)),
            floats(1, 0.5),
        ),
    ),
    draw=_design,
    misconceptions=(
        Misconception(
            named("returned_the_scores", _of_scores(lambda z: z)),
            "You returned the scores X @ w. Turn them into probabilities with your `sigmoid`.",
        ),
        Misconception(
            named("sign_of_the_score_flipped", _of_scores(lambda z: lr.sigmoid(-z))),
            "This is the probability of y = 0: a sign is flipped. Return the sigmoid of `X @ w` itself.",
        ),
        Misconception(
            named("decided_already", _of_scores(lambda z: (z > 0).astype(float))),
            "You decided already, 0 or 1. Return the probabilities.",
        ),
        Misconception(
            named("softmax_over_the_samples", _of_scores(lambda z: np.exp(z) / np.sum(np.exp(z)))),
            "Your probabilities add up to 1 over the samples, which have nothing to do with each other. "
            "Apply the sigmoid to each score.",
        ),
        Misconception(
            named("sigmoid_of_the_sigmoid", _of_scores(lambda z: lr.sigmoid(lr.sigmoid(z)))),
            "The sigmoid was applied twice. Apply it once, to the scores.",
        ),
        Misconception(
            _left_out_the_intercept,
            "The intercept w[0] is missing. Column 0 of X is all ones, so that `X @ w` includes it.",
        ),
        Misconception(
            _added_the_intercept_twice,
            "The intercept counts twice: column 0 of X is all ones, so that `X @ w` includes it already. Do "
            "not add w[0] again.",
        ),
        Misconception(
            _one_more_column_of_ones,
            "You put a column of ones before X, but it has one already. Use X as it comes.",
        ),
        Misconception(
            _transposed_the_matrix,
            "`X.T @ w` does not fit: w has one entry per column of X. Multiply without the transpose.",
        ),
        Misconception(
            _multiplied_in_the_wrong_order,
            "`w @ X` needs one weight per row, but w has one per column. Write the matrix first.",
        ),
        Misconception(
            _dot_in_the_wrong_order,
            "`np.dot(w, X)` needs one weight per row, but w has one per column. Exchange the two.",
        ),
        Misconception(
            _multiplied_entry_by_entry,
            "You multiplied but did not add up: `*` works entry by entry. Use the matrix product, `@`.",
        ),
        Misconception(
            _two_columns,
            "You returned the probabilities of both labels, as scikit-learn's `predict_proba` does. Return "
            "that of y = 1 alone.",
        ),
        Misconception(
            _probability_of_the_first_row,
            "You returned one probability. Return one for each row of X.",
        ),
        Misconception(
            named(_LISTS_OR_INTEGERS, _product_of_narrow_integers),
            "Right for arrays of floats. But products of narrow integers wrap around (in 8 bits, 2 · 100 is "
            "-56). Turn `w` and `X` into float arrays first.",
        ),
        Misconception(
            named("nan_for_large_scores", _of_scores(lambda z: np.exp(z) / (1 + np.exp(z)))),
            "exp(1000) overflows to inf, and inf / inf is NaN. Take your `sigmoid`, which is safe.",
        ),
        Misconception(
            _sigmoid_before_the_product,
            "You took the sigmoid of the entries of X. Make the scores first, and take the sigmoid of them.",
        ),
        Misconception(
            _sigmoid_before_the_sum,
            "You took the sigmoid of each product and added afterwards. Add the products to a score first.",
        ),
    ),
    hints=(
        "Each row of X has a score, the weighted sum of its entries. Which single product gives the scores "
        "of all rows?",
        "The scores are X w, one per row; the probability is σ of the score. The intercept is in it "
        "already, since column 0 of X is all ones.",
        "One matrix product and one call of a function that you have written.",
    ),
    showed=(
        "A weight of 2 on `great` multiplies the odds of praise by e² ≈ 7.4 each time that the word occurs, "
        "wherever it stands."
    ),
)

# -- log_likelihood -----------------------------------------------------------------------------


def _of_scores_and_labels(value):
    """A log-likelihood that goes wrong behind the scores."""

    def log_likelihood(w, X, y):
        w, X, y = _floats(w, X, y)
        with np.errstate(all="ignore"):
            return value(X @ w, y)

    return log_likelihood


def _log_sigmoid(z):
    return -np.logaddexp(0, -z)


def _log_p(z, y):
    """Logarithm of the probability of the label that came, for each sample."""
    return _log_sigmoid((2 * y - 1) * z)


def _rounded_p(z, y):
    return np.where(y == 1, lr.sigmoid(z), 1 - lr.sigmoid(z))


def _by_the_formula(logarithm, p):
    return lambda z, y: np.sum(y * logarithm(p(z)) + (1 - y) * logarithm(1 - p(z)))


def _log_likelihood_without_the_intercept(w, X, y):
    w, X, y = _floats(w, X, y)
    return np.sum(_log_p(X[:, 1:] @ w[1:], y))


def _labels_as_a_column(w, X, y):
    w, X, y = _floats(w, X, y)
    return np.sum(_log_p(X @ w, y[:, np.newaxis]))


def _one_value_for_each_sample(w, X, y):
    w, X, y = _floats(w, X, y)
    return _log_p(X @ w, y)


def _log_likelihood_of_narrow_integers(w, X, y):
    scores, y = np.asarray(X) @ np.asarray(w), np.asarray(y)
    return np.sum(_log_sigmoid((2 * y - 1) * scores))


def _draw_labelled(rng):
    w, X = _design(rng)
    y = (rng.random(len(X)) < 0.5).astype(float)
    y[:2] = rng.permutation([0.0, 1.0])  # both labels occur
    return w, X, y


def _log_likelihood_with_the_intercept_twice(w, X, y):
    w, X, y = _floats(w, X, y)
    return np.sum(_log_p(w[0] + X @ w, y))


LOG_LIKELIHOOD = Exercise(
    reference=lr.log_likelihood,
    points=3,
    cases=(
        Case(
            "a published example with scores 4 and -1",
            (_PUBLISHED_W, _PUBLISHED_X, floats(0, 1)),
            -5.331411615436033,
        ),
        Case(
            "odds of 3 to 1 for what came",
            (floats(0, _LOG_3), _matrix([1, 1], [1, -1]), floats(1, 0)),
            2 * math.log(0.75),
        ),
        Case("odds of 3 to 1 against what came", (floats(_LOG_3), _matrix([1]), floats(0)), math.log(0.25)),
        Case(
            "weights of 0: four tosses of a coin",
            (floats(0, 0), _matrix([1, 2], [1, -1], [1, 5], [1, 0]), floats(1, 0, 0, 1)),
            -4 * math.log(2),
        ),
        Case(
            "all labels are 0", (floats(0, _LOG_3), _THREE_ROWS, floats(0, 0, 0)), math.log(0.25 * 0.75 * 0.5)
        ),
        Case(
            "sure and right, with scores of 10000",
            (floats(0, 1e4), _matrix([1, 1], [1, -1]), floats(1, 0)),
            0.0,
        ),
        Case(
            "sure and wrong, with scores of 10000",
            (floats(0, 1e4), _matrix([1, 1], [1, -1]), floats(0, 1)),
            -20000.0,
        ),
        Case("sure and wrong, with a score of 40", (floats(0, 40), _matrix([1, 1]), floats(0)), -40.0),
        Case("sure and wrong, with a score of -40", (floats(0, 40), _matrix([1, -1]), floats(1)), -40.0),
        Case("sure and wrong, with a score of 800", (floats(800), _matrix([1]), floats(0)), -800.0),
        Case(
            "2,000 tosses of a coin, whose product is too small for a float",
            (floats(0), np.ones((2000, 1)), np.tile([0.0, 1.0], 1000)),
            -2000 * math.log(2),
        ),
        Case("lists of integers", ([1, 3, -1], [[1, 2, 3], [1, -1, -1]], [0, 1]), -5.331411615436033),
        Case(
            "8-bit integers, whose products do not fit",
            (int8(0, 2), _matrix([1, 100], dtype=np.int8), int8(0)),
            -200.0,
        ),
        Case(
            "labels of unsigned 8-bit integers, where 0 - 1 is 255",
            (floats(0, _LOG_3), _matrix([1, 1], [1, -1]), uint8(1, 0)),
            2 * math.log(0.75),
        ),
    ),
    draw=_draw_labelled,
    misconceptions=(
        Misconception(
            named("opposite_sign", _of_scores_and_labels(lambda z, y: -np.sum(_log_p(z, y)))),
            "This is the loss, the log-likelihood with a minus sign. Here larger is better: return the sum "
            "of the logarithms, which is never positive.",
        ),
        Misconception(
            named("mean_instead_of_sum", _of_scores_and_labels(lambda z, y: np.mean(_log_p(z, y)))),
            "You averaged over the samples. The log-likelihood is their sum: do not divide by their number.",
        ),
        Misconception(
            named("mean_loss", _of_scores_and_labels(lambda z, y: -np.mean(_log_p(z, y)))),
            "This is the mean loss, as libraries report it. Return the sum of the logarithms, neither "
            "averaged nor with a minus sign.",
        ),
        Misconception(
            named(
                "formula_for_labels_plus_and_minus_1",
                _of_scores_and_labels(lambda z, y: np.sum(_log_sigmoid(y * z))),
            ),
            "This formula is for labels -1 and +1. With labels 0 and 1, each 0 makes the score vanish: use "
            "2y - 1 in the place of y.",
        ),
        Misconception(
            named("labels_or_link_exchanged", _of_scores_and_labels(lambda z, y: np.sum(_log_p(z, 1 - y)))),
            "You took the probability of the label that did not come: the labels are exchanged, or the sign "
            "of the score. Where y is 1 it is ln σ(score), where y is 0 it is ln σ(-score).",
        ),
        Misconception(
            named(
                "forgot_the_samples_with_label_0",
                _of_scores_and_labels(lambda z, y: np.sum(y * _log_sigmoid(z))),
            ),
            "Only the samples with y = 1 count in your sum. Those with y = 0 add the logarithm of 1 - p: "
            "add it.",
        ),
        Misconception(
            named(
                "probability_of_1_whatever_the_label",
                _of_scores_and_labels(lambda z, y: np.sum(_log_sigmoid(z))),
            ),
            "You added ln σ(score) for every sample, whatever its label. Where y is 0, the probability of "
            "what came is 1 - σ: use that.",
        ),
        Misconception(
            named("log_of_0", _of_scores_and_labels(_by_the_formula(np.log, lr.sigmoid))),
            "The probabilities are rounded to 0 or 1, and the logarithm of 0 is -inf (times 0 it is NaN). "
            "Do not go through the probability: ln σ(s) is -ln(1 + exp(-s)), and `np.logaddexp` computes it.",
        ),
        Misconception(
            named(
                "log_of_0_in_the_label_that_came",
                _of_scores_and_labels(lambda z, y: np.sum(np.log(_rounded_p(z, y)))),
            ),
            "The probability of what came is rounded to 0, and its logarithm is -inf. Do not go through the "
            "probability: ln σ(s) is -ln(1 + exp(-s)), and `np.logaddexp` computes it.",
        ),
        Misconception(
            named("exp_overflows", _of_scores_and_labels(lambda z, y: np.sum(y * z - np.log1p(np.exp(z))))),
            "The formula is right, but exp(10000) is out of a float's range. `np.logaddexp(0, s)` is ln(1 + "
            "exp(s)) without overflow: use it.",
        ),
        Misconception(
            named(
                "exp_of_minus_the_score_overflows",
                _of_scores_and_labels(lambda z, y: np.sum((y - 1) * z - np.log1p(np.exp(-z)))),
            ),
            "The formula is right, but for very negative scores exp(-s) is out of a float's range. "
            "`np.logaddexp(0, -s)` is ln(1 + exp(-s)) without overflow: use it.",
        ),
        Misconception(
            named(
                "clipped_the_probabilities",
                _of_scores_and_labels(
                    _by_the_formula(np.log, lambda z: np.clip(lr.sigmoid(z), 1e-15, 1 - 1e-15))
                ),
            ),
            "You clipped the probabilities, so that being sure and wrong never costs more than about 35. "
            "Compute ln σ(s) = -ln(1 + exp(-s)) with `np.logaddexp` instead: it needs no clipping.",
        ),
        Misconception(
            named(
                "clipped_the_probabilities_at_a_trillionth",
                _of_scores_and_labels(
                    _by_the_formula(np.log, lambda z: np.clip(lr.sigmoid(z), 1e-12, 1 - 1e-12))
                ),
            ),
            "You clipped the probabilities, so that being sure and wrong never costs more than about 28. "
            "Compute ln σ(s) = -ln(1 + exp(-s)) with `np.logaddexp` instead: it needs no clipping.",
        ),
        Misconception(
            named(
                "added_a_small_number",
                _of_scores_and_labels(_by_the_formula(lambda p: np.log(p + 1e-8), lr.sigmoid)),
            ),
            "A small number inside the logarithm makes every result slightly wrong, and that of sure and "
            "wrong samples quite wrong. Compute ln σ(s) = -ln(1 + exp(-s)) with `np.logaddexp` instead.",
        ),
        Misconception(
            named(
                "clipped_as_scikit_learn_does",
                _of_scores_and_labels(
                    _by_the_formula(np.log, lambda z: np.clip(lr.sigmoid(z), 2.0**-52, 1 - 2.0**-52))
                ),
            ),
            "scikit-learn's `log_loss` clips the probabilities, so that being sure and wrong never costs "
            "more than 36.04. Compute ln σ(s) = -ln(1 + exp(-s)) with `np.logaddexp` instead.",
        ),
        Misconception(
            named(
                "half_of_each_form", _of_scores_and_labels(lambda z, y: np.sum(y * z - np.logaddexp(0, -z)))
            ),
            "Two forms of the formula are mixed: y s goes with ln(1 + exp(s)), and (y - 1) s with ln(1 + "
            "exp(-s)). Use one of them.",
        ),
        Misconception(
            named(
                "halves_exchanged",
                _of_scores_and_labels(lambda z, y: np.sum((y - 1) * z - np.logaddexp(0, z))),
            ),
            "Two forms of the formula are mixed: (y - 1) s goes with ln(1 + exp(-s)), and y s with ln(1 + "
            "exp(s)). Use one of them.",
        ),
        Misconception(
            named(
                "minus_between_the_two_labels",
                _of_scores_and_labels(
                    lambda z, y: np.sum(y * np.log(lr.sigmoid(z)) - (1 - y) * np.log(1 - lr.sigmoid(z)))
                ),
            ),
            "The samples with label 0 were subtracted. Every sample adds the logarithm of the probability "
            "of what came: write a plus.",
        ),
        Misconception(
            named(
                "log_of_the_product",
                _of_scores_and_labels(lambda z, y: np.log(np.prod(_rounded_p(z, y)))),
            ),
            "The product of many probabilities is too small for a float, and the logarithm of 0 is -inf. "
            "Take the logarithm of each factor, and add.",
        ),
        Misconception(
            named(
                "product_of_the_probabilities",
                _of_scores_and_labels(lambda z, y: np.prod(np.exp(_log_p(z, y)))),
            ),
            "This is the likelihood itself, a product of probabilities. Add their logarithms.",
        ),
        Misconception(
            named(
                "sum_of_the_probabilities", _of_scores_and_labels(lambda z, y: np.sum(np.exp(_log_p(z, y))))
            ),
            "You added the probabilities. Take the logarithm of each before you add.",
        ),
        Misconception(
            named("log_of_the_sum", _of_scores_and_labels(lambda z, y: np.log(np.sum(np.exp(_log_p(z, y)))))),
            "You took the logarithm of the sum. Take it of each probability, and add afterwards.",
        ),
        Misconception(
            named("log_to_base_10", _of_scores_and_labels(lambda z, y: np.sum(_log_p(z, y)) / math.log(10))),
            "You used logarithms to base 10. Nats are natural logarithms: `np.log`.",
        ),
        Misconception(
            named("log_to_base_2", _of_scores_and_labels(lambda z, y: np.sum(_log_p(z, y)) / math.log(2))),
            "You used logarithms to base 2, which gives bits. Nats are natural logarithms: `np.log`.",
        ),
        Misconception(
            named(
                "sum_of_squared_errors", _of_scores_and_labels(lambda z, y: -np.sum((y - lr.sigmoid(z)) ** 2))
            ),
            "You added squared errors, as in linear regression. Add the logarithms of the probabilities of "
            "what came.",
        ),
        Misconception(
            _log_likelihood_without_the_intercept,
            "The intercept is missing in the scores. Column 0 of X is all ones, so that `X @ w` includes it.",
        ),
        Misconception(
            _labels_as_a_column,
            "Each label was combined with every score: a column of shape (n, 1) and a vector (n,) make an "
            "(n, n) matrix. Keep both one-dimensional.",
        ),
        Misconception(
            _one_value_for_each_sample,
            "You returned one value for each sample. Add them up.",
        ),
        Misconception(
            named(_LISTS_OR_INTEGERS, _log_likelihood_of_narrow_integers),
            "Right for floats. But narrow integers wrap around (in 8 bits 2 · 100 is -56, and unsigned 0 - "
            "1 is 255). Turn all three arguments into floats first.",
        ),
        Misconception(
            named(
                "sign_of_the_first_term",
                _of_scores_and_labels(lambda z, y: np.sum((1 - y) * z - np.logaddexp(0, -z))),
            ),
            "The first term has the wrong sign: it is (y - 1) s that goes with ln(1 + exp(-s)), and not "
            "(1 - y) s. Exchange the two.",
        ),
        Misconception(
            _log_likelihood_with_the_intercept_twice,
            "The intercept counts twice: column 0 of X is all ones, so that `X @ w` includes it already. Do "
            "not add w[0] again.",
        ),
    ),
    hints=(
        "Which probability did the model give to the label that came? σ(s) where it is 1, and 1 - σ(s) = "
        "σ(-s) where it is 0. So both are the sigmoid of one thing: of the score, counted towards the label "
        "that came.",
        "2y - 1 is +1 or -1. Add ln σ((2y - 1) s) over all samples, where ln σ(t) = -ln(1 + exp(-t)).",
        "`np.logaddexp(0, a)` is ln(1 + exp(a)), for any a. First the scores, then their signs, then this "
        "function, then the sum, and mind both minus signs.",
    ),
    showed=(
        "A score of 10,000 on the wrong side costs 10,000 nats, a finite number, as long as the probability "
        "itself is never formed."
    ),
    # terms of size |score| cancel in the common form y s - ln(1 + exp(s)), which loses some 1e-15 of them
    atol=1e-10,
    warnings_fail=True,
)

# -- log_likelihood_gradient --------------------------------------------------------------------


def _of_residuals(gradient):
    """A gradient that goes wrong behind the probabilities: ``gradient(X, y, p)``."""

    def log_likelihood_gradient(w, X, y):
        w, X, y = _floats(w, X, y)
        with np.errstate(all="ignore"):
            return gradient(X, y, lr.sigmoid(X @ w))

    return log_likelihood_gradient


def _scores_in_place_of_probabilities(w, X, y):
    w, X, y = _floats(w, X, y)
    return X.T @ (y - X @ w)


def _link_function_with_its_sign_flipped(w, X, y):
    w, X, y = _floats(w, X, y)
    return X.T @ (y - lr.sigmoid(-(X @ w)))


def _inf_divided_by_inf(w, X, y):
    w, X, y = _floats(w, X, y)
    with np.errstate(all="ignore"):
        e = np.exp(X @ w)
        return X.T @ (y - e / (1 + e))


def _gradient_of_narrow_integers(w, X, y):
    X = np.asarray(X)
    return X.T @ (np.asarray(y) - lr.sigmoid(X @ np.asarray(w)))


def _no_gradient_for_the_intercept(X, y, p):
    gradient = X.T @ (y - p)
    gradient[0] = 0
    return gradient


_FIVE_ROWS = _matrix([1, 2], [1, -1], [1, 0.5], [1, -2], [1, 3])


def _by_difference_quotients(w, X, y):
    w, X, y = _floats(w, X, y)
    return numerical_gradient(lambda v: lr.log_likelihood(v, X, y), w)


def _by_forward_differences(w, X, y):
    w, X, y = _floats(w, X, y)
    here, h = lr.log_likelihood(w, X, y), 1e-5
    return np.array([(lr.log_likelihood(w + h * unit, X, y) - here) / h for unit in np.eye(w.size)])


LOG_LIKELIHOOD_GRADIENT = Exercise(
    reference=lr.log_likelihood_gradient,
    points=2,
    cases=(
        Case(
            "odds of 3 to 1, one sample undecided",
            (floats(0, _LOG_3), _THREE_ROWS, floats(1, 0, 1)),
            floats(0.5, 0.5),
        ),
        Case(
            "a published example with scores 4 and -1",
            (_PUBLISHED_W, _PUBLISHED_X, floats(0, 1)),
            floats(-0.25095521140790356, -2.6950861587058217, -3.6770999487437304),
        ),
        Case(
            "weights of 0, where each error is a half",
            (floats(0, 0), _matrix([1, 2], [1, -4], [1, 0]), floats(1, 0, 1)),
            floats(0.5, 3),
        ),
        Case("the intercept alone", (floats(_LOG_3), np.ones((4, 1)), floats(1, 0, 0, 1)), floats(-1)),
        Case(
            "at the top, where errors cancel",
            (floats(_LOG_3), np.ones((4, 1)), floats(1, 1, 0, 1)),
            floats(0),
        ),
        Case(
            "sure and right, with scores of 10000",
            (floats(0, 1e4), _matrix([1, 1], [1, -1], [1, 1]), floats(1, 0, 1)),
            floats(0, 0),
        ),
        Case(
            "sure and wrong, with scores of 10000",
            (floats(0, 1e4), _matrix([1, 1], [1, -1], [1, 1]), floats(0, 0, 0)),
            floats(-2, -2),
        ),
        Case(
            "lists of integers",
            ([1, 3, -1], [[1, 2, 3], [1, -1, -1]], [0, 1]),
            floats(-0.25095521140790356, -2.6950861587058217, -3.6770999487437304),
        ),
        Case(
            "8-bit integers, whose products do not fit",
            (int8(0, 2), _matrix([1, 100], [1, 0], [1, -100], dtype=np.int8), int8(0, 1, 0)),
            floats(-0.5, -100),
        ),
    ),
    draw=_draw_labelled,
    misconceptions=(
        Misconception(
            named("opposite_sign", _of_residuals(lambda X, y, p: X.T @ (p - y))),
            "This is the gradient of the loss, which points downhill. We climb the log-likelihood: the "
            "error is y - p, label minus probability.",
        ),
        Misconception(
            named("mean_instead_of_sum", _of_residuals(lambda X, y, p: X.T @ (y - p) / len(y))),
            "You divided by the number of samples. The log-likelihood is a sum, and so is its gradient: do "
            "not divide.",
        ),
        Misconception(
            named("gradient_of_the_mean_loss", _of_residuals(lambda X, y, p: X.T @ (p - y) / len(y))),
            "This is the gradient of the mean loss, as in many courses. Here the objective is the sum of "
            "the log-likelihoods: take y - p, and do not divide.",
        ),
        Misconception(
            named("labels_plus_and_minus_1", _of_residuals(lambda X, y, p: X.T @ (2 * y - 1 - p))),
            "You compared the probability with labels -1 and +1. The error is y - p with y in {0, 1}: use "
            "the labels as they come.",
        ),
        Misconception(
            _link_function_with_its_sign_flipped,
            "The link function has its sign flipped: your p falls as the score rises. Take the sigmoid of "
            "`X @ w` itself.",
        ),
        Misconception(
            _scores_in_place_of_probabilities,
            "You compared the labels with the scores, as in linear regression. Compare them with the "
            "probabilities: apply the sigmoid first.",
        ),
        Misconception(
            named(
                "decisions_in_place_of_probabilities", _of_residuals(lambda X, y, p: X.T @ (y - (p > 0.5)))
            ),
            "You compared the labels with decisions, 0 or 1 (this is the perceptron's rule). Compare them "
            "with the probabilities.",
        ),
        Misconception(
            named("labels_alone", _of_residuals(lambda X, y, p: X.T @ y)),
            "Your gradient does not depend on the weights. Subtract the probabilities from the labels first.",
        ),
        Misconception(
            named(
                "gradient_of_the_squared_error", _of_residuals(lambda X, y, p: X.T @ ((y - p) * p * (1 - p)))
            ),
            "The factor p(1 - p) belongs to the squared error. In the log-likelihood it cancels: drop it.",
        ),
        Misconception(
            named("forgot_the_transpose", _of_residuals(lambda X, y, p: X @ (y - p))),
            "`X @ error` does not fit: X has one row per sample, and so has the error. Use the transpose, "
            "so that the sum runs over the samples.",
        ),
        Misconception(
            named("forgot_the_transpose_in_dot", _of_residuals(lambda X, y, p: np.dot(X, y - p))),
            "`np.dot(X, error)` does not fit: X has one row per sample, and so has the error. Use `X.T`.",
        ),
        Misconception(
            named(
                "error_times_the_matrix_entry_by_entry",
                _of_residuals(lambda X, y, p: X * (y - p)[:, np.newaxis]),
            ),
            "These are the contributions of the single samples. Add them over the samples, column by column.",
        ),
        Misconception(
            named(
                "summed_along_the_wrong_axis",
                _of_residuals(lambda X, y, p: np.sum(X * (y - p)[:, np.newaxis], axis=1)),
            ),
            "You added along the rows, which gives one number per sample. Add over the samples: one number "
            "per weight.",
        ),
        Misconception(
            named(
                "summed_over_everything", _of_residuals(lambda X, y, p: np.sum(X * (y - p)[:, np.newaxis]))
            ),
            "You added everything to one number. The gradient has one entry per weight: add over the "
            "samples only.",
        ),
        Misconception(
            named("labels_as_a_column", _of_residuals(lambda X, y, p: X.T @ (y[:, np.newaxis] - p))),
            "Each label was combined with every probability: a column (n, 1) minus a vector (n,) is an (n, "
            "n) matrix. Keep both one-dimensional.",
        ),
        Misconception(
            named(
                "a_column_in_place_of_a_vector", _of_residuals(lambda X, y, p: X.T @ (y - p)[:, np.newaxis])
            ),
            "You returned a column, shape (n_features, 1). Return a vector, shape (n_features,): leave the "
            "error one-dimensional.",
        ),
        Misconception(
            named("no_gradient_for_the_intercept", _of_residuals(_no_gradient_for_the_intercept)),
            "The entry of the intercept is 0. It is a weight like the others, with ones for input: leave "
            "its entry as it comes out.",
        ),
        Misconception(
            named("twice_the_gradient", _of_residuals(lambda X, y, p: 2 * X.T @ (y - p))),
            "This is twice the gradient: the factor 2 belongs to squares. Drop it.",
        ),
        Misconception(
            _inf_divided_by_inf,
            "exp(10000) overflows, and inf / inf is NaN. Take the probabilities from your `sigmoid` or "
            "`predict_probability`, which are safe.",
        ),
        Misconception(
            named(_LISTS_OR_INTEGERS, _gradient_of_narrow_integers),
            "Right for floats. But products of narrow integers wrap around, and a list has no transpose. "
            "Turn the arguments into floats first.",
        ),
        Misconception(
            named("last_sample_alone", _of_residuals(lambda X, y, p: X[-1] * (y[-1] - p[-1]))),
            "Only the last sample is left in your gradient: each one replaces those before it. Add them, "
            "with `+=`, or all at once with a matrix product.",
        ),
        Misconception(
            named("transposed_matrix_entry_by_entry", _of_residuals(lambda X, y, p: X.T * (y - p))),
            "You multiplied but did not add up: `*` works entry by entry. Use the matrix product, `@`.",
        ),
        Misconception(
            named("gradient_without_the_intercept", _of_residuals(lambda X, y, p: X[:, 1:].T @ (y - p))),
            "The entry of the intercept is missing. It is a weight like the others, with ones for input: use "
            "all columns of X.",
        ),
        Misconception(
            named(
                "sum_of_errors_times_sum_of_inputs", _of_residuals(lambda X, y, p: X.sum(0) * (y - p).sum())
            ),
            "You multiplied the sum of the errors by the sums of the inputs. Multiply first, sample by "
            "sample, and add afterwards.",
        ),
        Misconception(
            _by_difference_quotients,
            "Difference quotients are for checking: they are not exact, and cost two log-likelihoods per "
            "weight. Compute X^T (y - p).",
        ),
        Misconception(
            _by_forward_differences,
            "These are forward differences, which are not exact: good for a rough check at best. Compute "
            "X^T (y - p).",
        ),
    ),
    hints=(
        "Each sample pulls at each weight. How strongly? As far as the prediction is off, times how much "
        "that weight has to do with this sample.",
        "The error of a sample is y - p, its pull at weight j is (y - p) x_j, and the gradient adds the "
        "pulls of all samples.",
        "First the probabilities, by a function that you have. Then a vector of errors, one per sample. "
        "Which matrix product adds over the samples?",
    ),
    showed=(
        "The intercept's slope is the sum of all errors: at the top it is 0, and the probabilities add up to "
        "the number of 1s among the labels."
    ),
)

# -- fit_logistic_regression --------------------------------------------------------------------


def _ascent(
    gradient=lr.log_likelihood_gradient, start=np.zeros, norm=np.linalg.norm, rate=lambda rate, step: rate
):
    """A fit that goes wrong in one of its parts."""

    def fit_logistic_regression(X, y, learning_rate, n_steps):
        X, y = _floats(X, y)
        w, gradient_norms = start(X.shape[1]), []
        with np.errstate(all="ignore"):
            for step in range(n_steps):
                g = gradient(w, X, y)
                gradient_norms.append(norm(g))
                w = w + rate(learning_rate, step) * g
        return w, np.array(gradient_norms)

    return fit_logistic_regression


def _around_the_steps(mistake):
    """A fit whose steps are right: ``mistake(ws, gradient_norms)`` of all weights and norms on the way.

    `ws` holds the weights before the first step and after each, `gradient_norms` the norms at all of them.
    """

    def fit_logistic_regression(X, y, learning_rate, n_steps):
        X, y = _floats(X, y)
        ws = [np.zeros(X.shape[1])]
        gradient_norms = []
        for step in range(n_steps + 1):
            g = lr.log_likelihood_gradient(ws[-1], X, y)
            gradient_norms.append(np.linalg.norm(g))
            if step < n_steps:
                ws.append(ws[-1] + learning_rate * g)
        return mistake(ws, np.array(gradient_norms))

    return fit_logistic_regression


def _norms(ws):
    """Norms of the weights before each step."""
    return np.array([np.linalg.norm(w) for w in ws[:-1]])


def _one_step_too_many(X, y, learning_rate, n_steps):
    return lr.fit_logistic_regression(X, y, learning_rate, n_steps + 1)


def _one_step_too_few(X, y, learning_rate, n_steps):
    return lr.fit_logistic_regression(X, y, learning_rate, max(n_steps - 1, 0))


def _updates_one_weight_after_the_other(X, y, learning_rate, n_steps):
    X, y = _floats(X, y)
    w, gradient_norms = np.zeros(X.shape[1]), []
    for _ in range(n_steps):
        gradient_norms.append(np.linalg.norm(lr.log_likelihood_gradient(w, X, y)))
        for j in range(w.size):
            w[j] += learning_rate * (X[:, j] @ (y - lr.sigmoid(X @ w)))
    return w, np.array(gradient_norms)


def _one_step_for_each_sample(X, y, learning_rate, n_steps):
    X, y = _floats(X, y)
    w, gradient_norms = np.zeros(X.shape[1]), []
    for _ in range(n_steps):
        gradient_norms.append(np.linalg.norm(lr.log_likelihood_gradient(w, X, y)))
        for row, label in zip(X, y, strict=True):
            w = w + learning_rate * (label - lr.sigmoid(row @ w)) * row
    return w, np.array(gradient_norms)


def _computes_the_gradient_once(X, y, learning_rate, n_steps):
    X, y = _floats(X, y)
    g = lr.log_likelihood_gradient(np.zeros(X.shape[1]), X, y)
    return n_steps * learning_rate * g, np.full(n_steps, np.linalg.norm(g))


def _replaces_the_weights_by_the_step(X, y, learning_rate, n_steps):
    X, y = _floats(X, y)
    w, gradient_norms = np.zeros(X.shape[1]), []
    for _ in range(n_steps):
        g = lr.log_likelihood_gradient(w, X, y)
        gradient_norms.append(np.linalg.norm(g))
        w = learning_rate * g
    return w, np.array(gradient_norms)


def _stops_when_the_gradient_is_small(X, y, learning_rate, n_steps):
    w, gradient_norms = lr.fit_logistic_regression(X, y, learning_rate, n_steps)
    n_large = int(np.argmax(gradient_norms < 1e-6)) if np.any(gradient_norms < 1e-6) else n_steps
    return lr.fit_logistic_regression(X, y, learning_rate, n_large)


def _whole_numbers_for_weights(X, y, learning_rate, n_steps):
    X, y = _floats(X, y)
    w, gradient_norms = np.zeros(X.shape[1], dtype=int), np.zeros(n_steps)
    for step in range(n_steps):
        g = lr.log_likelihood_gradient(w, X, y)
        gradient_norms[step] = np.linalg.norm(g)
        w += learning_rate * g
    return w, gradient_norms


def _returns_inside_the_loop(X, y, learning_rate, n_steps):
    if n_steps == 0:
        return None
    return lr.fit_logistic_regression(X, y, learning_rate, 1)


def _log_likelihoods_in_place_of_norms(X, y, learning_rate, n_steps):
    ws = [lr.fit_logistic_regression(X, y, learning_rate, n)[0] for n in range(n_steps + 1)]
    return ws[-1], np.array([lr.log_likelihood(w, X, y) for w in ws[:-1]])


def _unit_gradient(w, X, y):
    g = lr.log_likelihood_gradient(w, X, y)
    return g / np.linalg.norm(g)


def _steps_of_one_length(X, y, learning_rate, n_steps):
    X, y = _floats(X, y)
    w, gradient_norms = np.zeros(X.shape[1]), []
    for _ in range(n_steps):
        gradient_norms.append(np.linalg.norm(lr.log_likelihood_gradient(w, X, y)))
        w = w + learning_rate * _unit_gradient(w, X, y)
    return w, np.array(gradient_norms)


def _decisions_gradient(w, X, y):
    return X.T @ (y - (X @ w > 0))


def _random_start(n_features):
    return np.random.default_rng(0).normal(scale=0.1, size=n_features)


def _mean_gradient(w, X, y):
    return lr.log_likelihood_gradient(w, X, y) / len(y)


def _downhill(w, X, y):
    return -lr.log_likelihood_gradient(w, X, y)


def _without_the_intercept(w, X, y):
    return lr.log_likelihood_gradient(w, X, y) * np.append(0, np.ones(w.size - 1))


def _draw_fit(rng):
    """A problem on which rounding errors die away: the rate is well below the largest stable one."""
    _, X, y = _draw_labelled(rng)
    stable = 8 / np.linalg.eigvalsh(X.T @ X)[-1]
    return X, y, float(f"{stable * rng.uniform(0.2, 0.7):.1g}"), int(rng.integers(3, 9))


_FIT_X, _FIT_Y = _matrix([1, 2], [1, -4], [1, 0], [1, 1]), floats(1, 0, 1, 0)


def _stops_at_the_top(X, y, learning_rate, n_steps):
    X, y = _floats(X, y)
    w, gradient_norms = np.zeros(X.shape[1]), []
    for _ in range(n_steps):
        g = lr.log_likelihood_gradient(w, X, y)
        gradient_norms.append(np.linalg.norm(g))
        if gradient_norms[-1] < 1e-6:
            break
        w = w + learning_rate * g
    return w, np.array(gradient_norms)


def _one_weight_per_sample(product):
    """A fit that begins with as many weights as there are samples."""

    def fit_logistic_regression(X, y, learning_rate, n_steps):
        X, y = _floats(X, y)
        w, gradient_norms = np.zeros(X.shape[0]), np.zeros(n_steps)
        for step in range(n_steps):
            g = X.T @ (y - lr.sigmoid(product(X, w)))
            gradient_norms[step] = np.linalg.norm(g)
            w = w + learning_rate * g
        return w, gradient_norms

    return fit_logistic_regression


def _all_weights_but_the_intercept_move(X, y, learning_rate, n_steps):
    X, y = _floats(X, y)
    w, gradient_norms = np.zeros(X.shape[1]), np.zeros(n_steps)
    for step in range(n_steps):
        g = lr.log_likelihood_gradient(w, X, y)
        gradient_norms[step] = np.linalg.norm(g)
        w[1:] += learning_rate * g[1:]
    return w, gradient_norms


def _one_column_of_ones_more(X, y, learning_rate, n_steps):
    X = np.column_stack([np.ones(len(X)), X])
    return lr.fit_logistic_regression(X, y, learning_rate, n_steps)


def _returns_within_the_loop(X, y, learning_rate, n_steps):
    w, n = lr.fit_logistic_regression(X, y, learning_rate, min(n_steps, 1))
    return w, np.append(n, np.zeros(n_steps - n.size))


FIT_LOGISTIC_REGRESSION = Exercise(
    reference=lr.fit_logistic_regression,
    points=3,
    cases=(
        Case("one step", (_FIT_X[:3], _FIT_Y[:3], 0.1, 1), (floats(0.05, 0.3), floats(3.0413812651491097))),
        Case(
            "two steps, the second with another gradient",
            (_matrix([1, 1], [1, -1]), floats(1, 0), _LOG_3, 2),
            (floats(0, 1.5 * _LOG_3), floats(1, 0.5)),
        ),
        Case(
            "four steps",
            (_FIT_X, _FIT_Y, 0.1, 4),
            (
                floats(0.011676604873233888, 0.5061764335688728),
                floats(2.5, 1.269519580499483, 0.7728985300672813, 0.5221074206347089),
            ),
        ),
        Case(
            "three weights",
            (_PUBLISHED_X, floats(0, 1), 0.1, 3),
            (
                floats(0.029411153042289414, -0.3222080073752073, -0.41980695881951324),
                floats(2.5, 1.6242736512050462, 1.1851026564370308),
            ),
        ),
        Case("no step at all", (_FIT_X, _FIT_Y, 0.1, 0), (floats(0, 0), floats())),
        Case(
            "at the top after one step, and all steps are taken",
            (np.ones((4, 1)), floats(1, 1, 0, 1), _LOG_3, 3),
            (floats(_LOG_3), floats(1, 0, 0)),
        ),
        Case(
            "lists of integers",
            ([[1, 2], [1, -4], [1, 0]], [1, 0, 1], 0.1, 1),
            (floats(0.05, 0.3), floats(3.0413812651491097)),
        ),
        Case(
            "8-bit integers",
            (_matrix([1, 20], [1, -60], dtype=np.int8), uint8(1, 0), 0.01, 2),
            (floats(3.3535009271513265e-06, 0.4000670700487441), floats(40, 0.006715383389654489)),
        ),
    ),
    draw=_draw_fit,
    misconceptions=(
        Misconception(
            named("descends", _ascent(_downhill)),
            "You walked downhill. The log-likelihood is to grow: add the step, `w + learning_rate * "
            "gradient`.",
        ),
        Misconception(
            named("mean_gradient", _ascent(_mean_gradient)),
            "You divided the gradient by the number of samples. Use the gradient of the sum, as your "
            "`log_likelihood_gradient` gives it.",
        ),
        Misconception(
            named(
                "steps_of_the_mean_gradient",
                lambda X, y, learning_rate, n_steps: lr.fit_logistic_regression(
                    X, y, learning_rate / len(y), n_steps
                ),
            ),
            "Your norms are right at first, but each step is divided by the number of samples. Multiply the "
            "gradient by the learning rate alone.",
        ),
        Misconception(
            named("norms_measured_after_the_steps", _around_the_steps(lambda ws, n: (ws[-1], n[1:]))),
            "You measured each norm after the step. Measure the gradient with which you are about to step.",
        ),
        Misconception(
            named("one_norm_too_many", _around_the_steps(lambda ws, n: (ws[-1], n))),
            "There is one norm too many: that after the last step. Return one norm per step, each measured "
            "before it.",
        ),
        Misconception(
            _one_step_too_many,
            "You took one step too many. Take `n_steps`: `range(n_steps)` goes from 0 to n_steps - 1.",
        ),
        Misconception(
            _one_step_too_few,
            "You took one step too few. Take `n_steps`: `range(n_steps)` goes from 0 to n_steps - 1.",
        ),
        Misconception(
            named("returned_the_weights_alone", _around_the_steps(lambda ws, n: ws[-1])),
            "You returned the weights alone. Return the norms of the gradient as well: `return w, "
            "gradient_norms`.",
        ),
        Misconception(
            named("norms_first", _around_the_steps(lambda ws, n: (n[:-1], ws[-1]))),
            "You returned the norms first. The weights come first: `return w, gradient_norms`.",
        ),
        Misconception(
            named("weights_of_every_step", _around_the_steps(lambda ws, n: (np.array(ws[1:]), n[:-1]))),
            "You returned the weights of every step. Return those after the last one.",
        ),
        Misconception(
            named(
                "weights_before_the_last_step",
                _around_the_steps(lambda ws, n: (ws[max(len(ws) - 2, 0)], n[:-1])),
            ),
            "The norms are right, but the last step is missing in the weights. Return them after it.",
        ),
        Misconception(
            named(
                "norms_of_the_weights",
                _around_the_steps(
                    lambda ws, n: (ws[-1], np.linalg.norm(ws[1:], axis=1) if ws[1:] else np.zeros(0))
                ),
            ),
            "You recorded the norms of the weights. Record those of the gradient.",
        ),
        Misconception(
            named("squared_norms", _ascent(norm=lambda g: g @ g)),
            "You recorded the squared norms. Take the root.",
        ),
        Misconception(
            named("l1_norms", _ascent(norm=lambda g: np.sum(np.abs(g)))),
            "You recorded L1 norms. In this course a norm is the L2 norm unless we say otherwise: use your "
            "`stable_l2_norm`.",
        ),
        Misconception(
            named("max_norms", _ascent(norm=lambda g: np.max(np.abs(g)))),
            "You recorded max norms. In this course a norm is the L2 norm unless we say otherwise: use your "
            "`stable_l2_norm`.",
        ),
        Misconception(
            named("gradients_in_place_of_their_norms", _ascent(norm=lambda g: g)),
            "You recorded the gradients themselves. Record their L2 norms, one number per step.",
        ),
        Misconception(
            named(
                "norms_of_the_steps",
                lambda X, y, learning_rate, n_steps: (
                    lr.fit_logistic_regression(X, y, learning_rate, n_steps)[0],
                    learning_rate * lr.fit_logistic_regression(X, y, learning_rate, n_steps)[1],
                ),
            ),
            "You recorded the lengths of the steps. Record those of the gradients, before they are "
            "multiplied by the learning rate.",
        ),
        Misconception(
            named("link_function_with_its_sign_flipped", _ascent(_link_function_with_its_sign_flipped)),
            "The link function in your gradient has its sign flipped. The first step is right, since σ(0) = "
            "σ(-0), and all others are not: use your `log_likelihood_gradient`.",
        ),
        Misconception(
            named("scores_in_place_of_probabilities", _ascent(_scores_in_place_of_probabilities)),
            "You fitted a linear regression: the labels were compared with the scores. Use your "
            "`log_likelihood_gradient`.",
        ),
        Misconception(
            named("decisions_in_place_of_probabilities", _ascent(_decisions_gradient)),
            "The labels were compared with decisions, 0 or 1 (the perceptron's rule). Use your "
            "`log_likelihood_gradient`, which compares them with probabilities.",
        ),
        Misconception(
            _log_likelihoods_in_place_of_norms,
            "You recorded the log-likelihoods. Record the norms of the gradient.",
        ),
        Misconception(
            _steps_of_one_length,
            "You divided the gradient by its length, so that every step is equally long. Step with the "
            "gradient as it is.",
        ),
        Misconception(
            named("starts_from_ones", _ascent(start=np.ones)),
            "You started from ones. Start from zeros.",
        ),
        Misconception(
            named("starts_from_random_weights", _ascent(start=_random_start)),
            "You started from random weights. There is but one hill here: start from zeros, so that "
            "everybody gets the same.",
        ),
        Misconception(
            named("intercept_stays_at_0", _ascent(_without_the_intercept)),
            "The intercept never moves. It is a weight like the others: update all of them.",
        ),
        Misconception(
            named("rate_that_falls_with_the_steps", _ascent(rate=lambda rate, step: rate / (1 + step))),
            "Your steps become smaller than the gradient says. Keep the learning rate as it is in all steps.",
        ),
        Misconception(
            named("forgot_the_learning_rate", _ascent(rate=lambda rate, step: 1.0)),
            "The learning rate has no effect. Multiply the gradient by it.",
        ),
        Misconception(
            _updates_one_weight_after_the_other,
            "You updated one weight after the other, so that later ones saw earlier ones already changed. "
            "Compute the whole gradient first, and update all weights at once.",
        ),
        Misconception(
            _one_step_for_each_sample,
            "You took one step for each sample (stochastic gradient ascent). Take one step with the sum "
            "over all samples.",
        ),
        Misconception(
            _computes_the_gradient_once,
            "You took every step with the gradient of the start. Compute it anew before each step.",
        ),
        Misconception(
            _replaces_the_weights_by_the_step,
            "You replaced the weights by the step. Add the step to them.",
        ),
        Misconception(
            _stops_when_the_gradient_is_small,
            "You stopped when the gradient was small. Take all `n_steps`, and record a norm for each.",
        ),
        Misconception(
            _whole_numbers_for_weights,
            "The weights began as integers, which cannot hold fractions. Begin with `np.zeros(X.shape[1])`, "
            "which are floats.",
        ),
        Misconception(
            _returns_inside_the_loop,
            "A `return` stands inside the loop, so that it ends after the first step. Move it behind the "
            "loop.",
        ),
        Misconception(
            _stops_at_the_top,
            "You stopped where the gradient is small. Take all n_steps steps, also at the top, and note a "
            "norm for each.",
        ),
        Misconception(
            named(
                "norms_of_the_weights_before_the_steps", _around_the_steps(lambda ws, n: (ws[-1], _norms(ws)))
            ),
            "You noted the norms of the weights, which are 0 at first. Note those of the gradient.",
        ),
        Misconception(
            named("last_norm_alone", _around_the_steps(lambda ws, n: (ws[-1], n[-2] if n.size > 1 else 0.0))),
            "You returned one norm, that before the last step. Keep all of them: append each to a list, or "
            "write it into an array of zeros.",
        ),
        Misconception(
            named("one_weight_per_sample", _one_weight_per_sample(np.matmul)),
            "You began with one weight per row of X. Begin with one per column: `np.zeros(X.shape[1])`.",
        ),
        Misconception(
            named("one_weight_per_sample_in_dot", _one_weight_per_sample(np.dot)),
            "Your weights are as many as the rows of X. Make them as many as its columns: "
            "`np.zeros(X.shape[1])`.",
        ),
        Misconception(
            _all_weights_but_the_intercept_move,
            "The intercept stays at 0, though its gradient is not 0. Update all weights alike.",
        ),
        Misconception(
            _one_column_of_ones_more,
            "You put a column of ones before X, but it has one already. Use X as it comes.",
        ),
        Misconception(
            _returns_within_the_loop,
            "Only the first step was taken, and the other norms are still 0: does the `return` stand inside "
            "the loop? Move it behind.",
        ),
    ),
    hints=(
        "Stand at zero. Feel where it goes uphill, write down how steep it is, take a step. Again.",
        "In each step: g = gradient at w; note ‖g‖; then w ← w + learning_rate · g. In this order.",
        "Zeros for the weights, a place for the norms, and a loop over `range(n_steps)` with three lines, "
        "two of which call functions that you have written.",
    ),
    showed=(
        "At zero weights each probability is ½, so the first step moves a word's weight by half the learning "
        "rate times its count in praise less that in complaints."
    ),
    # a few steps well below the largest stable rate: rounding errors die away; norms near 0 are absolute
    atol=1e-10,
)

# -- predict ------------------------------------------------------------------------------------


def _decided_by(decide):
    """A decision that goes wrong behind the scores: ``decide(scores, threshold)``."""

    def predict(w, X, threshold=0.5):
        w, X = _floats(w, X)
        return decide(X @ w, threshold)

    return predict


def _decisions_of_narrow_integers(w, X, threshold=0.5):
    return (lr.sigmoid(np.asarray(X) @ np.asarray(w)) > threshold).astype(int)


def _draw_decision(rng):
    w, X = _design(rng)
    return w, X, float(rng.choice([0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]))


_DECISION_W, _DECISION_X = floats(-1, 2), _matrix([1, 0], [1, 0.5], [1, 1])

PREDICT = Exercise(
    reference=lr.predict,
    points=1,
    cases=(
        Case("below, at and above a probability of a half", (_DECISION_W, _DECISION_X), np.array([0, 0, 1])),
        Case(
            "threshold 0.7, probabilities 0.75, 0.25, 0.5",
            (floats(0, _LOG_3), _THREE_ROWS, 0.7),
            np.array([1, 0, 0]),
        ),
        Case(
            "threshold 0.2, probabilities 0.75, 0.25, 0.5",
            (floats(0, _LOG_3), _THREE_ROWS, 0.2),
            np.array([1, 1, 1]),
        ),
        Case(
            "threshold 0.8, probabilities 0.75, 0.25, 0.5",
            (floats(0, _LOG_3), _THREE_ROWS, 0.8),
            np.array([0, 0, 0]),
        ),
        Case(
            "threshold 0: everything is above it", (floats(0, _LOG_3), _THREE_ROWS, 0.0), np.array([1, 1, 1])
        ),
        Case(
            "threshold 1: nothing is above it, however large the score",
            (floats(0, 50), _THREE_ROWS, 1.0),
            np.array([0, 0, 0]),
        ),
        Case("all probabilities are exactly a half", (floats(0, 0), _THREE_ROWS, 0.5), np.array([0, 0, 0])),
        Case("lists of integers", ([-1, 2], [[1, 0], [1, 1]]), np.array([0, 1])),
        Case(
            "8-bit integers, whose products do not fit",
            (int8(0, 2), _matrix([1, 100], [1, 0], dtype=np.int8)),
            np.array([1, 0]),
        ),
    ),
    draw=_draw_decision,
    misconceptions=(
        Misconception(
            named("also_1_where_they_are_equal", _decided_by(lambda z, t: (lr.sigmoid(z) >= t).astype(int))),
            "A probability that equals the threshold became a 1. It must be greater: use `>`.",
        ),
        Misconception(
            named("ignores_the_threshold", _decided_by(lambda z, t: (z > 0).astype(int))),
            "The threshold has no effect: you decided at a probability of one half. Compare with "
            "`threshold`.",
        ),
        Misconception(
            named("ignores_the_threshold_and_rounds_up", _decided_by(lambda z, t: (z >= 0).astype(int))),
            "The threshold has no effect: you decided at one half, and made a 1 of exactly one half. "
            "Compare with `threshold`, and with `>`.",
        ),
        Misconception(
            named("compares_scores_with_the_threshold", _decided_by(lambda z, t: (z > t).astype(int))),
            "You compared the scores with the threshold. It is a threshold for probabilities: compare these.",
        ),
        Misconception(
            named("returned_the_probabilities", _decided_by(lambda z, t: lr.sigmoid(z))),
            "You returned the probabilities. Decide: 1 where they are greater than the threshold, else 0.",
        ),
        Misconception(
            named("labels_minus_1_and_1", _decided_by(lambda z, t: np.where(lr.sigmoid(z) > t, 1, -1))),
            "You predicted -1 and 1. The labels of this course are 0 and 1: return those.",
        ),
        Misconception(
            named("exchanged_the_labels", _decided_by(lambda z, t: (lr.sigmoid(z) <= t).astype(int))),
            "Your 0 and 1 are exchanged. Return 1 where the probability is greater than the threshold.",
        ),
        Misconception(
            named("sign_of_the_score_flipped", _decided_by(lambda z, t: (lr.sigmoid(-z) > t).astype(int))),
            "You compared the probability of y = 0. A sign is flipped: compare the sigmoid of `X @ w`.",
        ),
        Misconception(
            named(
                "positions_in_place_of_labels", _decided_by(lambda z, t: np.flatnonzero(lr.sigmoid(z) > t))
            ),
            "You returned the positions of the 1s. Return a 0 or a 1 for each row.",
        ),
        Misconception(
            named(
                "words_in_place_of_numbers", _decided_by(lambda z, t: np.where(lr.sigmoid(z) > t, "1", "0"))
            ),
            "You returned text. Return the integers 0 and 1.",
        ),
        Misconception(
            named(_LISTS_OR_INTEGERS, _decisions_of_narrow_integers),
            "Right for floats. But products of narrow integers wrap around. Use your `predict_probability`, "
            "which turns everything into floats.",
        ),
    ),
    hints=(
        "You know the probabilities. From when on do you say yes?",
        "1 where p > threshold, 0 elsewhere. Strictly greater: a probability that equals the threshold "
        "gives 0.",
        "A comparison of an array gives an array of True and False; `.astype(int)` makes it 1 and 0.",
    ),
    showed=(
        "For yes or no at the usual threshold nobody needs the sigmoid: a probability above ½ is a score "
        "above 0."
    ),
)

# -- accuracy -----------------------------------------------------------------------------------


def _of_labels(measure):
    """A measure that goes wrong on the labels: ``measure(y, y_pred)`` of integers."""

    def of_labels(y, y_pred):
        with np.errstate(all="ignore"):
            return measure(np.asarray(y).astype(int), np.asarray(y_pred).astype(int))

    return of_labels


def _compares_lists_as_a_whole(y, y_pred):
    return np.mean(y == y_pred)


def _unsigned_integers_wrap_around(y, y_pred):
    return 1 - np.mean(np.abs(np.asarray(y) - np.asarray(y_pred)))


def _draw_labels(rng):
    """Labels and predictions with some of each of the four combinations."""
    pairs = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    counts = rng.permutation([1, 2, 3, 5])
    rows = rng.permutation(np.repeat(pairs, counts, axis=0))
    return rows[:, 0].copy(), rows[:, 1].copy()


_Y, _Y_PRED = np.array([1, 0, 1, 1, 0]), np.array([1, 1, 1, 0, 0])

ACCURACY = Exercise(
    reference=lr.accuracy,
    points=1,
    cases=(
        Case("three of five agree", (_Y, _Y_PRED), 0.6),
        Case("all agree", (np.array([1, 0, 1]), np.array([1, 0, 1])), 1.0),
        Case("none agrees", (np.array([1, 0, 1]), np.array([0, 1, 0])), 0.0),
        Case("always 1, where three of four are 1", (np.array([1, 0, 1, 1]), np.array([1, 1, 1, 1])), 0.75),
        Case("always 0, where one of four is 0", (np.array([1, 0, 1, 1]), np.array([0, 0, 0, 0])), 0.25),
        Case("a single sample", (np.array([0]), np.array([0])), 1.0),
        Case("two of three", (np.array([0, 0, 1]), np.array([0, 1, 1])), 2 / 3),
        Case("lists", ([1, 0, 1, 1], [1, 1, 1, 1]), 0.75),
        Case("unsigned 8-bit integers, where 0 - 1 is 255", (uint8(0, 1, 1, 0), uint8(1, 1, 1, 0)), 0.75),
    ),
    draw=_draw_labels,
    misconceptions=(
        Misconception(
            named("fraction_that_disagree", _of_labels(lambda y, p: np.mean(y != p))),
            "This is the fraction that disagree, the error rate. Count those that agree.",
        ),
        Misconception(
            named("count_in_place_of_a_fraction", _of_labels(lambda y, p: np.sum(y == p))),
            "You counted the predictions that agree. Divide by the number of samples.",
        ),
        Misconception(
            named("per_cent", _of_labels(lambda y, p: 100 * np.mean(y == p))),
            "You returned per cent. Return a fraction from 0 to 1.",
        ),
        Misconception(
            named("right_1s_only", _of_labels(lambda y, p: np.mean(y * p))),
            "You counted where both are 1. They also agree where both are 0: compare them with `==`.",
        ),
        Misconception(
            named("fraction_predicted_as_1", _of_labels(lambda y, p: np.mean(p))),
            "This is the fraction predicted as 1, whatever the labels. Compare prediction and label.",
        ),
        Misconception(
            named("precision", _of_labels(lambda y, p: np.sum(y * p) / max(np.sum(p), 1))),
            "You divided by the number of predicted 1s, which gives the precision. Count all that agree, "
            "and divide by the number of samples.",
        ),
        Misconception(
            named("recall", _of_labels(lambda y, p: np.sum(y * p) / max(np.sum(y), 1))),
            "You divided by the number of true 1s, which gives the recall. Count all that agree, and divide "
            "by the number of samples.",
        ),
        Misconception(
            named("mean_difference", _of_labels(lambda y, p: 1 - np.mean(y - p))),
            "Differences of +1 and -1 cancel. Compare with `==`, which sees every disagreement.",
        ),
        Misconception(
            named(
                "mean_product_of_labels_plus_and_minus_1",
                _of_labels(lambda y, p: np.mean((2 * y - 1) * (2 * p - 1))),
            ),
            "This runs from -1 (none agrees) to 1. Return the fraction that agree, from 0 to 1.",
        ),
        Misconception(
            named("whether_all_agree", _of_labels(lambda y, p: float(np.all(y == p)))),
            "You said whether all agree (`//` does so, too: it rounds down to 0 or 1). Return the fraction "
            "that do.",
        ),
        Misconception(
            named("one_value_for_each_sample", _of_labels(lambda y, p: (y == p).astype(int))),
            "You returned whether each sample agrees. Average that.",
        ),
        Misconception(
            _compares_lists_as_a_whole,
            "Right for arrays. But `==` compares lists as a whole: make arrays first, `np.asarray(y)`.",
        ),
        Misconception(
            _unsigned_integers_wrap_around,
            "Right but for unsigned integers, where 0 - 1 wraps around. Compare with `==`, which needs no "
            "difference.",
        ),
    ),
    hints=(
        "For how many samples is the prediction the label? For what fraction of all?",
        "`==` on two arrays gives True and False, entry by entry, and a mean counts True as 1.",
    ),
    showed=(
        "Accuracy only counts: it sees neither whether a decision was made at 51 % or at 99 %, nor which of "
        "the two mistakes was made."
    ),
)

# -- top_words ----------------------------------------------------------------------------------


def _ranked(rank):
    """Top words that go wrong in the ranking: ``rank(weights, vocabulary, k)`` without the intercept."""

    def top_words(w, vocabulary, k):
        return rank(np.asarray(w, dtype=float)[1:], vocabulary, k)

    return top_words


def _words(vocabulary, positions):
    return [vocabulary[j] for j in positions]


def _counts_the_intercept_as_the_first_word(w, vocabulary, k):
    order = np.argsort(np.asarray(w, dtype=float))
    return _words(vocabulary, order[::-1][:k]), _words(vocabulary, order[:k])


def _gives_each_word_the_weight_before_its_own(w, vocabulary, k):
    pairs = sorted(zip(np.asarray(w, dtype=float).tolist(), vocabulary, strict=False))
    return [word for _, word in pairs[::-1][:k]], [word for _, word in pairs[:k]]


def _intercept_stands_for_the_last_word(w, vocabulary, k):
    order = np.argsort(np.asarray(w, dtype=float)) - 1
    return _words(vocabulary, order[::-1][:k]), _words(vocabulary, order[:k])


def _all_words_for_k_0(weights, vocabulary, k):
    order = np.argsort(weights)
    return _words(vocabulary, order[-k:][::-1]), _words(vocabulary, order[:k])


def _all_negative_words_for_k_0(weights, vocabulary, k):
    order = np.argsort(-weights)
    return _words(vocabulary, order[:k]), _words(vocabulary, order[-k:][::-1])


def _shifted_by_one_word(weights, vocabulary, k):
    order = np.argsort(weights) + 1
    return _words(vocabulary, order[::-1][:k]), _words(vocabulary, order[:k])


def _intercept_among_the_words(w, vocabulary, k):
    names, order = ["intercept", *vocabulary], np.argsort(np.asarray(w, dtype=float))
    return _words(names, order[::-1][:k]), _words(names, order[:k])


def _one_sign_each(weights, vocabulary, k):
    order = np.argsort(weights)
    positive = [j for j in order[::-1] if weights[j] > 0]
    negative = [j for j in order if weights[j] < 0]
    return _words(vocabulary, positive[:k]), _words(vocabulary, negative[:k])


def _by_absolute_value(weights, vocabulary, k):
    order = np.argsort(np.abs(weights))
    return _words(vocabulary, order[::-1][:k]), _words(vocabulary, order[:k])


def _largest_absolute_values_by_sign(weights, vocabulary, k):
    largest = np.argsort(-np.abs(weights))[:k]
    return [vocabulary[j] for j in largest if weights[j] > 0], [
        vocabulary[j] for j in largest if weights[j] < 0
    ]


def _ranked_right(change):
    """Top words that go wrong at the very end: ``change(positive, negative)``."""

    def top_words(w, vocabulary, k):
        return change(*lr.top_words(w, vocabulary, k))

    return top_words


def _arrays_of_words(w, vocabulary, k):
    words, order = np.array(vocabulary), np.argsort(np.asarray(w, dtype=float)[1:])
    return words[order[::-1][:k]], words[order[:k]]


def _negated_narrow_integers(w, vocabulary, k):
    weights = np.asarray(w)[1:]
    return _words(vocabulary, np.argsort(-weights)[:k]), _words(vocabulary, np.argsort(weights)[:k])


def _lost_among_equal_weights(w, vocabulary, k):
    word_by_weight = {float(weight): word for word, weight in zip(vocabulary, w[1:], strict=True)}
    ranked = [word_by_weight[weight] for weight in sorted(word_by_weight, reverse=True)]
    return ranked[:k], ranked[::-1][:k]


def _first_of_equal_weights_twice(w, vocabulary, k):
    weights = [float(weight) for weight in w[1:]]
    ranked = [vocabulary[weights.index(weight)] for weight in sorted(weights, reverse=True)]
    return ranked[:k], ranked[::-1][:k]


def _draw_weights(rng):
    n_words = int(rng.integers(5, 8))
    vocabulary = [str(word) for word in rng.choice(_WORDS, size=n_words, replace=False)]
    tenths = rng.permutation(
        np.append(rng.choice(np.arange(2, 40), 4), -rng.choice(np.arange(2, 40), n_words))
    )
    weights = np.unique(tenths)  # all different, so that the order is settled
    weights = rng.permutation(weights)[: n_words + 1] / 10
    vocabulary = vocabulary[: len(weights) - 1]
    return weights, vocabulary, int(rng.integers(1, 4))


_FIVE_WORDS = ["phone", "great", "bad", "love", "poor"]
_FIVE_WEIGHTS = floats(9, 0.1, 2.5, -1.5, 1.5, -2)

TOP_WORDS = Exercise(
    reference=lr.top_words,
    points=2,
    cases=(
        Case(
            "the two ends of five words",
            (_FIVE_WEIGHTS, _FIVE_WORDS, 2),
            (["great", "love"], ["poor", "bad"]),
        ),
        Case("the intercept is no word", (floats(-9, 1, 3, 2), ["a", "b", "c"], 1), (["b"], ["a"])),
        Case("all words", (floats(0, 1, 3, 2), ["a", "b", "c"], 3), (["b", "c", "a"], ["a", "c", "b"])),
        Case("no words at all", (_FIVE_WEIGHTS, _FIVE_WORDS, 0), ([], [])),
        Case(
            "fewer positive weights than k",
            (floats(0, -1, 2, -3), ["a", "b", "c"], 2),
            (["b", "a"], ["c", "a"]),
        ),
        Case("positive weights only", (floats(0, 1, 3, 2), ["a", "b", "c"], 2), (["b", "c"], ["a", "c"])),
        Case("one word", (floats(1, -2), ["bad"], 1), (["bad"], ["bad"])),
        Case(
            "two words of one weight, in any order",
            (floats(0, 2, -1, 2, -1), ["a", "b", "c", "d"], 2),
            TIED_WORDS,
        ),
        Case("a list of integers", ([9, 1, 5, -3], ["a", "b", "c"], 1), (["b"], ["c"])),
        Case(
            "8-bit integers, where -(-128) does not fit",
            (int8(0, 5, -128, 100), ["a", "b", "c"], 2),
            (["c", "a"], ["b", "a"]),
        ),
    ),
    draw=_draw_weights,
    misconceptions=(
        Misconception(
            _lost_among_equal_weights,
            "Where two words have one weight, a dict from weights to words keeps only one of them. Sort the "
            "positions (`np.argsort`), or pairs of weight and word.",
        ),
        Misconception(
            _first_of_equal_weights_twice,
            "Where two words have one weight, `index` finds the first of them twice. Sort the positions "
            "(`np.argsort`), or pairs of weight and word.",
        ),
        Misconception(
            _counts_the_intercept_as_the_first_word,
            "You forgot the intercept: w[0] belongs to no word, and w[1] to the first. Sort `w[1:]`.",
        ),
        Misconception(
            _gives_each_word_the_weight_before_its_own,
            "You paired the first word with w[0], which is the intercept, so that each word has its "
            "neighbour's weight. Pair the words with `w[1:]`.",
        ),
        Misconception(
            _intercept_stands_for_the_last_word,
            "Subtracting 1 from the positions makes -1 of the intercept's, which is the last word. Leave "
            "the intercept out before you sort: `w[1:]`.",
        ),
        Misconception(
            named("all_words_for_k_equal_to_0", _ranked(_all_words_for_k_0)),
            "For k = 0 you returned all words: `order[-0:]` is everything. Turn the order around first, and "
            "take `[:k]` of that.",
        ),
        Misconception(
            named("all_negative_words_for_k_equal_to_0", _ranked(_all_negative_words_for_k_0)),
            "For k = 0 the negative list has all words: `order[-0:]` is everything. Turn the order around "
            "first, and take `[:k]` of that.",
        ),
        Misconception(
            named("shifted_by_one_word", _ranked(_shifted_by_one_word)),
            "You left the intercept out, and then added 1 to the positions as well, which names the next "
            "word. Position 0 of `w[1:]` belongs to `vocabulary[0]`: add nothing.",
        ),
        Misconception(
            _intercept_among_the_words,
            "You put the intercept among the words. It is no word: leave it out before you sort.",
        ),
        Misconception(
            named("positive_or_negative_weights_only", _ranked(_one_sign_each)),
            "Where there are fewer positive (or negative) weights than k, you returned fewer words. Return "
            "k words, whatever their signs.",
        ),
        Misconception(
            named("ordered_by_absolute_value", _ranked(_by_absolute_value)),
            "You ordered by absolute value, which mixes praise with complaint. Order by the weights "
            "themselves: the most positive stand at one end, the most negative at the other.",
        ),
        Misconception(
            named("largest_absolute_values_by_sign", _ranked(_largest_absolute_values_by_sign)),
            "You took the k largest absolute values and split them by sign. Take k words from each end of "
            "the order.",
        ),
        Misconception(
            named("most_positive_word_last", _ranked_right(lambda p, n: (p[::-1], n))),
            "You have the right words, but the most positive comes last. Turn that list around.",
        ),
        Misconception(
            named("most_negative_word_last", _ranked_right(lambda p, n: (p, n[::-1]))),
            "You have the right words, but the most negative comes last. Turn that list around.",
        ),
        Misconception(
            named("both_lists_turned_around", _ranked_right(lambda p, n: (p[::-1], n[::-1]))),
            "You have the right words, but the most extreme come last. Turn both lists around.",
        ),
        Misconception(
            named("negative_words_first", _ranked_right(lambda p, n: (n, p))),
            "The lists are exchanged. Return the positive words first.",
        ),
        Misconception(
            named("one_list_of_all", _ranked_right(lambda p, n: [*p, *n])),
            "You returned one list. Return two: `return positive, negative`.",
        ),
        Misconception(
            named("positive_words_alone", _ranked_right(lambda p, n: p)),
            "You returned the positive words alone. Return the negative ones as well: `return positive, "
            "negative`.",
        ),
        Misconception(
            named(
                "positions_in_place_of_words",
                _ranked(lambda w, v, k: (np.argsort(w)[::-1][:k].tolist(), np.argsort(w)[:k].tolist())),
            ),
            "You returned positions. Look up the words that stand there.",
        ),
        Misconception(
            named(
                "weights_in_place_of_words",
                _ranked(lambda w, v, k: (np.sort(w)[::-1][:k].tolist(), np.sort(w)[:k].tolist())),
            ),
            "You returned the weights. Return the words that have them.",
        ),
        Misconception(
            named(
                "ignores_k",
                _ranked(lambda w, v, k: (_words(v, np.argsort(w)[::-1]), _words(v, np.argsort(w)))),
            ),
            "You returned all words. Take the first k of each list.",
        ),
        Misconception(
            _arrays_of_words,
            "The right words, but in arrays. Return lists: `.tolist()` makes them.",
        ),
        Misconception(
            named(_LISTS_OR_INTEGERS, _negated_narrow_integers),
            "Right for floats. But in 8 bits -(-128) is -128. Turn the weights into floats first, or sort "
            "them without a minus sign.",
        ),
    ),
    hints=(
        "Put the words in the order of their weights. The two ends are what you want. Which weight belongs "
        "to no word?",
        "`np.argsort` gives the positions from the smallest weight to the largest, `[::-1]` turns them "
        "around, and `[:k]` takes the first k, also for k = 0.",
        "Leave the intercept out, find the order, and look up the words at its first k positions; then the "
        "same with the order turned around. Mind which list comes first.",
    ),
    showed=(
        "Weight `w[j + 1]` belongs to word j: forget the intercept's place, and each weight is read off "
        "under its neighbour's name."
    ),
)

# -- precision_recall ---------------------------------------------------------------------------


def _fraction(part, whole):
    return float(part / whole) if whole else 0.0


def _pair_or_0(part, *wholes):
    return tuple(part / whole for whole in wholes) if all(wholes) else 0.0


def _measured(measure):
    """Two fractions that go wrong: ``measure`` of right 1s, false 1s, missed 1s and right 0s."""

    def precision_recall(y, y_pred):
        y, p = np.asarray(y).astype(int), np.asarray(y_pred).astype(int)
        n = [int(np.sum((y == a) & (p == b))) for a, b in ((1, 1), (0, 1), (1, 0), (0, 0))]
        return measure(*n)

    return precision_recall


def _nan_where_nothing_is_there(y, y_pred):
    y, p = np.asarray(y), np.asarray(y_pred)
    with np.errstate(all="ignore"):
        n_found = np.sum((y == 1) & (p == 1))
        return n_found / np.sum(p == 1), n_found / np.sum(y == 1)


def _divides_by_zero_in_plain_python(y, y_pred):
    pairs = list(zip(y, y_pred, strict=True))
    n_found = sum(1 for a, b in pairs if a == 1 and b == 1)
    return n_found / sum(1 for _, b in pairs if b == 1), n_found / sum(1 for a, _ in pairs if a == 1)


def _products_of_narrow_integers(y, y_pred):
    y, p = np.asarray(y), np.asarray(y_pred)
    n_found = y @ p
    return _fraction(n_found, np.sum(p)), _fraction(n_found, np.sum(y))


def _and_between_lists(y, y_pred):
    n_found = sum(y & y_pred)
    return _fraction(n_found, sum(y_pred)), _fraction(n_found, sum(y))


def _and_between_floats(y, y_pred):
    y, p = np.asarray(y), np.asarray(y_pred)
    n_found = np.sum(y & p)
    return _fraction(n_found, np.sum(p)), _fraction(n_found, np.sum(y))


def _compares_lists_with_1(y, y_pred):
    n_found = np.sum((y == 1) * (y_pred == 1))
    return _fraction(n_found, np.sum(y_pred == 1)), _fraction(n_found, np.sum(y == 1))


def _and_before_the_comparison(y, y_pred):
    y, p = np.asarray(y).astype(int), np.asarray(y_pred).astype(int)
    n_found = np.sum(y == 1 & p == 1)
    return _fraction(n_found, np.sum(p == 1)), _fraction(n_found, np.sum(y == 1))


PRECISION_RECALL = Exercise(
    reference=lr.precision_recall,
    points=2,
    cases=(
        Case(
            "three predicted, two of them right, of four",
            (np.array([1, 1, 1, 1, 0, 0]), np.array([1, 1, 0, 0, 1, 0])),
            (2 / 3, 0.5),
        ),
        Case("everything right", (np.array([1, 0, 1]), np.array([1, 0, 1])), (1.0, 1.0)),
        Case("everything wrong", (np.array([1, 0, 1]), np.array([0, 1, 0])), (0.0, 0.0)),
        Case("always 1", (np.array([1, 0, 0, 0]), np.array([1, 1, 1, 1])), (0.25, 1.0)),
        Case("never 1: nothing is predicted", (np.array([1, 0, 1]), np.array([0, 0, 0])), (0.0, 0.0)),
        Case("no label is 1", (np.array([0, 0, 0]), np.array([0, 1, 0])), (0.0, 0.0)),
        Case("neither a label nor a prediction is 1", (np.array([0, 0]), np.array([0, 0])), (0.0, 0.0)),
        Case(
            "one sure hit of five", (np.array([1, 1, 1, 1, 1, 0]), np.array([1, 0, 0, 0, 0, 0])), (1.0, 0.2)
        ),
        Case("labels that are floats", (floats(1, 0, 1), floats(1, 1, 0)), (0.5, 0.5)),
        Case("lists", ([1, 1, 0, 0, 1, 1], [1, 0, 1, 0, 0, 0]), (0.5, 0.25)),
        Case(
            "two hundred 8-bit integers, whose sum does not fit",
            (np.ones(200, dtype=np.int8), np.ones(200, dtype=np.int8)),
            (1.0, 1.0),
        ),
    ),
    draw=_draw_labels,
    misconceptions=(
        Misconception(
            named(
                "recall_first",
                _measured(lambda tp, fp, fn, tn: (_fraction(tp, tp + fn), _fraction(tp, tp + fp))),
            ),
            "The two are exchanged. Precision, divided by the number of predicted 1s, comes first; recall, "
            "divided by the number of true 1s, second.",
        ),
        Misconception(
            _nan_where_nothing_is_there,
            "Nothing is predicted as 1, or nothing is 1, and 0 / 0 is NaN. Return 0.0 for that fraction.",
        ),
        Misconception(
            _divides_by_zero_in_plain_python,
            "Nothing is predicted as 1, or nothing is 1, and dividing by 0 is an error. Return 0.0 for that "
            "fraction.",
        ),
        Misconception(
            named(
                "1_where_nothing_is_there",
                _measured(
                    lambda tp, fp, fn, tn: (
                        tp / (tp + fp) if tp + fp else 1.0,
                        tp / (tp + fn) if tp + fn else 1.0,
                    )
                ),
            ),
            "Where there is nothing to divide by, you returned 1. Return 0.0.",
        ),
        Misconception(
            named(
                "of_class_0",
                _measured(lambda tp, fp, fn, tn: (_fraction(tn, tn + fn), _fraction(tn, tn + fp))),
            ),
            "These are precision and recall of the zeros. Count the ones.",
        ),
        Misconception(
            named(
                "mean_of_both_classes",
                _measured(
                    lambda tp, fp, fn, tn: (
                        (_fraction(tp, tp + fp) + _fraction(tn, tn + fn)) / 2,
                        (_fraction(tp, tp + fn) + _fraction(tn, tn + fp)) / 2,
                    )
                ),
            ),
            "You averaged over both classes. Return precision and recall of class 1 alone.",
        ),
        Misconception(
            named(
                "specificity_for_recall",
                _measured(lambda tp, fp, fn, tn: (_fraction(tp, tp + fp), _fraction(tn, tn + fp))),
            ),
            "Your second number is the fraction of the zeros that were recognised (the specificity). Recall "
            "is about the ones: divide the hits by the number of true 1s.",
        ),
        Misconception(
            named(
                "false_alarms_for_recall",
                _measured(lambda tp, fp, fn, tn: (_fraction(tp, tp + fp), _fraction(fp, fp + tn))),
            ),
            "Your second number is the rate of false alarms: zeros that were predicted as 1. For the "
            "recall, divide the hits by the number of true 1s.",
        ),
        Misconception(
            named(
                "right_0s_counted_as_hits",
                _measured(lambda tp, fp, fn, tn: (_fraction(tp + tn, tp + fp), _fraction(tp + tn, tp + fn))),
            ),
            "You counted the samples that agree, zeros among them, as hits. A hit is a 1 that was predicted "
            "as 1: count those.",
        ),
        Misconception(
            named(
                "accuracy_for_precision",
                _measured(
                    lambda tp, fp, fn, tn: (_fraction(tp + tn, tp + fp + fn + tn), _fraction(tp, tp + fn))
                ),
            ),
            "Your first number is the accuracy. For the precision, divide the hits by the number of "
            "predicted 1s.",
        ),
        Misconception(
            named(
                "divided_by_the_number_of_samples",
                _measured(
                    lambda tp, fp, fn, tn: (
                        _fraction(tp, tp + fp + fn + tn),
                        _fraction(tp, tp + fp + fn + tn),
                    )
                ),
            ),
            "You divided the hits by the number of samples. Divide by the number of predicted 1s, and by "
            "the number of true 1s.",
        ),
        Misconception(
            named(
                "hits_per_mistake",
                _measured(lambda tp, fp, fn, tn: (tp / fp if fp else 0.0, tp / fn if fn else 0.0)),
            ),
            "You divided the hits by the mistakes alone. The hits belong into the denominator, too: divide "
            "by all predicted 1s, and by all true 1s.",
        ),
        Misconception(
            named("counts_in_place_of_fractions", _measured(lambda tp, fp, fn, tn: (tp, tp))),
            "You returned a count. Divide the hits by the number of predicted 1s, and by the number of true "
            "1s.",
        ),
        Misconception(
            named("harmonic_mean", _measured(lambda tp, fp, fn, tn: _fraction(2 * tp, 2 * tp + fp + fn))),
            "This is the F1 score, which mixes the two. Return both: `return precision, recall`.",
        ),
        Misconception(
            named("precision_alone", _measured(lambda tp, fp, fn, tn: _fraction(tp, tp + fp))),
            "You returned the precision alone. Return both: `return precision, recall`.",
        ),
        Misconception(
            named(
                "per_cent",
                _measured(
                    lambda tp, fp, fn, tn: (100 * _fraction(tp, tp + fp), 100 * _fraction(tp, tp + fn))
                ),
            ),
            "You returned per cent. Return fractions from 0 to 1.",
        ),
        Misconception(
            named(
                "added_a_small_number",
                _measured(lambda tp, fp, fn, tn: (tp / (tp + fp + 1e-7), tp / (tp + fn + 1e-7))),
            ),
            "A small number in the denominator makes every fraction slightly wrong. Ask whether the "
            "denominator is 0 instead.",
        ),
        Misconception(
            named(_LISTS_OR_INTEGERS, _products_of_narrow_integers),
            "Right for a few samples. But a matrix product of 8-bit integers wraps around beyond 127 hits: "
            "count with `np.sum`, which adds in 64 bits.",
        ),
        Misconception(
            _and_between_lists,
            "Right for arrays of integers. But `&` does not work between lists: make arrays first, "
            "`np.asarray(y)`.",
        ),
        Misconception(
            _and_between_floats,
            "Right for integers. But labels may be floats, and between these there is no `&`. Compare "
            "first: `(y == 1) & (y_pred == 1)`.",
        ),
        Misconception(
            _compares_lists_with_1,
            "Right for arrays. But `y == 1` compares a whole list with 1, which is False. Make arrays first, "
            "`np.asarray(y)`, and the comparison goes through the entries.",
        ),
        Misconception(
            _and_before_the_comparison,
            "`&` binds more tightly than `==`, so that `y == 1 & y_pred == 1` reads `y == (1 & y_pred) == "
            "1`. Put both comparisons into brackets.",
        ),
        Misconception(
            named("returns_one_0", _measured(lambda tp, fp, fn, tn: _pair_or_0(tp, tp + fp, tp + fn))),
            "Where there is nothing to divide by, you returned one 0. Return two numbers always: "
            "`return precision, recall`.",
        ),
        Misconception(
            named(
                "precision_divided_by_the_number_of_samples",
                _measured(lambda tp, fp, fn, tn: (tp / (tp + fp + fn + tn), _fraction(tp, tp + fn))),
            ),
            "Your precision is divided by the number of samples. Divide the hits by the number of predicted "
            "1s.",
        ),
        Misconception(
            named(
                "recall_divided_by_the_number_of_samples",
                _measured(lambda tp, fp, fn, tn: (_fraction(tp, tp + fp), tp / (tp + fp + fn + tn))),
            ),
            "Your recall is divided by the number of samples. Divide the hits by the number of true 1s.",
        ),
        Misconception(
            named(
                "precision_1_where_nothing_is_predicted",
                _measured(
                    lambda tp, fp, fn, tn: (tp / (tp + fp) if tp + fp else 1.0, _fraction(tp, tp + fn))
                ),
            ),
            "Where nothing is predicted as 1, your precision is 1. Return 0.0 there.",
        ),
        Misconception(
            named(
                "whole_numbers",
                _measured(lambda tp, fp, fn, tn: (tp // max(tp + fp, 1), tp // max(tp + fn, 1))),
            ),
            "`//` divides and rounds down to a whole number. Divide with `/`.",
        ),
    ),
    hints=(
        "Both have the same numerator: the hits, which are the 1s that were predicted as 1. They differ in "
        "what you divide by.",
        "Precision = hits / all predicted 1s. Recall = hits / all true 1s. What if there are none?",
        "`(y == 1) & (y_pred == 1)` marks the hits, and a sum counts them. Ask before each division whether "
        "there is something to divide by.",
    ),
    showed=(
        "A 0 that is predicted as 0 enters neither number: add a million of them, and precision and recall "
        "stay what they were."
    ),
)

# -- impute_mean --------------------------------------------------------------------------------

_NAN = np.nan


def _filled_with(values):
    """An imputation with other values: ``values(X_train, X)`` of shape (n_features,) or that of X."""

    def impute_mean(X_train, X):
        X_train, X = _floats(X_train, X)
        return np.where(np.isnan(X), values(X_train, X), X)

    return impute_mean


def _means(X, axis=0):
    known = ~np.isnan(X)
    return np.sum(np.where(known, X, 0), axis=axis) / np.maximum(np.sum(known, axis=axis), 1)


def _columnwise(statistic):
    """A statistic of the known values of each column; 0 where there is none."""

    def of(X_train, X):
        known = [column[~np.isnan(column)] for column in X_train.T]
        return np.array([statistic(column) if column.size else 0.0 for column in known])

    return of


def _empty_column_stays_nan(X_train, X):
    with np.errstate(all="ignore"):
        return np.sum(np.nan_to_num(X_train), axis=0) / np.sum(~np.isnan(X_train), axis=0)


def _empty_column_gets_the_mean_of_all(X_train, X):
    empty = np.all(np.isnan(X_train), axis=0)
    return np.where(
        empty, np.sum(np.nan_to_num(X_train)) / max(np.sum(~np.isnan(X_train)), 1), _means(X_train)
    )


def _empty_column_gets_the_mean_of_x(X_train, X):
    return np.where(np.all(np.isnan(X_train), axis=0), _means(X), _means(X_train))


def _drops_rows_with_missing_values(X_train, X):
    X = np.asarray(X, dtype=float)
    return X[~np.any(np.isnan(X), axis=1)]


def _drops_the_column_without_values(X_train, X):
    X_train = np.asarray(X_train, dtype=float)
    return np.asarray(lr.impute_mean(X_train, X))[:, ~np.all(np.isnan(X_train), axis=0)]


def _compares_with_nan(X_train, X):
    return np.asarray(X, dtype=float)


def _replaces_every_value(X_train, X):
    X_train, X = _floats(X_train, X)
    return np.tile(_means(X_train), (len(X), 1))


def _filled_the_training_data(X_train, X):
    return lr.impute_mean(X_train, X_train)


def _branches_of_where_exchanged(X_train, X):
    X_train, X = _floats(X_train, X)
    return np.where(np.isnan(X), X, _means(X_train))


def _means_of_complete_rows(X_train, X):
    complete = X_train[~np.any(np.isnan(X_train), axis=1)]
    return np.where(len(complete), np.sum(complete, axis=0) / max(len(complete), 1), _means(X_train))


def _assigns_all_means_to_all_gaps(X_train, X):
    X_train, X = _floats(X_train, X)
    filled = X.copy()
    filled[np.isnan(filled)] = _means(X_train)
    return filled


def _lists_have_no_shape(X_train, X):
    filled = X.copy()
    filled[np.isnan(filled)] = np.broadcast_to(_means(np.asarray(X_train, dtype=float)), X.shape)[
        np.isnan(filled)
    ]
    return filled


def _draw_missing(rng):
    n_features = int(rng.integers(2, 5))
    X_train = rng.normal(5, 3, size=(n_features + int(rng.integers(2, 4)), n_features)).round(1)
    X = rng.normal(5, 3, size=(n_features + 1, n_features)).round(1)
    for A in (X_train, X):
        A[rng.random(A.shape) < 0.25] = _NAN
    X[rng.integers(len(X)), rng.integers(n_features)] = _NAN
    X_train[0, :] = rng.normal(5, 3, size=n_features).round(1)  # no column without a value
    return X_train, X


_WITH_GAPS = _matrix([1, 10], [3, _NAN], [_NAN, 30], [8, 50])

IMPUTE_MEAN = Exercise(
    reference=lr.impute_mean,
    points=2,
    cases=(
        Case(
            "means 4 and 30 of the training data",
            (_WITH_GAPS, _matrix([_NAN, 7], [5, _NAN], [2, 6])),
            _matrix([4, 7], [5, 30], [2, 6]),
        ),
        Case("one column", (_matrix([4], [8]), _matrix([_NAN], [1])), _matrix([6], [1])),
        Case(
            "each column has its own mean",
            (_matrix([1, 10], [3, 30]), _matrix([_NAN, _NAN])),
            _matrix([2, 20]),
        ),
        Case("zeros are values", (_matrix([0], [_NAN], [4]), _matrix([0], [_NAN])), _matrix([0], [2])),
        Case(
            "the training data themselves",
            (_WITH_GAPS, _WITH_GAPS),
            _matrix([1, 10], [3, 30], [4, 30], [8, 50]),
        ),
        Case("nothing is missing", (_WITH_GAPS, _matrix([2, 6])), _matrix([2, 6])),
        Case(
            "nothing is missing in the training data",
            (_matrix([1, 2], [3, 7], [5, 0]), _matrix([_NAN, _NAN])),
            _matrix([3, 3]),
        ),
        Case(
            "no value known in a column of the training data",
            (_matrix([1, _NAN], [3, _NAN], [8, _NAN]), _matrix([_NAN, _NAN], [5, 9])),
            _matrix([4, 0], [5, 9]),
        ),
        Case(
            "one row of training data",
            (_matrix([6, _NAN]), _matrix([_NAN, _NAN], [_NAN, 1])),
            _matrix([6, 0], [6, 1]),
        ),
        Case("a row without any value", (_WITH_GAPS, _matrix([_NAN, _NAN])), _matrix([4, 30])),
        Case("means of 0", (_matrix([-2, 1], [2, -1]), _matrix([_NAN, 4])), _matrix([0, 4])),
        Case(
            "lists, the training data of integers",
            ([[1, 2], [4, 7]], [[_NAN, 3], [5, _NAN]]),
            _matrix([2.5, 3], [5, 4.5]),
        ),
        Case(
            "8-bit integers in the training data",
            (_matrix([100, 1], [100, 2], dtype=np.int8), _matrix([_NAN, _NAN], [1, 2])),
            _matrix([100, 1.5], [1, 2]),
        ),
    ),
    draw=_draw_missing,
    misconceptions=(
        Misconception(
            named("means_of_the_data_to_be_filled", _filled_with(lambda X_train, X: _means(X))),
            "You filled in the means of X itself. New data must not decide how they are treated: take the "
            "means of X_train.",
        ),
        Misconception(
            named("means_of_both_together", _filled_with(lambda X_train, X: _means(np.vstack([X_train, X])))),
            "You averaged over X_train and X together, so that the new data leak into the training. Take "
            "the means of X_train alone.",
        ),
        Misconception(
            named("zeros_in_place_of_means", _filled_with(lambda X_train, X: 0.0)),
            "You filled in zeros. Fill in the mean of the column; 0 is only for a column without any known "
            "value.",
        ),
        Misconception(
            named("medians_in_place_of_means", _filled_with(_columnwise(np.median))),
            "You filled in the medians. Fill in the means.",
        ),
        Misconception(
            named(
                "missing_values_counted_as_0",
                _filled_with(lambda X_train, X: np.mean(np.nan_to_num(X_train), axis=0)),
            ),
            "Missing values went into your mean as zeros. Divide the sum by the number of values that are "
            "known.",
        ),
        Misconception(
            named("means_of_the_rows", _filled_with(lambda X_train, X: _means(X, axis=1)[:, np.newaxis])),
            "You averaged along the rows, over quantities with different units. Average down each column of "
            "X_train: `axis=0`.",
        ),
        Misconception(
            named(
                "one_mean_for_all_columns",
                _filled_with(lambda X_train, X: np.sum(np.nan_to_num(X_train)) / np.sum(~np.isnan(X_train))),
            ),
            "You filled in one mean for the whole table. Each column has its own: `axis=0`.",
        ),
        Misconception(
            named("mean_of_nan_is_nan", _filled_with(lambda X_train, X: np.mean(X_train, axis=0))),
            "A mean over NaN is NaN. Average over the known values only.",
        ),
        Misconception(
            named("empty_column_stays_nan", _filled_with(_empty_column_stays_nan)),
            "A column of X_train without any known value has no mean (0 / 0 is NaN). Fill in 0 there.",
        ),
        Misconception(
            named("empty_column_gets_the_mean_of_all", _filled_with(_empty_column_gets_the_mean_of_all)),
            "A column of X_train without any known value got the mean of the other columns. Fill in 0 there.",
        ),
        Misconception(
            named("empty_column_gets_the_mean_of_x", _filled_with(_empty_column_gets_the_mean_of_x)),
            "A column of X_train without any known value got the mean of X. New data must not decide: fill "
            "in 0 there.",
        ),
        Misconception(
            _drops_rows_with_missing_values,
            "You dropped the rows with missing values. Keep all rows, and fill the gaps.",
        ),
        Misconception(
            _drops_the_column_without_values,
            "You dropped the column that has no known value in X_train. Keep it, with 0 in its gaps.",
        ),
        Misconception(
            _compares_with_nan,
            "The gaps are still there. NaN equals nothing, not even itself: find it with `np.isnan`, not "
            "with `==`.",
        ),
        Misconception(
            _branches_of_where_exchanged,
            "The two branches of `np.where` are exchanged: known values became means, and gaps stayed. It "
            "is `np.where(condition, where it holds, where it does not)`: swap them.",
        ),
        Misconception(
            _assigns_all_means_to_all_gaps,
            "`X[gaps] = means` wants one value per gap, and fills them one after the other, whatever their "
            "column. Use `np.where`, which keeps the columns together.",
        ),
        Misconception(
            named("means_of_complete_rows", _filled_with(_means_of_complete_rows)),
            "You averaged over the rows without any gap, and threw away known values of the others. Average "
            "each column over all its known values.",
        ),
        Misconception(
            _replaces_every_value,
            "You replaced all values by the means. Replace the missing ones only: `np.where`.",
        ),
        Misconception(
            _filled_the_training_data,
            "You returned X_train with its gaps filled. Return X, filled with the means of X_train.",
        ),
        Misconception(
            named(
                "value_of_the_row_above",
                _filled_with(lambda X_train, X: np.vstack([_means(X_train), np.nan_to_num(X)[:-1]])),
            ),
            "You filled in the value of the row above. Rows are different people: fill in the mean of the "
            "column in X_train.",
        ),
        Misconception(
            _lists_have_no_shape,
            "Right for arrays. But a list has no shape and no mask: make arrays of floats first.",
        ),
        Misconception(
            named("mean_of_nan_replaced_by_0", _filled_with(lambda T, X: np.nan_to_num(np.mean(T, axis=0)))),
            "The mean of a column with a gap is NaN, and you made a 0 of it. Average over the known values; "
            "0 is only for a column that has none.",
        ),
    ),
    hints=(
        "What do you know of a person whose savings are unknown? At best what people have on average, and "
        "only those whom you have seen already.",
        "The mean of a column of X_train over its known values: their sum over their number. If the number "
        "is 0, the fill is 0.",
        "`np.isnan` marks the gaps. `np.sum` takes `where=`, a mask of what counts. `np.where(gap, fill, "
        "X)` spreads one row of means over all rows.",
    ),
    showed=(
        "Filling the training rows' gaps keeps the mean of a column and shrinks its spread, since every "
        "filled value lies exactly in the middle."
    ),
)

# -- standardize --------------------------------------------------------------------------------


def _scaled_by(scale):
    """A standardisation that goes wrong in its formula: ``scale(X, X_train, mean, std)``."""

    def standardize(X_train, X):
        X_train, X = _floats(X_train, X)
        constant = np.max(X_train, axis=0) == np.min(X_train, axis=0)
        with np.errstate(all="ignore"):
            return scale(
                X, X_train, np.mean(X_train, axis=0), np.where(constant, 1.0, np.std(X_train, axis=0))
            )

    return standardize


def _std_or_1(X, ddof=0):
    constant = np.max(X, axis=0) == np.min(X, axis=0)
    with np.errstate(all="ignore"):
        return np.where(constant, 1.0, np.std(X, axis=0, ddof=min(ddof, len(X) - 1)))


def _both_together(X, X_train, mean, std):
    both = np.vstack([X_train, X])
    return (X - np.mean(both, axis=0)) / _std_or_1(both)


def _plain_formula(X, X_train, mean, std):
    return (X - mean) / np.std(X_train, axis=0)


def _asks_whether_the_computed_std_is_0(X, X_train, mean, std):
    computed = np.std(X_train, axis=0)
    return (X - mean) / np.where(computed == 0, 1.0, computed)


def _small_std_counts_as_constant(X, X_train, mean, std):
    computed = np.std(X_train, axis=0)
    return (X - mean) / np.where(computed < 1e-8, 1.0, computed)


def _constant_in_the_data_to_be_scaled(X, X_train, mean, std):
    constant = np.max(X, axis=0) == np.min(X, axis=0)
    return (X - mean) / np.where(constant, 1.0, np.std(X_train, axis=0))


def _nan_replaced_after_the_division(X, X_train, mean, std):
    return np.nan_to_num((X - mean) / np.std(X_train, axis=0))


def _divided_by_the_span(X, X_train, mean, std):
    span = np.ptp(X_train, axis=0)
    return (X - mean) / np.where(span == 0, 1.0, span)


def _largest_minus_smallest_value(X, X_train, mean, std):
    low, span = np.min(X_train, axis=0), np.ptp(X_train, axis=0)
    return (X - low) / np.where(span == 0, 1.0, span)


def _constant_column_becomes_0(X, X_train, mean, std):
    return np.where(np.ptp(X_train, axis=0) == 0, 0.0, (X - mean) / std)


def _constant_column_stays_as_it_is(X, X_train, mean, std):
    return np.where(np.ptp(X_train, axis=0) == 0, X, (X - mean) / std)


def _constant_column_dropped(X, X_train, mean, std):
    return ((X - mean) / std)[:, np.ptp(X_train, axis=0) > 0]


def _along_the_rows(X, X_train, mean, std):
    spread = np.std(X, axis=1, keepdims=True)
    return (X - np.mean(X, axis=1, keepdims=True)) / np.where(spread == 0, 1.0, spread)


def _in_place_on_integers_or_lists(X_train, X):
    Z = X.copy()
    Z -= np.mean(X_train, axis=0)
    Z /= _std_or_1(np.asarray(X_train, dtype=float))
    return Z


def _draw_columns(rng):
    n_features = int(rng.integers(2, 5))
    center, spread = rng.normal(scale=20, size=n_features), rng.uniform(1, 9, size=n_features)
    X_train = rng.normal(center, spread, size=(n_features + int(rng.integers(2, 4)), n_features)).round(1)
    X = rng.normal(center, spread, size=(n_features + 1, n_features)).round(1)
    return X_train, X


_TRAIN = _matrix([1, 10], [3, 20], [1, 20], [3, 10])  # means 2 and 15, standard deviations 1 and 5

STANDARDIZE = Exercise(
    reference=lr.standardize,
    points=2,
    cases=(
        Case(
            "means 2 and 15, standard deviations 1 and 5",
            (_TRAIN, _matrix([4, 25], [2, 5], [0, 15])),
            _matrix([2, 2], [0, -2], [-2, 0]),
        ),
        Case("the training data themselves", (_TRAIN, _TRAIN), _matrix([-1, -1], [1, 1], [-1, 1], [1, -1])),
        Case("a single new row", (_TRAIN, _matrix([3, 20])), _matrix([1, 1])),
        Case(
            "a column that is constant in the training data",
            (_matrix([1, 7], [3, 7]), _matrix([2, 7], [5, 9])),
            _matrix([0, 0], [3, 2]),
        ),
        Case(
            "a constant column whose computed standard deviation is not 0",
            (_matrix([1, 0.1], [3, 0.1], [2, 0.1]), _matrix([2, 0.1], [2, 1.1])),
            _matrix([0, 0], [0, 1]),
        ),
        Case("a column of ones", (np.ones((3, 1)), np.ones((2, 1))), np.zeros((2, 1))),
        Case(
            "one row of training data", (_matrix([4, -2]), _matrix([5, -2], [4, 0])), _matrix([1, 0], [0, 2])
        ),
        Case(
            "a column of tiny numbers that are not constant",
            (_matrix([1e-9, 5], [3e-9, 7]), _matrix([4e-9, 6])),
            _matrix([2, 0]),
        ),
        Case("lists of integers", ([[1, 10], [3, 20]], [[4, 25], [2, 15]]), _matrix([2, 2], [0, 0])),
        Case(
            "8-bit integers",
            (_matrix([100, 10], [120, 20], dtype=np.int8), _matrix([-100, 15], [110, 25], dtype=np.int8)),
            _matrix([-21, 0], [0, 2]),
        ),
    ),
    draw=_draw_columns,
    misconceptions=(
        Misconception(
            named(
                "statistics_of_the_data_to_be_scaled",
                _scaled_by(lambda X, T, m, s: (X - np.mean(X, axis=0)) / _std_or_1(X)),
            ),
            "You took mean and standard deviation of X itself. New data must not decide how they are "
            "treated: take those of X_train.",
        ),
        Misconception(
            named("statistics_of_both_together", _scaled_by(_both_together)),
            "You took the statistics of X_train and X together, so that the new data leak into the "
            "training. Take those of X_train alone.",
        ),
        Misconception(
            named("std_of_the_data_to_be_scaled", _scaled_by(lambda X, T, m, s: (X - m) / _std_or_1(X))),
            "You subtracted the mean of X_train, but divided by the standard deviation of X. Take both of "
            "X_train.",
        ),
        Misconception(
            named(
                "standard_deviation_of_a_sample",
                _scaled_by(lambda X, T, m, s: (X - m) / _std_or_1(T, ddof=1)),
            ),
            "You divided by n - 1 inside the standard deviation (`ddof=1`, pandas' default). Divide by n: "
            "it is the population's, `np.std` as it is.",
        ),
        Misconception(
            named("only_centred", _scaled_by(lambda X, T, m, s: X - m)),
            "You subtracted the mean and stopped. Divide by the standard deviation as well.",
        ),
        Misconception(
            named("only_scaled", _scaled_by(lambda X, T, m, s: X / s)),
            "You divided and did not subtract the mean. Subtract it first.",
        ),
        Misconception(
            named("scaled_before_centring", _scaled_by(lambda X, T, m, s: X / s - m)),
            "You divided first and subtracted the mean afterwards. Put `X - mean` into brackets.",
        ),
        Misconception(
            named("missing_brackets", _scaled_by(lambda X, T, m, s: X - m / s)),
            "`X - mean / std` divides the mean alone. Put `X - mean` into brackets.",
        ),
        Misconception(
            named(
                "divided_by_the_root_of_the_sum",
                _scaled_by(lambda X, T, m, s: (X - m) / (s * np.sqrt(len(T)))),
            ),
            "You divided by the root of the sum of squares. The standard deviation is the root of their "
            "mean: use `np.std`.",
        ),
        Misconception(
            named("divided_by_the_span", _scaled_by(_divided_by_the_span)),
            "You divided by the largest minus the smallest value. Divide by the standard deviation.",
        ),
        Misconception(
            named("divided_by_the_variance", _scaled_by(lambda X, T, m, s: (X - m) / s**2)),
            "You divided by the variance. Divide by its root, the standard deviation.",
        ),
        Misconception(
            named("along_the_rows", _scaled_by(_along_the_rows)),
            "You standardised along the rows, over quantities with different units. Work down the columns "
            "of X_train: `axis=0`.",
        ),
        Misconception(
            named(
                "one_mean_and_std_for_all_columns",
                _scaled_by(lambda X, T, m, s: (X - np.mean(T)) / (np.std(T) or 1.0)),
            ),
            "You took one mean and one standard deviation for the whole table. Each column has its own: "
            "`axis=0`.",
        ),
        Misconception(
            named("divides_by_zero", _scaled_by(_plain_formula)),
            "A constant column has standard deviation 0, and dividing by it gives NaN or infinity. Where "
            "the largest value equals the smallest, divide by 1.",
        ),
        Misconception(
            named("nan_replaced_after_the_division", _scaled_by(_nan_replaced_after_the_division)),
            "You divided by 0 and replaced the NaN afterwards, which leaves huge numbers where X differs "
            "from the constant. Divide constant columns by 1 instead.",
        ),
        Misconception(
            named("asks_whether_the_computed_std_is_0", _scaled_by(_asks_whether_the_computed_std_is_0)),
            "Nearly: but rounding leaves a standard deviation of about 1e-17 for a column of 0.1s, which is "
            "not 0. Ask whether the largest value of the column equals its smallest.",
        ),
        Misconception(
            named("small_std_counts_as_constant", _scaled_by(_small_std_counts_as_constant)),
            "A column of tiny numbers counted as constant. Ask whether the largest value of the column "
            "equals its smallest, without a bound.",
        ),
        Misconception(
            named(
                "added_a_small_number_to_the_std",
                _scaled_by(lambda X, T, m, s: (X - m) / (np.std(T, axis=0) + 1e-8)),
            ),
            "A small number in the denominator makes every result slightly wrong, and those of constant "
            "columns huge. Divide constant columns by 1 instead.",
        ),
        Misconception(
            named(
                "added_a_tiny_number_to_the_std",
                _scaled_by(lambda X, T, m, s: (X - m) / (np.std(T, axis=0) + 1e-12)),
            ),
            "A tiny number in the denominator makes the results of constant columns huge. Divide these by 1 "
            "instead.",
        ),
        Misconception(
            named(
                "lower_bound_of_the_std",
                _scaled_by(lambda X, T, m, s: (X - m) / np.maximum(np.std(T, axis=0), 1e-12)),
            ),
            "With a lower bound for the standard deviation, the results of constant columns become huge. "
            "Divide these by 1 instead.",
        ),
        Misconception(
            named("constant_column_becomes_0", _scaled_by(_constant_column_becomes_0)),
            "A column that is constant in X_train became 0 everywhere, also where X differs. Subtract the "
            "mean of X_train, and do not divide.",
        ),
        Misconception(
            named("constant_column_stays_as_it_is", _scaled_by(_constant_column_stays_as_it_is)),
            "A column that is constant in X_train was left as it is. Subtract its mean; only the division "
            "is left out.",
        ),
        Misconception(
            named("constant_column_dropped", _scaled_by(_constant_column_dropped)),
            "You dropped the constant column. Keep it, centred.",
        ),
        Misconception(
            named("from_0_to_1", _scaled_by(_largest_minus_smallest_value)),
            "You scaled the columns to run from 0 to 1. Subtract the mean and divide by the standard "
            "deviation.",
        ),
        Misconception(
            named("standardised_the_training_data", lambda X_train, X: lr.standardize(X_train, X_train)),
            "You returned X_train standardised. Return X, with the statistics of X_train.",
        ),
        Misconception(
            _in_place_on_integers_or_lists,
            "Right for arrays of floats. But `-=` cannot turn integers into fractions, and a list cannot be "
            "subtracted from: turn both into arrays of floats first.",
        ),
        Misconception(
            named("constant_in_the_data_to_be_scaled", _scaled_by(_constant_in_the_data_to_be_scaled)),
            "You looked for constant columns in X. New data must not decide how they are treated: look in "
            "X_train.",
        ),
    ),
    hints=(
        "A year and a Deutschmark are not alike. Measure each column in its own standard deviations, from "
        "its own mean.",
        "(X - mean) / std, where mean and std are those of the columns of X_train. Which column would "
        "divide by 0?",
        "`np.max(X_train, axis=0) == np.min(X_train, axis=0)` marks the constant columns. `np.where` can "
        "choose 1 for them and the standard deviation for the others.",
    ),
    showed=(
        "Validation rows rarely come out with mean 0 and standard deviation 1, and need not: what counts is "
        "that one ruler measures all rows."
    ),
    # a mean is right to some 1e-16 of the values, which are at most 100 times the standard deviation
    atol=1e-10,
)

EXERCISES = (
    COUNT_WORDS,
    SIGMOID,
    PREDICT_PROBABILITY,
    LOG_LIKELIHOOD,
    LOG_LIKELIHOOD_GRADIENT,
    FIT_LOGISTIC_REGRESSION,
    PREDICT,
    ACCURACY,
    TOP_WORDS,
    PRECISION_RECALL,
    IMPUTE_MEAN,
    STANDARDIZE,
)
