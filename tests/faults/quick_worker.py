"""The product's worker with short times: a dead one is noticed in seconds, as the tests cannot wait for half a minute."""

from __future__ import annotations

import sys

from dashboard.cli.__main__ import main
from dashboard.jobs import worker

worker.HEARTBEAT_S = 0.5
worker.STALLED_S = 3.0
worker.SWEEP_S = 1.0

if __name__ == "__main__":
    sys.exit(main(["worker"]))
