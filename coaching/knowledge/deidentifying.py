"""Whether a success story still says whose it is."""

import re

_EMAIL = re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b")
_PHONE = re.compile(r"(?<![\w.])(?:\+|00)?\d(?:[\s()./-]{0,2}\d){7,14}(?!\w)")
_HANDLE = re.compile(r"(?<!\w)@\w{3,}")
_TITLED = re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof)\.? [A-Z][\w'’-]+")
_NAME = re.compile(
    r"\b[A-Z][a-zà-ÿ'’-]+(?: [A-Z]\.)?(?: (?:van|von|de|del|da|di|la|le|bin|al|Mc|Mac))* [A-Z][\w'’-]+"
)
# Two capitals in a row that name nobody.
_COMMON_WORDS = (
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May June July August "
    "September October November December New Year Christmas Easter Day Eve United States Kingdom English Spanish "
    "French German Italian America American Europe European North South East West The This That These Those In On At "
    "And But Or So If When After Before With Without Then There They She He We You It One Two Three I My Her His Our "
    "Their Habyss"
)
_COMMON = frozenset(_COMMON_WORDS.split())
_HEADING = re.compile(r"^#{1,6} .*$", re.M)


def names_in(text: str) -> list[str]:
    """What in a text may lead to a person: addresses, numbers, handles and full names, as they stand there.

    Single first names are left to the eyes of the one who verifies. A name of a street or a firm is found, too: better
    one word changed for nothing than a person recognised.
    """
    prose = _HEADING.sub("", text)
    found = [
        match[0].strip() for form in (_EMAIL, _PHONE, _TITLED) for match in form.finditer(prose)
    ]
    found += [match[0] for match in _HANDLE.finditer(_EMAIL.sub("", prose))]
    found += [
        match[0] for match in _NAME.finditer(prose) if not _COMMON.intersection(match[0].split())
    ]
    return list(dict.fromkeys(found))
