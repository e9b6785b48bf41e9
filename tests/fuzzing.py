"""What tests with random data share: how many examples, and JSON of any kind."""

import string

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st


def bounded(n_examples):
    """Settings of a test with random data: the same data each time, and no database of them."""
    return settings(
        max_examples=n_examples,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


# also halves of characters, NUL and the like
any_text = st.text(st.characters(exclude_categories=()), max_size=20)
json_leaves = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(), any_text, st.text(string.printable)
)
any_json = st.recursive(
    json_leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(any_text, inner, max_size=4),
    max_leaves=12,
)
