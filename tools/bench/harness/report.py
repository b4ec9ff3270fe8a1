# Copyright 2026 The eventd authors.
# SPDX-License-Identifier: Apache-2.0
"""Medians, ratios and the table."""

import dataclasses
import statistics
import typing

RATE, MS, S, MB, BYTES, CPU, TIMES = (
    "/s", " ms", " s", " MB", " B", " s/M", "")


@dataclasses.dataclass(frozen=True)
class Work:
    """One thing to measure, once in each run."""
    name: str
    measure: typing.Callable[[], dict] = dataclasses.field(compare=False)


@dataclasses.dataclass(frozen=True)
class Figure:
    """One figure of a work."""
    work: Work
    field: str
    label: str = "eventd"


@dataclasses.dataclass(frozen=True)
class Row:
    """eventd beside one reference."""
    key: str  # As tools/bench/targets.txt names it, "P1.single-64.beast".
    what: str
    unit: str
    eventd: Figure
    reference: typing.Optional[Figure] = None

    @property
    def part(self):
        return self.key.split(".")[0]


def plain(x):
    """12 345, 48.1, 1.24: three digits, or all before the point."""
    digits = 0 if abs(x) >= 100 else 1 if abs(x) >= 10 else 2
    return f"{x:,.{digits}f}".replace(",", " ")


def spread(values, unit):
    """Median, and least and most where there are several."""
    if unit == MB:
        values = [x / 1e6 for x in values]
    text = plain(statistics.median(values)) + unit
    if len(values) > 1:
        text += f" ({plain(min(values))}–{plain(max(values))})"
    return text


class Results:
    """The lines of all runs, and what was not measured and why."""

    def __init__(self):
        self.lines = {}  # Of (work's name, run).
        self.missing = {}  # Why a work has no line.

    def values(self, figure):
        """The figure by run, where it was measured."""
        return {run: line[figure.field]
                for (name, run), line in self.lines.items()
                if name == figure.work.name and figure.field in line}

    def cell(self, figure, unit):
        label = "" if figure.label == "eventd" else f"{figure.label}: "
        found = list(self.values(figure).values())
        if not found:
            return label + self.missing.get(figure.work.name, "not measured")
        lines = [line for (name, _), line in self.lines.items()
                 if name == figure.work.name]
        if any(line.get("synced") is False for line in lines):
            label = label.replace(":", " WITHOUT synced writes:")
        text = label + spread(found, unit)
        if any("partial" in line for line in lines):
            text += ", with errors"
        return text

    def ratios(self, row):
        """eventd to its reference, each in the same run."""
        if not row.reference:
            return []
        ours, others = self.values(row.eventd), self.values(row.reference)
        return [ours[run] / others[run] for run in ours
                if others.get(run, 0) > 0]


def load_targets(path):
    """Lines `KEY [or] ratio|figure >=|<= NUMBER`, in the unit of the row; `or`:
    this or what the line before says."""
    out = {}
    for line in path.read_text().splitlines():
        words = line.split("#")[0].split()
        if not words:
            continue
        key, *rest = words
        groups = out.setdefault(key, [])
        if rest[0] != "or":
            groups.append([])
        of, sign, wanted = rest[-3:]
        groups[-1].append((of, sign, float(wanted)))
    return out


def verdict(ratio, figure, unit, targets):
    """What is to be reached, all of it, and whether it is."""
    said, good = [], []
    for group in targets:
        texts, ways = [], []
        for of, sign, wanted in group:
            text = f"{wanted:g}" if of == "ratio" else plain(wanted) + unit
            texts.append(f"{'≥' if sign == '>=' else '≤'} {text}")
            x = ratio if of == "ratio" else figure
            ways.append(None if x is None else
                        x >= wanted if sign == ">=" else x <= wanted)
        said.append(" or ".join(texts))
        good.append(True if True in ways else None if None in ways else False)
    if None in good:
        return ", ".join(said), ""
    return ", ".join(said), "yes" if all(good) else "no"


def table(rows, results, targets):
    out = ["| # | work | eventd | reference | ratio | to reach | reached |",
           "|---|---|---|---|---|---|---|"]
    for row in rows:
        ratios = results.ratios(row)
        ratio = statistics.median(ratios) if ratios else None
        text = spread(ratios, TIMES) if ratios else ""
        reference = results.cell(row.reference, row.unit) \
            if row.reference else ""
        own = list(results.values(row.eventd).values())
        figure = statistics.median(own) if own else None
        if figure is not None and row.unit == MB:
            figure /= 1e6
        wanted = targets.get(row.key, [])
        to_reach, reached = verdict(ratio, figure, row.unit, wanted)
        if not wanted:
            reached = ""
        out.append(f"| {row.part} | {row.what} "
                   f"| {results.cell(row.eventd, row.unit)} | {reference} "
                   f"| {text} | {to_reach} | {reached} |")
    return "\n".join(out)
