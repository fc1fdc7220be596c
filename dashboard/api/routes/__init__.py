"""The operations themselves, one module per resource. Importing them declares them."""

import dashboard.api.routes.ai
import dashboard.api.routes.clients
import dashboard.api.routes.deals
import dashboard.api.routes.jobs
import dashboard.api.routes.products
import dashboard.api.routes.reports
import dashboard.api.routes.targets  # noqa: F401
