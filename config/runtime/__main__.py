"""`python -m config.runtime run | manage … | exec …`: the house on one machine."""

import argparse
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import environ

from config.runtime.processes import StartupError
from config.runtime.services import Services
from config.runtime.supervisor import AlreadyRunningError, Supervisor, hold_lock, run_environment

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m config.runtime")
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="start everything and watch it")
    run.add_argument("--host", default="127.0.0.1")
    run.add_argument("--port", type=int, default=8000)
    run.add_argument("--directory", type=Path, default=ROOT / "var", help="where all data is kept")
    run.add_argument("--no-demo", action="store_true", help="make no demo people")
    run.add_argument("--grpc", action="store_true", help="serve gRPC, too (GRPC_HOST, GRPC_PORT)")
    for name, text in (("manage", "a management command"), ("exec", "any program")):
        beside = commands.add_parser(
            name, help=f"{text}, with the stores of the running house or its own start of them"
        )
        beside.add_argument("arguments", nargs=argparse.REMAINDER)
    options = parser.parse_args()

    environ.Env.read_env(ROOT / ".env")
    if options.command == "run":
        environment = run_environment(
            options.directory.absolute(), os.environ, host=options.host, port=options.port
        )
        return Supervisor(
            ROOT,
            options.directory.absolute(),
            host=options.host,
            port=options.port,
            demo=not options.no_demo,
            environment=environment,
            grpc=options.grpc,
        ).run()
    program = list(options.arguments)
    if options.command == "manage":
        program = [sys.executable, str(ROOT / "manage.py"), *program]
    return beside_the_house(program)


def beside_the_house(program: list[str]) -> int:
    """Run `program` with the environment of the running house; when none runs, start the stores for its length."""
    environment = run_environment(ROOT / "var", os.environ, host="127.0.0.1", port=8000)
    try:
        with (
            hold_lock(ROOT / "var" / "run.lock", "a command"),
            Services(ROOT / "var", environment) as services,
        ):
            return _run(program, environment | services.urls())
    except AlreadyRunningError:
        shared = ROOT / "var" / "run.json"
        if not shared.exists():
            raise
        return _run(program, environment | json.loads(shared.read_text()))


def _run(program: list[str], environment: dict[str, str]) -> int:
    # Ctrl-C is for the program; we only clean up after it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    finished = subprocess.run(
        program, env=environment, cwd=ROOT, check=False, preexec_fn=_heed_ctrl_c
    )
    return finished.returncode


def _heed_ctrl_c() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except StartupError as problem:
        sys.exit(str(problem))
    except KeyboardInterrupt:
        sys.exit(130)
