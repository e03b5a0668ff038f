"""What a text may hold, and the walk over Jinja's tree that refuses everything else by its line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from jinja2 import nodes

from outreach.domain.scripts import Channel, Variable, VariableKind
from outreach.rendering.filters import FILTERS

DEEPEST = 5  # ifs inside ifs

_ORDERED = frozenset({VariableKind.NUMBER, VariableKind.DATE, VariableKind.TIME})
_COMPARED_AS = dict.fromkeys((VariableKind.CHOICE, VariableKind.URL, VariableKind.PHONE), VariableKind.TEXT)
_WITH_FILTER = frozenset({VariableKind.DATE, VariableKind.TIME, VariableKind.LIST, VariableKind.FLAG})
_TAKEN = frozenset({"loop", "self", "caller"})  # Jinja's own
_WORDS: Mapping[type[nodes.Node], str] = {
    nodes.Getattr: "reads an attribute",
    nodes.Getitem: "reads an item",
    nodes.Call: "calls something",
    nodes.Assign: "assigns a variable (set)",
    nodes.AssignBlock: "assigns a variable (set)",
    nodes.Macro: "defines a macro",
    nodes.CallBlock: "calls a macro",
    nodes.FilterBlock: "filters a block",
    nodes.Import: "imports another template",
    nodes.FromImport: "imports another template",
    nodes.Include: "includes another template",
    nodes.Extends: "extends another template",
    nodes.Block: "defines a block",
    nodes.With: "opens a scope (with)",
    nodes.Scope: "opens a scope, or changes how text is escaped",
    nodes.Test: "uses a test (is …)",
    nodes.CondExpr: "uses an if inside {{ }}",
    nodes.Concat: "joins texts (~)",
    nodes.List: "makes a list",
    nodes.Tuple: "makes a tuple",
    nodes.Dict: "makes a dictionary",
    nodes.Slice: "takes a slice",
}


@dataclass(frozen=True)
class Refusal:
    """What may not stand in a text: the line it is on, and why, as the end of a sentence."""

    line: int
    reason: str


def refused_nodes(tree: nodes.Template, variables: Mapping[str, Variable], channel: Channel) -> list[Refusal]:
    """Everything in a tree that its channel does not allow, by line."""
    return sorted(_Walk(variables, channel).body(tree.body), key=lambda refusal: refusal.line)


@dataclass(frozen=True)
class _Walk:
    """One look at a whole tree; `items` are the names given by the loop around."""

    variables: Mapping[str, Variable]
    channel: Channel
    items: frozenset[str] = frozenset()
    depth: int = 0

    def body(self, body: list[nodes.Node]) -> Iterator[Refusal]:
        for node in body:
            yield from self._statement(node)

    def _statement(self, node: nodes.Node) -> Iterator[Refusal]:
        if isinstance(node, nodes.Output):
            for shown in node.nodes:
                yield from self._shown(shown)
        elif isinstance(node, nodes.If):
            yield from self._choice(node)
        elif isinstance(node, nodes.For):
            yield from self._repetition(node)
        else:
            yield _not_listed(node)

    def _choice(self, node: nodes.If) -> Iterator[Refusal]:
        if self.depth >= DEEPEST:
            yield Refusal(node.lineno, f"opens more than {DEEPEST} ifs inside one another")
            return
        inner = _Walk(self.variables, self.channel, self.items, self.depth + 1)
        for branch in (node, *node.elif_):
            yield from self._condition(branch.test)
            yield from inner.body(branch.body)
        yield from inner.body(node.else_)

    def _repetition(self, node: nodes.For) -> Iterator[Refusal]:
        target = node.target.name if isinstance(node.target, nodes.Name) else ""
        listed = self._variable(node.iter)
        if self.channel is not Channel.INTERVIEW:
            yield Refusal(node.lineno, "repeats lines (for), which only an interview may")
        elif self.items:
            yield Refusal(node.lineno, "repeats lines inside a repetition")
        elif node.recursive or node.test is not None or node.else_:
            yield Refusal(node.lineno, "repeats lines in another way than {% for item in list %}")
        elif not target or target in self.variables or target in _TAKEN:
            yield Refusal(node.lineno, "gives the items of a list a name that is taken")
        elif listed is None or listed.kind is not VariableKind.LIST:
            yield Refusal(node.lineno, "repeats lines over something that the catalog does not call a list")
        else:
            yield from _Walk(self.variables, self.channel, frozenset({target}), self.depth).body(node.body)

    def _shown(self, node: nodes.Node) -> Iterator[Refusal]:
        """What stands between {{ and }}, and plain text."""
        if isinstance(node, nodes.TemplateData):
            return
        if isinstance(node, nodes.Filter):
            yield from self._filtered(node)
        elif isinstance(node, nodes.Name):
            yield from self._bare(node)
        elif isinstance(node, nodes.Const):
            yield Refusal(node.lineno, "shows a constant: write it as text")
        else:
            yield _not_listed(node)

    def _filtered(self, node: nodes.Filter) -> Iterator[Refusal]:
        known = FILTERS.get(node.name)
        if node.args or node.kwargs or node.dyn_args or node.dyn_kwargs:
            yield Refusal(node.lineno, f"gives arguments to the filter {node.name}")
        elif known is None:
            yield Refusal(node.lineno, f"uses the filter {node.name}; there are {', '.join(sorted(FILTERS))}")
        elif not isinstance(node.node, nodes.Name):
            yield Refusal(node.lineno, f"uses the filter {node.name} on something else than a variable")
        else:
            yield from self._named(node.node)
            kind = self._kind(node.node)
            if kind is not None and kind not in known.kinds:
                yield Refusal(node.lineno, f"uses the filter {node.name} on {node.node.name}, a {kind}")

    def _bare(self, node: nodes.Name) -> Iterator[Refusal]:
        yield from self._named(node)
        kind = self._kind(node)
        if kind in _WITH_FILTER:
            yield Refusal(node.lineno, f"shows {node.name}, a {kind}, without a filter that makes it a text")

    def _condition(self, node: nodes.Node) -> Iterator[Refusal]:
        if isinstance(node, nodes.And | nodes.Or):
            yield from self._condition(node.left)
            yield from self._condition(node.right)
        elif isinstance(node, nodes.Not):
            yield from self._condition(node.node)
        elif isinstance(node, nodes.Compare):
            yield from self._comparison(node)
        elif isinstance(node, nodes.Name):
            yield from self._named(node)
        elif not isinstance(node, nodes.Const):
            yield _not_listed(node)

    def _comparison(self, node: nodes.Compare) -> Iterator[Refusal]:
        operands = [node.expr, *(each.expr for each in node.ops)]
        for operand in operands:
            if isinstance(operand, nodes.Name):
                yield from self._named(operand)
            elif not isinstance(operand, nodes.Const):
                yield _not_listed(operand)
        operators = {each.op for each in node.ops}
        if any(isinstance(each, nodes.Const) and each.value is None for each in operands):
            yield Refusal(node.lineno, "compares with none, which nothing is")
        if operators & {"in", "notin"}:
            yield Refusal(node.lineno, "asks whether something is in something else")
        kinds = {_COMPARED_AS.get(kind, kind) for each in operands if (kind := self._kind(each)) is not None}
        if len(kinds) > 1 or (operators - {"eq", "ne"} and not kinds <= _ORDERED):
            yield Refusal(node.lineno, f"compares {' and '.join(sorted(kinds))} in a way that has no answer")
        yield from self._unknown_choices(node, operands)

    def _unknown_choices(self, node: nodes.Compare, operands: list[nodes.Expr]) -> Iterator[Refusal]:
        """A choice compared with a word that it never is would be a text that nobody ever reads."""
        variables = [variable for each in operands if (variable := self._variable(each)) is not None]
        words = [each.value for each in operands if isinstance(each, nodes.Const)]
        for variable in variables:
            for word in words if variable.kind is VariableKind.CHOICE else []:
                if word not in variable.choices:
                    told = (
                        f"compares {variable.name} with {word!r}; it is one of {', '.join(variable.choices)}"
                    )
                    yield Refusal(node.lineno, told)

    def _named(self, node: nodes.Name) -> Iterator[Refusal]:
        if node.name not in self.variables and node.name not in self.items:
            yield Refusal(node.lineno, f"names {node.name}, which the catalog does not give to this text")

    def _variable(self, node: nodes.Node) -> Variable | None:
        return self.variables.get(node.name) if isinstance(node, nodes.Name) else None

    def _kind(self, node: nodes.Node) -> VariableKind | None:
        """What a name or a constant is."""
        if isinstance(node, nodes.Const):
            return _kind_of_constant(node.value)
        if isinstance(node, nodes.Name) and node.name in self.items:
            return VariableKind.TEXT
        variable = self._variable(node)
        return None if variable is None else variable.kind


def _kind_of_constant(value: object) -> VariableKind | None:
    if isinstance(value, bool):
        return VariableKind.FLAG
    if isinstance(value, int | float):
        return VariableKind.NUMBER
    return VariableKind.TEXT if isinstance(value, str) else None


def _not_listed(node: nodes.Node) -> Refusal:
    told = _WORDS.get(type(node), f"uses {type(node).__name__}, which texts may not")
    lines = [each.lineno for each in (node, *node.find_all(nodes.Node)) if each.lineno]
    return Refusal(lines[0] if lines else 1, told)  # a scope has no line of its own
