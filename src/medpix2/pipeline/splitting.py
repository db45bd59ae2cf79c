"""`curate split`: put cases into splits, so that nothing leaks and the labels are balanced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from medpix2.curate import fold
from medpix2.curate.detail import DETAIL
from medpix2.curate.split_report import SplitReport, balance, leakage
from medpix2.curate.splits import HALVES, SEED, SIZES, Assignment, SplitCase, assign
from medpix2.curate.ties import TIE_KINDS, Tie, TieKind, Ties
from medpix2.pipeline.curing import require_built
from medpix2.pipeline.folding import refold
from medpix2.pipeline.looking import look_at_pictures
from medpix2.pipeline.progress import Progress, Silent
from medpix2.pipeline.subjects import read_subjects
from medpix2.records import Finding
from medpix2.settings import Settings
from medpix2.store.current import Written, case_ids
from medpix2.store.database import Store, open_store
from medpix2.store.findings import store_findings
from medpix2.store.splits import CaseState, case_states
from medpix2.store.writing import building, is_folded, writing

VERSION = 1  # of the rule `split`
SHOWN = ("accepted", "pending")  # what is excluded or withdrawn is in no split
OF_TOPICS: frozenset[TieKind] = frozenset({"topic", "disease discussion"})


@dataclass(frozen=True)
class Asked:
    """How to split.

    Attributes
    ----------
    sizes
        Share of train, dev and test.
    halves
        Whether train is halved.
    seed
        Decides between groups of one size.
    keep
        Whether cases stay in the split that their source, or an earlier `curate split`, gave them.
    ties
        What ties cases together.
    """

    sizes: Mapping[str, float] = field(default_factory=lambda: dict(SIZES))
    halves: bool = True
    seed: int = SEED
    keep: bool = True
    ties: Sequence[TieKind] = TIE_KINDS


@dataclass(frozen=True)
class Splitting:
    """What was split.

    Attributes
    ----------
    report
        Balance and leakage.
    changed
        Cases of which the split or half is another than before.
    dry
        Whether it was only tried.
    current
        Documents that the fold wrote.
    """

    report: SplitReport
    changed: int
    dry: bool
    current: Written


def curate_split(
    settings: Settings,
    asked: Asked | None = None,
    *,
    dry: bool = False,
    progress: Progress | None = None,
) -> Splitting:
    """Put cases into splits, by findings of the rule `split`, and fold what changes.

    The same collection and the same request give the same splits. `dry` computes and reports, and
    changes no split.

    Raises
    ------
    SettingError
        The sizes make no sense.
    StoreError
        The database is empty, is being written, or cannot be used.
    """
    asked, progress = asked or Asked(), progress or Silent()
    with open_store(settings) as store:
        require_built(store)
        with writing(store.db):
            look_at_pictures(store, (DETAIL,), progress)
            if dry and is_folded(store.db, fold.VERSION):
                return _Split(store, asked, progress).done(Written(), dry=True)
            with building(store.db, fold.VERSION, curing=True) as anew:
                if anew:  # statuses and labels count: they must be those of now
                    refold(store, None, progress=progress)
                split = _Split(store, asked, progress)
                if dry:
                    return split.done(Written(), dry=True)
                touched = split.store()
                written = refold(store, sorted(touched), progress=progress)
            return split.done(written, dry=False)


class _Split:
    """One splitting of a collection."""

    def __init__(self, store: Store, asked: Asked, progress: Progress) -> None:
        self._store, self._asked = store, asked
        self._states = list(case_states(store.db, fold.SPLIT, SHOWN))
        self._cases = {s.id: self._case(s) for s in self._states if s.status in SHOWN}
        self._ties = self._gather(progress)
        self.assigned: Assignment = assign(
            self._cases.values(),
            sizes=asked.sizes,
            halves=asked.halves,
            seed=asked.seed,
            keep_published=asked.keep,
            tied=[(tie.one, tie.other) for tie in self._ties],
        )

    def store(self) -> set[str]:
        """Store in which split each case is now; return the cases of which that is another."""
        found = {state.id: self._findings(state) for state in self._states if self._settles(state)}
        return store_findings(self._store.db, [fold.SPLIT], found)

    def done(self, written: Written, *, dry: bool) -> Splitting:
        """Return the report."""
        splits, halves = self.assigned.splits, self.assigned.halves
        states = [state for state in self._states if state.id in self._cases]
        kept = sum(case.split is not None for case in self._cases.values()) * self._asked.keep
        cases = list(self._cases.values())
        parts = balance(cases, splits, self._asked.sizes)
        parts += balance(cases, halves, dict.fromkeys(HALVES, 0.5) if halves else {})
        changed = sum(
            (state.current, state.current_half) != self._now(state.id) for state in states
        )
        report = SplitReport(
            tuple(parts),
            tuple(leakage(self._ties, {state.id: state.current for state in states})),
            tuple(leakage(self._ties, splits)),
            given=len(states) - kept,
            kept=kept,
            left_out=len(self._states) - len(states),
            notes=self.assigned.notes,
        )
        return Splitting(report, changed, dry, written)

    def _case(self, state: CaseState) -> SplitCase:
        """Return a case with the split that it keeps: its source's, or that of an earlier run.

        What a run with --anew gave is not kept: it would hide what the source says for ever.
        """
        split, half = state.published, state.published_half
        before = (state.given or {}).get("evidence") or {}
        if before.get("kept_published") and split in (None, before["split"]):
            split, half = before["split"], half or before["split_half"]
        return SplitCase(state.id, state.images, split, half)

    def _gather(self, progress: Progress) -> list[Tie]:
        ids = list(case_ids(self._store.db))
        ties = Ties(self._asked.ties)
        with progress.step("compare cases", len(ids)) as advance:
            for subject in read_subjects(self._store, ids, {DETAIL.name: DETAIL.version}):
                if subject.id in self._cases:
                    ties.add(subject)
                advance(1)
        return list(ties.ties())

    def _settles(self, state: CaseState) -> bool:
        """Tell whether this run says where a case is; one left out keeps what it was given."""
        return state.id in self._cases or not self._asked.keep

    def _now(self, case: str) -> tuple[str, str | None]:
        split, half = self.assigned.splits[case], self.assigned.halves.get(case)
        if self._asked.keep and not self._asked.halves and split == "train":
            half = self._cases[case].split_half
        return split, half

    def _findings(self, state: CaseState) -> list[Finding]:
        """Return the finding that puts a case into its split; none where its source does so."""
        if state.id not in self._cases:
            return []
        split, half = self._now(state.id)
        if (split, half) == (state.published, state.published_half):
            return []
        if state.given and self._asked.keep:
            before = state.given["evidence"]
            if before["kept_published"] and (before["split"], before["split_half"]) == (
                split,
                half,
            ):
                return [Finding.model_validate({k: state.given[k] for k in Finding.model_fields})]
        evidence = {
            "split": split, "split_half": half, "seed": self._asked.seed,
            "sizes": dict(self._asked.sizes), "kept_published": self._asked.keep,
        }  # fmt: skip
        message = f"is in {half or split}"
        return [
            Finding(
                target=state.id, rule=fold.SPLIT, version=VERSION, severity="note",
                message=message, evidence=evidence,
            )
        ]  # fmt: skip
