"""`medpix2 phantom`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from medpix2.cli.options import with_settings
from medpix2.settings import Settings

if TYPE_CHECKING:
    from medpix2.phantom.sites.answers import Sites

CHANGED = 0.02  # share of cases that a generation changes, unless --faults says otherwise

app = typer.Typer(
    help="A synthetic collection, to try and to test everything.", no_args_is_help=True
)


@app.command("make")
@with_settings
def _make(
    settings: Settings,
    out: Annotated[Path, typer.Argument(help="Folder to make; must be empty or not there.")],
    cases: Annotated[int, typer.Option(min=1, help="Number of cases.")] = 200,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same bytes.")] = 1,
    defects: Annotated[
        float, typer.Option(min=0, max=10, help="Scale of the rates of planted defects; 0 is none.")
    ] = 1.0,
    broken: Annotated[
        float, typer.Option(min=0, max=0.5, help="Rate of each kind of broken file and list.")
    ] = 0.0,
    pictures: Annotated[
        bool, typer.Option("--pictures/--no-pictures", help="Make pictures, or documents alone.")
    ] = True,
) -> None:
    """Make a synthetic collection in the published layout, with its ground truth."""
    from medpix2.cli.terminal import Bars, say
    from medpix2.phantom.layout import make_phantom
    from medpix2.pipeline.progress import increments

    with Bars().step("phantom", cases) as advance:
        make_phantom(
            out, cases=cases, seed=seed, jobs=settings.jobs, defects=defects, broken=broken,
            pictures=pictures, progress=increments(advance),
        )  # fmt: skip
    say(f"Made {cases} cases in {out}; next: medpix2 build {out}")


@app.command("serve")
@with_settings
def _serve(
    settings: Settings,
    source: Annotated[
        str, typer.Argument(help="Folder or archive of the published layout, or `phantom`.")
    ] = "phantom",
    records: Annotated[
        Path | None,
        typer.Option(help="Serve this JSON file of Open-i records instead.", show_default=False),
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 8470,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    faults: Annotated[
        str, typer.Option(help="What goes wrong how often, e.g. 429=0.02,truncated=0.02.")
    ] = "",
    seed: Annotated[int, typer.Option(min=0, help="Of the order of cases and of the faults.")] = 1,
    generation: Annotated[
        int, typer.Option(min=1, max=1000, help="A later state of the sites: cases have changed.")
    ] = 1,
    retry_after: Annotated[int, typer.Option(min=0, help="Seconds in Retry-After.")] = 1,
    hang: Annotated[float, typer.Option(min=0, help="Seconds until a timeout's answer.")] = 90.0,
    slow: Annotated[float, typer.Option(min=0, help="Seconds until a slow answer.")] = 2.0,
) -> None:
    """Serve Open-i, MedPix and the image host, simulated, on one port until Ctrl-C."""
    from medpix2.cli.terminal import say
    from medpix2.phantom.sites.faults import Faults, read_rates
    from medpix2.phantom.sites.server import open_port, serve

    rates = read_rates(faults)
    with (
        open_port(host, port) as opened,
        _sites(settings, source, records, seed, generation, rates.get("changed")) as sites,
    ):
        address = f"http://{host}:{opened.getsockname()[1]}"

        def ready() -> None:
            say(f"Serving {len(sites.catalog)} cases at {address}; Ctrl-C ends it")
            sys.stdout.flush()

        serve(sites, Faults(rates, seed, retry_after, hang, slow), opened, ready)


@contextmanager
def _sites(
    settings: Settings, source: str, records: Path | None, seed: int, generation: int,
    changed: float | None,
) -> Iterator[Sites]:  # fmt: skip
    """Open what is to be served, for a block."""
    from medpix2.cli.terminal import Bars
    from medpix2.errors import SettingError, SourceError
    from medpix2.extract.published import PublishedCopy
    from medpix2.phantom.sites.collection import sites_of_copy, sites_of_records
    from medpix2.pipeline.sources import opened_source

    if records is None:
        rate = CHANGED if changed is None else changed
        with opened_source(source, settings, None, Bars()) as copy:
            if not isinstance(copy, PublishedCopy):
                raise SourceError(f"Source {source} is no published copy", "name a folder of one")
            yield sites_of_copy(copy, seed=seed, generation=generation, changed=rate)
    elif generation > 1:
        raise SettingError("--generation does not go with --records", "leave one of them out")
    else:
        yield sites_of_records(records, seed=seed)
