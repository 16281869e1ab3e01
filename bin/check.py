#!/usr/bin/env python3
"""Every check and every test, in the order in which they fail fastest; run by `make test` through .venv.

bin/check.py                 all of it
bin/check.py --only lint     style, types, floors
bin/check.py --only tests    the tests, browsers and fast ones side by side
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# What settings need to be read at all; no check looks at a real store or a real secret.
FOR_CHECKS = {"SECRET_KEY": "for-checks-only-" + "x" * 60, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
PRODUCTION = {
    **FOR_CHECKS,
    "DEBUG": "0",
    "HTTPS": "1",
    "ALLOWED_HOSTS": "habyss.example",
    "PUBLIC_BASE_URL": "https://habyss.example",
    "EMAIL_URL": "smtp+tls://habyss:password@smtp.habyss.example:587",
    "EMAIL_VERIFICATION": "mandatory",
}


@dataclass(frozen=True)
class Step:
    """One command, the group it belongs to, and what its environment adds."""

    group: str
    name: str
    command: tuple[str, ...]
    environment: dict[str, str] | None = None


def steps() -> list[Step]:
    python = (PYTHON, "-m")
    return [
        Step("lint", "style", (*python, "ruff", "check", ".")),
        Step("lint", "format", (*python, "ruff", "format", "--check", ".")),
        Step("lint", "floors", (str(Path(PYTHON).with_name("lint-imports")), "--no-cache")),
        Step("lint", "types", (*python, "mypy", "."), FOR_CHECKS),
        Step(
            "lint",
            "deployment",
            (PYTHON, "manage.py", "check", "--deploy", "--fail-level", "WARNING"),
            PRODUCTION,
        ),
        # One run, so that its last line counts all of them. Two workers, each with stores of its own: the
        # browsers keep to one of them (conftest.py), and the fast tests go on beside them.
        Step(
            "tests",
            "tests",
            (
                *python,
                "pytest",
                "-q",
                "-n",
                "2",
                "--dist",
                "loadgroup",
                "--continue-on-collection-errors",
            ),
        ),
    ]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", choices=("lint", "tests"))
    only = parser.parse_args().only
    wanted = [step for step in steps() if only in (None, step.group)]
    if any(step.group == "tests" for step in wanted):
        have_a_browser()
    failed: list[str] = []
    for group in ("lint", "tests"):
        results = [(step.name, *run(step)) for step in wanted if step.group == group]
        failed += [name for name, good, _ in results if not good]
        if group == "lint" and results:
            print()
            for name, good, seconds in results:
                print(f"{'ok' if good else 'FAILED':>6}  {name:<12} {seconds:6.1f} s", flush=True)
    if failed:
        print(f"\nFailed: {', '.join(failed)}", flush=True)
    return 1 if failed else 0


def run(step: Step) -> tuple[bool, float]:
    print(f"\n── {step.name} ──", flush=True)
    started = time.monotonic()
    finished = subprocess.run(
        step.command,
        cwd=ROOT,
        env={**os.environ, **(step.environment or {})},
        stdin=subprocess.DEVNULL,
        check=False,
    )
    return finished.returncode == 0, time.monotonic() - started


def have_a_browser() -> None:
    """Fetch Playwright's own Chromium when this machine has none; without one the browser tests fail and say so."""
    if os.environ.get("CHROMIUM_PATH") or any(map(shutil.which, BROWSERS)):
        return
    print("No Chromium found; fetching one with Playwright", flush=True)
    subprocess.run([PYTHON, "-m", "playwright", "install", "chromium"], check=False)


if __name__ == "__main__":
    sys.exit(main())
