"""Commands of administration: thin, each calls one service."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from dashboard.cli import demo as demo_account
from dashboard.cli.opening import CommandError, open_database, services
from dashboard.config import Settings

__all__ = ["CommandError", "bench", "check", "demo", "import_files", "key", "migrate", "test", "user"]


def migrate(settings: Settings, options: argparse.Namespace) -> int:
    """Bring the database to this version."""
    opened = open_database(settings)
    opened.close(stop_server=opened.server is not None and opened.server.started)
    print("The database is up to date.")
    return 0


def check(settings: Settings, options: argparse.Namespace) -> int:
    """Print what was checked, a line each; 1 when something is wrong."""
    from dashboard.web.health import run_checks

    with services(settings):
        checks = run_checks(settings)
    for found in checks:
        print(f"{'ok  ' if found.ok else 'FAIL'}  {found.name:<12} {found.detail}".rstrip())
    return 0 if all(found.ok for found in checks) else 1


def demo(settings: Settings, options: argparse.Namespace) -> int:
    """Make the demo account if it is not there, and print how to sign in."""
    with services(settings) as opened:
        sign_in = demo_account.ensure(settings, opened)
    print(demo_account.words(sign_in) if sign_in else "The database has accounts already: nothing was made.")
    return 0


def user(settings: Settings, options: argparse.Namespace) -> int:
    """Make a user: of a new account with its name, or of the account that an e-mail's owner belongs to."""
    password = _password(options.password_stdin)
    name = options.name or options.email.partition("@")[0]
    new_account = "@" not in options.account
    if new_account and options.role != "administrator":
        raise CommandError(f"--account {options.account} makes a new account: its first user is an administrator")
    with services(settings), _domain_errors():
        from dashboard.services import accounts

        if new_account:
            accounts.register(options.account, name, options.email, password)
        else:
            accounts.create_user(options.email, name, options.role, account_of=options.account, password=password)
    print(f"{options.email} can sign in as {options.role}.")
    return 0


def key(settings: Settings, options: argparse.Namespace) -> int:
    """Print a new API key and nothing else, so that a script can take it."""
    scopes = [scope.strip() for scope in options.scopes.split(",") if scope.strip()]
    with services(settings), _domain_errors():
        from dashboard.services import keys

        made = keys.create_for_cli(options.user, scopes=scopes, name=options.name)
    print(made)
    return 0


@contextmanager
def _domain_errors() -> Iterator[None]:
    """What a service refuses, as one line."""
    from dashboard.i18n import t
    from dashboard.services import wording
    from dashboard.services.errors import DomainError, Invalid

    try:
        yield
    except Invalid as error:
        found = [f"{each.pointer}: {t(f'problems.{each.code}', 'en', **each.params)}" for each in error.problems]
        raise CommandError("; ".join(found)) from error
    except DomainError as error:
        raise CommandError(wording.sentence(error.code, error.params, "en")) from error


def import_files(settings: Settings, arguments: list[str]) -> int:
    """Import files; the options are the importer's own."""
    from dashboard.cli import importing

    if {"-h", "--help"} & set(arguments):
        return int(importing.main(arguments) or 0)
    with services(settings):
        return int(importing.main(arguments) or 0)


def bench(arguments: list[str]) -> int:
    """Measure; the options are the benchmarks' own."""
    import importlib

    # By name: `benchmarks` is no part of the product and may be left out of an installation.
    return int(importlib.import_module("benchmarks.__main__").main(arguments) or 0)


def test(arguments: list[str]) -> int:
    """Run all checks and tests."""
    from dashboard.cli import testing

    return testing.main(arguments)


def _password(from_input: bool) -> str:
    if from_input:
        password = sys.stdin.readline().rstrip("\r\n")
    elif sys.stdin.isatty():
        password = getpass.getpass("Password: ")
        if getpass.getpass("Once more: ") != password:
            raise CommandError("the two passwords differ")
    else:
        raise CommandError("give the password on standard input with --password-stdin")
    if not password:
        raise CommandError("the password is empty")
    return password
