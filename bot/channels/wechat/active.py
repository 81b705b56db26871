"""How the delivery ladder and the file fetcher use the public account."""

from bot.channels.wechat.client import WeChatClient
from bot.channels.wechat.errors import CallError
from handlers.attaching import CannotFetchError, Fetched
from handlers.delivering import Parcel
from handlers.messages import ChannelTraits
from handlers.outcomes import Outcome
from handlers.service import Service

CHANNEL = "wechat"
TRAITS = ChannelTraits(name=CHANNEL, max_text_bytes=2048)
SERVICE, TEMPLATE = "service", "template"


class WeChatActive:
    """Customer-service message inside its window, else the template message."""

    def __init__(self, client: WeChatClient, *, service: Service, has_template: bool) -> None:
        self._client = client
        self._service = service
        self._has_template = has_template

    def rungs(self, parcel: Parcel) -> tuple[str, ...]:
        """Return the ways that may work now; without a template the window is tried in any case."""
        template = (TEMPLATE,) if self._has_template and parcel.brief else ()
        if parcel.window_open or not template:
            return (SERVICE, *template)
        return template

    async def send(self, rung: str, parcel: Parcel) -> Outcome:
        """Send by one way; never raises."""
        message_id = f"fq{parcel.outbox_id}"
        if rung == SERVICE:
            return await self._client.send_text(parcel.address, parcel.text, client_msg_id=message_id)
        brief = parcel.brief or {}
        rules = self._service.rules.delivery
        values = {
            field: brief.get(source)
            or ("-" if field.startswith("character_string") else rules.template_empty)
            for field, source in rules.template_fields.items()
        }
        return await self._client.send_template(
            parcel.address,
            values,
            url=None,
            client_msg_id=f"{message_id}t",
        )

    async def fetch(self, media_id: str) -> Fetched:
        """Fetch a file; raises CannotFetchError."""
        try:
            media = await self._client.download_media(media_id)
        except CallError as error:
            raise CannotFetchError(error.code) from error
        return Fetched(content=media.content, content_type=media.content_type)
