"""What an agent may fill into a text that answers a reply: values that can be checked, never a sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, time

from outreach.domain.scripts import CatalogEntry, Value, Variable, VariableKind
from outreach.errors import InvalidInput

GIVEN_BY_US = "personal_link"  # made with the message
APOLOGY = "answer_wrong_person"  # it promises that the number is used no more
_READ_AS: Mapping[VariableKind, Callable[[str], Value]] = {
    VariableKind.DATE: date.fromisoformat,
    VariableKind.TIME: time.fromisoformat,
    VariableKind.NUMBER: int,
    VariableKind.CHOICE: str,  # one of the catalog's; checked when the text is made
}


def to_fill(entry: CatalogEntry) -> dict[str, Variable]:
    """The variables an agent gives. Raises InvalidInput for a text that needs a sentence."""
    asked = {name: one for name, one in entry.variables.items() if name != GIVEN_BY_US}
    if not all(variable.kind in _READ_AS for variable in asked.values()):
        raise InvalidInput(
            f"The text {entry.name} needs words of your own: it answers nobody.", field="template"
        )
    return asked


def filled_in(entry: CatalogEntry, given: Mapping[str, str]) -> dict[str, Value]:
    """The values as people type them (2021-09-22, 14:30, 7). Raises InvalidInput naming the variable."""
    asked = to_fill(entry)
    if odd := given.keys() - asked.keys():
        raise InvalidInput(f"The text {entry.name} has no {min(odd)} to fill in.", field=min(odd))
    return {name: _value(variable, given) for name, variable in asked.items()}


def _value(variable: Variable, given: Mapping[str, str]) -> Value:
    told = given.get(variable.name)
    if told is None:
        raise InvalidInput(f"The text needs {variable.name}.", field=variable.name)
    try:
        return _READ_AS[variable.kind](told)
    except ValueError:
        kind = variable.kind.value
        raise InvalidInput(
            f"{variable.name} cannot be read.", field=variable.name, mend=f"give a {kind}"
        ) from None
