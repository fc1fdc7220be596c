"""Made-up accounts for the AI's tests: small, seeded, with or without a signal."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from dashboard.ai.frames import DAY, Frames, OwnField, micros

START = pd.Timestamp("2023-01-02", tz="UTC")
STAGES = pd.DataFrame({
    "id": [11, 12, 13, 14, 15, 16], "pipeline_id": 1,
    "name": ["Новая", "Встреча", "Предложение", "Договор", "Выиграна", "Проиграна"],
    "position": [1, 2, 3, 4, 5, 6], "kind": ["open"] * 4 + ["won", "lost"],
})
KINDS = np.array(["call", "email", "meeting", "note", "task"], dtype=object)
#: Chance to win from (random generator, region, segment, amount, calls)
Signal = Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray], np.ndarray]


def noise(region: np.ndarray, segment: np.ndarray, amount: np.ndarray, calls: np.ndarray) -> np.ndarray:
    """Nothing decides: four in ten."""
    return np.full(len(region), 0.4)


def crossed(region: np.ndarray, segment: np.ndarray, amount: np.ndarray, calls: np.ndarray) -> np.ndarray:
    """Region and segment decide together and neither does alone: out of a linear model's reach."""
    return np.where((region < 2) ^ (segment < 2), 0.9, 0.1)


def linear(region: np.ndarray, segment: np.ndarray, amount: np.ndarray, calls: np.ndarray) -> np.ndarray:
    """The more early calls, the better; small deals win more often."""
    return 1 / (1 + np.exp(-(0.9 * calls - 2.2 - 0.6 * (np.log(amount) - 11))))


def times(values: np.ndarray) -> pd.Series:
    return pd.Series(pd.to_datetime(values, unit="us", utc=True))


def make_frames(deals: int = 300, seed: int = 0, signal: Signal = noise, open_share: float = 0.15,
                clients: int | None = None, years: float = 2.0) -> Frames:
    """An account of that many deals; history after each deal's opening, edits of amount, date and owner."""
    rng = np.random.default_rng(seed)
    n_clients = clients or max(deals // 4, 3)
    region, segment = rng.integers(0, 4, n_clients), rng.integers(0, 4, n_clients)
    born = micros(pd.Series([START]))[0]
    client_frame = pd.DataFrame({
        "id": np.arange(1, n_clients + 1),
        "region": np.array(["Север", "Юг", "Запад", "Восток"], dtype=object)[region],
        "segment": np.array(["A", "B", "C", "D"], dtype=object)[segment],
        "industry": rng.choice(np.array(["IT", "Стройка", None], dtype=object), n_clients),
        "source": "web", "owner_id": rng.integers(1, 6, n_clients), "created_at": START,
    })
    # as many clients as deals: every deal its own client's, nothing to learn from the client's past
    client = np.arange(deals) if n_clients == deals else rng.integers(0, n_clients, deals)
    opened = np.sort(born + rng.integers(0, int(years * 365), deals) * DAY + rng.integers(0, DAY, deals))
    length = (rng.gamma(2.0, 22.0, deals) * DAY + DAY).astype(np.int64)
    amount = np.round(np.exp(rng.normal(11, 1, deals)), 2)
    calls = rng.poisson(2.0, deals)
    chance = signal(region[client], segment[client], amount, calls)
    won = rng.random(deals) < chance
    is_open = rng.random(deals) < open_share
    closed = opened + length
    status = np.where(is_open, "open", np.where(won, "won", "lost")).astype(object)
    reached = rng.integers(0, 4, deals)
    deal_frame = pd.DataFrame({
        "id": np.arange(1, deals + 1) * 10,
        "client_id": np.where(rng.random(deals) < 0.05, np.nan, client + 1.0),
        "owner_id": rng.integers(1, 6, deals).astype(float), "pipeline_id": 1,
        "stage_id": np.where(is_open, 11 + reached, np.where(won, 15, 16)),
        "status": status, "amount": amount,
        "source": rng.choice(np.array(["web", "call", None], dtype=object), deals),
        "opened_at": times(opened),
        "expected_close": (times(opened + rng.integers(5, 80, deals) * DAY).dt.normalize()
                           .where(rng.random(deals) > 0.2)),
        "closed_at": times(closed).where(~is_open),
    })
    ids = deal_frame["id"].to_numpy()
    return Frames(
        deals=deal_frame, clients=client_frame, stages=STAGES,
        stage_events=_events(ids, opened, closed, length, reached, is_open, won, rng),
        interactions=_interactions(ids, client + 1, opened, length, calls, rng),
        lines=_lines(ids, opened, length, rng),
        amount_changes=_changes(deal_frame, opened, length, rng),
    )


OWN = tuple(map(OwnField, ("budget", "contract_end", "approved", "channel"), ("number", "date", "boolean", "choice")))


def with_own_fields(frames: Frames, seed: int = 0) -> Frames:
    """The same account with own fields of deals: filled in at the opening, half of them edited on the way."""
    rng, rows, stands = np.random.default_rng(seed), [], []
    for deal in frames.deals.itertuples():
        old, new = (_own_values(rng, deal.opened_at) for _ in range(2))
        edited = rng.random() < 0.5
        stands.append(new if edited else old)
        if edited:
            rows.append((deal.id, deal.opened_at + pd.Timedelta(days=float(rng.uniform(1, 60))), "custom", old, new))
    changes = pd.DataFrame(rows, columns=["deal_id", "at", "field", "old", "new"])
    return replace(
        frames, own=OWN, deals=frames.deals.assign(custom=stands),
        amount_changes=pd.concat([frames.amount_changes, changes], ignore_index=True),
    )


def _own_values(rng: np.random.Generator, opened: pd.Timestamp) -> str | None:
    values = {
        "budget": round(float(rng.gamma(2, 100)), 2), "approved": bool(rng.random() < 0.5),
        "contract_end": (opened + pd.Timedelta(days=int(rng.integers(-30, 400)))).date().isoformat(),
        "channel": str(rng.choice(["сайт", "выставка"])), "unknown": "text",
    }
    kept = {name: value for name, value in values.items() if rng.random() < 0.8}
    return json.dumps(kept, ensure_ascii=False) if kept else None


def _events(ids: np.ndarray, opened: np.ndarray, closed: np.ndarray, length: np.ndarray, reached: np.ndarray,
            is_open: np.ndarray, won: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    rows = []
    for i, deal in enumerate(ids):
        stage: float = np.nan
        moments = np.sort(rng.uniform(0.05, 0.95, reached[i] + 1))
        path = [11, *(int(s) for s in rng.integers(11, 15, reached[i]))] if reached[i] else [11]
        if is_open[i]:
            path[-1] = 11 + reached[i]
        for step, to in enumerate(path):
            at = opened[i] if step == 0 else opened[i] + int(moments[step] * length[i])
            rows.append((deal, stage, to, at))
            stage = to
        if not is_open[i]:
            rows.append((deal, stage, 15 if won[i] else 16, closed[i]))
    frame = pd.DataFrame(rows, columns=["deal_id", "from_stage_id", "to_stage_id", "at"])
    return frame.assign(at=times(frame["at"].to_numpy()))


def _interactions(ids: np.ndarray, client: np.ndarray, opened: np.ndarray, length: np.ndarray, calls: np.ndarray,
                  rng: np.random.Generator) -> pd.DataFrame:
    early = np.repeat(np.arange(len(ids)), calls)  # the calls that may decide come on the first day
    other = np.repeat(np.arange(len(ids)), rng.poisson(3, len(ids)))
    which = np.concatenate((early, other))
    at = opened[which] + np.concatenate((
        np.zeros(len(early), np.int64), (rng.random(len(other)) * length[other]).astype(np.int64)))
    kind = np.concatenate((np.full(len(early), "call", dtype=object), rng.choice(KINDS[1:], len(other))))
    of_client = rng.random(len(which)) < 0.1
    task = kind == "task"
    due = at + rng.integers(0, 20, len(which)) * DAY
    done = due + rng.integers(-5, 20, len(which)) * DAY
    return pd.DataFrame({
        "deal_id": np.where(of_client & (kind != "call"), np.nan, ids[which].astype(float)), "client_id": client[which],
        "kind": kind, "happened_at": times(at), "due_at": times(due).where(task),
        "done_at": times(done).where(task & (rng.random(len(which)) < 0.7)),
    })


def _lines(ids: np.ndarray, opened: np.ndarray, length: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    which = np.repeat(np.arange(len(ids)), rng.integers(0, 4, len(ids)))
    price, quantity = np.round(rng.uniform(10, 5000, len(which)), 2), rng.integers(1, 9, len(which))
    discount = rng.choice([0.0, 5.0, 12.5], len(which))
    return pd.DataFrame({
        "deal_id": ids[which], "product_id": rng.integers(1, 9, len(which)), "group_name": "g",
        "quantity": quantity, "price": price, "discount": discount,
        "amount": np.round(price * quantity * (1 - discount / 100), 2),
        "created_at": times(opened[which] + (rng.random(len(which)) * length[which]).astype(np.int64)),
    })


def _changes(deals: pd.DataFrame, opened: np.ndarray, length: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """Each edited deal's chain of values ends in what stands in ``deals``."""
    rows = []
    for i in np.flatnonzero(rng.random(len(deals)) < 0.4):
        field = str(rng.choice(["amount", "expected_close", "owner_id"]))
        steps = int(rng.integers(1, 4))
        # up to half again as long as the deal lived: edits after the end happen too
        at = opened[i] + np.sort(rng.uniform(0, 1.5, steps) * length[i]).astype(np.int64)
        values: list[object] = [_earlier(field, rng) for _ in range(steps)]
        now = deals.at[i, field]
        chain = [*values, None if pd.isna(now) else now]
        rows += [(deals.at[i, "id"], at[k], field, chain[k], chain[k + 1]) for k in range(steps)]
    frame = pd.DataFrame(rows, columns=["deal_id", "at", "field", "old", "new"])
    return frame.assign(at=times(frame["at"].to_numpy(np.int64)), old=frame["old"].astype(object),
                        new=frame["new"].astype(object))


def _earlier(field: str, rng: np.random.Generator) -> object:
    if field == "amount":
        return str(round(float(rng.uniform(1000, 900_000)), 2))  # history is JSON: numbers may come as text
    if field == "owner_id":
        return int(rng.integers(1, 6))
    return None if rng.random() < 0.2 else f"2023-{rng.integers(1, 13):02d}-{rng.integers(1, 28):02d}"
