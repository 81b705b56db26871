"""Labels of texts that are not ours to keep refer to them."""

import json
from hashlib import sha256
from pathlib import Path

import pytest

from tests.bench.score import is_red, read_labels

TEXT = "合伙开店，他把钱都拿走了"


def write(folder: Path, *, digits: str) -> Path:
    (folder / "asked.jsonl").write_text(json.dumps({"text": TEXT}) + "\n", encoding="utf-8")
    label = {
        "source": "asked",
        "line": 1,
        "sha256": digits,
        "intent": "complaint",
        "type": "contract",
        "red": True,
    }
    path = folder / "labels.jsonl"
    path.write_text(json.dumps(label) + "\n", encoding="utf-8")
    return path


def test_a_text_is_read_from_the_folder(tmp_path: Path) -> None:
    [label] = read_labels(write(tmp_path, digits=sha256(TEXT.encode()).hexdigest()[:12]), tmp_path)
    assert (label["id"], label["text"], label["also"]) == ("asked-1", TEXT, [])
    assert is_red(label)


def test_another_text_than_the_labelled_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"asked\.jsonl:1"):
        read_labels(write(tmp_path, digits="0" * 12), tmp_path)
