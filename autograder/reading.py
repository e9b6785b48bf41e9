"""What code cells bind, use and call, found by reading them; nothing here runs a cell."""

import ast
import builtins
import functools
import re
import symtable
import sys

from IPython.core.inputtransformer2 import TransformerManager

_MAGICS = TransformerManager()
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
# what reading a cell that is not Python, or that is very deep, may raise
UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)
_LOOKUPS = {"getattr", "eval", "exec", "attrgetter", "methodcaller", "import_module", "__import__"}
# what gets at a name, or at what it stood for once, without writing it as one
_NAMESPACES = {"vars", "globals", "locals", "__dict__", "__globals__", "__builtins__", "__closure__"}
_NAMESPACES |= {"f_globals", "f_locals", "f_back", "user_ns", "modules", "getmembers", "get_ipython"}
_NAMESPACES |= {"sys", "gc", "inspect", "builtins", "ctypes", "__main__", "setattr", "delattr", "compile"}
_BACKDOORS = _LOOKUPS | _NAMESPACES
# magics whose cell is Python for the learner's own names
_RUNS_PYTHON = re.compile(r"\s*%%(time|capture|prun|timeit)\b.*\n?")


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
    source, magics = _without_magics(source)
    try:
        top = symtable.symtable(source, "cell", "exec")
    except SyntaxError:  # perhaps because of magics
        source = _MAGICS.transform_cell(source)
        top = symtable.symtable(source, "cell", "exec")
    bound = {s.get_name() for s in top.get_symbols() if s.is_assigned() or s.is_imported()}
    used, tables = set(), [top]
    while tables:
        table = tables.pop()
        tables += table.get_children()
        used |= {
            symbol.get_name()
            for symbol in table.get_symbols()
            if (symbol.is_referenced() if table is top else symbol.is_global())
        }
    used = (used - bound) | _read_first(ast.parse(source).body, set())
    return (set() if "timeit" in magics else bound), used


def _without_magics(source):
    """What the cell magics that run Python are given to run, and the names of these magics."""
    magics = []
    while found := _RUNS_PYTHON.match(source):
        magics.append(found[1])
        source = source[found.end() :]
    return source, magics


def _read_first(statements, bound):
    """Names that statements read before they bind them, as in ``x = f(x)``; `bound` grows."""
    read = set()
    for statement in statements:
        if isinstance(statement, _SCOPES):
            bound.add(statement.name)
            continue
        nodes = list(_own_nodes(statement))
        names = [node for node in nodes if isinstance(node, ast.Name)]
        passing = {
            name.id
            for node in nodes
            if isinstance(node, ast.comprehension)
            for name in ast.walk(node.target)
            if isinstance(name, ast.Name)
        }
        changed = {
            node.target.id for node in nodes if isinstance(node, ast.AugAssign) and hasattr(node.target, "id")
        }
        read |= ({n.id for n in names if not isinstance(n.ctx, ast.Store)} - passing | changed) - bound
        bound |= {n.id for n in names if isinstance(n.ctx, ast.Store)} - passing
        bound |= {(n.asname or n.name).partition(".")[0] for n in nodes if isinstance(n, ast.alias)}
        for part in _parts(statement):
            read |= _read_first(part, bound)
    return read


def _own_nodes(statement):
    """Nodes of a statement that are neither in the statements inside of it nor in a lambda."""
    return _nodes_outside(statement, (ast.stmt, ast.ExceptHandler, ast.match_case, ast.Lambda))


def _nodes_outside(statement, inside):
    """Nodes of a statement that are in no node of some kinds inside of it."""
    todo = [statement]
    while todo:
        node = todo.pop()
        yield node
        todo += [child for child in ast.iter_child_nodes(node) if not isinstance(child, inside)]


def _parts(statement):
    """Lists of the statements inside of one, in order."""
    parts = [getattr(statement, "body", [])]
    parts += [part.body for part in (*getattr(statement, "handlers", []), *getattr(statement, "cases", []))]
    return [*parts, getattr(statement, "orelse", []), getattr(statement, "finalbody", [])]


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


def sets_up(source, used):
    """Whether a cell imports, and takes nothing from other cells: it sets up what comes below.

    Parameters
    ----------
    source : str
    used : set of str
        What it takes from the cells before it.

    Returns
    -------
    sets_up : bool
    """
    tree = None if used else _parsed(source)
    return any(isinstance(s, (ast.Import, ast.ImportFrom)) for s in (tree.body if tree else []))


class Program:
    """The code of several cells, as a whole.

    Parameters
    ----------
    sources : sequence of str
        Sources of code cells; those that are not Python are left out, as they cannot run.
    """

    def __init__(self, sources):
        self._trees = list(map(_parsed, sources))
        self._surely_python = [not _RUNS_PYTHON.match(source) for source in sources]
        self._statements = [(i, s) for i, tree in enumerate(self._trees) if tree for s in _top_level(tree)]
        self._definitions = {}  # name to the statements that bind it, with the numbers of their cells
        self._names = {}  # statement to the names at the top level that it binds or uses
        for number, statement in self._statements:
            for name in _bound_by(statement):
                self._definitions.setdefault(name, []).append((number, statement))

    def reached(self, name):
        """Names that the code behind a name uses at the top level, itself included, defined or not."""
        return self._reached(name, len(self._trees), {})

    def _reached(self, name, limit, settled):
        names, todo = set(), [name]
        while todo:
            current = todo.pop()
            if current in names:
                continue
            names.add(current)
            todo += self._used_by(current, limit, settled)
        return names

    def _defining(self, name, limit, settled):
        """Statements that bind a name in the cells above a limit, or the one that settles what it is."""
        if name in settled:
            return [settled[name]]
        return [statement for number, statement in self._definitions.get(name, []) if number < limit]

    def _used_by(self, name, limit, settled):
        """Names that the statements which bind a name bind or use."""
        statements = self._defining(name, limit, settled)
        for statement in statements:
            if statement not in self._names:
                self._names[statement] = _global_names(statement)
        return set().union(*(self._names[statement] for statement in statements))

    def mentioned(self, name):
        """Names that the code behind a name mentions, whether or not anything at the top level binds them."""
        return set().union(*(self._used_by(n, len(self._trees), {}) for n in self.reached(name)))

    def forbidden(self, name, forbidden, limit=None):
        """First of some dotted names that the code behind a name mentions, or "".

        Parameters
        ----------
        name : str
        forbidden : sequence of str
            Dotted names of functions.
        limit : int, optional
            How many of the cells count, from the first one on; by default all of them.
        """
        limit = len(self._trees) if limit is None else limit
        reached = self._reached(name, limit, {})
        if any(number >= limit and reached & _changed_in_place(s) for number, s in self._statements):
            limit = len(self._trees)  # what is changed in place below the limit is changed above it, too
            reached = self._reached(name, limit, {})
        settling = {n: self._settling(n, limit, reached) for n in reached}
        settled = {n: statement for n, statement in settling.items() if statement}
        outside = self._aliases(limit, settled)
        objects = {id(_loaded(dotted)): dotted for dotted in forbidden if _loaded(dotted) is not None}
        words = {dotted.rpartition(".")[2]: dotted for dotted in reversed(forbidden)}
        for current in sorted(self._reached(name, limit, settled)):
            nodes = [(ast.Name(current), outside)]
            for statement in self._defining(current, limit, settled):
                aliases = _aliases_in(statement, outside)
                nodes += [(node, aliases) for node in ast.walk(statement)]
            for node, aliases in nodes:
                dotted = _dotted(node, aliases)
                found = (
                    objects.get(id(_loaded(dotted)))
                    if dotted
                    else _looked_up(node, words, self._has_backdoors)
                )
                if found or dotted in forbidden:
                    return found or dotted
        return ""

    def _aliases(self, limit, settled):
        """Dotted names of what names stand for, by name."""
        aliases = {}
        for _ in range(2):  # an alias may be used above the line that binds it
            for number, statement in self._statements:
                if number < limit and not isinstance(statement, _SCOPES):
                    _note_aliases(statement, aliases)
        return {name: dotted for name, dotted in aliases.items() if name not in settled}

    @functools.cached_property
    def _has_backdoors(self):
        """Whether any code may get at a name without writing it as one."""
        return any(
            _words(node) & _BACKDOORS
            for _, statement in self._statements
            if not _sets_up_figures(statement)
            for node in _own_or_all(statement)
        )

    @functools.cached_property
    def _bindings(self):
        """Statements that may bind a name in any way, with the numbers of their cells, by name."""
        bindings = {}
        for number, statement in self._statements:
            for name in _all_bound_by(statement):
                bindings.setdefault(name, []).append((number, statement))
        return bindings

    @functools.cached_property
    def _changeable(self):
        """Names that may stand for something else than they usually do."""
        return {name for _, statement in self._statements for name in _changeable(statement)}

    def _settling(self, name, limit, reached):
        """The definition of a name that holds whatever the name stood for before, or None.

        It surely runs and is the last, and the cells before its own do nothing with the name but to call it
        at once: so nothing has kept what the name stood for.
        """
        binding = [(number, s) for number, s in self._bindings.get(name, []) if number < limit]
        if len(binding) < 2 or self._has_backdoors:
            return None
        number, last = binding[-1]
        body = self._trees[number].body
        if last not in body or not self._surely_python[number] or not self._compiles(number):
            return None
        above = body[: body.index(last) + 1]
        if not isinstance(last, ast.FunctionDef) or not all(_cannot_fail(s, self._changeable) for s in above):
            return None
        kept = (
            _keeps(statement, name) or (reached - {name} & _bound_by(statement) and _reads(statement, name))
            for i, statement in self._statements
            if i < number
        )
        return None if any(kept) else last

    def _compiles(self, number):
        """Whether a cell runs at all; one with a return outside of a function does not, say."""
        try:
            compile(self._trees[number], "cell", "exec")
        except UNREADABLE:
            return False
        return True


def _aliases_in(statement, outside):
    """Aliases as they hold inside a statement: a function's own names hide those outside."""
    aliases = dict(outside)
    if isinstance(statement, _SCOPES):
        nodes = list(ast.walk(statement))
        own = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        own |= {node.arg for node in nodes if isinstance(node, ast.arg)}
        aliases.update(dict.fromkeys(own, ""))
        _note_aliases(statement, aliases)
    return aliases


def _own_or_all(statement):
    """Nodes of a statement, without those of other statements at the top level."""
    return _nodes_outside(statement, () if isinstance(statement, _SCOPES) else ast.stmt)


def _sets_up_figures(statement):
    """Whether it is ``%matplotlib inline`` or the like."""
    call = getattr(statement, "value", None)
    if not (isinstance(statement, ast.Expr) and isinstance(call, ast.Call)):
        return False
    asked = getattr(getattr(call.func, "value", None), "func", None)
    texts = [arg.value for arg in call.args if isinstance(arg, ast.Constant)]
    is_magic = (getattr(call.func, "attr", ""), getattr(asked, "id", "")) == ("run_line_magic", "get_ipython")
    return is_magic and texts[:1] == ["matplotlib"] and len(texts) == len(call.args) + len(call.keywords)


def _words(node):
    """Names that a node consists of, whatever they mean there."""
    if isinstance(node, ast.ImportFrom):
        return {*(node.module or "").split("."), *(alias.name for alias in node.names)}
    if isinstance(node, ast.Import):
        return {word for alias in node.names for word in alias.name.split(".")}
    if isinstance(node, ast.Constant):
        return {"__main__"} if "__main__" in str(node.value) else set()
    return {getattr(node, "id", None), getattr(node, "attr", None)}


def _stored_in(statement):
    """Names that a statement, or a function in it, binds or deletes otherwise than by a def or an import."""
    for node in _own_or_all(statement):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.Global):
            yield from node.names
        elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and node.name:
            yield node.name
        elif isinstance(node, ast.MatchMapping) and node.rest:
            yield node.rest


def _changeable(statement):
    """Names that a statement may make stand for something else than they usually do."""
    yield from _stored_in(statement)
    if isinstance(statement, _SCOPES):
        yield statement.name
    for node in _own_nodes(statement):
        if isinstance(node, ast.alias) and (node.name, node.asname) != ("numpy", "np"):
            yield node.asname or node.name


def _all_bound_by(statement):
    """Names that a statement, or a function in it, may bind at the top level in any way."""
    names = _bound_by(statement)
    if isinstance(statement, _SCOPES):
        return names.union(*(n.names for n in ast.walk(statement) if isinstance(n, ast.Global)))
    aliases = [node for node in _own_nodes(statement) if isinstance(node, ast.alias)]
    names |= {(alias.asname or alias.name).partition(".")[0] for alias in aliases}
    names = names.union(*(_public(statement.module) for alias in aliases if alias.name == "*"))
    return names | set(_stored_in(statement))


def _changed_in_place(statement):
    """Names of the objects of which a statement changes an attribute, an item or all."""
    names = set()
    for node in () if isinstance(statement, _SCOPES) else _own_or_all(statement):
        if isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load):
            while isinstance(node, (ast.Attribute, ast.Subscript)):
                node = node.value
            names |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
    return names


def _reads(statement, name):
    return any(getattr(node, "id", None) == name for node in _own_or_all(statement))


def _keeps(statement, name):
    """Whether a statement may keep what a name stands for: it does more with it than to call it at once."""
    nodes = list(_own_or_all(statement))
    called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
    deferred = isinstance(statement, _SCOPES) or any(isinstance(node, ast.Lambda) for node in nodes)
    reads = [n for n in nodes if isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Load)]
    return any(deferred or id(node) not in called for node in reads)


def _cannot_fail(statement, changeable):
    """Whether a statement runs without an error for sure, while some names may stand for anything."""
    if isinstance(statement, ast.FunctionDef):
        arguments = statement.args
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        every += filter(None, [arguments.vararg, arguments.kwarg])
        read = [*arguments.defaults, *filter(None, arguments.kw_defaults)]
        read += filter(None, [statement.returns, *(argument.annotation for argument in every)])
        return not statement.decorator_list and all(_is_there(node, changeable) for node in read)
    if isinstance(statement, ast.Import):
        return all(alias.name in sys.modules for alias in statement.names)
    if isinstance(statement, ast.ImportFrom):
        module = None if statement.level else sys.modules.get(statement.module)
        return module is not None and all(hasattr(module, alias.name) for alias in statement.names)
    if isinstance(statement, ast.Assign) and not all(isinstance(t, ast.Name) for t in statement.targets):
        return False
    return isinstance(statement, (ast.Assign, ast.Expr)) and isinstance(statement.value, ast.Constant)


def _is_there(node, changeable):
    """Whether a constant, or one of Python's or NumPy's own things, is there to be read."""
    known = {"np": "numpy", **{name: f"builtins.{name}" for name in dir(builtins)}}
    dotted = _dotted(node, {name: known[name] for name in known.keys() - changeable})
    return isinstance(node, ast.Constant) or (dotted != "" and _loaded(dotted) is not None)


def _note_aliases(statement, aliases):
    """Add what imports and plain assignments in a statement make other names stand for."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Import):
            for name in node.names:
                module = name.name if name.asname else name.name.partition(".")[0]
                aliases[name.asname or module] = module
        elif isinstance(node, ast.ImportFrom) and node.module:
            for name in node.names:
                names = _public(node.module) if name.name == "*" else [name.name]
                aliases.update({name.asname or n: f"{node.module}.{n}" for n in names})
        elif isinstance(node, ast.Assign) and (dotted := _dotted(node.value, aliases)):
            targets = [target.id for target in node.targets if isinstance(target, ast.Name)]
            aliases.update(dict.fromkeys(targets, dotted))


def _public(module):
    """Names that ``from module import *`` binds, if the module is loaded."""
    module = sys.modules.get(module)
    public = [name for name in vars(module) if not name.startswith("_")] if module else []
    return getattr(module, "__all__", public)


def _dotted(node, aliases):
    """Dotted name that an expression stands for, or ""."""
    attributes = []
    while isinstance(node, ast.Attribute):
        attributes.append(node.attr)
        node = node.value
    base = aliases.get(node.id, "") if isinstance(node, ast.Name) else ""
    return ".".join([base, *reversed(attributes)]) if base else ""


def _parsed(source):
    source, _ = _without_magics(source)
    for transform in (str, _MAGICS.transform_cell):
        try:
            return ast.parse(transform(source))
        except UNREADABLE:
            continue
    return None


def _top_level(tree):
    """Statements outside of functions and classes."""
    todo = list(tree.body)
    while todo:
        statement = todo.pop(0)
        yield statement
        if not isinstance(statement, _SCOPES):
            for part in _parts(statement):
                todo += part


def _global_names(statement):
    """Names at the top level that a statement binds or uses; a function's own are not among them."""
    try:
        bound, used = bound_and_used_names(ast.unparse(statement))
        return bound | used
    except UNREADABLE:  # such as quotes within quotes that cannot be written again
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


def _looked_up(node, words, in_namespaces):
    """Forbidden name that a call such as ``getattr(np.linalg, "norm")`` looks up by its text, or ""."""
    if isinstance(node, ast.Subscript):
        looks_up = in_namespaces and isinstance(node.value, (ast.Attribute, ast.Call))
        texts = [node.slice] if looks_up else []
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
