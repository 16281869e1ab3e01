"""Body weight as people write it."""

import re
from decimal import Decimal

KG_PER_POUND = Decimal("0.45359237")
KG_PER_STONE = 14 * KG_PER_POUND
LIGHTEST_KG, HEAVIEST_KG = Decimal(30), Decimal(350)
_UNITS = {
    "kg": Decimal(1),
    "kgs": Decimal(1),
    "kilo": Decimal(1),
    "kilos": Decimal(1),
    "kilograms": Decimal(1),
    "lb": KG_PER_POUND,
    "lbs": KG_PER_POUND,
    "pound": KG_PER_POUND,
    "pounds": KG_PER_POUND,
    "st": KG_PER_STONE,
    "stone": KG_PER_STONE,
}
_WRITTEN = re.compile(r"(\d{1,3}(?:[.,]\d{1,2})?)\s*([a-z]*)\.?")
_STONE_AND_POUNDS = re.compile(r"(\d{1,2})\s*(?:st|stone)\s*(\d{1,2})(?:\s*(?:lb|lbs|pounds))?")
POUND_COUNTRIES = frozenset({"US", "LR", "MM"})


def parse_weight(text: str, *, default_unit: str = "kg") -> Decimal:
    """Kilograms, to one decimal, of "72", "72,5 kg", "160 lb" or "11 st 4".

    Raises `ValueError` when it is not a weight or not one a grown-up can have.
    """
    written = text.strip().lower()
    if both := _STONE_AND_POUNDS.fullmatch(written):
        kilograms = int(both[1]) * KG_PER_STONE + int(both[2]) * KG_PER_POUND
    elif one := _WRITTEN.fullmatch(written):
        unit = one[2] or default_unit
        if unit not in _UNITS:
            raise ValueError(f"{unit!r} is not a unit of weight.")
        kilograms = Decimal(one[1].replace(",", ".")) * _UNITS[unit]
    else:
        raise ValueError("That is not a weight.")
    if not LIGHTEST_KG <= kilograms <= HEAVIEST_KG:
        raise ValueError("That is not a weight of a grown-up.")
    return kilograms.quantize(Decimal("0.1"))


def default_unit(country: str) -> str:
    """The unit people in `country` (ISO 3166) mean when they write a bare number."""
    return "lb" if country in POUND_COUNTRIES else "kg"
