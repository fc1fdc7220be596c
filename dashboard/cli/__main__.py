"""The commands of `manage.py`. Each command's work is imported when it is called, so that all start quickly."""

from __future__ import annotations

import argparse
import sys

from dashboard.cli import admin, running
from dashboard.config import ConfigError, load_settings


def build_parser() -> argparse.ArgumentParser:
    """All commands with their options."""
    parser = argparse.ArgumentParser(prog="manage.py", description="CRM with AI: run it, test it, administer it.")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)

    run = commands.add_parser("run", help="start database, web server and worker; Ctrl+C stops them")
    run.add_argument("--no-worker", action="store_true", help="start the web server alone (workers run elsewhere)")
    run.set_defaults(action=running.run)

    for part_name, part_action in (("web", running.web), ("worker", running.worker)):
        # `web` is how `run` starts its web server; administrators with a process manager of their own may use it too.
        part = commands.add_parser(part_name, help=f"the {part_name} process alone")
        part.add_argument("--supervised", action="store_true", help=argparse.SUPPRESS)
        part.set_defaults(action=part_action)

    commands.add_parser("migrate", help="bring the database to this version").set_defaults(action=admin.migrate)
    commands.add_parser("check", help="check settings, database, files, programs").set_defaults(action=admin.check)
    commands.add_parser("demo", help="make the demo account").set_defaults(action=admin.demo)

    user = commands.add_parser("user", help="make a user, in a new account or an existing one")
    user.add_argument("--email", required=True)
    account = "name of a new account, or e-mail of a user of an existing one"
    user.add_argument("--account", required=True, metavar="NAME|EMAIL", help=account)
    user.add_argument("--name", help="the person's name (default: the e-mail's first part)")
    user.add_argument("--role", default="administrator", choices=("administrator", "manager", "rep", "reader"))
    user.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
    user.set_defaults(action=admin.user)

    key = commands.add_parser("key", help="print a new API key of a user")
    key.add_argument("--user", required=True, metavar="EMAIL")
    key.add_argument("--scopes", default="read", help="comma-separated: read,write,reports,ai (default: read)")
    key.add_argument("--name", default="manage.py", help="what the key is for")
    key.set_defaults(action=admin.key)

    # Commands with a parser of their own take the rest of the line.
    for name, text in (
        ("import", "import clients, products and deals from files"),
        ("bench", "measure: bench [NAME …] [--size N] [--json FILE]"),
        ("evaluate", "measure the AI on files: evaluate NAME --train PATH [--test PATH] [--json FILE]"),
        ("test", "install what tests need and run all of them"),
    ):
        commands.add_parser(name, help=text, add_help=False)
    return parser


def main(arguments: list[str]) -> int:
    """Run one command. Returns the exit code: 2 for wrong settings or use, 1 for a failure, 0 else."""
    parser = build_parser()
    options, rest = parser.parse_known_args(arguments)
    if rest and hasattr(options, "action"):
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    try:
        if options.command == "test":  # Tests and benchmarks have data and settings of their own.
            return admin.test(arguments[1:])
        if options.command == "bench":
            return admin.bench(arguments[1:])
        if options.command == "evaluate":
            from dashboard.cli import evaluate  # start-up cost: the AI's libraries

            return evaluate.main(arguments[1:])
        if options.command == "import":
            return admin.import_files(load_settings(), arguments[1:])
        return int(options.action(load_settings(), options))
    except (ConfigError, admin.CommandError) as error:
        print(f"manage.py: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
