"""Fair use: one token bucket per key, kept by the process that answers."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

WINDOW_S = 60
#: Buckets kept at most; the one unused longest goes first. A forgotten bucket is a full one.
MAX_BUCKETS = 10_000


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a key may still do: calls left, seconds until the bucket is full, seconds until the next call."""

    allowed: bool
    limit: int
    remaining: int
    reset_s: int
    retry_after_s: int

    def headers(self) -> dict[str, str]:
        found = {
            "RateLimit-Policy": f'"key";q={self.limit};w={WINDOW_S}',
            "RateLimit": f'"key";r={self.remaining};t={self.reset_s}',
        }
        return found if self.allowed else {**found, "Retry-After": str(self.retry_after_s)}


class RateLimiter:
    """``per_minute`` calls for each key, evenly refilled; a full bucket may be spent at once."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.limit = per_minute
        self._rate = per_minute / WINDOW_S
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: OrderedDict[bytes, _Bucket] = OrderedDict()

    def take(self, key: bytes) -> Allowance:
        """Spend one token of ``key`` (any digest that stands for it)."""
        with self._lock:
            now = self._clock()
            bucket = self._buckets.pop(key, None) or _Bucket(float(self.limit), now)
            bucket.tokens = min(float(self.limit), bucket.tokens + (now - bucket.at) * self._rate)
            bucket.at = now
            allowed = bucket.tokens >= 1
            if allowed:
                bucket.tokens -= 1
            self._buckets[key] = bucket
            if len(self._buckets) > MAX_BUCKETS:
                self._buckets.popitem(last=False)
        missing = self.limit - bucket.tokens
        return Allowance(
            allowed=allowed,
            limit=self.limit,
            remaining=int(bucket.tokens),
            reset_s=math.ceil(missing / self._rate),
            retry_after_s=max(1, math.ceil((1 - bucket.tokens) / self._rate)),
        )
