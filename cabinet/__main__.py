"""The `cabinet` command: each part of a real cabinet's life, none of the simulation's.

Real or simulated is decided by which program is started, so this one has no flag for it and refuses
an environment that would swap the metal. What goes wrong is said in sentences, all of them at once;
a traceback on this terminal is a defect.
"""

import os
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import ParamSpec

import click

from cabinet.logtool import log

CONFIG = Path("/etc/cabinet/cabinet.toml")
SYNC_CONFIG = Path("/etc/cabinet/sync.toml")
_P = ParamSpec("_P")


def _file(default: Path) -> Callable[[Callable[_P, None]], Callable[_P, None]]:
    return click.option(
        "--config",
        "config_path",
        type=click.Path(path_type=Path),
        default=default,
        show_default=True,
        help="The settings file; docs/reference/settings.md lists every key.",
    )


def _in_sentences(command: Callable[_P, None]) -> Callable[_P, None]:
    """Turn what this program raises on purpose into sentences and exit code 1."""

    @wraps(command)
    def run(*args: _P.args, **kwargs: _P.kwargs) -> None:
        from cabinet.config import ConfigError
        from cabinet.journal import JournalFailed
        from cabinet.keys import KeysError
        from cabinet.service import CannotStart
        from hal.factory import variable_set

        refused = variable_set(os.environ)
        if refused:
            _stop((refused,))
        try:
            command(*args, **kwargs)
        except CannotStart as answer:
            _stop(answer.sentences)
        except (ConfigError, KeysError, JournalFailed) as answer:
            _stop((str(answer),))
        except OSError as error:
            _stop((f"{error.filename or 'The system'}: {error.strerror}.",))

    return run


def _stop(sentences: tuple[str, ...]) -> None:
    for sentence in sentences:
        click.echo(f"- {sentence}" if len(sentences) > 1 else sentence, err=True)
    sys.exit(1)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """A hospital drug cabinet: opens one drawer for a reason it has written down.

    On a new machine: write the settings, `cabinet check`, `cabinet enrol`, then start the services
    `cabinet` and `cabinet-sync`. To see it without any hardware, use `cabinet-sim`.
    """


@main.command()
@_file(CONFIG)
@_in_sentences
def run(config_path: Path) -> None:
    """Control this cabinet until stopped (SIGTERM or Ctrl-C).

    Needs the hardware that the settings name. What is missing is listed, all of it, once; then this
    ends with exit code 1 and nothing was energised.
    """
    from cabinet.config import read_cabinet_config
    from cabinet.logs import to_stderr
    from cabinet.service import serve, stop_on_signals

    to_stderr()
    serve(read_cabinet_config(config_path), stop_on_signals())


@main.command()
@_file(SYNC_CONFIG)
@_in_sentences
def sync(config_path: Path) -> None:
    """Carry signed lines between the controller's socket and the pharmacy, until stopped.

    Runs as a user of its own, without devices and without keys of the log. A pharmacy that is away
    is tried again with growing pauses; nothing is lost meanwhile.
    """
    from cabinet.config import read_sync_config
    from cabinet.logs import to_stderr
    from cabinet.service import CannotStart, say_to_manager, stop_on_signals
    from cabinet.sync.process import run_sync

    to_stderr()
    config = read_sync_config(config_path)
    try:
        run_sync(config, stop_on_signals(), notify=say_to_manager())
    except ValueError as error:
        raise CannotStart(str(error)) from error


@main.command()
@_file(CONFIG)
@_in_sentences
def check(config_path: Path) -> None:
    """Say everything that keeps this machine from being a cabinet; change nothing.

    Reads the settings, looks for every line and device they name, at the keys and the journal.
    Exit code 0 when `cabinet run` would start.
    """
    from cabinet.config import read_cabinet_config
    from cabinet.service import CannotStart, what_is_missing

    config = read_cabinet_config(config_path)
    problems = what_is_missing(config)
    if problems:
        raise CannotStart(*problems)
    click.echo(f"Cabinet {config.cabinet.id} is complete: `cabinet run` can start.")


@main.command()
@_file(CONFIG)
@click.option(
    "--genesis",
    type=click.Path(path_type=Path),
    help="The genesis line the pharmacy answered with; installs it.",
)
@click.option(
    "--pharmacy-key",
    type=click.Path(path_type=Path),
    help="The pharmacy's public key (PEM) that you compared; needed with --genesis.",
)
@_in_sentences
def enrol(config_path: Path, genesis: Path | None, pharmacy_key: Path | None) -> None:
    """Make this cabinet's keys and show what the pharmacy must be told; then install its answer.

    Without options: makes the keys once, prints the request as JSON for the pharmacy and the
    fingerprint as words. Read the words to the pharmacist; they see the same. Run it again with
    --genesis and --pharmacy-key to finish.
    """
    import msgspec

    from cabinet.config import read_cabinet_config
    from cabinet.enrol import install, request
    from cabinet.ids import Ids
    from cabinet.service import CannotStart

    config = read_cabinet_config(config_path)
    if (genesis is None) != (pharmacy_key is None):
        raise CannotStart("--genesis and --pharmacy-key go together: one proves the other.")
    if genesis is not None and pharmacy_key is not None:
        epoch = install(config, genesis, pharmacy_key, Ids())
        click.echo(f"Cabinet {config.cabinet.id} is enrolled; epoch {epoch} begins.")
        return
    made = request(config, Ids())
    click.echo(msgspec.json.encode(made).decode("utf-8"))
    click.echo(f"Fingerprint, to be read to the pharmacist: {made.fingerprint}", err=True)


main.add_command(log)


if __name__ == "__main__":
    main()
