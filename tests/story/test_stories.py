"""Whole dialogues as files: who says what, what everybody hears, on every database.

Beside each story stands its transcript: every sentence that every phone showed. `pytest tests/story
--write-transcripts` writes them anew; the differences are to be read before they are committed.
"""

import re
from datetime import timedelta
from difflib import unified_diff
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.phones import Phone, Town, TurnedClock, open_town
from tests.story.transcript import FOLDER, tell_step

STORIES = sorted((Path(__file__).parent / "stories").glob("*.yaml"))
STEP_KEYS = {"answer", "absent", "rings", "silent", "unheard"}
WRITE = "--write-transcripts"
HEARD_CODE = re.compile(r"<(\d)位码(?:@(\w+))?>")


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
async def test_everybody_hears_what_the_story_tells(
    path: Path,
    database_url: str,
    redis_url: str,
    clock: TurnedClock,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    story = yaml.safe_load(path.read_text(encoding="utf-8"))
    async with open_town(
        database_url=database_url, redis_url=redis_url, clock=clock, folder=tmp_path
    ) as town:
        for openid, mediator in story.get("mediators", {}).items():
            await town.bind(mediator["committee"], mediator["name"], openid)
        told = [f"{story['title']}\n"]
        for number, entry in enumerate(story["steps"], start=1):
            already = len(town.heard)
            await _act(town, entry, where=f"{path.name} step {number}")
            done = {key: value for key, value in entry.items() if key not in STEP_KEYS}
            told.append(tell_step(number, done, town.heard[already:]))
    _compare(FOLDER / f"{path.stem}.txt", "\n".join(told), write=request.config.getoption(WRITE))


def _compare(transcript: Path, told: str, *, write: bool) -> None:
    if write:
        transcript.write_text(told, encoding="utf-8")
    expected = transcript.read_text(encoding="utf-8") if transcript.exists() else ""
    lines = unified_diff(expected.splitlines(), told.splitlines(), transcript.name, "heard now", lineterm="")
    if told != expected:
        pytest.fail("\n".join(lines), pytrace=False)


def test_every_transcript_has_its_story() -> None:
    assert {path.stem for path in FOLDER.glob("*.txt")} == {path.stem for path in STORIES}


async def _act(town: Town, entry: dict[str, Any], *, where: str) -> None:
    before = {openid: len(phone.seen) for openid, phone in town.phones.items()}
    reply, speaker = "", None
    for key, value in entry.items():
        if key == "pass_minutes":
            await town.pass_time(timedelta(minutes=value))
        elif key == "pass_days":
            await town.pass_time(timedelta(days=value), by=timedelta(hours=1))
        elif key == "bind":
            await town.bind(**value)
        elif key == "calls":
            await town.answer_call(**value)
        elif key not in STEP_KEYS:
            speaker = town.phone(key)
            reply = await _say(speaker, value)
    await town.settle()
    for fragment in map(str, entry.get("answer", [])):
        assert fragment in reply, f"{where}: {fragment!r} is missing in\n{reply}"
    for fragment in entry.get("absent", []):
        assert fragment not in reply, f"{where}: {fragment!r} should not be in\n{reply}"
    for openid, fragments in entry.get("rings", {}).items():
        heard = town.phone(openid).seen[
            before.get(openid, 0) + (speaker is town.phone(openid) and reply != "") :
        ]
        for fragment in map(str, fragments):
            assert any(fragment in text for text in heard), (
                f"{where}: {openid} should hear {fragment!r}: {heard}"
            )
    for openid, fragments in entry.get("unheard", {}).items():
        heard = "\n".join(town.phone(openid).seen[before.get(openid, 0) :])
        for fragment in map(str, fragments):
            assert fragment not in heard, f"{where}: {openid} must never hear {fragment!r}: {heard}"
    for openid in entry.get("silent", []):
        heard = town.phone(openid).seen[before.get(openid, 0) :]
        assert not heard, f"{where}: {openid} should hear nothing, but heard {heard}"


async def _say(phone: Phone, value: str | dict[str, Any]) -> str:
    """Say a text; <6位码> is the last code of six digits on the own phone, <8位码@jia> one that jia heard."""
    if not isinstance(value, str):
        return await phone.send(**value)
    for found in list(HEARD_CODE.finditer(value)):
        other = phone.town.phone(found[2]) if found[2] else phone
        codes = re.findall(rf"(?<![\d-])\d{{{found[1]}}}(?!\d)", "\n".join(other.seen))
        value = value.replace(found[0], codes[-1])
    return await phone.say(value)
