"""Cuts a text into words with jieba, once per text."""

import logging
from collections.abc import Iterable

import jieba


class Segmenter:
    """A jieba tokenizer of our own with the words that its dictionary lacks (俺, 夜个, 宅基地界 ...)."""

    def __init__(self, words: Iterable[str]) -> None:
        jieba.setLogLevel(logging.WARNING)
        self._tokenizer = jieba.Tokenizer()
        self._tokenizer.initialize()
        for word in words:
            self._tokenizer.add_word(word)

    def cut(self, text: str) -> list[str]:
        """Return the words of a normalised text in order; joined they are the text."""
        words: list[str] = self._tokenizer.lcut(text, HMM=False)
        return words

    def boundaries(self, text: str) -> set[int]:
        """Return the offsets at which a word starts or ends, 0 and the length of the text included."""
        offsets, at = {0}, 0
        for word in self.cut(text):
            at += len(word)
            offsets.add(at)
        return offsets
