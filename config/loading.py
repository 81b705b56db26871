"""Reads rule files strictly: every mistake names its file and line."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

ModelT = TypeVar("ModelT", bound=BaseModel)
CONFIG_DIR = Path(__file__).parent


class RuleModel(BaseModel):
    """Base of every rule file's schema: unknown keys are mistakes, values never change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True, slots=True)
class RuleMistake:
    """One mistake in one rule file; `line` counts from 1."""

    path: Path
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text}"


class RuleFileError(Exception):
    """A rule file cannot be used."""

    def __init__(self, mistakes: Sequence[RuleMistake]) -> None:
        super().__init__("\n".join(str(mistake) for mistake in mistakes))
        self.mistakes = tuple(mistakes)


class _StrictLoader(yaml.CSafeLoader):
    """The safe loader in C (the one in Python takes ten times as long) that refuses a key written twice."""


def _construct_mapping(loader: _StrictLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in seen:
            raise yaml.constructor.ConstructorError(None, None, f"key {key!r} twice", key_node.start_mark)
        seen[key] = loader.construct_object(value_node, deep=True)
    return seen


_StrictLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _construct_mapping)


def load_rules(path: Path, model: type[ModelT]) -> ModelT:
    """Read one YAML rule file into its schema; raises RuleFileError."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RuleFileError([RuleMistake(path, 1, str(error))]) from error
    loader = _StrictLoader(text)
    try:
        root = loader.get_single_node()
        content = loader.construct_document(root) if root else {}
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise RuleFileError([RuleMistake(path, line, error.problem or "not readable")]) from error
    finally:
        loader.dispose()
    try:
        return model.model_validate(content)
    except ValidationError as error:
        mistakes = [
            RuleMistake(
                path, _line_of(root, item["loc"]), f"{'.'.join(map(str, item['loc']))}: {item['msg']}"
            )
            for item in error.errors()
        ]
        raise RuleFileError(mistakes) from error


def _line_of(node: yaml.Node | None, location: tuple[int | str, ...]) -> int:
    """Follow a pydantic error location down the YAML tree as far as it goes."""
    line = node.start_mark.line + 1 if node else 1
    for step in location:
        if isinstance(node, yaml.MappingNode):
            found = next(((key, value) for key, value in node.value if key.value == str(step)), None)
            if found is None:
                break
            line, node = found[0].start_mark.line + 1, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line + 1
        else:
            break
    return line


def load_rows(path: Path, model: type[ModelT]) -> tuple[ModelT, ...]:
    """Read a CSV rule file with a header line into one model per row; raises RuleFileError.

    A row with a mistake is named with its line in the file; empty cells are left to the model's defaults.
    """
    mistakes: list[RuleMistake] = []
    rows: list[ModelT] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            for cells in reader:
                try:
                    rows.append(model.model_validate({key: value for key, value in cells.items() if value}))
                except ValidationError as error:
                    mistakes += [
                        RuleMistake(
                            path, reader.line_num, f"{'.'.join(map(str, item['loc']))}: {item['msg']}"
                        )
                        for item in error.errors()
                    ]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise RuleFileError([RuleMistake(path, 1, str(error))]) from error
    if mistakes:
        raise RuleFileError(mistakes)
    return tuple(rows)
