"""The README's table of settings is what ``scheduler/settings.py`` says."""

from pathlib import Path

from scheduler.settings import Settings
from tests.conventions.house import ROOT

HEAD = ("| variable | default | what it is |", "|---|---|---|")


def test_the_readme_lists_every_setting_with_its_default() -> None:
    readme = (ROOT / "README.md").read_text().splitlines()
    start = readme.index(HEAD[0])
    table = [line for line in readme[start:] if line.startswith("|")][: 2 + len(Settings.model_fields)]

    assert "\n".join(table) == "\n".join(settings_table())


def settings_table() -> list[str]:
    """Return the lines of the table as they must be."""
    prefix = Settings.model_config["env_prefix"]
    return [
        *HEAD,
        *(
            f"| `{prefix}{name.upper()}` | {_default(name)} | {field.description} |"
            for name, field in Settings.model_fields.items()
        ),
    ]


def _default(name: str) -> str:
    field = Settings.model_fields[name]
    if field.is_required():
        return "**must be set**"
    value = field.get_default(call_default_factory=True, validated_data={})
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value in ("", []):
        return "empty"
    return f"`{value}`" if isinstance(value, int | Path) else str(value)
