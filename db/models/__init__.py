"""Every table of the product, as SQLAlchemy Core tables."""

from db.models.accounts import accounts, api_keys, memberships, projects, sessions, sign_in_attempts, users
from db.models.base import TENANT_TABLES, VERSIONED_TABLES, metadata
from db.models.sales import (
    clients,
    deal_lines,
    deals,
    interactions,
    persons,
    pipelines,
    products,
    stage_events,
    stages,
    targets,
)
from db.models.work import (
    changesets,
    deal_scores,
    files,
    history,
    idempotency_keys,
    jobs,
    models,
    recommendations,
    reports,
    saved_views,
)

__all__ = [
    "TENANT_TABLES", "VERSIONED_TABLES", "accounts", "api_keys", "changesets", "clients", "deal_lines",
    "deal_scores", "deals", "files", "history", "idempotency_keys", "interactions", "jobs", "memberships",
    "metadata", "models", "persons", "pipelines", "products", "projects", "recommendations", "reports",
    "saved_views", "sessions", "sign_in_attempts", "stage_events", "stages", "targets", "users",
]
