"""Every table of the product, as SQLAlchemy Core tables."""

from db.models.accounts import accounts, api_keys, memberships, projects, sessions, sign_in_attempts, users
from db.models.base import TENANT_TABLES, VERSIONED_TABLES, metadata
from db.models.sales import (
    clients,
    contact_points,
    currency_rates,
    custom_fields,
    deal_lines,
    deals,
    interactions,
    lost_reasons,
    persons,
    pipelines,
    product_prices,
    products,
    stage_events,
    stages,
    targets,
)
from db.models.work import (
    changesets,
    client_scores,
    deal_scores,
    drafts,
    files,
    history,
    idempotency_keys,
    jobs,
    models,
    notices,
    preferences,
    recommendations,
    reports,
    saved_views,
)

__all__ = [
    "TENANT_TABLES", "VERSIONED_TABLES", "accounts", "api_keys", "changesets", "client_scores", "clients", "contact_points",
    "currency_rates", "custom_fields", "deal_lines", "deal_scores", "deals", "drafts", "files", "history", "idempotency_keys",
    "interactions", "jobs", "lost_reasons", "memberships", "metadata", "models", "notices", "persons",
    "pipelines", "preferences", "product_prices", "products", "projects", "recommendations", "reports",
    "saved_views", "sessions", "sign_in_attempts", "stage_events", "stages", "targets", "users",
]
