"""`curate run`: all looks and rules over what is new or changed, and the fold of what they find."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from medpix2.batches import batches
from medpix2.curate import fold, rules
from medpix2.curate.judge import Failure, Judged, judge, judge_set
from medpix2.curate.look import Look
from medpix2.curate.naming import named, names_word
from medpix2.curate.rule import Rule, SetRule
from medpix2.pipeline.folding import refold
from medpix2.pipeline.looking import look_at_pictures
from medpix2.pipeline.progress import Progress, Silent
from medpix2.pipeline.subjects import BATCH, read_subjects
from medpix2.records import Finding
from medpix2.settings import Settings
from medpix2.store.current import Written
from medpix2.store.database import Store, open_store
from medpix2.store.findings import cases_with, forget_rules, store_findings
from medpix2.store.judged import (
    Basis,
    bases,
    collection_judged,
    forget_judged_by,
    known_rules,
    note_collection,
    note_judged,
    note_rules,
)
from medpix2.store.writing import building, is_folded, pending_of, unfinished, writing

PATIENCE = 60.0  # seconds that a judging waits for whoever has begun to write during the looks


@dataclass(frozen=True)
class Table:
    """The rules and looks to run; by default those of `curate.rules`."""

    rules: tuple[Rule, ...] = field(default_factory=lambda: rules.RULES)
    set_rules: tuple[SetRule, ...] = field(default_factory=lambda: rules.SET_RULES)
    looks: tuple[Look, ...] = field(default_factory=lambda: rules.LOOKS)

    @property
    def names(self) -> list[str]:
        """The names of all rules, in order."""
        return [rule.name for rule in self.all]

    @property
    def all(self) -> list[Rule | SetRule]:
        """All rules, in order."""
        return [*self.rules, *self.set_rules]

    def only(self, wanted: Sequence[str]) -> Table:
        """Return some of the rules, and the looks that they name.

        Raises
        ------
        QueryError
            There is no such rule; a near one is named.
        """
        for name in wanted:
            named(name, self.names, "rule", "list them with `medpix2 curate run --rules`")
        one = tuple(rule for rule in self.rules if rule.name in wanted)
        all_ = tuple(rule for rule in self.set_rules if rule.name in wanted)
        texts = [rule.looks_at for rule in self.all if rule.name in wanted]
        looks = (look for look in self.looks if any(names_word(t, look.name) for t in texts))
        return Table(one, all_, tuple(looks))


@dataclass
class Cured:
    """What a curing did.

    Attributes
    ----------
    pictures
        Pictures that were looked at; the others had been before.
    cases
        Cases that were judged; the others are as they were, and so are the rules.
    set_rules
        Rules that went through the whole collection.
    removed
        Rules that are no more, of which findings were removed.
    current
        Documents that the fold wrote.
    failures
        Checks that could not be done; they are tried again at the next run.
    seconds
        How long it took.
    """

    pictures: int = 0
    cases: int = 0
    set_rules: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    current: Written = field(default_factory=Written)
    failures: list[Failure] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def unchanged(self) -> bool:
        """Tell whether there was nothing to do."""
        folded = self.current.new or self.current.changed or self.current.gone
        return not (self.pictures or self.cases or self.set_rules or self.removed or folded)


def curate_run(
    settings: Settings,
    *,
    only: Sequence[str] = (),
    table: Table | None = None,
    progress: Progress | None = None,
) -> Cured:
    """Run all checks on what is new or changed, and fold what they find.

    It can be ended at any point: what was seen in pictures is kept, and the next run goes on.

    Parameters
    ----------
    settings
        Home, server and cores.
    only
        Names of rules to run; all by default.
    table
        Rules and looks; those of `curate.rules` by default.
    progress
        Told how far the work is.

    Raises
    ------
    QueryError
        There is no such rule.
    StoreError
        The database is empty, is being written, or cannot be used.
    """
    begun = time.monotonic()
    everything = table or Table()
    table = everything.only(only) if only else everything
    progress, done = progress or Silent(), Cured()
    with open_store(settings) as store:
        require_built(store)
        with writing(store.db):
            pass  # else somebody who writes would be met after the looks only
        # Not claimed: looks may take long, and people decide meanwhile.
        looked = look_at_pictures(store, table.looks, progress)
        done.pictures, done.failures = looked.pictures, looked.failures
        with writing(store.db, wait=PATIENCE):
            require_built(store)
            _Curing(store, table, everything, progress, done).judge()
    done.seconds = time.monotonic() - begun
    return done


def require_built(store: Store) -> None:
    """Raise a `StoreError` unless there is a whole collection; what curing left is mended later."""
    if not pending_of(store.db).get("curing"):
        store.require_content()
    if (pending := pending_of(store.db)) and not pending.get("curing"):
        raise unfinished(store.db, pending)


class _Curing:
    """One judging of a collection, after the looks."""

    def __init__(
        self, store: Store, table: Table, everything: Table, progress: Progress, done: Cured
    ) -> None:
        self._store, self._table, self._progress, self._done = store, table, progress, done
        self._known, self._all = {look.name for look in everything.looks}, everything
        self._looks = {look.name: look.version for look in everything.looks}
        self._touched: set[str] = set()

    def judge(self) -> None:
        """Judge what is to be judged, and fold what changes so."""
        store, done = self._store, self._done
        basis = list(bases(store.db, self._looks))
        open_cases = self._to_judge(basis)
        stamps = self._stamps(basis)
        open_rules = self._open_set_rules(stamps)
        gone = sorted(known_rules(store.db) - set(self._all.names))
        if not (open_cases or open_rules or gone or not is_folded(store.db, fold.VERSION)):
            return
        with building(store.db, fold.VERSION, curing=True) as anew:
            note_rules(store.db, [*self._all.names, *gone])
            done.removed = gone
            forget_judged_by(store.db, gone)
            self._touched |= forget_rules(store.db, gone)
            self._judge_cases(open_cases)
            self._judge_collection(open_rules, stamps, [each.case for each in basis])
            note_rules(store.db, self._all.names)
            if anew or self._touched:
                ids = None if anew else sorted(self._touched)
                done.current = refold(store, ids, progress=self._progress)

    def _to_judge(self, basis: Iterable[Basis]) -> list[tuple[Basis, tuple[Rule, ...]]]:
        """Return the cases that some rules have to judge, with these."""
        found = []
        for each in basis:
            rules_of_it = tuple(
                rule for rule in self._table.rules if each.judged.get(rule.name) != rule.version
            )
            if rules_of_it:
                found.append((each, rules_of_it))
        return found

    def _judge_cases(self, wanted: Sequence[tuple[Basis, tuple[Rule, ...]]]) -> None:
        if not wanted:
            return
        versions = {rule.name: rule.version for rule in self._all.rules}
        with self._progress.step("judge cases", len(wanted)) as advance:
            for batch in batches(wanted, BATCH):
                subjects = read_subjects(self._store, [b.case for b, _ in batch], self._looks)
                judged, notes = Judged(), []
                for subject, (each, some) in zip(subjects, batch, strict=True):
                    _join(judged, of_case := judge(subject, some))
                    kept = {n: v for n, v in each.judged.items() if versions.get(n) == v}
                    new = {name: versions[name] for name in of_case.findings}
                    notes.append(replace(each, judged={**kept, **new}))
                self._store_found(judged)
                note_judged(self._store.db, notes)
                advance(len(batch))
        self._done.cases = len(wanted)

    def _stamps(self, basis: Iterable[Basis]) -> dict[str, str]:
        """Return on what each rule that sees all cases would judge them now."""
        digest = hashlib.sha1(usedforsecurity=False)
        for each in basis:
            digest.update(f"{each.case}\0{each.inputs}\n".encode())
        inputs = digest.hexdigest()
        return {rule.name: f"{rule.version} {inputs}" for rule in self._all.set_rules}

    def _open_set_rules(self, stamps: dict[str, str]) -> list[SetRule]:
        before = collection_judged(self._store.db)
        rules_of_all = self._table.set_rules
        return [rule for rule in rules_of_all if before.get(rule.name) != stamps[rule.name]]

    def _judge_collection(
        self, wanted: Sequence[SetRule], stamps: dict[str, str], cases: Sequence[str]
    ) -> None:
        if not wanted:
            return
        db = self._store.db
        with self._progress.step("compare cases", len(cases)) as advance:
            subjects = read_subjects(self._store, cases, self._looks)
            judged = judge_set(subjects, wanted, advance)
        for name, found in judged.findings.items():
            for case in cases_with(db, name) - found.keys():
                found[case] = []
        self._store_found(judged)
        failed = {failure.check for failure in judged.failures}
        before = {n: s for n, s in collection_judged(db).items() if n in stamps}
        new = {name: stamps[name] for name in judged.findings if name not in failed}
        note_collection(db, {**before, **new})
        self._done.set_rules = [rule.name for rule in wanted]

    def _store_found(self, judged: Judged) -> None:
        self._done.failures += judged.failures
        for name, found in judged.findings.items():
            self._touched |= store_findings(self._store.db, [name], found)


def _join(all_: Judged, of_case: Judged) -> None:
    all_.failures += of_case.failures
    for name, found in of_case.findings.items():
        by_case: dict[str, list[Finding]] = all_.findings.setdefault(name, {})
        by_case.update(found)
