"""Only plain data crosses between the grader and a submission, and it arrives as it was sent."""

import contextlib
import json
import math
import socket
import struct
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from fuzzing import any_json, any_text, bounded
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from submissions import ROOT

from autograder.grading import crossing, wire
from helpers.calling import Attempt, TimeLimit, time_limit

FRAME_SECONDS = 5  # more than any frame takes to read

# -- what arrives ---------------------------------------------------------------------------------

text = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=30)
numbers = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-(2**1320) + 1, 2**1320 - 1),
    st.sampled_from([2**53 - 1, 2**53, 2**53 + 1, -(2**53), 2**63, 10**308, -(10**397)]),
    st.floats(),
    st.sampled_from([-0.0, 5e-324, -5e-324, sys.float_info.max, math.nan, math.inf, -math.inf]),
)
dtypes = st.sampled_from([np.dtype(char) for char in sorted(wire.DTYPES)])


@st.composite
def arrays(draw):
    """Base arrays of any dtype that may cross, in any place and order in memory."""
    dtype = draw(dtypes)
    shape = draw(hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5))
    raw = draw(st.binary(min_size=16, max_size=64))
    n_bytes = dtype.itemsize * math.prod(shape)
    raw = (raw * (n_bytes // len(raw) + 1))[:n_bytes]  # any bits: NaNs of every kind, subnormal numbers
    if dtype.kind == "b":
        raw = bytes(byte % 2 for byte in raw)
    array = np.frombuffer(raw, dtype).reshape(shape)
    kinds = ["as it is", "transposed", "strided", "backwards", "broadcast", "big-endian"]
    kind = draw(st.sampled_from(kinds))
    if kind == "transposed":
        return array.T
    if kind == "strided" and array.ndim:
        return array[::2]
    if kind == "backwards" and array.ndim:
        return array[..., ::-1]
    if kind == "broadcast":
        return np.broadcast_to(array, (2, *array.shape))
    return array.astype(dtype.newbyteorder(">")) if kind == "big-endian" else array


scalars = arrays().map(lambda array: array.astype(array.dtype.newbyteorder("="))).filter(np.size)
leaves = numbers | text | arrays() | scalars.map(lambda array: array.ravel()[0])
keys = st.recursive(numbers | text, lambda inner: st.lists(inner, max_size=3).map(tuple), max_leaves=4)
plain_data = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(keys, inner, max_size=4),
    ),
    max_leaves=12,
)


def decoded(frame, special=None):
    """Value of an encoded frame."""
    n_header, n_body = struct.unpack("<II", frame[:8])
    assert len(frame) == 8 + n_header + n_body
    return wire.decode(frame[8 : 8 + n_header], frame[8 + n_header :], special)


def identical(a, b):
    """Whether two values are of the same types and made of the same bits."""
    if type(a) is not type(b) and not (isinstance(a, np.generic) and isinstance(b, np.generic)):
        return False  # NumPy has two types of 64-bit integers, which are one dtype
    if type(a) in (list, tuple):
        return len(a) == len(b) and all(map(identical, a, b))
    if type(a) is dict:
        return len(a) == len(b) and all(map(identical, a, b)) and all(map(identical, a.values(), b.values()))
    if type(a) is np.ndarray or isinstance(a, np.generic):
        a, b = np.asarray(a), np.asarray(b)
        same_kind = a.dtype.newbyteorder("=") == b.dtype and a.shape == b.shape
        return same_kind and a.astype(b.dtype).tobytes() == b.tobytes()
    if type(a) is float:
        return struct.pack("d", a) == struct.pack("d", b) or a != a and b != b
    return a == b


@bounded(400)
@given(plain_data)
def test_plain_data_arrives_bit_by_bit_and_type_by_type(value):
    assert identical(value, decoded(wire.encode(value)))


@pytest.mark.parametrize("char", sorted(wire.DTYPES))
@pytest.mark.parametrize("shape", [(), (0,), (3,), (0, 1 << 24), (2, 0, 3), (1,) * 32], ids=str)
def test_an_array_of_each_dtype_and_shape_arrives(char, shape):
    array = np.ones(shape, dtype=char)
    arrived = decoded(wire.encode(array))
    assert identical(array, arrived)
    assert arrived.flags.writeable
    assert arrived.flags.owndata or arrived.base is None or type(arrived.base) is np.ndarray


containers = {
    "lists": lambda inner: [inner],
    "tuples": lambda inner: (inner,),
    "dicts": lambda inner: {"a": inner},
    "mixed": lambda inner: [(inner, {"a": 1})],
}


@pytest.mark.parametrize("wrap", containers.values(), ids=containers)
@pytest.mark.parametrize("leaf", [1, math.nan, 2**60, np.ones(2), np.float64(2), [], ()], ids=repr)
def test_what_is_not_too_deep_to_be_sent_is_not_too_deep_to_be_received(wrap, leaf):
    value, deepest = leaf, 0
    for depth in range(1, 60):
        value = wrap(value)
        try:
            frame = wire.encode(value)
        except wire.WireError:
            break
        assert identical(value, decoded(frame))
        deepest = depth
    assert 8 <= deepest < 40


@pytest.mark.parametrize("shape", [(2, 3), (4, 1, 3), (2, 3, 4)])
def test_the_order_in_memory_arrives(shape):
    array = np.arange(math.prod(shape), dtype=float).reshape(shape)
    for sent, flag in ((array, "C_CONTIGUOUS"), (array.T, "F_CONTIGUOUS"), (array.T.copy(), "C_CONTIGUOUS")):
        arrived = decoded(wire.encode(sent))
        assert arrived.flags[flag]
        assert arrived.flags.writeable
        np.testing.assert_array_equal(arrived, sent, strict=True)


@bounded(100)
@given(any_text)
def test_text_arrives_as_what_any_file_can_hold(text):
    arrived = decoded(wire.encode([text]))[0]
    assert type(arrived) is str
    arrived.encode("utf-8")
    assert "\0" not in arrived
    assert arrived == text or any(c == "\0" or 0xD800 <= ord(c) < 0xE000 for c in text)


def test_a_number_that_no_float_holds_stays_one():
    for value in (10**5000, -(10**5000)):
        arrived = decoded(wire.encode(value))
        assert type(arrived) is int
        assert abs(arrived) > 10**308
        assert (arrived < 0) == (value < 0)


# -- what cannot be sent --------------------------------------------------------------------------


def within_itself():
    items = []
    items.append(items)
    return items


def fanned_out(n):
    """A list whose copy has 10**n parts, though it takes no memory itself."""
    items = []
    for _ in range(n):
        items = [items] * 10
    return items


class Number(float):
    pass


class Text(str):
    pass


class Items(list):
    pass


class Array(np.ndarray):
    pass


unsendable = {
    "an array of objects": np.array([None]),
    "an array of texts": np.array(["a"]),
    "an array of dates": np.array(["2020-01-01"], dtype="datetime64[D]"),
    "a structured array": np.zeros(2, dtype=[("a", "<f8"), ("b", "O")]),
    "a record of numbers": np.zeros((), dtype="f8,f8")[()],
    "a long double": np.longdouble(1),
    "a subclass of arrays": np.zeros(2).view(Array),
    "a matrix": np.zeros((2, 2)).view(np.matrix),
    "a masked array": np.ma.masked_array([1.0]),
    "a subclass of float": Number(1),
    "a subclass of str": Text("a"),
    "a subclass of list": Items(),
    "a generator": (item for item in ()),
    "a set": {1},
    "bytes": b"a",
    "complex": 1j,
    "a function": len,
    "a class": int,
    "an object": object(),
    "a random generator": np.random.default_rng(0),
    "a list in itself": within_itself(),
    "too deep a list": json.loads("[" * 100 + "]" * 100),
    "a list of many parts": [0] * (wire.MOST_ITEMS + 1),
    "a small list with many parts": fanned_out(7),
    "a large array": np.zeros(wire.LARGEST_BODY + 1, dtype=bool),
    "a small array of many numbers": np.broadcast_to(1.0, (1 << 12, 1 << 12)),
    "an array with many axes": np.zeros((1,) * 40),
    "an empty array with a long axis": np.zeros((0, wire.LONGEST_AXIS + 1)),
    "many arrays": [np.zeros(1 << 20)] * 9,
    "a long text": "a" * (wire.LARGEST_HEADER + 1),
    "a key that is an object": {frozenset(): 1},
}


@pytest.mark.parametrize("wrap", [lambda v: v, lambda v: [1, {"a": (v,)}]], ids=["alone", "within"])
@pytest.mark.parametrize("value", unsendable.values(), ids=unsendable)
def test_what_is_no_plain_data_or_too_much_is_not_sent(value, wrap):
    started = time.monotonic()
    with pytest.raises(wire.WireError):
        wire.encode(wrap(value))
    assert time.monotonic() - started < FRAME_SECONDS


@pytest.mark.parametrize("value", unsendable.values(), ids=unsendable)
def test_at_least_what_it_is_can_be_said_of_a_result(value):
    """As a submission's process does it: what is no plain data arrives as a stand-in of its kind."""
    with contextlib.suppress(wire.WireError):
        arrived = decoded(wire.encode(value, crossing.of_result), crossing.unpacking())
        assert type(arrived) is not type(value) or not isinstance(value, (Number, Text, Items, Array))


@pytest.mark.parametrize("value", [np.array("a"), np.array([["a", "bcd"]]), np.array([], dtype=str)], ids=str)
def test_an_array_of_texts_arrives_as_one(value):
    arrived = decoded(wire.encode(value, crossing.of_result), crossing.unpacking())
    np.testing.assert_array_equal(arrived, value)
    assert arrived.dtype.kind == "U"


# one long text makes all the others as long
WRONG_TEXTS = {"long": ["a" * 10_000, *"bcdefgh"], "numbers": ["a", 1], "ragged": [["a"], ["b", "c"]]}


@pytest.mark.parametrize("plain", WRONG_TEXTS.values(), ids=WRONG_TEXTS)
def test_what_is_no_small_array_of_texts_is_refused(plain):
    with pytest.raises(ValueError, match="texts|inhomogeneous"):
        crossing.result_of("texts", plain)


# -- what is received -----------------------------------------------------------------------------


def frame_of(header, body=b""):
    """Frame with any header, which is JSON unless it is bytes already."""
    header = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<II", len(header), len(body)) + header + body


def received(data, special=None):
    """What the receiving end makes of bytes that come before the other end is closed."""
    ours, theirs = socket.socketpair()
    with ours:
        sender = threading.Thread(target=_send_all, args=(theirs, data))
        sender.start()
        try:
            return wire.Stream(ours).receive(special, time.monotonic() + FRAME_SECONDS)
        finally:
            ours.close()
            sender.join(FRAME_SECONDS)
            assert not sender.is_alive()


def _send_all(connection, data):
    with connection, contextlib.suppress(OSError):
        connection.sendall(data)


def is_plain(value):
    """Whether a value is plain data, of exact types and of nothing else."""
    kind = type(value)
    if kind in (list, tuple):
        return all(map(is_plain, value))
    if kind is dict:
        return all(map(is_plain, value)) and all(map(is_plain, value.values()))
    if kind is np.ndarray or issubclass(kind, np.generic):
        array = np.asarray(value)
        exact = kind is np.ndarray or kind.__module__ == "numpy"
        is_boolean = array.dtype.kind != "b" or set(array.tobytes()) <= {0, 1}
        return exact and is_boolean and array.dtype.char in wire.DTYPES and array.dtype.isnative
    if kind is str:
        value.encode("utf-8")
        return "\0" not in value
    return value is None or kind in (bool, int, float)


def refused_or_plain(data):
    """Whether bytes are refused by the one exception there is, or read as plain data."""
    started = time.monotonic()
    try:
        value = received(data)
    except wire.WireError:
        value = None
    assert time.monotonic() - started < FRAME_SECONDS
    assert is_plain(value), value
    with contextlib.suppress(wire.WireError):  # with all that may stand for what is no plain data
        crossing.call_of(received(data, crossing.unpacking()))
    return True


@contextlib.contextmanager
def no_call():
    """Accept that data tell of no call."""
    with contextlib.suppress(wire.WireError, ValueError):
        yield


@bounded(150)
@given(st.binary(max_size=200))
def test_any_bytes_are_refused_or_plain(data):
    with no_call():
        assert refused_or_plain(data)
        assert refused_or_plain(frame_of(data))


tags = st.sampled_from([*"fitdasx", "", "array", "__class__", "read", "_read_f"])
dtype_texts = st.sampled_from(
    ["<f8", "|b1", "<c16", "<i8", ">f8", "f8", "O", "|O", "V8", "<M8[s]", "U4", "f8,f8", "(2,)f8", "object"]
)
lengths = st.integers(-3, 40) | st.sampled_from([1 << 24, 1 << 31, 1 << 63, 1 << 64, -(1 << 63)])
special_tags = st.sampled_from(
    ["generator", "function", "handle", "dict", "text", "texts", "number", "dtype", "kind"]
)
headers = st.recursive(
    any_json | st.tuples(dtype_texts, st.lists(lengths, max_size=4), lengths).map(list),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(tags, inner, min_size=1, max_size=2),
        st.tuples(special_tags, inner).map(lambda pair: {"x": list(pair)}),
        st.tuples(dtype_texts, st.lists(lengths, max_size=4), lengths).map(lambda a: {"a": list(a)}),
        st.tuples(dtype_texts, lengths).map(lambda s: {"s": list(s)}),
    ),
    max_leaves=10,
)


@bounded(500)
@given(headers, st.binary(max_size=64))
def test_any_header_is_refused_or_plain(header, body):
    with no_call():
        assert refused_or_plain(frame_of(header, body))


samples = [
    wire.encode(value, crossing.packing())
    for value in (
        [1, -2.5, "text", None, True, 2**80, math.nan, -math.inf],
        {"value": np.arange(6.0).reshape(2, 3), ("a", 1): np.float32(3), 2: (np.zeros((0, 3)), [True])},
        [np.random.default_rng(5), np.ones(3, dtype=bool), {"deep": [[[(1,)]]]}],
        crossing.of_call(Attempt(np.sqrt).call((np.ones(2),), 1)),
        crossing.of_call(Attempt(np.sqrt).call(("text",), 1)),
    )
]
# a place, counted in thousandths of the frame, and what happens there
kinds_of_edit = st.sampled_from(["set", "cut", "insert", "double"])
edits = st.lists(st.tuples(st.integers(0, 999), kinds_of_edit, st.binary(max_size=4)), min_size=1, max_size=5)


def edited(data, edits):
    """Bytes after some edits."""
    for place, kind, new in edits:
        at = len(data) * place // 1000
        if kind == "set":
            data = data[:at] + new + data[at + len(new) :]
        elif kind == "cut":
            data = data[:at] + data[at + len(new) :]
        elif kind == "insert":
            data = data[:at] + new + data[at:]
        else:
            data = data[:at] + data[max(at - 9, 0) :]
    return data


@bounded(400)
@given(st.sampled_from(samples), edits, st.booleans())
def test_a_changed_frame_is_refused_or_plain(frame, edits, keeps_lengths):
    """Changed anywhere, or changed in its header and body only, so that its lengths are true."""
    with no_call():
        if not keeps_lengths:
            assert refused_or_plain(edited(frame, edits))
            return
        n_header, _ = struct.unpack("<II", frame[:8])
        header, body = edited(frame[8 : 8 + n_header], edits), frame[8 + n_header :]
        assert refused_or_plain(frame_of(header, body))


@pytest.mark.parametrize("frame", samples, ids=range(len(samples)))
def test_a_frame_that_ends_early_is_refused(frame):
    for n in range(len(frame)):
        with pytest.raises(wire.Closed):
            received(frame[:n])


lies = {
    "a header of 4 GB": struct.pack("<II", 2**32 - 1, 0),
    "a body of 4 GB": struct.pack("<II", 2, 2**32 - 1) + b"[]",
    "a header a little too large": struct.pack("<II", wire.LARGEST_HEADER + 1, 0),
    "a body a little too large": struct.pack("<II", 0, wire.LARGEST_BODY + 1),
}


@pytest.mark.parametrize("data", lies.values(), ids=lies)
def test_a_length_that_is_too_large_is_refused_before_anything_of_it_is_awaited(data):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(data)  # and no more, but the connection stays open
        with pytest.raises(wire.WireError) as caught:
            wire.Stream(ours).receive(deadline=time.monotonic() + FRAME_SECONDS)
    assert not isinstance(caught.value, (wire.Closed, wire.DeadlineMissed))


eight = struct.pack("<d", 1.0)
refused = {
    "no header": (b"", b""),
    "no JSON": (b"{", b""),
    "two values": (b"1 2", b""),
    "no UTF-8": (b'"\xff"', b""),
    "NaN": (b"NaN", b""),
    "-Infinity": (b"[-Infinity]", b""),
    "an object with no key": ({}, b""),
    "an object with two keys": ({"f": "nan", "i": "1"}, b""),
    "a key twice": (b'{"f": "nan", "f": "inf"}', b""),
    "a tag that is unknown": ({"z": 1}, b""),
    "a tag that names a method": ({"read": 1}, b""),
    "a float of another name": ({"f": "1.5"}, b""),
    "a float that is no text": ({"f": ["nan"]}, b""),
    "an integer that is no text": ({"i": 1.5}, b""),
    "an integer of letters": ({"i": "abc"}, b""),
    "an integer of many digits": ({"i": "1" * 500}, b""),
    "an integer of very many digits": (b"1" * 5000, b""),
    "pairs that are none": ({"d": [[1]]}, b""),
    "a key that is a list": ({"d": [[[1], 1]]}, b""),
    "a key that is an array": ({"d": [[{"a": ["<f8", [1], 8]}, 1]]}, eight),
    "an array of objects": ({"a": ["|O", [1], 8]}, eight),
    "an array of dates": ({"a": ["<M8[s]", [1], 8]}, eight),
    "an array of texts": ({"a": ["<U2", [1], 8]}, eight),
    "an array of bytes": ({"a": ["|S8", [1], 8]}, eight),
    "a structured array": ({"a": ["<f4,<f4", [1], 8]}, eight),
    "a big-endian array": ({"a": [">f8", [1], 8]}, eight),
    "a dtype that is a list": ({"a": [["a", "<f8"], [1], 8]}, eight),
    "a long double": ({"a": ["<f16", [1], 16]}, eight * 2),
    "a negative axis": ({"a": ["<f8", [-1], 8]}, eight),
    "two negative axes": ({"a": ["<f8", [-1, -1], 8]}, eight),
    "an axis of True": ({"a": ["<f8", [True], 8]}, eight),
    "an axis of 1.0": ({"a": ["<f8", [1.0], 8]}, eight),
    "axes that overflow to 1": ({"a": ["<f8", [1 << 32, 1 << 32], 8]}, eight),
    "an axis that overflows": ({"a": ["<f8", [1 << 70], 8]}, eight),
    "an empty array with a huge axis": ({"a": ["<f8", [0, 1 << 60], 0]}, b""),
    "an empty array of huge axes": ({"a": ["<f8", [0] + [1 << 24] * 31, 0]}, b""),
    "an array of 33 axes": ({"a": ["<f8", [1] * 33, 8]}, eight),
    "a shape that is a number": ({"a": ["<f8", 1, 8]}, eight),
    "too few bytes": ({"a": ["<f8", [2], 8]}, eight),
    "too many bytes": ({"a": ["<f8", [1], 16]}, eight * 2),
    "bytes that are not there": ({"a": ["<f8", [2], 16]}, eight),
    "the same bytes twice": ([{"a": ["<f8", [1], 8]}, {"a": ["<f8", [1], 8]}], eight),
    "negative bytes": ({"a": ["<f8", [1], -8]}, eight),
    "an array of two parts": ({"a": ["<f8", [1]]}, eight),
    "a scalar of two numbers": ({"s": ["<f8", 16]}, eight * 2),
    "a scalar of no bytes": ({"s": ["<f8", 0]}, b""),
    "something special": ({"x": ["kind", ["a", False]]}, b""),
    "too many lists": (b"[" * (wire.DEEPEST + 3) + b"]" * (wire.DEEPEST + 3), b""),
    "too many tuples": (b'{"t":[' * (wire.DEEPEST + 3) + b"]}" * (wire.DEEPEST + 3), b""),
    "a thousand lists": (b"[" * 1000 + b"]" * 1000, b""),
}


@pytest.mark.parametrize(("header", "body"), refused.values(), ids=refused)
def test_a_frame_that_is_none_is_refused(header, body):
    with pytest.raises(wire.WireError) as caught:
        received(frame_of(header, body))
    assert not isinstance(caught.value, (wire.Closed, wire.DeadlineMissed))


def test_true_and_false_are_all_that_is_boolean():
    """A byte of 7 would be true, and yet not equal to True wherever NumPy compares bytes."""
    array = received(frame_of({"a": ["|b1", [4], 4]}, bytes([0, 1, 7, 255])))
    assert array.tobytes() == bytes([0, 1, 1, 1])
    assert received(frame_of({"s": ["|b1", 1]}, b"\x07")).tobytes() == b"\x01"
    assert received(frame_of({"a": ["|b1", [], 1]}, b"\x07")).shape == ()


bombs = {
    "lists in lists": b"[" * wire.LARGEST_HEADER,
    "tuples in tuples": b'{"t":' * 800_000,
    "empty lists": b"[" + b"[]," * 799_000 + b"1]",
    "numbers": b"[" + b"1," * 1_590_000 + b"1]",
    "NaNs": b"[" + b'{"f":"nan"},' * 340_000 + b"1]",
    "dicts": b"[" + b'{"d":[]},' * 380_000 + b"1]",
    "empty arrays": b"[" + b'{"a":["<f8",[0],0]},' * 200_000 + b"1]",
    "kinds": b"[" + b",".join(b'{"x":["kind",["a%d",true]]}' % i for i in range(130_000)) + b"]",
    "one number": b"9" * wire.LARGEST_HEADER,
    "one float": b"0." + b"9" * (wire.LARGEST_HEADER - 2),
    "one text": b'"' + rb"\ud800" * 690_000 + b'"',
    "one key": b'{"' + b"a" * 4_000_000 + b'":1}',
    "commas": b"," * wire.LARGEST_HEADER,
}
# memory beyond what is loaded already, in bytes, and seconds
READ_BOMBS = """
import resource, sys, time
from autograder.grading import crossing, wire
with open("/proc/self/statm") as file:
    loaded = int(file.read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (loaded + (256 << 20),) * 2)
for path in sys.argv[1:]:
    with open(path, "rb") as file:
        header = file.read()
    started = time.monotonic()
    try:
        wire.decode(header, b"", crossing.unpacking())
        said = "read"
    except wire.WireError as error:
        said = "no-memory" if "MemoryError" in str(error) else "refused"
    print(said, time.monotonic() - started)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_no_header_takes_much_memory_or_time(tmp_path):
    for number, header in enumerate(bombs.values()):
        assert len(header) <= wire.LARGEST_HEADER
        (tmp_path / f"{number}").write_bytes(header)
    paths = [tmp_path / f"{number}" for number in range(len(bombs))]
    done = subprocess.run(
        [sys.executable, "-c", READ_BOMBS, *paths], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    said = dict(zip(bombs, (line.split() for line in done.stdout.splitlines()), strict=True))
    assert [name for name, (word, _) in said.items() if word == "no-memory"] == []
    assert {name for name, (word, _) in said.items() if word == "read"} == {
        "empty lists",
        "numbers",
        "NaNs",
        "dicts",
        "empty arrays",
        "one float",
        "one text",
    }
    assert max(float(seconds) for _, seconds in said.values()) < FRAME_SECONDS


# -- the record of a call -------------------------------------------------------------------------

record = crossing.of_call(Attempt(lambda x: x).call((1.0,), 1))
any_plain = plain_data | any_json


@bounded(300)
@given(any_plain)
def test_what_tells_of_no_call_is_refused(plain):
    with pytest.raises(ValueError, match="not the record"):
        crossing.call_of(plain)


@bounded(400)
@given(
    st.dictionaries(st.sampled_from(sorted(record)), any_plain, min_size=1, max_size=3)
    | st.fixed_dictionaries({"warned": st.lists(st.lists(any_plain, max_size=3), max_size=3)})
    | st.fixed_dictionaries({"error": st.lists(any_text | st.just("ValueError") | numbers, max_size=3)})
)
def test_a_changed_record_of_a_call_is_refused_or_one(changes):
    try:
        call = crossing.call_of({**record, **changes}, ("numpy.linalg.norm",))
    except ValueError:
        return
    assert call.error is None or issubclass(call.error, BaseException)
    assert all(type(text) is str for text in (call.error_text, call.printed, *(t for _, t in call.warned)))
    assert all(type(flag) is bool for flag in (call.deliberate, call.changed, call.aliased))
    assert call.forbidden in ("", "numpy.linalg.norm")


# -- the conversation -----------------------------------------------------------------------------


@pytest.fixture
def ends():
    """Return a stream, and the socket at its other end."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield wire.Stream(ours), theirs


def drip(connection, data, pause, stop):
    """Send bytes one by one."""
    for byte in data:
        if stop.wait(pause):
            return
        connection.send(bytes([byte]))


def test_a_deadline_is_the_end_however_slowly_bytes_trickle_in(ends):
    stream, other = ends
    stop, frame = threading.Event(), wire.encode(np.zeros(100))
    sender = threading.Thread(target=drip, args=(other, frame, 0.02, stop))
    sender.start()
    started = time.monotonic()
    try:
        with pytest.raises(wire.DeadlineMissed):
            stream.receive(deadline=started + 0.5)
        assert 0.5 <= time.monotonic() - started < 1.5
    finally:
        stop.set()
        sender.join()


def test_a_slow_frame_arrives_if_there_is_time(ends):
    stream, other = ends
    sender = threading.Thread(target=drip, args=(other, wire.encode([1, "two"]), 0.001, threading.Event()))
    sender.start()
    assert stream.receive(deadline=time.monotonic() + FRAME_SECONDS) == [1, "two"]
    sender.join()


@pytest.mark.parametrize("n_sent", [0, 3, 8, 20], ids="{} bytes".format)
def test_a_frame_that_does_not_come_misses_the_deadline(ends, n_sent):
    stream, other = ends
    other.sendall(wire.encode("a text of more than twenty letters")[:n_sent])
    started = time.monotonic()
    with pytest.raises(wire.DeadlineMissed):
        stream.receive(deadline=started + 0.2)
    assert 0.2 <= time.monotonic() - started < 1


def test_a_deadline_that_is_over_is_missed_at_once(ends):
    stream, _ = ends
    with pytest.raises(wire.DeadlineMissed):
        stream.receive(deadline=time.monotonic() - 1)
    with pytest.raises(wire.DeadlineMissed):
        stream.send(wire.encode(1), time.monotonic() - 1)


def test_who_does_not_read_misses_the_deadline(ends):
    stream, _ = ends
    frame = wire.encode(np.zeros(wire.LARGEST_BODY, dtype=bool))
    started = time.monotonic()
    with pytest.raises(wire.DeadlineMissed):
        stream.send(frame, started + 0.3)
    assert 0.3 <= time.monotonic() - started < 1.5


def test_who_has_ended_is_noticed(ends):
    stream, other = ends
    other.close()
    with pytest.raises(wire.Closed):
        stream.send(wire.encode(np.zeros(1 << 19)), time.monotonic() + FRAME_SECONDS)
    with pytest.raises(wire.Closed):
        stream.receive(deadline=time.monotonic() + FRAME_SECONDS)


def test_an_end_that_is_closed_has_ended(ends):
    stream, _ = ends
    stream.close()
    for deadline in (math.inf, time.monotonic() + FRAME_SECONDS):
        with pytest.raises(wire.Closed):
            stream.send(wire.encode(1), deadline)
        with pytest.raises(wire.Closed):
            stream.receive(deadline=deadline)


def test_frames_that_come_together_are_told_apart(ends):
    stream, other = ends
    values = [1, "two", [3.0], np.arange(4)]
    other.sendall(b"".join(map(wire.encode, values)))
    other.close()
    for value in values:
        assert identical(value, stream.receive())
    with pytest.raises(wire.Closed):
        stream.receive()


def test_a_wait_that_is_interrupted_loses_nothing(ends):
    """A time limit may strike in the middle of a frame; the conversation goes on after it."""
    stream, other = ends
    frame = wire.encode(["late", np.arange(3)])
    for n_sent in (4, 12):
        other.sendall(frame[:n_sent])
        with pytest.raises(TimeLimit), time_limit(0.2):
            stream.receive()
        other.sendall(frame[n_sent:])
        assert identical(["late", np.arange(3)], stream.receive(deadline=time.monotonic() + FRAME_SECONDS))
