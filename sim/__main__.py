"""`cabinet-sim`: the simulated ward. Nothing here ever touches a real lock."""

import sys
import time
from pathlib import Path

import click


@click.group(context_settings={"help_option_names": ["-h", "--help"]}, invoke_without_command=True)
@click.pass_context
def main(context: click.Context) -> None:
    """A whole ward made of memory: pharmacy, cabinet, drawers, people.

    Alone it shows the demonstration (`demo`). To see the rules at work, start with
    `cabinet-sim play tests/spec`: it plays the published rules as scenarios, through the whole
    simulated cabinet, in virtual time.
    """
    if context.invoked_subcommand is None:
        context.invoke(demo)


@main.command()
@click.argument(
    "places", metavar="FILE-OR-FOLDER...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option(
    "--artifacts",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="Leave logs, keys, databases and leases here, in one folder a scenario.",
)
@click.option("--seed", default=0, show_default=True, help="Makes keys and ids; runs repeat by it.")
@click.option("--tags", metavar="@TAG", help="Play only scenarios with this tag.")
def play(places: tuple[Path, ...], artifacts: Path | None, seed: int, tags: str | None) -> None:
    """Play Gherkin scenarios through the whole simulated cabinet, in virtual time.

    Exit status 0 when all hold, 1 otherwise. The first step that does not hold is named by file and
    line, with what was seen. The words are those of `cabinet-sim steps`.
    """
    from sim.play.feature import BadFeature, find_files, read_feature
    from sim.play.runner import play as play_scenario

    _quiet_logs()
    failures: list[str] = []
    played = 0
    began = time.monotonic()
    try:
        files = find_files(places)
    except BadFeature as bad:
        raise click.ClickException(str(bad)) from bad
    for path in files:
        try:
            scenarios = read_feature(path)
        except BadFeature as bad:
            failures.append(str(bad))
            click.echo(f"FAIL  {bad}")
            continue
        for scenario in scenarios:
            if tags and tags not in scenario.tags:
                continue
            outcome = play_scenario(scenario, seed=seed, artifacts=artifacts)
            played += 1
            word = "ok  " if outcome.held else "FAIL"
            click.echo(f"{word}  {scenario.path}:{scenario.line}  {scenario.name}")
            if not outcome.held:
                failures.append(outcome.failure)
                click.echo(f"      {outcome.failure}")
    seconds = time.monotonic() - began
    click.echo(f"{played} scenarios, {len(failures)} did not hold, {seconds:.1f} s.")
    if not played and not failures:
        click.echo("Nothing was played.")
    if failures:
        click.echo(f"First: {failures[0].splitlines()[0]}")
    sys.exit(1 if failures or not played else 0)


@main.command()
def steps() -> None:
    """Print every step that `play` understands, as docs/reference/steps.md holds it."""
    from sim.play.registry import reference

    click.echo(reference(), nl=False)


@main.command()
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(".demo"),
    show_default=True,
    help="Where everything is kept.",
)
@click.option("--fresh", is_flag=True, help="Throw the kept data away and start anew.")
@click.option(
    "--corpora",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="Feed third-party HL7 messages from this folder, changed as sim/feed/manifest.toml lists.",
)
@click.option("--port", default=8080, show_default=True, help="The cabinet's page.")
@click.option("--pharmacy-port", default=8081, show_default=True, help="The pharmacy's pages.")
@click.option("--mllp-port", default=2575, show_default=True, help="Where HL7 messages arrive.")
def demo(
    data: Path, fresh: bool, corpora: Path | None, port: int, pharmacy_port: int, mllp_port: int
) -> None:
    """Show a cabinet in the browser, beside the pharmacy's own pages. Ctrl-C stops.

    All addresses are on this machine only. Nothing here touches a real lock.
    """
    from sim.demo.house import Addresses, CannotServe
    from sim.demo.run import run

    _quiet_logs()
    addresses = Addresses(cabinet_port=port, pharmacy_port=pharmacy_port, mllp_port=mllp_port)
    try:
        run(data, addresses, fresh=fresh, corpora=corpora)
    except CannotServe as cannot:
        raise click.ClickException(str(cannot)) from cannot


def _quiet_logs() -> None:
    """Scenarios break things on purpose; the product's log lines would drown what is asked."""
    import logging

    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


if __name__ == "__main__":
    main()
