"""What a text may hold, and the walk over Jinja's tree that refuses everything else by its line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from jinja2 import nodes

from outreach.domain.scripts import Channel, Variable, VariableKind
from outreach.rendering.filters import FILTERS
from outreach.rendering.mistakes import Mistake, Refusal

DEEPEST = 5  # ifs inside ifs

_ORDERED = frozenset({VariableKind.NUMBER, VariableKind.DATE, VariableKind.TIME})
_COMPARED_AS = dict.fromkeys((VariableKind.CHOICE, VariableKind.URL, VariableKind.PHONE), VariableKind.TEXT)
_WITH_FILTER = frozenset({VariableKind.DATE, VariableKind.TIME, VariableKind.LIST, VariableKind.FLAG})
_TAKEN = frozenset({"loop", "self", "caller"})  # Jinja's own
_FORBIDDEN: Mapping[type[nodes.Node], Mistake] = {
    nodes.Getattr: Mistake.ATTRIBUTE,
    nodes.Getitem: Mistake.ATTRIBUTE,
    nodes.Slice: Mistake.ATTRIBUTE,
    nodes.Call: Mistake.CALL,
    nodes.Assign: Mistake.SET,
    nodes.AssignBlock: Mistake.SET,
    nodes.Import: Mistake.OTHER_TEMPLATE,
    nodes.FromImport: Mistake.OTHER_TEMPLATE,
    nodes.Include: Mistake.OTHER_TEMPLATE,
    nodes.Extends: Mistake.OTHER_TEMPLATE,
    nodes.Block: Mistake.BLOCK,
    nodes.Macro: Mistake.BLOCK,
    nodes.CallBlock: Mistake.BLOCK,
    nodes.FilterBlock: Mistake.BLOCK,
    nodes.With: Mistake.BLOCK,
    nodes.Scope: Mistake.BLOCK,
    nodes.Test: Mistake.TEST,
    nodes.CondExpr: Mistake.INNER_IF,
    nodes.Compare: Mistake.INNER_IF,
    nodes.Not: Mistake.INNER_IF,
    nodes.And: Mistake.INNER_IF,
    nodes.Or: Mistake.INNER_IF,
    nodes.Concat: Mistake.RECKONING,
    nodes.BinExpr: Mistake.RECKONING,
    nodes.UnaryExpr: Mistake.RECKONING,
    nodes.List: Mistake.COLLECTION,
    nodes.Tuple: Mistake.COLLECTION,
    nodes.Dict: Mistake.COLLECTION,
}


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
            yield Refusal(node.lineno, Mistake.TOO_DEEP, {"most": str(DEEPEST)})
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
            yield Refusal(node.lineno, Mistake.REPEATED_IN_TEXT)
        elif self.items:
            yield Refusal(node.lineno, Mistake.REPEATED_TWICE)
        elif node.recursive or node.test is not None or node.else_:
            yield Refusal(node.lineno, Mistake.REPEATED_OTHERWISE)
        elif not target or target in self.variables or target in _TAKEN:
            yield Refusal(node.lineno, Mistake.ITEM_NAME)
        elif listed is None or listed.kind is not VariableKind.LIST:
            yield Refusal(node.lineno, Mistake.NO_LIST_OF_OURS)
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
            yield Refusal(node.lineno, Mistake.CONSTANT)
        else:
            yield _not_listed(node)

    def _filtered(self, node: nodes.Filter) -> Iterator[Refusal]:
        known, told = FILTERS.get(node.name), {"filter": node.name}
        if node.args or node.kwargs or node.dyn_args or node.dyn_kwargs:
            yield Refusal(node.lineno, Mistake.FILTER_ARGUMENTS, told)
        elif known is None:
            yield Refusal(
                node.lineno, Mistake.UNKNOWN_FILTER, {**told, "filters": ", ".join(sorted(FILTERS))}
            )
        elif not isinstance(node.node, nodes.Name):
            yield Refusal(node.lineno, Mistake.FILTER_OF_NOTHING, told)
        else:
            yield from self._named(node.node)
            kind = self._kind(node.node)
            if kind is not None and kind not in known.kinds:
                yield Refusal(node.lineno, Mistake.FILTER_OF_ANOTHER_KIND, {**told, "name": node.node.name})

    def _bare(self, node: nodes.Name) -> Iterator[Refusal]:
        yield from self._named(node)
        kind = self._kind(node)
        if kind in _WITH_FILTER:
            yield Refusal(node.lineno, Mistake.NO_FILTER, {"name": node.name})

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
            yield Refusal(node.lineno, Mistake.NONE)
        if operators & {"in", "notin"}:
            yield Refusal(node.lineno, Mistake.MEMBER)
        kinds = {_COMPARED_AS.get(kind, kind) for each in operands if (kind := self._kind(each)) is not None}
        if len(kinds) > 1 or (operators - {"eq", "ne"} and not kinds <= _ORDERED):
            yield Refusal(node.lineno, Mistake.UNLIKE)
        yield from self._unknown_choices(node, operands)

    def _unknown_choices(self, node: nodes.Compare, operands: list[nodes.Expr]) -> Iterator[Refusal]:
        """A choice compared with a word that it never is would be a text that nobody ever reads."""
        variables = [variable for each in operands if (variable := self._variable(each)) is not None]
        words = [each.value for each in operands if isinstance(each, nodes.Const)]
        for variable in variables:
            for word in words if variable.kind is VariableKind.CHOICE else []:
                if word not in variable.choices:
                    told = {"name": variable.name, "word": str(word), "choices": ", ".join(variable.choices)}
                    yield Refusal(node.lineno, Mistake.UNKNOWN_CHOICE, told)

    def _named(self, node: nodes.Name) -> Iterator[Refusal]:
        if node.name not in self.variables and node.name not in self.items:
            yield Refusal(node.lineno, Mistake.UNKNOWN_VARIABLE, {"name": node.name})

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
    told = next(
        (found for kind in type(node).__mro__ if (found := _FORBIDDEN.get(kind))), Mistake.NOT_ALLOWED
    )
    lines = [each.lineno for each in (node, *node.find_all(nodes.Node)) if each.lineno]
    return Refusal(lines[0] if lines else 1, told)  # a scope has no line of its own
