"""Makes pinyin.yaml: how each Chinese character sounds, without tone, as pypinyin's table has it.

The table itself would take twelve megabytes of every process; the sounds written together a tenth of one.
"""

import argparse
from collections import defaultdict

from pypinyin import lazy_pinyin

from config.loading import CONFIG_DIR

PATH = CONFIG_DIR / "rules" / "understanding" / "pinyin.yaml"
CHARACTERS = range(0x4E00, 0xA000)
"""The unified ideographs of Unicode's basic plane; what lies beyond has no sound here."""
HEADER = (
    "# 每个音（不带声调）的字，地名的谐音靠它；从 pypinyin 的字表（MIT）做出：",
    "# python -m tests.bench.pinyin --write。",
    "# 一个字只有一个音，取最常用的；哪个字在这里的地名中念别的音，挪到那个音的后面就行。",
    "",
    "syllables:",
)


def list_lines() -> list[str]:
    """Return the lines of the file."""
    spoken: dict[str, list[str]] = defaultdict(list)
    for codepoint in CHARACTERS:
        character = chr(codepoint)
        syllable = lazy_pinyin(character)[0]
        if syllable != character:
            spoken[syllable].append(character)
    # Quoted, since some syllables are words of YAML (n, no, yes).
    return [
        *HEADER,
        *(f'  "{syllable}": {"".join(characters)}' for syllable, characters in sorted(spoken.items())),
    ]


def main() -> None:
    """Print the file, or write it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="replace the rule file")
    text = "\n".join(list_lines()) + "\n"
    if parser.parse_args().write:
        PATH.write_text(text, encoding="utf-8")
    else:
        print(text, end="")


if __name__ == "__main__":
    main()
