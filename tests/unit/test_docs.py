"""The documentation says what the code does: settings, commands, lifecycle, rule files, folders."""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from bot.commands import app
from config.loading import CONFIG_DIR
from config.settings import Settings
from mediation.lifecycle import as_markdown_table

ROOT = Path(__file__).parents[2]


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def setting_names(model: type[BaseModel], prefix: str = "FENGQIAO_") -> list[str]:
    names: list[str] = []
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            names += setting_names(kind, f"{prefix}{name.upper()}__")
        else:
            names.append(f"{prefix}{name.upper()}")
    return names


def test_every_setting_is_documented_and_nothing_else() -> None:
    documented = re.findall(r"^\| `(FENGQIAO_\w+)`", read("docs/settings.md"), flags=re.MULTILINE)
    assert sorted(documented) == sorted(setting_names(Settings))


def command_names() -> list[str]:
    names = [info.name for info in app.registered_commands if info.name]
    for group in app.registered_groups:
        assert group.typer_instance is not None
        names += [f"{group.name} {info.name}" for info in group.typer_instance.registered_commands]
    return names


@pytest.mark.parametrize("name", command_names())
def test_every_command_is_documented(name: str) -> None:
    assert f"`{name}" in read("docs/commands.md")


def test_the_lifecycle_table_is_the_one_of_the_code() -> None:
    assert as_markdown_table() in read("docs/lifecycle.md")


def test_every_rule_file_is_documented_and_exists() -> None:
    listed = re.findall(r"^\| `([\w./]+)`", read("docs/rules.md"), flags=re.MULTILINE)
    for name in listed:
        assert (CONFIG_DIR / name).exists(), name
    found = {
        str(path.relative_to(CONFIG_DIR))
        for path in (*CONFIG_DIR.rglob("*.yaml"), *CONFIG_DIR.rglob("*.csv"))
        if "understanding" not in path.parts
    }
    assert found == {name for name in listed if not name.endswith("/")}


def test_every_understanding_file_is_documented() -> None:
    text = read("docs/understanding.md")
    for path in (CONFIG_DIR / "rules" / "understanding").glob("*.yaml"):
        assert path.name in text, path.name


def test_every_folder_of_the_map_exists_and_every_package_is_on_it() -> None:
    listed = set(re.findall(r"^\| `(\w+)/`", read("README.md"), flags=re.MULTILINE))
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert packages | {"docs"} == listed


def test_links_between_documents_lead_somewhere() -> None:
    for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")):
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), f"{path.name} → {target}"
