"""Judges a text before anybody gets it: every way it can read, at the worst values of its variables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from jinja2 import nodes

from outreach.domain.interview_rules import problems_of
from outreach.domain.interviews import parse_source
from outreach.domain.scripts import CatalogEntry, Channel, Value, Variable
from outreach.domain.text_rules import Finding, Piece, Sample, Severity, TextTerms, findings_of
from outreach.domain.text_words import health_words
from outreach.rendering.catalog import Catalog
from outreach.rendering.filters import FILTERS
from outreach.rendering.mistakes import Mistake, Refusal
from outreach.rendering.safe_templates import UnsafeTemplate, names_in, parsed, refusals_of, tidied

MOST_READINGS = 256  # ways one text can read


@dataclass(frozen=True)
class Linter:
    """Judges texts of a catalog by the settings' terms."""

    catalog: Catalog
    terms: TextTerms

    def findings(
        self, name: str, language: str, source: str, *, said: Mapping[str, Value] | None = None
    ) -> list[Finding]:
        """Everything to mend in a text, by line; advice comes with the rest.

        `said`: variables whose value somebody wrote, which is judged as if it stood in the text.
        """
        entry, source = self.catalog.entry(name), tidied(source)
        refused = [
            Finding(_rule_of(refusal), refusal.line, refusal.sentence, refusal.mend)
            for refusal in self._refusals(entry, source)
        ]
        if refused:
            return refused
        found = [
            *_unused(entry, source),
            *self._readings(entry, language, source, said or {}),
            *_of_interview(entry, source, self.catalog.variables(name)),
        ]
        return sorted(dict.fromkeys(found), key=lambda finding: (finding.line, finding.rule))

    def _refusals(self, entry: CatalogEntry, source: str) -> list[Refusal]:
        try:
            return refusals_of(source, self._variables(entry, source), entry.channel)
        except UnsafeTemplate as refused:
            return refused.refusals

    def _variables(self, entry: CatalogEntry, source: str) -> Mapping[str, Variable]:
        return {**self.catalog.variables(entry.name), **self.catalog.questions(entry.name, source)}

    def _readings(
        self, entry: CatalogEntry, language: str, source: str, said: Mapping[str, Value]
    ) -> Iterator[Finding]:
        """An interview is judged with all its branches after one another: its length costs nothing."""
        reader = _Reader(self._variables(entry, source), language, said)
        tree = parsed(source, entry.channel)
        together = entry.channel is Channel.INTERVIEW
        try:
            samples = reader.whole(tree.body) if together else reader.readings(tree.body)
        except TooManyReadings:
            told = f"The text can read in more than {MOST_READINGS} ways, too many to judge each."
            yield Finding("too_many_branches", 1, told, "Make two texts of it, or take out conditions.")
            return
        for sample in samples:
            yield from findings_of(sample, entry, self.terms)

    def whole_catalog(self) -> Iterator[tuple[str, Finding]]:
        """The findings of every file of the catalog's folder, each with the file's path in it."""
        for name in self.catalog.entries:
            if self.catalog.source(name, "fr") is None:
                missing = Finding("missing_text", 1, f"{name} has no French text.", "Write its file.")
                yield f"fr/{self.catalog.file_name(name)}", missing
            for language in self.catalog.languages(name):
                source = self.catalog.source(name, language) or ""
                for finding in self.findings(name, language, source):
                    yield f"{language}/{self.catalog.file_name(name)}", finding
        yield from ((path, _unknown_file(path)) for path in self.catalog.unknown_files())


class TooManyReadings(Exception):
    """A text with more ways to read than can be judged one by one."""


@dataclass(frozen=True)
class _Reader:
    """Makes the ways a text can read from its tree, which was checked before."""

    variables: Mapping[str, Variable]
    language: str
    said: Mapping[str, Value]

    def whole(self, body: Iterable[nodes.Node]) -> list[Sample]:
        """One reading with everything in it, in the order written."""
        return [Sample(tuple(self._everything(body)))]

    def readings(self, body: Iterable[nodes.Node]) -> list[Sample]:
        """Each way through the conditions. Raises TooManyReadings."""
        return [Sample(tuple(pieces)) for pieces in self._ways(body)]

    def _everything(self, body: Iterable[nodes.Node]) -> Iterator[Piece]:
        for node in body:
            if isinstance(node, nodes.Output):
                yield from map(self._piece, node.nodes)
            for branch in _branches(node):
                yield from self._everything(branch)

    def _ways(self, body: Iterable[nodes.Node]) -> list[list[Piece]]:
        ways: list[list[Piece]] = [[]]
        for node in body:
            if isinstance(node, nodes.Output):
                pieces = [self._piece(each) for each in node.nodes]
                ways = [[*way, *pieces] for way in ways]
            elif isinstance(node, nodes.If):
                inner = [way for branch in _branches(node) for way in self._ways(branch)]
                if len(ways) * len(inner) > MOST_READINGS:
                    raise TooManyReadings
                ways = [[*way, *then] for way, then in product(ways, inner)]
        return ways

    def _piece(self, node: nodes.Node) -> Piece:
        if isinstance(node, nodes.TemplateData):
            return Piece(node.lineno, node.data)
        if isinstance(node, nodes.Filter) and isinstance(node.node, nodes.Name):
            made = FILTERS[node.name].make(self.language, self._worst(node.node.name))
            return Piece(node.lineno, made, given=node.node.name not in self.said)
        name = node.name if isinstance(node, nodes.Name) else ""
        return Piece(node.lineno, str(self._worst(name)) if name else "", given=name not in self.said)

    def _worst(self, name: str) -> Value:
        """What was said, else the longest value; items of a list stand for themselves: they are short."""
        if name in self.said:
            return self.said[name]
        return self.variables[name].worst if name in self.variables else "item"


def _branches(node: nodes.Node) -> list[list[nodes.Node]]:
    """What may be read at a condition (nothing, too, when it has no else) or a repetition."""
    if isinstance(node, nodes.If):
        return [node.body, *(branch.body for branch in node.elif_), node.else_]
    return [node.body] if isinstance(node, nodes.For) else []


def _unused(entry: CatalogEntry, source: str) -> Iterator[Finding]:
    """An interview may pass over what it is given: an edit may want another fact of the case."""
    if entry.channel is Channel.INTERVIEW:
        return
    try:
        names = names_in(source, entry.channel)
    except UnsafeTemplate:
        return
    for name in sorted(set(entry.variables) - names):
        told = f"The text is given {name} and does not use it."
        yield Finding("unused_variable", 1, told, f"Use {{{{ {name} }}}}, or take it from the catalog.")


def _of_interview(entry: CatalogEntry, source: str, given: Mapping[str, Variable]) -> Iterator[Finding]:
    if entry.channel is not Channel.INTERVIEW:
        return
    for problem in problems_of(parse_source(source), health_words, given.keys()):
        yield Finding(problem.rule, problem.line, problem.reason, f"Write: {problem.mend}.")


def _rule_of(refusal: Refusal) -> str:
    return "undefined_variable" if refusal.mistake is Mistake.UNKNOWN_VARIABLE else "not_allowed"


def _unknown_file(path: str) -> Finding:
    told = "No entry of the catalog has this file."
    return Finding("unknown_file", 1, told, "Add it to catalog.toml, or take the file away.")


def errors_among(findings: Iterable[Finding]) -> list[Finding]:
    """Those that keep a version from taking effect."""
    return [finding for finding in findings if finding.severity is Severity.ERROR]
