"""``mocast completion``: scripts with which shells complete commands, flags and their values.

What there is to complete comes from the commands' own parsers, those that ``--help`` prints.
"""

import argparse
import contextlib
import io
import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

Commands = Mapping[str, Callable[[list[str]], int]]

TAKES_FLAGS_OF: Final = {"service": "serve"}
"""Commands that take another's flags beside their own."""

_CHOICES: Final = re.compile(r"\{([a-z][\w.,-]*)\}")
"""A metavar that lists choices; those that list types begin with capital letters or are builtins."""
_TYPES: Final = {"str", "int", "float", "bool", "null"}


@dataclass(frozen=True, slots=True)
class Flag:
    """A flag of a command."""

    name: str
    "With its dashes."
    takes_value: bool
    choices: tuple[str, ...]
    "Of its value, where that is one of few."
    help: str


@dataclass(frozen=True, slots=True)
class Command:
    """A command, and what may follow it."""

    name: str
    help: str
    words: tuple[str, ...]
    "What its first argument may be, where that is one of few."
    flags: tuple[Flag, ...]


class _Shown(BaseException):
    """Carries a parser out of a command that was asked for its help."""

    def __init__(self, parser: argparse.ArgumentParser) -> None:
        self.parser = parser


def completion(words: Sequence[str], commands: Commands) -> int:
    """Run the command; return the process's exit status."""
    parser = argparse.ArgumentParser(
        "mocast completion",
        description="A script for a shell, which completes Mocast's commands and flags.",
        epilog='bash: eval "$(mocast completion bash)" in ~/.bashrc; zsh: the same in ~/.zshrc, after compinit; '
        "fish: mocast completion fish >~/.config/fish/completions/mocast.fish",
    )
    parser.add_argument("shell", choices=SCRIPTS)
    shell = parser.parse_args(words).shell
    print(SCRIPTS[shell](list(described(commands))), end="")
    return 0


def described(commands: Commands) -> Iterator[Command]:
    """Yield what each command takes."""
    read = {name: _read(_parser(command)) for name, command in commands.items()}
    for name, (words, flags) in read.items():
        more = [flag for flag in read[TAKES_FLAGS_OF.get(name, name)][1] if flag not in flags]
        yield Command(name, " ".join((commands[name].__doc__ or "").split()), words, (*flags, *more))


def _parser(command: Callable[[list[str]], int]) -> argparse.ArgumentParser | None:
    """The parser of a command that has one, as it is when it is about to print its help."""

    def show(parser: argparse.ArgumentParser, file: object = None) -> None:
        raise _Shown(parser)

    theirs = argparse.ArgumentParser.print_help
    argparse.ArgumentParser.print_help = show  # type: ignore[assignment,method-assign]
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            command(["--help"])
    except _Shown as shown:
        return shown.parser
    finally:
        argparse.ArgumentParser.print_help = theirs  # type: ignore[method-assign]
    return None


def _read(parser: argparse.ArgumentParser | None) -> tuple[tuple[str, ...], tuple[Flag, ...]]:
    words: tuple[str, ...] = ()
    flags = []
    for action in parser._actions if parser is not None else ():
        if action.help == argparse.SUPPRESS:  # for programs
            continue
        choices = tuple(map(str, action.choices or _listed(action.metavar)))
        if not action.option_strings:
            words = words or choices
            continue
        takes_value = action.nargs != 0
        said = re.sub(r"\s*\((default|ge|le).*", "", " ".join((action.help or "").split())).partition(". ")[0]
        flags += [Flag(one, takes_value, choices, said) for one in action.option_strings if one[:2] == "--"]
    return words, tuple(flags)


def _listed(metavar: object) -> list[str]:
    found = _CHOICES.fullmatch(str(metavar))
    choices = found[1].split(",") if found else []
    return [] if _TYPES & set(choices) else choices


def _bash(commands: list[Command]) -> str:
    cases = [
        f"    {_patterns(command, flags)}) {f'words={_joined(choices)}' if choices else 'return'} ;;"
        for command in commands
        for choices, flags in _by_choices(command).items()
    ]
    rest = [f"    {shlex.quote(one.name)}' '*) words={_joined(_next(one))} ;;" for one in commands]
    return f"""\
_mocast() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} words=
  # Readline takes --flag=value for three words.
  [[ $before == = ]] && before=${{COMP_WORDS[COMP_CWORD-2]}}
  [[ $word == = ]] && word=
  ((COMP_CWORD == 1)) && before=
  case "${{COMP_WORDS[1]}} $before" in
    *' ') words={_joined(one.name for one in commands)} ;;
{_lines(cases)}
{_lines(rest)}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}}
complete -o default -F _mocast mocast
"""


def _zsh(commands: list[Command]) -> str:
    cases = [
        f"    {_patterns(command, flags)}) {f'compadd -- {_joined(choices, bare=True)}' if choices else '_files'} ;;"
        for command in commands
        for choices, flags in _by_choices(command).items()
    ]
    rest = []
    for command in commands:
        words = f"compadd -- {_joined(command.words, bare=True)}" if command.words else "_files"
        flags = " ".join(shlex.quote(f"{flag.name}:{flag.help}") for flag in command.flags)
        rest.append(f"    {shlex.quote(command.name)}' '*) flags=({flags}); _describe -o flag flags || {words} ;;")
    names = " ".join(shlex.quote(f"{one.name}:{one.help}") for one in commands)
    return f"""\
#compdef mocast
_mocast() {{
  local before=$words[CURRENT-1]
  local -a commands flags
  if ((CURRENT == 2)); then
    commands=({names})
    _describe command commands
    return
  fi
  if [[ $PREFIX == --*=* ]]; then
    before=${{PREFIX%%=*}}
    compset -P '*='
  fi
  case "$words[2] $before" in
{_lines(cases)}
{_lines(rest)}
  esac
}}
compdef _mocast mocast
"""


def _fish(commands: list[Command]) -> str:
    lines = []
    for command in commands:
        lines.append(f"-n __fish_use_subcommand -f -a {command.name} -d {_fish_quoted(command.help)}")
        within = f"-n '__fish_seen_subcommand_from {command.name}'"
        if command.words:
            lines.append(f"{within} -f -a {_fish_quoted(' '.join(command.words))}")
        for flag in command.flags:
            value = f" -x -a {_fish_quoted(' '.join(flag.choices))}" if flag.choices else " -r" * flag.takes_value
            lines.append(f"{within} -l {flag.name[2:]}{value} -d {_fish_quoted(flag.help)}")
    return "".join(f"complete -c mocast {line}\n" for line in lines)


SCRIPTS: Final[dict[str, Callable[[list[Command]], str]]] = {"bash": _bash, "zsh": _zsh, "fish": _fish}
"""Shell → what makes its script."""


def _by_choices(command: Command) -> dict[tuple[str, ...], list[str]]:
    """Flags that take a value, by what it may be; ``()``: anything, for which a shell completes files."""
    found: dict[tuple[str, ...], list[str]] = {}
    for flag in command.flags:
        if flag.takes_value:
            found.setdefault(flag.choices, []).append(flag.name)
    return found


def _patterns(command: Command, flags: list[str]) -> str:
    return "|".join(shlex.quote(f"{command.name} {flag}") for flag in flags)


def _next(command: Command) -> list[str]:
    return [*command.words, *(flag.name for flag in command.flags)]


def _joined(words: Iterable[str], *, bare: bool = False) -> str:
    return shlex.join(words) if bare else shlex.quote(" ".join(words))


def _lines(lines: list[str]) -> str:
    return "\n".join(lines)


def _fish_quoted(text: str) -> str:
    quoted = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{quoted}'"
