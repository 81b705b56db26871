"""Prints every statute entry beside the text of its articles, for checking by reading.

`python -m tests.bench.statute_texts FOLDER [--law NAME]`. FOLDER holds the texts of the laws, one Markdown
file each, named after the law and the day it was passed, 劳动法(2018-12-29).md, or its part (编), 总则.md.
An article begins its line: 第五条. Ends with an error when a law's text of that day, or an article in it, is
not there, or when a number of an entry stands in none of its articles.
"""

import argparse
import re
import sys
from pathlib import Path

from config.loading import CONFIG_DIR
from config.statutes import LawEntry, Statute, load_statutes

ARTICLE = re.compile(r"第([零一二三四五六七八九十百千]+)条(?!之)\s*(.*)")
NUMBER = re.compile(r"[零一二三四五六七八九十百千万]+|\d+")
DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")}
UNITS = {"十": 10, "百": 100, "千": 1000}


def read_number(text: str) -> int:
    """Read a Chinese number up to 99 990 000, or digits."""
    if text.isdigit():
        return int(text)
    if "万" in text:
        ten_thousands, _, rest = text.partition("万")
        return read_number(ten_thousands or "一") * 10_000 + read_number(rest or "零")
    total = digit = 0
    for char in text:
        if char in UNITS:
            total += (digit or 1) * UNITS[char]
            digit = 0
        else:
            digit = DIGITS[char]
    return total + digit


def read_articles(folder: Path, name: str, law: LawEntry) -> dict[int, str]:
    """Read the articles of a law by number; {} when the folder does not hold its text of that day."""
    stems = law.parts or (f"{law.title or name}({law.version})",)
    articles: dict[int, str] = {}
    for stem in stems:
        path = folder / f"{stem}.md"
        number = 0
        for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
            if found := ARTICLE.match(line):
                number = read_number(found[1])
                articles[number] = found[2]
            elif line.startswith("#"):
                number = 0
            elif number and line.strip():
                articles[number] += "\n" + line.strip()
    return articles


def doubts_of(statute: Statute, articles: dict[int, str]) -> list[str]:
    """Return what cannot be right by the articles' text."""
    if missing := [number for number in statute.articles if number not in articles]:
        return [f"no article {number}" for number in missing]
    text = "".join(articles[number] for number in statute.articles)
    stated = {read_number(found) for found in NUMBER.findall(text)}
    return [
        f"{found} stands in none of its articles"
        for found in NUMBER.findall(statute.text)
        if read_number(found) > 2 and read_number(found) not in stated
    ]


def main() -> None:
    """Print entry, articles and doubts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--law")
    options = parser.parse_args()
    statutes = load_statutes(CONFIG_DIR)
    texts = {name: read_articles(options.folder, name, law) for name, law in statutes.laws.by_name.items()}
    doubted = 0
    for statute in statutes.entries:
        if options.law not in {None, statute.law}:
            continue
        print(f"\n{statute.citation}\n  {statute.text}")
        articles = texts[statute.law]
        for number in statute.articles:
            print(f"    {number}: {articles.get(number, '')}")
        doubts = doubts_of(statute, articles)
        doubted += bool(doubts)
        for doubt in doubts:
            print(f"  ?? {doubt}")
    print(f"\n{doubted} entries to look at", file=sys.stderr)
    sys.exit(bool(doubted))


if __name__ == "__main__":
    main()
