"""Every setting that comes from the environment is documented, and every documented one exists."""

import re
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)


def read_by_settings() -> set[str]:
    source = (ROOT / "config" / "settings.py").read_text()
    return set(re.findall(r"env(?:\.\w+)?\(\s*\"([A-Z_]+)\"", source))


def documented() -> set[str]:
    return set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))


def test_each_setting_is_documented() -> None:
    assert read_by_settings() - documented() == set()


def test_each_documented_setting_is_read() -> None:
    assert documented() - read_by_settings() == set()
