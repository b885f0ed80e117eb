"""Reads the settings from a command's flags and the environment."""

import difflib
import os
import sys

from pydantic import ValidationError
from pydantic_settings import CliApp, SettingsError

from mocast.settings.settings import Settings
from mocast.settings.unknown_variables import unknown_variables


def read_settings(flags: list[str], command: str) -> Settings | None:
    """Return the settings of flags and environment; ``None`` after saying on standard error what is wrong with them.

    Flags win. ``command``: the name that ``--help`` and errors show, such as ``serve``.
    """
    unknown = unknown_variables(os.environ)
    for sentence in unknown:
        print(f"mocast: {sentence}", file=sys.stderr)
    if unknown:
        return None
    try:
        settings: Settings = CliApp.run(_named(command), cli_args=flags)
    except ValidationError as error:
        for problem in error.errors():
            name = ".".join(str(part) for part in problem["loc"]).replace("_", "-")
            told = problem["msg"].removeprefix("Value error, ")  # which pydantic begins a validator's own sentence with
            print(f"mocast: {'--' + name + ': ' if name else ''}{told}", file=sys.stderr)
        return None
    except SettingsError as error:
        print(f"mocast {command}: {_flag_error(str(error))} mocast {command} --help lists all flags.", file=sys.stderr)
        return None
    return settings


def _flag_error(told: str) -> str:
    """Return argparse's error as sentences, with the existing flags that are nearest to unknown ones."""
    told = told.removeprefix("error parsing CLI: ")
    unknown = told.removeprefix("unrecognized arguments: ")
    if unknown == told:
        return f"{told}."
    known = [f"--{name.replace('_', '-')}" for name in Settings.model_fields]
    nearest = [
        near for word in unknown.split() for near in difflib.get_close_matches(word.partition("=")[0], known, n=1)
    ]
    return f"{told}." + (f" Did you mean {' and '.join(nearest)}?" if nearest else "")


def _named(command: str) -> type[Settings]:
    """Return the class of the settings with the command's name in its ``--help``."""
    return type(
        "Settings",
        (Settings,),
        {
            "__doc__": Settings.__doc__,
            "model_config": {
                **Settings.model_config,
                "cli_prog_name": f"mocast {command}",
                "cli_exit_on_error": False,
            },
        },
    )
