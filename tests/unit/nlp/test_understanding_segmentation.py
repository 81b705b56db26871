"""Where words begin and end."""

import json

import jieba
import pytest

from nlp.segmentation import Segmenter
from tests.bench.score import DATA


def jieba_offsets(text: str) -> set[int]:
    offsets, at = {0}, 0
    for word in jieba.lcut(text, HMM=False):
        at += len(word)
        offsets.add(at)
    return offsets


def test_words_end_where_jieba_ends_them() -> None:
    segmenter = Segmenter([])
    lines = (DATA / "messages_dev.jsonl").read_text(encoding="utf-8").splitlines()
    texts = [json.loads(line)["text"] for line in lines]
    same = [segmenter.boundaries(text) == jieba_offsets(text) for text in texts]
    assert sum(same) >= 0.98 * len(same)  # paths that are equally likely may differ


@pytest.mark.parametrize(("text", "offsets"), [("", {0}), ("打110", {0, 1, 4}), ("宅基地", {0, 3})])
def test_numbers_stay_whole_and_added_words_are_words(text: str, offsets: set[int]) -> None:
    assert Segmenter(["宅基地"]).boundaries(text) == offsets
