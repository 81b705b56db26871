"""Cuts a text into words with jieba's dictionary, once per text."""

import logging
import string
from collections.abc import Iterable
from math import log

import jieba

_WORD_CHARACTERS = frozenset(string.ascii_letters + string.digits)


class Segmenter:
    """jieba with the words that its dictionary lacks (俺, 夜个, 宅基地界 ...).

    They are added to jieba's own tokenizer: a second one would hold the whole dictionary once more (70 MB).
    """

    def __init__(self, words: Iterable[str]) -> None:
        jieba.setLogLevel(logging.WARNING)
        tokenizer = jieba.dt
        tokenizer.initialize()
        for word in words:
            tokenizer.add_word(word)
        self._frequencies: dict[str, int] = tokenizer.FREQ
        self._log_of_all = log(tokenizer.total)

    def boundaries(self, text: str) -> set[int]:
        """Return the offsets at which a word starts or ends, 0 and the length of the text included.

        They are those of `jieba.lcut(text, HMM=False)`: the likeliest way through the dictionary's words.
        Only the offsets are wanted here, which takes half the time. A word is no longer than the
        dictionary's longest, so the time is linear in the length of the text.
        """
        frequency_of, log_of_all, length = self._frequencies.get, self._log_of_all, len(text)
        likelihood, ends = [0.0] * (length + 1), [0] * length
        for start in range(length - 1, -1, -1):
            end = best_end = start + 1
            frequency = frequency_of(text[start])
            best = log(frequency or 1) - log_of_all + likelihood[end]
            # The dictionary holds every beginning of its words, with frequency 0 where it is no word.
            while frequency is not None and end < length:
                end += 1
                frequency = frequency_of(text[start:end])
                if frequency:
                    found = log(frequency) - log_of_all + likelihood[end]
                    if found >= best:
                        best, best_end = found, end
            likelihood[start], ends[start] = best, best_end
        offsets, at = {0}, 0
        while at < length:
            at = ends[at]
            if at == length or text[at] not in _WORD_CHARACTERS or text[at - 1] not in _WORD_CHARACTERS:
                offsets.add(at)
        return offsets
