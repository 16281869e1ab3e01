"""LiteLLM: heavy (two seconds, 150 MB), so imported inside functions only, and never on the network."""

import asyncio
import logging
import threading
import warnings
from types import ModuleType

_lock = threading.Lock()
_engine: ModuleType | None = None


def engine() -> ModuleType:
    """LiteLLM, configured: no telemetry, no retries of its own, the built-in coach registered."""
    global _engine
    if _engine is not None:
        return _engine
    with _lock:
        if _engine is None:
            _engine = _load()
    return _engine


def _load() -> ModuleType:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import litellm

        from .provider import NAME, BuiltinCoach

        litellm.telemetry = False
        litellm.suppress_debug_info = True
        litellm.drop_params = True  # a parameter that a provider does not know is no reason to fail
        litellm.modify_params = True  # the same for the order of messages
        litellm.num_retries = 0
        vars(litellm)["DEFAULT_MAX_RETRIES"] = (
            0  # embeddings take a nought in the call for "not set"
        )
        litellm.custom_provider_map = [
            *(entry for entry in litellm.custom_provider_map if entry["provider"] != NAME),
            {"provider": NAME, "custom_handler": BuiltinCoach()},
        ]
        litellm.utils.custom_llm_setup()
        _quieten()
        # LiteLLM imports much of itself in its first call: let that be this one.
        for _ in litellm.completion(
            model=f"{NAME}/coach", messages=[{"role": "user", "content": "Hello"}], stream=True
        ):
            pass
    return litellm


def _quieten() -> None:
    """What LiteLLM says goes where everything else goes, and only from warnings upwards."""
    for name in ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy"):
        logger = logging.getLogger(name)
        logger.setLevel(logging.WARNING)
        for handler in list(logger.handlers):
            logger.removeHandler(handler)


async def ready_engine() -> ModuleType:
    """LiteLLM, without holding up the event loop if it is still to be imported."""
    return _engine if _engine is not None else await asyncio.to_thread(engine)


def warm_up() -> None:
    """Imports LiteLLM in a background thread, so that the first chat of a process is as quick as the second."""
    if _engine is None:
        threading.Thread(target=engine, name="warm-up-of-models", daemon=True).start()
