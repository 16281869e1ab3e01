"""The first thing that runs on a bare machine."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest
from django.conf import settings


@pytest.fixture
def bootstrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """`bin/bootstrap.py` in an empty directory."""
    path = Path(settings.BASE_DIR, "bin", "bootstrap.py")
    spec = importlib.util.spec_from_file_location("bootstrap", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    (tmp_path / "var").mkdir()
    return module


def test_an_old_python_says_what_is_needed(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: None)

    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or newer"):
        bootstrap.use_a_newer_python()


def test_a_missing_environment_is_not_usable(bootstrap: ModuleType) -> None:
    assert not bootstrap.usable()


def test_a_wheel_with_a_wrong_digest_is_thrown_away(
    bootstrap: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bring_something_else(command: list[str], **_: object) -> object:
        (tmp_path / "var" / bootstrap.PIP_WHEEL).write_bytes(b"something else")
        return type("Finished", (), {"returncode": 0})

    monkeypatch.setattr(bootstrap.subprocess, "run", bring_something_else)

    with pytest.raises(SystemExit, match="expected digest"):
        bootstrap.fetch_pip()
    assert not (tmp_path / "var" / bootstrap.PIP_WHEEL).exists()


def test_requirements_are_installed_again_only_when_they_changed(
    bootstrap: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installs: list[list[str]] = []
    monkeypatch.setattr(bootstrap, "run", lambda command, env=None: installs.append(command))
    (tmp_path / ".venv").mkdir()
    requirements = tmp_path / "requirements.txt"

    requirements.write_text("one==1\n")
    bootstrap.install("requirements.txt")
    bootstrap.install("requirements.txt")
    assert len(installs) == 1
    assert "--require-hashes" in installs[0]

    requirements.write_text("one==2\n")
    bootstrap.install("requirements.txt")
    assert len(installs) == 2


def test_a_failed_install_is_tried_again(
    bootstrap: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".venv").mkdir()
    (tmp_path / "requirements.txt").write_text("one==1\n")
    monkeypatch.setattr(bootstrap, "run", lambda command, env=None: sys.exit("no network"))

    with pytest.raises(SystemExit):
        bootstrap.install("requirements.txt")

    assert not list((tmp_path / ".venv").iterdir())
