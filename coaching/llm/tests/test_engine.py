"""LiteLLM is heavy and curious: it is imported late, and never looks outside."""

import subprocess
import sys
import textwrap

import pytest

pytestmark = pytest.mark.slow


def run(program: str) -> str:
    finished = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def test_the_gateway_is_imported_without_litellm() -> None:
    assert (
        run(
            """
            import django; django.setup()
            import sys
            import coaching.llm.gateway
            print("litellm" in sys.modules)
            """
        )
        == "False\n"
    )


@pytest.mark.parametrize("first", ["coaching.llm.engine", "coaching.llm.provider"])
def test_importing_and_answering_needs_no_network(first: str) -> None:
    said = run(
        """
        import os, socket
        os.environ.pop("LITELLM_LOCAL_MODEL_COST_MAP", None)
        import django; django.setup()
        def refuse(*args, **kwargs):
            raise SystemExit(f"went to the network: {args}")
        socket.socket.connect = socket.socket.connect_ex = refuse
        socket.getaddrinfo = refuse
        import importlib
        importlib.import_module("FIRST")
        from coaching.llm.engine import engine
        answer = engine().completion(
            model="builtin/coach", messages=[{"role": "user", "content": "Hello"}]
        )
        print(len(answer.choices[0].message.content) > 0, answer.usage.completion_tokens > 0)
        """.replace("FIRST", first)
    )
    assert said == "True True\n"


def test_warming_up_imports_it_in_the_background() -> None:
    said = run(
        """
        import django; django.setup()
        import sys, threading
        from coaching.llm.gateway import warm_up
        warm_up()
        [thread] = [one for one in threading.enumerate() if one.daemon]
        thread.join()
        print("litellm" in sys.modules)
        """
    )
    assert said == "True\n"
