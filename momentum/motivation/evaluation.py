"""How often the reading of motivation is right, on sentences of our own making with their kinds."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from momentum.models import MotivationType

from .read import Read

SENTENCES = Path(__file__).parent / "data" / "sentences.tsv"


@dataclass(frozen=True)
class Labelled:
    """A sentence with all kinds it shows. `is_held` marks those nobody looked at while writing the word list."""

    text: str
    kinds: frozenset[MotivationType]
    is_held: bool

    @property
    def is_unclear(self) -> bool:
        return MotivationType.UNCLEAR in self.kinds


@dataclass
class Result:
    """What a reader made of labelled sentences. Of several kinds of a sentence the first named counts."""

    right: int = 0
    spoke: int = 0
    clear: int = 0
    sentences: int = 0
    # (kind meant, kind read): how often.
    confusion: Counter[tuple[MotivationType, MotivationType]] = field(default_factory=Counter)
    wrong: list[tuple[Labelled, Read]] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """Of the sentences it spoke on, the share with a kind that is there."""
        return self.right / self.spoke if self.spoke else 1.0

    @property
    def recall(self) -> float:
        """Of the sentences that show a kind, the share it saw one of."""
        return self.right / self.clear if self.clear else 1.0


def sentences(path: Path = SENTENCES) -> list[Labelled]:
    """The labelled sentences. Raises `ValueError` for a kind that is none."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        part, kinds, text = line.split("\t")
        found.append(
            Labelled(
                text, frozenset(MotivationType(kind) for kind in kinds.split(",")), part == "held"
            )
        )
    return found


def evaluate(read: Callable[[str], Read], labelled: Sequence[Labelled]) -> Result:
    """Reads every sentence with `read` and counts."""
    result = Result(sentences=len(labelled))
    for one in labelled:
        told = read(one.text)
        result.clear += not one.is_unclear
        meant = told.kind if told.kind in one.kinds else min(one.kinds)
        result.confusion[meant, told.kind] += 1
        if told.is_clear:
            result.spoke += 1
            result.right += told.kind in one.kinds
        if told.kind not in one.kinds:
            result.wrong.append((one, told))
    return result


def table(result: Result) -> list[str]:
    """The confusion matrix as lines: a row for each kind meant, a column for each kind read."""
    kinds = list(MotivationType)
    head = f"{'meant / read':>14} " + " ".join(f"{kind.value[:6]:>6}" for kind in kinds)
    rows = [
        f"{meant.value:>14} " + " ".join(f"{result.confusion[meant, kind]:>6}" for kind in kinds)
        for meant in kinds
    ]
    return [head, *rows]
