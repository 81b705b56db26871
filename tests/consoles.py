"""A console for tests: a running service, operators of every role who click and post, cases to look at."""

import itertools
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path

import aiohttp
from yarl import URL

from handlers.signing_in import Role, add_operator
from storage.console_tables import OperatorRow
from tests.phones import Town, TurnedClock, open_town

PASSWORD = "a password of the tests"
CASE_NO = re.compile(r"漯调\d{4}-\d+")
MOST_ANSWERS = 6
TOKEN = re.compile(r'name="csrf" value="([^"]+)"')
STORY = "俺是杜曲镇北徐庄的，东边邻居李四盖房占了俺家宅基地半米，还把水沟堵了，电话13800001234"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the console answered."""

    status: int
    text: str
    headers: Mapping[str, str]
    path: str

    @property
    def words(self) -> str:
        """The page without its markup."""
        body = re.sub(r"<(script|style)[^>]*>.*?</\1>", " ", self.text, flags=re.DOTALL)
        return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))


@dataclass
class Browser:
    """One operator's browser: keeps cookies, follows redirects, posts the token of the page it saw last."""

    base: URL
    http: aiohttp.ClientSession
    operator: OperatorRow | None = None
    page: str = ""
    history: list[str] = field(default_factory=list)

    async def get(
        self, path: str, *, follow: bool = True, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Open a page."""
        async with self.http.get(
            self.base.join(URL(path)), allow_redirects=follow, headers=headers
        ) as response:
            return await self._keep(response)

    async def post(
        self,
        path: str,
        fields: Mapping[str, str] | None = None,
        *,
        csrf: str | None = None,
        follow: bool = True,
    ) -> Answer:
        """Post a form; the synchroniser token is that of the page seen last unless another is given."""
        found = TOKEN.search(self.page)
        token = csrf if csrf is not None else (found[1] if found else "")
        async with self.http.post(
            self.base.join(URL(path)), data={**(fields or {}), "csrf": token}, allow_redirects=follow
        ) as response:
            return await self._keep(response)

    async def _keep(self, response: aiohttp.ClientResponse) -> Answer:
        is_text = response.content_type.startswith(("text/", "application/json"))
        text = await response.text() if is_text else ""
        if TOKEN.search(text):
            self.page = text
        self.history.append(str(response.url))
        return Answer(status=response.status, text=text, headers=response.headers, path=response.url.path)

    @property
    def cookie(self) -> str:
        """The value of the session's cookie, "" when there is none."""
        found = self.http.cookie_jar.filter_cookies(self.base).get("fengqiao")
        return found.value if found else ""


class ConsoleStage:
    """A town with a console: `town` has the phones, `enter` gives signed-in browsers."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.running = town.running
        self.service = town.running.service
        self.clock = town.clock
        self._browsers: list[aiohttp.ClientSession] = []
        self._numbers = itertools.count(1)

    @property
    def base(self) -> URL:
        """The console's address."""
        return self.town.server.make_url("/")

    async def add_operator(
        self, role: Role | str, *, area: str = "", login: str = "", must_change: bool = False
    ) -> OperatorRow:
        """Add an operator whose password is PASSWORD."""
        role = Role(role)
        async with self.service.database.unit_of_work() as session:
            row, _ = await add_operator(
                session,
                login=login or f"{role}{next(self._numbers)}",
                name=f"测试{role}",
                role=role,
                area=area,
                now=self.clock(),
                password=PASSWORD,
            )
            row.must_change = must_change
            await session.commit()
        return row

    def stranger(self) -> Browser:
        """A browser of nobody."""
        http = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        self._browsers.append(http)
        return Browser(base=self.base, http=http)

    async def enter(self, role: Role | str, *, area: str = "", login: str = "") -> Browser:
        """Add an operator and sign in."""
        operator = await self.add_operator(role, area=area, login=login)
        return await self.sign_in(operator)

    async def sign_in(self, operator: OperatorRow) -> Browser:
        """Sign an operator in in a browser of its own."""
        browser = self.stranger()
        browser.operator = operator
        await browser.get("/login")
        answer = await browser.post("/login", {"login": operator.login, "password": PASSWORD}, follow=False)
        assert answer.status == 303, answer.words
        return browser

    async def file_case(self, *, openid: str = "o-resident", story: str = STORY, name: str = "王大爷") -> str:
        """Let a resident tell a story in chat until the case has its number; returns the number."""
        phone = self.town.phone(openid)
        reply = await phone.say(story)
        for _ in range(MOST_ANSWERS):
            found = CASE_NO.search(reply)
            if found:
                return found[0]
            reply = await phone.say(name if "怎么称呼" in reply else "1")
        raise AssertionError(reply)

    async def close(self) -> None:
        """Close all browsers."""
        for http in self._browsers:
            await http.close()


@asynccontextmanager
async def open_console(
    *, database_url: str, redis_url: str, clock: TurnedClock, folder: Path
) -> AsyncIterator[ConsoleStage]:
    """Run a service with its console on a prepared database."""
    async with open_town(database_url=database_url, redis_url=redis_url, clock=clock, folder=folder) as town:
        stage = ConsoleStage(town)
        try:
            yield stage
        finally:
            await stage.close()
