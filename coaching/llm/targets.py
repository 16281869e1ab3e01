"""Which models are asked, in which order, and where they live."""

from dataclasses import dataclass, field

from django.conf import settings

BUILTIN = "builtin/coach"


@dataclass(frozen=True)
class Target:
    """A model and its address; without one, the provider's own, with keys from its usual variables."""

    model: str
    api_base: str = ""
    api_key: str = field(default="", repr=False)

    @property
    def is_builtin(self) -> bool:
        return is_builtin(self.model)


def is_builtin(model: str) -> bool:
    """Whether a model is part of the product: no key, no price, never down."""
    return model.startswith("builtin/")


def ladder(model: str = "") -> list[Target]:
    """The models to try, best first: the one asked for, the fallback, then the built-in coach."""
    asked = model or settings.COACH_MODEL
    known = {
        settings.COACH_FALLBACK_MODEL: (
            settings.COACH_FALLBACK_API_BASE,
            settings.COACH_FALLBACK_API_KEY,
        ),
        settings.COACH_MODEL: (settings.COACH_MODEL_API_BASE, settings.COACH_MODEL_API_KEY),
    }
    targets: list[Target] = []
    for name in dict.fromkeys((asked, settings.COACH_FALLBACK_MODEL, BUILTIN)):
        if not name:
            continue
        base, key = ("", "") if is_builtin(name) else known.get(name, ("", ""))
        targets.append(Target(name, base, key))
        if is_builtin(name):
            break  # it never fails for a reason that another model would not share
    return targets
