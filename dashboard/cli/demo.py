"""The demo account: made on an empty database, its sign-in kept in the data folder for later starts."""

from __future__ import annotations

from dashboard.config import Settings
from db.runtime import OpenDatabase


def ensure(settings: Settings, opened: OpenDatabase) -> str | None:
    """``e-mail password`` of the demo account; none where there is none (other accounts came first)."""
    from dashboard.services import accounts, ai, context  # each command loads only what it needs
    from db.demo import ensure_demo

    context.configure(settings, opened.database)
    kept = settings.data_dir / "demo_credentials.txt"
    made = ensure_demo(opened.database)
    if made is not None:
        kept.touch(mode=0o600)
        kept.write_text(f"{made.email} {made.password}\n", "utf-8")
        ai.train(accounts.actor_by_email(made.email))  # the worker learns while the person signs in
    return kept.read_text("utf-8").strip() if kept.is_file() else None


def words(sign_in: str) -> str:
    """The sentence for the person at the terminal."""
    email, _, password = sign_in.partition(" ")
    return f"Sign in as {email} with the password {password}"
