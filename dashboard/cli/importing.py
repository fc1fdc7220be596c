"""`manage.py import`: files or a folder into an account, without a browser and without a worker."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from dashboard.cli.opening import CommandError

SUFFIXES = (".csv", ".tsv", ".gz", ".xlsx", ".xls", ".ods")


def main(arguments: list[str]) -> int:
    """Load the files in the order that links need. The services must be ready. Returns 1 when one of them failed."""
    from dashboard.services.importing.targets import ENTITIES

    parser = argparse.ArgumentParser(prog="manage.py import", description="Import clients, products and deals from files.")
    parser.add_argument("--user", required=True, metavar="EMAIL", help="on whose behalf")
    parser.add_argument("--account", help="account, when the user has several")
    parser.add_argument(
        "--entity", choices=tuple(ENTITIES), help="what the files hold (else it is worked out from their columns)"
    )
    parser.add_argument(
        "--source", default="import", help="name of the system the files come from: records are known again by it"
    )
    parser.add_argument("--mode", choices=("both", "create", "update"), default="both")
    parser.add_argument("--dry-run", action="store_true", help="work everything out, change nothing")
    parser.add_argument("paths", nargs="+", type=Path, metavar="FILE|FOLDER")
    options = parser.parse_args(arguments)
    paths = list(_files(options.paths))
    return _load_all(_actor(options.user, options.account), paths, options)


def _load_all(actor: Any, paths: list[Path], options: argparse.Namespace) -> int:
    from dashboard.services import imports, wording
    from dashboard.services.errors import DomainError
    from dashboard.services.importing.targets import ORDER

    seen: list[tuple[Any, Path]] = []
    failed = 0
    for path in paths:
        try:
            with path.open("rb") as stream:
                stored = imports.upload(actor, path.name, stream)
            found = imports.inspect(actor, stored.id, entity=options.entity)
        except DomainError as error:
            failed += 1
            print(f"{path.name}: {wording.sentence(error.code, error.params, actor.locale)}", file=sys.stderr)
            continue
        if not found.recognised and options.entity is None:
            print(f"{path.name}: left out, its columns name nothing we know (say --entity)")
            continue
        seen.append((found, path))
    for found, path in sorted(seen, key=lambda item: ORDER.index(item[0].entity)):
        failed += not _load(actor, found, path, options)
    return 1 if failed else 0


def _load(actor: Any, found: Any, path: Path, options: argparse.Namespace) -> bool:
    from dashboard.jobs import runner
    from dashboard.services import imports, jobs, wording
    from dashboard.services.errors import DomainError

    data = {
        "file_id": found.file.id,
        "entity": found.entity,
        "mapping": found.mapping,
        "shape": found.shape,
        "profile": found.profile,
        "mode": options.mode,
        "dry_run": options.dry_run,
        "source": options.source,
    }
    try:
        job = imports.start(actor, data, deferred=False)
    except DomainError as error:
        print(f"{path.name}: {wording.sentence(error.code, error.params, actor.locale)}", file=sys.stderr)
        return False
    runner.run(actor.account_id, job.id)
    ended = jobs.get(actor, job.id)
    if ended.status != "done" or ended.result is None:
        why = ended.error or {}
        said = wording.sentence(why.get("code", "internal"), why.get("params", {}), actor.locale)
        print(f"{path.name}: {said}", file=sys.stderr)
        return False
    _tell(path.name, ended.result, actor.locale)
    return True


def _tell(name: str, result: dict[str, Any], locale: str) -> None:
    from dashboard.i18n import t
    from dashboard.services.importing.child import reason

    counts = ", ".join(
        f"{t(f'imports.result.{key}', locale).lower()}: {result[key]}"
        for key in ("created", "updated", "skipped", "rejected", "lines", "clients", "products", "members", "stages")
        if result.get(key)
    )
    speed = t("imports.result.time", locale, seconds=result["seconds"], speed=result["lines_per_second"])
    print(f"{name}: {t('imports.entity.' + result['entity'], locale)} — {counts or '0'} ({speed})")
    for problem in result["problems"][:10]:
        print(f"    {problem['line']}: {reason(problem, locale)}")
    for notice in result["notices"]:
        print(f"    {t(notice['key'], locale, **notice['params'])}")
    for hint in result["suggestions"]:
        print(f"    {t('imports.notice.suggestion', locale, **hint)}")


def _files(paths: list[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(item for item in path.iterdir() if item.suffix.lower() in SUFFIXES and item.is_file())
        elif path.is_file():
            found.append(path)
        else:
            raise CommandError(f"{path}: there is no such file")
    if not found:
        raise CommandError("no files to import")
    return found


def _actor(email: str, account: str | None) -> Any:
    from dashboard.jobs.runner import actor_of
    from dashboard.services import context
    from db.queries import jobs as queries

    with context.database().identity(login_email=email.lower()) as connection:
        user_id = queries.user_by_email(connection, email.lower())
    if user_id is None:
        raise CommandError(f"--user {email}: there is no such user")
    with context.database().identity(user_id=user_id) as connection:
        places = [place for place in queries.memberships_of(connection, user_id) if account in (None, place.account_name)]
    if len(places) != 1:
        names = ", ".join(place.account_name for place in places) or "none"
        raise CommandError(f"--account must name one account of {email} (found: {names})")
    return actor_of(places[0].account_id, places[0].member_id, "manage-import")
