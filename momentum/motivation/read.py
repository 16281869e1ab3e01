"""What one text tells of motivation, whoever read it."""

from dataclasses import dataclass, field, replace

from momentum.models import MotivationType, ReadingMethod

from .internalization import internalization

# Of two kinds with equal shares the one further from one's own is named: praise is not to be given for nothing.
_ORDER = [kind for kind in MotivationType if kind is not MotivationType.UNCLEAR]


@dataclass(frozen=True)
class Read:
    """Shares of the kinds (they add up to 1; none when unclear), quotes for each, and how sure it is (0 to 1).

    `tone` is how it sounds, -1 to 1, or `None` when it is plain.
    """

    shares: dict[MotivationType, float] = field(default_factory=dict)
    quotes: dict[MotivationType, tuple[str, ...]] = field(default_factory=dict)
    confidence: float = 0.0
    method: ReadingMethod = ReadingMethod.LEXICON
    model: str = ""
    tone: float | None = None
    tone_quote: str = ""

    def sounding(self, tone: float | None, quote: str) -> "Read":
        """The same with how it sounds."""
        return replace(self, tone=tone, tone_quote=quote if tone is not None else "")

    @property
    def kind(self) -> MotivationType:
        """The kind with the largest share."""
        if not self.shares:
            return MotivationType.UNCLEAR
        return max(_ORDER, key=lambda kind: self.shares.get(kind, 0.0))

    @property
    def is_clear(self) -> bool:
        return bool(self.shares)

    @property
    def internalization(self) -> float | None:
        """0 to 100, or `None` when unclear."""
        return internalization(self.shares)

    def distribution(self) -> dict[str, float]:
        """The shares as they are stored."""
        if not self.shares:
            return {MotivationType.UNCLEAR.value: 1.0}
        return {kind.value: round(share, 4) for kind, share in self.shares.items()}


def silent(method: ReadingMethod, *, confidence: float = 0.0, model: str = "") -> Read:
    """Nothing is said: the words tell nothing, or too little."""
    return Read(confidence=min(1.0, max(0.0, confidence)), method=method, model=model)
