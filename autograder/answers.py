"""The answer cell of an exercise, cut from the source of its reference function."""

import ast
import inspect
import io
import tokenize
from pathlib import Path

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"


def answer_source(function):
    """Source of a function, with what follows its docstring between nbgrader's solution marks.

    Parameters
    ----------
    function : function
        A function at the top level of a module.

    Returns
    -------
    str
        Decorators, signature and docstring as they are in the module, then the marked body.

    Raises
    ------
    ValueError
        If the function does not stand at the top level of a Python file.
    """
    source = _source(function)
    node = ast.parse(source).body[0]
    first = node.body[0]
    end = _end_of_signature(source)
    start = _offset(source, first.lineno, first.col_offset)
    own_line = "\n" in source[end:start]
    indent = " " * (first.col_offset if own_line else 4)
    head = source[:end]
    if ast.get_docstring(node, clean=False) is not None:
        gap = source[end:start] if own_line else f"\n{indent}"
        end = _offset(source, first.end_lineno, first.end_col_offset)
        head += gap + source[start:end]
    same_line, _, below = source[end:].partition("\n")
    same_line = same_line.strip(" \t;")
    body = "\n".join([indent + same_line] * bool(same_line) + [below]).strip("\n")
    return "\n".join([head, indent + BEGIN, body, indent + END])


def _source(function):
    """Source of a function, decorators included.

    `inspect.getsource` is not used, because what it takes for the end of a function differs
    between Python versions.
    """
    function = inspect.unwrap(function)
    try:
        module = Path(inspect.getsourcefile(function)).read_text(encoding="utf-8")
        tree = ast.parse(module)
        node = [n for n in tree.body if getattr(n, "name", "") == function.__name__][-1]
    except (TypeError, OSError, IndexError):
        name = getattr(function, "__name__", function)
        raise ValueError(f"{name!r} is not a function at the top level of a Python file") from None
    start = min(n.lineno for n in [node, *node.decorator_list])
    return "\n".join(module.split("\n")[start - 1 : node.end_lineno])


def _offset(source, row, column):
    """Index into `source` of a row (from 1) and a column in bytes, as an AST gives them."""
    lines = source.split("\n")
    in_row = lines[row - 1].encode()[:column].decode()
    return len("\n".join([*lines[: row - 1], in_row]))


def _end_of_signature(source):
    """Index into `source` just after the colon that ends the signature."""
    depth, in_signature = 0, False
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        in_signature |= token.string == "def"
        if token.type == tokenize.OP:
            depth += (token.string in "([{") - (token.string in ")]}")
            if in_signature and depth == 0 and token.string == ":":
                break
    row, column = token.end
    return len("\n".join([*source.split("\n")[: row - 1], token.line[:column]]))
