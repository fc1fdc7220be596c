"""`manage.py evaluate` on real files: the README's figures by their protocols (larger ones on a part)."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pandas as pd
import pytest
from mlxtend.frequent_patterns import association_rules, fpgrowth

from benchmarks.publicdata import FOLDER as DATA
from benchmarks.publicdata import MISSING
from dashboard.cli import evaluate

pytestmark = [pytest.mark.realdata, pytest.mark.skipif(not DATA.is_dir(), reason=MISSING)]


def run(tmp_path: Path, *arguments: str | Path) -> dict:
    out = tmp_path / "out.json"
    assert evaluate.main([*map(str, arguments), "--json", str(out)]) == 0
    return dict(json.loads(out.read_text("utf-8")))


def test_deals_of_a_real_seller(tmp_path: Path) -> None:
    found = run(tmp_path, "win", "--train", DATA / "salvirt_b2b" / "deals.csv")
    assert found["metrics"]["auc"] >= 0.82
    assert found["metrics"]["brier"] < found["baselines"]["base rate"]["brier"] - 0.05


def test_calls_in_a_world_that_drifts(tmp_path: Path) -> None:
    found = run(tmp_path, "calls", "--train", DATA / "bank_marketing" / "bank-additional-full.csv.gz")
    assert found["metrics"]["brier"] <= found["baselines"]["base rate"]["brier"]
    assert found["baselines"]["untuned XGBoost"]["auc"] < 0.5


def test_maven_stays_on_the_base_rate(tmp_path: Path) -> None:
    found = run(tmp_path, "pipeline", "--train", DATA / "crm_sales_opportunities")
    assert found["rung"] == "base" and found["metrics"]["auc"] < 0.56


def test_leaking_columns_of_leads_are_named(tmp_path: Path) -> None:
    found = run(tmp_path, "leads", "--train", DATA / "x_education_leads" / "Leads.csv")
    assert set(found["facts"]["leaking columns"]) == {
        "Tags", "Lead Quality", "Lead Profile", "Asymmetrique Activity Index", "Asymmetrique Profile Index",
        "Asymmetrique Activity Score", "Asymmetrique Profile Score",
    }


def test_purchases_of_cdnow(tmp_path: Path) -> None:
    found = run(tmp_path, "purchase", "--train", DATA / "cdnow" / "CDNOW_sample.txt")
    assert found["metrics"]["correlation"] >= 0.64 and found["metrics"]["mae"] <= 0.76
    assert found["baselines"]["BG/NBD"]["correlation"] == pytest.approx(0.626, abs=0.002)
    assert found["baselines"]["same rate"]["mae"] == pytest.approx(1.024, abs=0.002)


def test_the_masters_form_says_the_same(tmp_path: Path) -> None:
    sample = pd.read_csv(DATA / "cdnow" / "CDNOW_sample.txt", sep=r"\s+", header=None, dtype=str)
    master = tmp_path / "master.txt.gz"
    with gzip.open(master, "wt") as file:
        file.write("CUSTOMER_ID DATE QUANTITY VALUE\n")
        sample[[1, 2, 3, 4]].to_csv(file, sep=" ", header=False, index=False)
    found = run(tmp_path, "purchase", "--train", master)
    assert found["facts"]["clients"] == 2357 and found["metrics"]["correlation"] >= 0.64


def test_next_baskets_of_a_part_of_the_shoppers(tmp_path: Path) -> None:
    parts = {}
    for name in ("history", "future"):
        with gzip.open(DATA / "tafeng" / f"{name}.json.gz", "rt") as file:
            parts[name] = json.load(file)
    ids = list(parts["history"])
    for folder, chosen in (("train", ids[:1600]), ("test", ids[1600:2000])):
        (tmp_path / folder).mkdir()
        for name, values in parts.items():
            with gzip.open(tmp_path / folder / f"{name}.json.gz", "wt") as file:
                json.dump({key: values[key] for key in chosen}, file)
    found = run(tmp_path, "basket", "--train", tmp_path / "train", "--test", tmp_path / "test")
    ours, plain = found["metrics"], found["baselines"]["personal + global"]
    assert ours["recall@10"] > 1.05 * plain["recall@10"] and ours["ndcg@10"] > 1.05 * plain["ndcg@10"]


def test_monthly_series_beside_theta(tmp_path: Path) -> None:
    table = pd.read_csv(DATA / "m3" / "monthly_long.csv.gz")
    some = tmp_path / "monthly.csv"
    table[table["series"].isin(sorted(table["series"].unique())[::4])].to_csv(some, index=False)
    found = run(tmp_path, "forecast", "--train", some)
    assert found["metrics"]["of Theta's sMAPE"] <= 0.985
    assert 0.93 <= found["metrics"]["coverage95"] <= 0.97


def test_rules_of_france_are_mlxtends(tmp_path: Path) -> None:
    path = DATA / "online_retail" / "online_retail.csv.gz"
    found = run(tmp_path, "rules", "--train", path, "--country", "France", "--min-support", "0.07")
    table = pd.read_csv(path, dtype=str)
    table = table[(table["Country"] == "France") & ~table["InvoiceNo"].str.startswith("C")].dropna(subset=["Description"])
    table["Description"] = table["Description"].str.strip()
    sold = table.assign(Quantity=table["Quantity"].astype(float)).groupby(["InvoiceNo", "Description"])["Quantity"].sum()
    baskets = (sold.unstack().fillna(0) > 0).drop(columns="POSTAGE")
    theirs = fpgrowth(baskets, min_support=0.07, use_colnames=True)
    assert {frozenset(goods) for goods, _ in found["facts"]["all itemsets"]} == set(theirs["itemsets"])
    rules = association_rules(theirs, metric="lift", min_threshold=1)
    ours = {(frozenset(left), frozenset(right)): lift for left, right, _, _, lift in found["facts"]["all rules"]}
    assert set(ours) == set(zip(rules["antecedents"], rules["consequents"], strict=True))
    assert list(ours.values()) == pytest.approx([
        rules.loc[(rules["antecedents"] == left) & (rules["consequents"] == right), "lift"].iloc[0] for left, right in ours])


@pytest.mark.parametrize(("name", "text"), [
    ("win", "a;b\n1;2\n"), ("calls", "x\n1\n"), ("leads", "a,b\n1,2\n"), ("forecast", "a,b\n1,2\n"), ("purchase", "a b\nc d\n"),
])
def test_a_file_of_another_form_is_refused_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, text: str
) -> None:
    wrong = tmp_path / "wrong.csv"
    wrong.write_text(text, "utf-8")
    assert evaluate.main([name, "--train", str(wrong)]) == 2
    assert capsys.readouterr().err.startswith("manage.py: wrong.csv: ")
    assert evaluate.main([name, "--train", str(tmp_path / "none.csv")]) == 2
