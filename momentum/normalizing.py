"""From what was measured to a score in [0, 1]: one description of a normalizer, read by Python and by PostgreSQL.

Every normalizer is the lowest of one or two ramps, each nothing at one raw value and full at another. Both
forms do the same operations on the same doubles, in the same order, so they agree to the last bit.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from coaching.toolkit import Normalizer

# No parameter lies further out, and no ramp is steeper: nothing here can overflow or underflow.
FURTHEST = 1e12
NARROWEST = 1e-6
# Closer to an end than this part of the ramp is at the end: a quotient of subnormals is an error in SQL.
_AT_THE_END = 1e-12
MEMBERS = {
    Normalizer.BINARY: frozenset[str](),
    Normalizer.LINEAR: frozenset({"low", "high"}),
    Normalizer.RATIO: frozenset({"target"}),
    Normalizer.U_SHAPE: frozenset({"target", "tolerance", "reach"}),
}


@dataclass(frozen=True, slots=True)
class _Ramp:
    """0 up to `starts`, 1 from `ends` on, (raw - zero) / span between; mirrored for a falling one.

    `sign` is 1 for a rising ramp, -1 for a falling one: then all four numbers belong to -raw.
    """

    sign: int
    zero: float
    span: float
    starts: float
    ends: float


def check(normalizer: str, parameters: Mapping[str, Any]) -> None:
    """Raises `ValueError` with a sentence unless the parameters fit the normalizer."""
    _ramps(normalizer, parameters)


def normalize(normalizer: str, parameters: Mapping[str, float], raw: float) -> float:
    """The score in [0, 1] of the raw value `raw`; what is not a number has none and scores 0.

    Raises `ValueError` for parameters that do not fit.
    """
    ramps = _ramps(normalizer, parameters)
    if math.isnan(raw):
        return 0.0
    if not ramps:
        return 1.0 if raw > 0 else 0.0
    return min(_climbed(ramp, raw) for ramp in ramps)


def normalize_sql(normalizer: str, parameters: Mapping[str, float], column: str) -> str:
    """The same as an SQL expression on `column`, the name of a double that is not null.

    The parameters are checked numbers and written into it; `column` must come from our own code. Raises
    `ValueError` for parameters that do not fit.
    """
    ramps = _ramps(normalizer, parameters)
    is_nothing = f"WHEN {column} = 'NaN'::float8 THEN 0.0::float8"
    if not ramps:
        return f"(CASE {is_nothing} WHEN {column} > 0 THEN 1.0::float8 ELSE 0.0::float8 END)"
    climbed = ", ".join(_climbed_sql(ramp, column) for ramp in ramps)
    return f"(CASE {is_nothing} ELSE LEAST({climbed}) END)"


def _climbed(ramp: _Ramp, raw: float) -> float:
    at = raw if ramp.sign > 0 else -raw
    if at <= ramp.starts:
        return 0.0
    if at >= ramp.ends:
        return 1.0
    return (at - ramp.zero) / ramp.span


def _climbed_sql(ramp: _Ramp, column: str) -> str:
    at = column if ramp.sign > 0 else f"(-{column})"
    return (
        f"(CASE WHEN {at} <= {_literal(ramp.starts)} THEN 0.0::float8"
        f" WHEN {at} >= {_literal(ramp.ends)} THEN 1.0::float8"
        f" ELSE ({at} - {_literal(ramp.zero)}) / {_literal(ramp.span)} END)"
    )


def _literal(number: float) -> str:
    """A double as PostgreSQL reads it, bit by bit the same."""
    return f"'{number!r}'::float8"


def _ramps(normalizer: str, parameters: Mapping[str, Any]) -> list[_Ramp]:
    """The ramps whose lowest is the score; none for a plain yes or no."""
    if normalizer not in MEMBERS:
        raise ValueError(f"{normalizer!r} is no normalizer.")
    kind = Normalizer(normalizer)
    if set(parameters) != MEMBERS[kind]:
        wanted = ", ".join(sorted(MEMBERS[kind])) or "nothing"
        raise ValueError(f"A {kind} normalizer asks for {wanted}.")
    numbers = {name: _number(name, value) for name, value in parameters.items()}
    if kind is Normalizer.BINARY:
        return []
    if kind is Normalizer.LINEAR:
        return [_ramp(numbers["low"], numbers["high"])]
    target = numbers["target"]
    if kind is Normalizer.RATIO:
        if target <= 0:
            raise ValueError("The target of a ratio lies above 0.")
        return [_ramp(0.0, target)]
    tolerance, reach = numbers["tolerance"], numbers["reach"]
    if tolerance < 0 or reach <= 0:
        raise ValueError("A tolerance is not below 0, and a reach lies above it.")
    under, over = target - tolerance, target + tolerance
    return [_ramp(under - reach, under), _ramp(over + reach, over)]


def _ramp(nothing: float, full: float) -> _Ramp:
    """The ramp that is nothing at one raw value and full at the other."""
    sign = 1 if full > nothing else -1
    zero, one = sign * nothing, sign * full
    span = one - zero
    if span < NARROWEST * max(1.0, abs(zero), abs(one)):
        raise ValueError("Nothing and full lie too close together.")
    return _Ramp(sign, zero, span, zero + span * _AT_THE_END, one - span * _AT_THE_END)


def _number(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{name} is not a number.")
    if not -FURTHEST <= value <= FURTHEST:  # which is never true of what is not a number
        raise ValueError(f"{name} lies too far out.")
    return float(value)
