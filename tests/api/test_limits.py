"""The token bucket. No database."""

from __future__ import annotations

from dashboard.api.limits import RateLimiter


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_empties_and_fills_evenly() -> None:
    clock = Clock()
    limiter = RateLimiter(60, clock)
    taken = [limiter.take(b"a") for _ in range(61)]
    assert [item.allowed for item in taken] == [True] * 60 + [False]
    assert taken[-1].retry_after_s == 1 and taken[-1].headers()["Retry-After"] == "1"
    clock.now += 1
    assert limiter.take(b"a").allowed and not limiter.take(b"a").allowed
    clock.now += 1000
    assert limiter.take(b"a").remaining == 59


def test_keys_do_not_share() -> None:
    limiter = RateLimiter(1, Clock())
    assert limiter.take(b"a").allowed and limiter.take(b"b").allowed
    assert not limiter.take(b"a").allowed


def test_headers_say_what_is_left() -> None:
    headers = RateLimiter(600, Clock()).take(b"a").headers()
    assert headers == {"RateLimit-Policy": '"key";q=600;w=60', "RateLimit": '"key";r=599;t=1'}
