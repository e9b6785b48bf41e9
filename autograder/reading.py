"""What code cells bind, use and call, found by reading them; nothing here runs a cell."""

import ast
import re
import symtable
import sys

from IPython.core.inputtransformer2 import TransformerManager

_MAGICS = TransformerManager()
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_LOOKUPS = {"getattr", "eval", "exec", "attrgetter", "methodcaller", "import_module", "__import__"}


def bound_and_used_names(source):
    """Names that a code cell binds, and names that it takes from the cells before it.

    Parameters
    ----------
    source : str
        Source of a code cell, which may hold IPython's magics.

    Returns
    -------
    bound : set of str
    used : set of str

    Raises
    ------
    SyntaxError
        If the cell is not Python.
    """
    try:
        top = symtable.symtable(source, "cell", "exec")
    except SyntaxError:  # perhaps because of magics
        top = symtable.symtable(_MAGICS.transform_cell(source), "cell", "exec")
    bound = {s.get_name() for s in top.get_symbols() if s.is_assigned() or s.is_imported()}
    used, tables = set(), [top]
    while tables:
        table = tables.pop()
        tables += table.get_children()
        used |= {
            symbol.get_name()
            for symbol in table.get_symbols()
            if symbol.is_referenced() and (table is top or symbol.is_global())
        }
    return bound, used - bound


def cells_to_run(cells):
    """Which cells define what the learner's own cells use.

    Parameters
    ----------
    cells : list of tuple of (bool, set of str, set of str)
        For each cell whether it is the learner's own, what it binds, and what it uses.

    Returns
    -------
    indices : list of int
        The learner's own cells and the released ones that they need, in order.
    """
    chosen = {i for i, (own, _, _) in enumerate(cells) if own}
    wanted = set().union(*(cells[i][2] for i in chosen))
    while True:
        more = {i for i, (_, bound, _) in enumerate(cells) if i not in chosen and bound & wanted}
        if not more:
            return sorted(chosen)
        chosen |= more
        wanted |= set().union(*(cells[i][2] for i in more))


class Program:
    """The code of several cells, as a whole.

    Parameters
    ----------
    sources : iterable of str
        Sources of code cells; those that are not Python are left out, as they cannot run.
    """

    def __init__(self, sources):
        self._definitions = {}  # name to the statements that bind it
        self._used = {}
        self._aliases = {}  # name to the dotted name of what it stands for
        statements = [s for tree in map(_parsed, sources) if tree for s in _top_level(tree)]
        for statement in statements:
            for name in _bound_by(statement):
                self._definitions.setdefault(name, []).append(statement)
        for _ in range(2):  # an alias may be used above the line that binds it
            for statement in statements:
                if not isinstance(statement, _SCOPES):
                    _note_aliases(statement, self._aliases)

    def reached(self, name):
        """Names that the code behind a name uses at the top level, itself included, defined or not."""
        names, todo = set(), [name]
        while todo:
            current = todo.pop()
            if current in names:
                continue
            names.add(current)
            todo += self._used_by(current)
        return names

    def _used_by(self, name):
        """Names that the statements which bind a name bind or use."""
        if name not in self._used:
            self._used[name] = set().union(*map(_global_names, self._definitions.get(name, [])))
        return self._used[name]

    def mentioned(self, name):
        """Names that the code behind a name mentions, whether or not anything at the top level binds them."""
        return set().union(*map(self._used_by, self.reached(name)))

    def forbidden(self, name, forbidden):
        """First of some dotted names that the code behind a name mentions, or "".

        Parameters
        ----------
        name : str
        forbidden : sequence of str
            Dotted names of functions.
        """
        objects = {id(_loaded(dotted)): dotted for dotted in forbidden if _loaded(dotted) is not None}
        words = {dotted.rpartition(".")[2]: dotted for dotted in reversed(forbidden)}
        for reached in sorted(self.reached(name)):
            for statement in self._definitions.get(reached, []):
                aliases = self._aliases_in(statement)
                for node in ast.walk(statement):
                    dotted = _dotted(node, aliases)
                    found = objects.get(id(_loaded(dotted))) if dotted else _looked_up(node, words)
                    if found or dotted in forbidden:
                        return found or dotted
        return ""

    def _aliases_in(self, statement):
        """Aliases as they hold inside a statement: a function's own names hide those outside."""
        aliases = dict(self._aliases)
        if isinstance(statement, _SCOPES):
            nodes = list(ast.walk(statement))
            own = {
                node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
            }
            own |= {node.arg for node in nodes if isinstance(node, ast.arg)}
            aliases.update(dict.fromkeys(own, ""))
            _note_aliases(statement, aliases)
        return aliases


def _note_aliases(statement, aliases):
    """Add what imports and plain assignments in a statement make other names stand for."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Import):
            for name in node.names:
                module = name.name if name.asname else name.name.partition(".")[0]
                aliases[name.asname or module] = module
        elif isinstance(node, ast.ImportFrom) and node.module:
            for name in node.names:
                aliases[name.asname or name.name] = f"{node.module}.{name.name}"
        elif isinstance(node, ast.Assign) and (dotted := _dotted(node.value, aliases)):
            targets = [target.id for target in node.targets if isinstance(target, ast.Name)]
            aliases.update(dict.fromkeys(targets, dotted))


def _dotted(node, aliases):
    """Dotted name that an expression stands for, or ""."""
    attributes = []
    while isinstance(node, ast.Attribute):  # a loop, for there may be thousands of them
        attributes.append(node.attr)
        node = node.value
    base = aliases.get(node.id, "") if isinstance(node, ast.Name) else ""
    return ".".join([base, *reversed(attributes)]) if base else ""


def _parsed(source):
    for transform in (str, _MAGICS.transform_cell):
        try:
            return ast.parse(transform(source))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return None


def _top_level(tree):
    """Statements outside of functions and classes."""
    todo = list(tree.body)
    while todo:
        statement = todo.pop(0)
        yield statement
        for field in ("body", "orelse", "finalbody"):
            if not isinstance(statement, _SCOPES):
                todo += getattr(statement, field, [])
        for handler in getattr(statement, "handlers", []):
            todo += handler.body


def _global_names(statement):
    """Names at the top level that a statement binds or uses; a function's own are not among them."""
    try:
        bound, used = bound_and_used_names(ast.unparse(statement))
        return bound | used
    except (SyntaxError, ValueError):  # such as quotes within quotes that cannot be written again
        return {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}


def _bound_by(statement):
    """Names that one statement binds, not counting those of the statements inside it."""
    if isinstance(statement, _SCOPES):
        return {statement.name}
    if isinstance(statement, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        return {node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)}
    return set()


def _loaded(dotted):
    """The object behind a dotted name, if its module is loaded, else None."""
    module, _, name = dotted.rpartition(".")
    return getattr(sys.modules.get(module), name, None)


def _looked_up(node, words):
    """Forbidden name that a call such as ``getattr(np.linalg, "norm")`` looks up by its text, or ""."""
    if isinstance(node, ast.Subscript):
        texts = [node.slice] if isinstance(node.value, (ast.Attribute, ast.Call)) else []
        texts = [t for t in texts if isinstance(t, ast.Constant) and t.value in words]
    elif isinstance(node, ast.Call):
        function = node.func
        called = getattr(function, "id", None) or getattr(function, "attr", None)
        texts = [arg for arg in node.args if isinstance(arg, ast.Constant)] if called in _LOOKUPS else []
    else:
        return ""
    for text in texts:
        if isinstance(text.value, str):
            for word, dotted in words.items():
                if re.search(rf"\b{word}\b", text.value):
                    return dotted
    return ""
