"""What must be true before the house opens: tables, catalogue data, static files, demo people.

Runs as one child of the supervisor, because starting Django costs more than each of these steps.
"""

import argparse
import fcntl
import hashlib
import sys
from pathlib import Path

LOADERS = (
    "load_catalogue",
    "load_helplines",
    "load_message_templates",
    "load_knowledge",
    "load_schedules",
    "load_groups",
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="config.runtime.prepare")
    parser.add_argument("--no-demo", action="store_true")
    parser.add_argument("--demo-report", type=Path)
    parser.add_argument("--static-only", action="store_true")
    options = parser.parse_args()

    import django
    from django.conf import settings
    from django.core.management import CommandError, call_command, get_commands

    django.setup()
    if options.static_only:
        collect_static(Path(settings.STATIC_ROOT))
        return 0
    try:
        call_command("migrate", interactive=False, verbosity=0)
        for loader in LOADERS:
            if loader in get_commands():
                call_command(loader, verbosity=0)
        collect_static(Path(settings.STATIC_ROOT))
        if options.demo_report and not options.no_demo and "seed_demo" in get_commands():
            with options.demo_report.open("a") as report:
                call_command("seed_demo", stdout=report)
    except CommandError as problem:
        sys.exit(str(problem))
    return 0


def collect_static(root: Path) -> None:
    """Collect and compress the static files into `root` when one of them changed since the last time."""
    from django.contrib.staticfiles.finders import get_finders
    from django.core.management import call_command

    root.parent.mkdir(parents=True, exist_ok=True)
    with root.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        seen = hashlib.sha256()
        for finder in get_finders():
            for name, storage in finder.list([]):
                file = Path(storage.path(name)).stat()
                seen.update(f"{name}:{file.st_size}:{file.st_mtime_ns}\n".encode())
        stamp = root / ".collected"
        if stamp.exists() and stamp.read_text() == seen.hexdigest():
            return
        call_command("collectstatic", interactive=False, clear=root.exists(), verbosity=0)
        stamp.write_text(seen.hexdigest())


if __name__ == "__main__":
    sys.exit(main())
