"""The settings as ``docs/settings.md`` holds them."""

from pydantic import BaseModel, SecretStr
from pydantic_settings import BaseSettings

from mocast.settings.settings import Settings


def settings_table() -> str:
    """Return every setting, with a heading and a Markdown table for each group."""
    groups = [base for base in reversed(Settings.__bases__) if base is not BaseSettings]
    return "\n".join(_section(group) for group in groups)


def _section(group: type[BaseModel]) -> str:
    heading = (group.__doc__ or "").rstrip(".")
    rows = [f"## {heading}", "", "| flag | environment | default | what it sets |", "| --- | --- | --- | --- |"]
    for name, field in group.model_fields.items():
        default = "" if field.default in (None, "", SecretStr("")) else f"`{field.default}`"
        flag = name.replace("_", "-")
        rows.append(f"| `--{flag}` | `MOCAST_{name.upper()}` | {default} | {field.description} |")
    return "\n".join(rows) + "\n"
