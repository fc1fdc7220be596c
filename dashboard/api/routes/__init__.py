"""The operations themselves, one module per resource. Importing them declares them."""

from dashboard.api.routes import ai, clients, deals, jobs, products, reports

__all__ = ["ai", "clients", "deals", "jobs", "products", "reports"]
