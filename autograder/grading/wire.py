"""Plain data over a socket, between the grader and the process that runs a submission.

A frame is two lengths, a JSON header and the bytes of its arrays. Only exact plain types cross: None,
bool, int, float, str, list, tuple, dict, NumPy's numeric scalars and base arrays. The receiving side
trusts nothing: lengths, counts and depths are bounded before anything of that size is made.

Both sides use this module, so it imports nothing of the course.
"""

import json
import math
import struct
import time

import numpy as np

LARGEST_HEADER = 4 << 20  # bytes
LARGEST_BODY = 8 << 20
LARGEST = LARGEST_HEADER, LARGEST_BODY
LARGEST_RESULT = 1 << 18, 2 << 20  # of an exercise's function: all cases' results lie in memory together
MOST_ITEMS = 400_000  # lists, dicts and their entries in one frame
MOST_SPECIAL = 10_000  # values in one frame that are no plain data
MOST_KEYS = 1_000  # of dicts in one frame that are no text, and can be made to have the same hash
DEEPEST = 24  # lists within lists
MOST_AXES = 32
LONGEST_AXIS = 1 << 24
MOST_DIGITS = 400  # of an integer; a float holds no more than 309
DTYPES = frozenset("?bBhHiIlLqQefdFD")
_TAGS = ("f", "i", "t", "d", "a", "b", "s", "x")
_LENGTHS = struct.Struct("<II")
_CHUNK = 1 << 16


class WireError(Exception):
    """What came is not a frame of plain data, or what should go is not."""


class Closed(WireError):
    """The other side has ended."""


class DeadlineMissed(WireError):
    """The other side did not answer, or not fast enough."""


def encode(value, special=None, largest=LARGEST):
    """Bytes of a frame.

    Parameters
    ----------
    value : object
        Plain data.
    special : callable, optional
        ``special(value)`` returns a tag and plain data for what is no plain data, or None.
    largest : tuple of (int, int)
        Bytes of header and body.

    Returns
    -------
    frame : bytes

    Raises
    ------
    WireError
        If something in it is no plain data, or it is too large or too deep.
    """
    arrays, room = [], [largest[1], MOST_ITEMS, MOST_SPECIAL]
    try:
        plain = _pack(value, arrays, room, special, 0)
        header = _TO_JSON.encode(plain).encode("ascii")
    except (RecursionError, MemoryError, ValueError) as error:
        raise WireError(f"cannot be sent: {error}") from None
    if len(header) > largest[0]:
        raise WireError("too large to send")
    body = b"".join(arrays)
    return b"".join([_LENGTHS.pack(len(header), len(body)), header, body])


def _pack(value, arrays, room, special, depth):
    kind = type(value)
    if value is None or kind is bool or kind is str:
        return value
    if kind is float:
        return value if math.isfinite(value) else {"f": str(value)}
    if kind is int:
        return value if -(2**53) < value < 2**53 else {"i": _digits(value)}
    if kind in (list, tuple, dict):
        room[1] -= len(value) + 1
        if room[1] < 0 or depth > DEEPEST:
            raise WireError("has too many parts, or is nested too deeply, to send")
        items = map(list, value.items()) if kind is dict else value
        packed = [_pack(item, arrays, room, special, depth + 1) for item in items]
        return packed if kind is list else {"t" if kind is tuple else "d": packed}
    return _pack_array(value, arrays, room, special, depth)


def _pack_array(value, arrays, room, special, depth):
    kind = type(value)
    if kind is np.ndarray and value.dtype.char in DTYPES and value.dtype.names is None:
        if value.ndim > MOST_AXES or any(length > LONGEST_AXIS for length in value.shape):
            raise WireError("an array has too many or too long axes to send")
        # an array whose columns lie in memory one after the other, as those of a transposed one do, stays so
        by_columns = value.flags.f_contiguous and not value.flags.c_contiguous
        laid_out = value.T if by_columns else value
        data = _data(laid_out, room)
        arrays.append(data)
        return {"ab"[by_columns]: [value.dtype.newbyteorder("<").str, list(laid_out.shape), len(data)]}
    if issubclass(kind, np.generic) and kind.__module__ == "numpy" and value.dtype.char in DTYPES:
        arrays.append(_data(np.asarray(value), room))
        return {"s": [value.dtype.newbyteorder("<").str, len(arrays[-1])]}
    found = special(value) if special and depth <= DEEPEST else None
    if found is None:
        raise WireError(f"cannot send a value of type {kind.__name__}")
    room[2] -= 1
    if room[2] < 0:
        raise WireError("has too many special parts to send")
    tag, plain = found
    return {"x": [tag, _pack(plain, arrays, room, special, depth + 1)]}


def _digits(value):
    """Decimal digits of an integer; one that no float can hold is cut down to one that neither can."""
    if value.bit_length() > 3.3 * MOST_DIGITS:
        return "-" * (value < 0) + "9" * (MOST_DIGITS - 1)
    return str(value)


def _data(array, room):
    room[0] -= array.nbytes  # of a broadcast array that is more than its memory
    if room[0] < 0:
        raise WireError("an array is too large to send")
    return array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()


def decode(header, body, special=None):
    """Value of a frame.

    Parameters
    ----------
    header, body : bytes
    special : callable, optional
        ``special(tag, plain)`` returns the object for a tag, or raises `WireError`.

    Returns
    -------
    value : object

    Raises
    ------
    WireError
        If it is no frame of plain data.
    """
    if header.count(b",") + header.count(b"[") + header.count(b"{") > 4 * MOST_ITEMS:
        raise WireError("too many parts")
    try:
        plain = _FROM_JSON.decode(header.decode("ascii"))
        return _Reader(body, special).read(plain, 0)
    except WireError:
        raise
    except Exception as error:  # hostile bytes may end in any of Python's exceptions
        raise WireError(f"not a frame: {type(error).__name__}") from None


def _no_constant(name):
    raise WireError(f"not a frame: {name}")


def _one_pair(pairs):
    if len(pairs) != 1:
        raise WireError("not a frame: an object has exactly one key")
    return dict(pairs)


# made once, since making them takes as long as using them
_TO_JSON = json.JSONEncoder(allow_nan=False, separators=(",", ":"))
_FROM_JSON = json.JSONDecoder(parse_constant=_no_constant, object_pairs_hook=_one_pair)


class _Reader:
    """Turns a header's JSON into values, taking array data from the body in order."""

    def __init__(self, body, special):
        self.body = body
        self.position = 0
        self.special = special
        self.n_special = 0
        self.n_keys = 0

    def read(self, plain, depth):
        """Value of one part of the header."""
        kind = type(plain)
        if kind is str:
            return clean(plain)
        if plain is None or kind in (bool, int, float):
            return plain
        if depth > DEEPEST + 1:  # an array or a NaN may lie in the deepest list
            raise WireError("nested too deeply")
        if kind is list:
            return [self.read(item, depth + 1) for item in plain]
        ((tag, content),) = plain.items()
        read = getattr(self, f"_read_{tag}", None) if tag in _TAGS else None
        if read is None:
            raise WireError(f"not a frame: tag {tag[:8]!r}")
        return read(content, depth + 1)

    def _read_f(self, text, depth):
        if text not in ("nan", "inf", "-inf"):
            raise WireError("not a frame: a float")
        return float(text)

    def _read_i(self, text, depth):
        if type(text) is not str or len(text) > MOST_DIGITS:
            raise WireError("not a frame: an integer")
        return int(text)

    def _read_t(self, items, depth):
        return tuple(self.read(item, depth) for item in items)

    def _read_d(self, pairs, depth):
        self.n_keys += sum(type(key) is not str for key, _ in pairs)
        if self.n_keys > MOST_KEYS:
            raise WireError("too many keys that are no text")
        return {self.read(k, depth): self.read(v, depth) for k, v in pairs}

    def _read_a(self, content, depth):
        return self.array(*content)

    def _read_b(self, content, depth):
        return self.array(*content).T

    def _read_s(self, content, depth):
        dtype, n_bytes = content
        return self.array(dtype, [], n_bytes)[()]

    def _read_x(self, content, depth):
        name, inner = content
        self.n_special += 1
        if self.special is None or type(name) is not str or self.n_special > MOST_SPECIAL:
            raise WireError("not a frame: a special value")
        return self.special(name, self.read(inner, depth))

    def array(self, dtype, shape, n_bytes):
        """The next array of the body."""
        dtype = _dtype(dtype)
        if type(shape) is not list or len(shape) > MOST_AXES or type(n_bytes) is not int:
            raise WireError("not a frame: an array's shape")
        if not all(type(n) is int and 0 <= n <= LONGEST_AXIS for n in shape):
            raise WireError("not a frame: an array's shape")
        end = self.position + n_bytes
        if n_bytes != dtype.itemsize * math.prod(shape) or end > len(self.body):
            raise WireError("not a frame: an array's length")
        array = np.frombuffer(self.body, dtype, math.prod(shape), self.position).reshape(shape)
        self.position = end
        if dtype.kind == "b":  # of which other bytes than 0 and 1 would make strange ones
            return array.view(np.uint8).astype(bool)
        return array.astype(dtype.newbyteorder("="))


_ALLOWED = {np.dtype(char).newbyteorder("<").str for char in DTYPES}


def _dtype(text):
    if type(text) is not str or text not in _ALLOWED:
        raise WireError("not a frame: a dtype")
    return np.dtype(text)


def clean(text):
    """Text that any file or database can hold: without NUL and without halves of characters."""
    if text.isascii() and "\0" not in text:
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "\ufffd")


class Stream:
    """Frames over one end of a socket pair.

    Parameters
    ----------
    connection : socket.socket
        Of type ``SOCK_STREAM``.
    """

    def __init__(self, connection):
        self._socket = connection
        self._buffer = bytearray()
        self.size = 0, 0  # of the last frame that came: bytes of header and body

    def send(self, frame, deadline=math.inf):
        """Send an encoded frame.

        Raises
        ------
        Closed
            If the other side has ended.
        DeadlineMissed
            If it does not read fast enough.
        """
        try:
            self._limit(deadline)
            self._socket.sendall(frame)
        except TimeoutError:
            raise DeadlineMissed("did not read") from None
        except OSError:
            raise Closed("has ended") from None

    def receive(self, special=None, deadline=math.inf):
        """Receive a value.

        Parameters
        ----------
        special : callable, optional
            As for `decode`.
        deadline : float
            Absolute, on the clock of ``time.monotonic``: however slowly bytes trickle in, this is the end.

        Returns
        -------
        value : object

        Raises
        ------
        WireError
            `Closed`, `DeadlineMissed`, or for what is no frame.
        """
        self._wait_for(_LENGTHS.size, deadline)
        n_header, n_body = _LENGTHS.unpack_from(self._buffer)
        if n_header > LARGEST_HEADER or n_body > LARGEST_BODY:
            raise WireError("a frame is too large")
        start, end = _LENGTHS.size + n_header, _LENGTHS.size + n_header + n_body
        self._wait_for(end, deadline)
        self.size = n_header, n_body
        # taken at once, since a time limit may interrupt the wait, and another frame follow
        header, body = bytes(self._buffer[_LENGTHS.size : start]), bytes(self._buffer[start:end])
        del self._buffer[:end]
        return decode(header, body, special)

    def _wait_for(self, n_bytes, deadline):
        while len(self._buffer) < n_bytes:
            try:
                self._limit(deadline)
                chunk = self._socket.recv(_CHUNK)
            except TimeoutError:
                raise DeadlineMissed("did not answer") from None
            except OSError:
                chunk = b""
            if not chunk:
                raise Closed("has ended")
            self._buffer += chunk

    def _limit(self, deadline):
        if deadline == math.inf:
            self._socket.settimeout(None)
            return
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            raise DeadlineMissed("did not answer")
        self._socket.settimeout(remaining)

    def close(self):
        """Close this end."""
        self._socket.close()
