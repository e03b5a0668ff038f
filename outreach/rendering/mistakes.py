"""What may be wrong in the writing of a text, each told in whole sentences: what it is, and what to mend."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum, auto


class Mistake(StrEnum):
    """First what Jinja cannot read, then what it could and our texts may not hold."""

    BLOCK_OPEN = auto()
    COMMENT_OPEN = auto()
    TAG_OPEN = auto()
    SHOWN_OPEN = auto()
    QUOTE_OPEN = auto()
    BRACKET_OPEN = auto()
    STRAY_TAG = auto()
    CROSSED_TAG = auto()
    UNKNOWN_TAG = auto()
    NAMELESS_TAG = auto()
    EMPTY_TAG = auto()
    EMPTY_SHOWN = auto()
    NO_NAME = auto()
    ONE_EQUALS = auto()
    TOO_MUCH_IN_TAG = auto()
    TOO_MUCH_SHOWN = auto()
    NO_LIST = auto()
    ODD_SIGN = auto()
    UNREADABLE = auto()
    TOO_LONG = auto()
    TOO_DEEP = auto()
    TOO_MANY_TAGS = auto()
    LONG_TAG = auto()
    NO_WRITING = auto()
    RAW = auto()
    JOINS_LINES = auto()
    UNKNOWN_VARIABLE = auto()
    UNKNOWN_FILTER = auto()
    FILTER_ARGUMENTS = auto()
    FILTER_OF_NOTHING = auto()
    FILTER_OF_ANOTHER_KIND = auto()
    NO_FILTER = auto()
    CONSTANT = auto()
    UNLIKE = auto()
    NONE = auto()
    MEMBER = auto()
    UNKNOWN_CHOICE = auto()
    REPEATED_IN_TEXT = auto()
    REPEATED_TWICE = auto()
    REPEATED_OTHERWISE = auto()
    ITEM_NAME = auto()
    NO_LIST_OF_OURS = auto()
    ATTRIBUTE = auto()
    CALL = auto()
    SET = auto()
    OTHER_TEMPLATE = auto()
    BLOCK = auto()
    TEST = auto()
    INNER_IF = auto()
    RECKONING = auto()
    COLLECTION = auto()
    NOT_ALLOWED = auto()


_ONLY = "Show variables, alone or with a filter: {{ platform_name }}."
# What is wrong, and what to do; values stand in them as %(name)s.
MISTAKES: Mapping[Mistake, tuple[str, str]] = {
    Mistake.BLOCK_OPEN: (
        "“%(tag)s” is opened and still open at the end of the text.",
        "Write “end%(tag)s” in a tag of its own where it ends.",
    ),
    Mistake.COMMENT_OPEN: ("A comment is opened and never closed.", "Write #} where it ends."),
    Mistake.TAG_OPEN: ("A tag is opened and never closed.", "Write %} where it ends."),
    Mistake.SHOWN_OPEN: ("{{ is opened and never closed.", "Write }} behind the variable."),
    Mistake.QUOTE_OPEN: ("A quotation mark is opened and never closed.", "Write one behind the word too."),
    Mistake.BRACKET_OPEN: (
        "A bracket is opened and not closed, or closed and not opened.",
        "Open and close each bracket within its tag; a variable stands between two on each side: {{ … }}.",
    ),
    Mistake.STRAY_TAG: (
        "“%(tag)s” stands where nothing of the kind is open.",
        "Take the tag out, or open it before: if, then else or elif, then endif.",
    ),
    Mistake.CROSSED_TAG: (
        "“%(tag)s” stands before “%(open)s”, which was opened last, is closed.",
        "Write “end%(open)s” first.",
    ),
    Mistake.UNKNOWN_TAG: (
        "There is no tag “%(tag)s”.",
        "Use if, elif, else and endif; in an interview also for and endfor.",
    ),
    Mistake.NAMELESS_TAG: (
        "A tag says nothing.",
        "Write what it does, as if, else or endif, or take it out.",
    ),
    Mistake.EMPTY_TAG: (
        "Something is missing in a tag.",
        "Write the whole condition, as: if adult, or: if number > 2.",
    ),
    Mistake.EMPTY_SHOWN: (
        "Something is missing between {{ and }}.",
        "Name a variable of the list: {{ platform_name }}.",
    ),
    Mistake.NO_NAME: (
        "A name is missing in a tag, or begins with a digit.",
        "Behind | stands the name of a filter: {{ platform_name | upper }}.",
    ),
    Mistake.ONE_EQUALS: ("A comparison is written with one =.", "Write two: ==."),
    Mistake.TOO_MUCH_IN_TAG: (
        "A tag holds more than one condition.",
        "Join two conditions by and, or by or, and write names without spaces.",
    ),
    Mistake.TOO_MUCH_SHOWN: (
        "More than a variable and its filters stands between {{ and }}.",
        "Show one variable, whose name has no spaces; the filter stands behind |.",
    ),
    Mistake.NO_LIST: (
        "A repetition does not say over which list it goes.",
        "Write: for item in the name of a list.",
    ),
    Mistake.ODD_SIGN: (
        "The sign %(sign)s means nothing in a tag.",
        "Use letters, digits, _, | and the comparisons ==, !=, <, <=, > and >=.",
    ),
    Mistake.UNREADABLE: (
        "A tag cannot be read.",
        "Look at its signs: {{ and }} around a variable, {% and %} around a condition.",
    ),
    Mistake.TOO_LONG: ("The text has more than %(most)s characters in all.", "Shorten it."),
    Mistake.TOO_DEEP: (
        "Conditions stand too deep inside one another.",
        "Put %(most)s inside one another at most.",
    ),
    Mistake.TOO_MANY_TAGS: ("The text has more than %(most)s tags.", "Make two texts of it."),
    Mistake.LONG_TAG: ("A tag holds more than %(most)s signs and words.", "Make two tags of it."),
    Mistake.NO_WRITING: ("A sign is no writing.", "Delete it, and type the words around it again."),
    Mistake.RAW: ("Raw text (raw) cannot stand in a text.", "Write the words as they are to be read."),
    Mistake.JOINS_LINES: (
        "A tag joins lines, by a dash in it or by going over several lines.",
        "Write it on one line, without a dash.",
    ),
    Mistake.UNKNOWN_VARIABLE: (
        "The text is not given the variable %(name)s.",
        "Take one of the list of variables, spelt as it is there.",
    ),
    Mistake.UNKNOWN_FILTER: ("There is no filter %(filter)s.", "Use one of these: %(filters)s."),
    Mistake.FILTER_ARGUMENTS: (
        "The filter %(filter)s takes nothing in brackets.",
        "Write its name alone: {{ platform_name | upper }}.",
    ),
    Mistake.FILTER_OF_NOTHING: ("The filter %(filter)s stands behind something that is no variable.", _ONLY),
    Mistake.FILTER_OF_ANOTHER_KIND: (
        "The filter %(filter)s is not for %(name)s, which is of another kind.",
        "Choose a filter beside the variable in the list.",
    ),
    Mistake.NO_FILTER: (
        "The variable %(name)s becomes words by a filter alone.",
        "Choose a filter beside the variable in the list; a yes or no is asked by if.",
    ),
    Mistake.CONSTANT: ("A fixed word or number stands between {{ and }}.", "Write it as text, without them."),
    Mistake.UNLIKE: (
        "Two things are compared that cannot be.",
        "Compare numbers with numbers, days with days, and words by == or != alone.",
    ),
    Mistake.NONE: ("Something is compared with none, which nothing is.", "Ask: if, and the variable's name."),
    Mistake.MEMBER: ("It is asked whether something is in something else.", "Compare by == or !=."),
    Mistake.UNKNOWN_CHOICE: (
        "The variable %(name)s is never %(word)s.",
        "Compare it with one of these: %(choices)s.",
    ),
    Mistake.REPEATED_IN_TEXT: (
        "Lines are repeated (for), which only an interview may do.",
        "Write them out.",
    ),
    Mistake.REPEATED_TWICE: ("A repetition stands inside another.", "Close the first before the second."),
    Mistake.REPEATED_OTHERWISE: (
        "A repetition says more than over which list it goes.",
        "Write only: for item in the name of a list.",
    ),
    Mistake.ITEM_NAME: ("The items of a list are given a name that is taken.", "Call them item."),
    Mistake.NO_LIST_OF_OURS: (
        "Lines are repeated over something that is no list.",
        "Take a list of the list of variables.",
    ),
    Mistake.ATTRIBUTE: ("A point or square brackets stand behind a name.", _ONLY),
    Mistake.CALL: ("Something is called, by brackets behind its name.", _ONLY),
    Mistake.SET: ("A variable is set, which texts may not.", "Take the tag out: values come from the case."),
    Mistake.OTHER_TEMPLATE: ("Another text is taken in.", "Write its words here."),
    Mistake.BLOCK: (
        "A block, a macro or a scope is opened, which texts may not.",
        "Use if, elif, else and endif alone.",
    ),
    Mistake.TEST: ("A test (is) is used, which texts may not.", "Ask: if, and the variable's name."),
    Mistake.INNER_IF: (
        "A condition stands between {{ and }}.",
        "Write it around, in tags of its own: if, else, endif.",
    ),
    Mistake.RECKONING: ("Something is reckoned or joined, which texts may not.", _ONLY),
    Mistake.COLLECTION: ("A list is made of several things.", _ONLY),
    Mistake.NOT_ALLOWED: (
        "A tag holds what texts may not.",
        "Use variables, if, elif, else, endif and filters.",
    ),
}


@dataclass(frozen=True)
class Refusal:
    """What may not stand in a text, the line it is on, and the values of its sentences."""

    line: int
    mistake: Mistake
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        return self._filled(MISTAKES[self.mistake][0])

    @property
    def mend(self) -> str:
        return self._filled(MISTAKES[self.mistake][1])

    def _filled(self, words: str) -> str:
        """A % stands for itself in words without values."""
        return words % self.values if "%(" in words else words
