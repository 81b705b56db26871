"""What a mediator writes down: notes, investigations (调查), session records (调解记录), photos."""

from enum import StrEnum

from handlers.mediating.parties import FOR_STAFF
from handlers.mediating.work import Work
from storage import cases
from storage.tables import CaseRow


class RecordKind(StrEnum):
    """Kinds of record; all are for the staff's eyes."""

    NOTE = "note"
    INVESTIGATION = "investigation"
    SESSION = "session"
    PHOTO = "photo"


async def keep_record(
    work: Work, case: CaseRow, kind: RecordKind, *, text: str, attachments: tuple[int, ...] = ()
) -> None:
    """Keep a record in the case's timeline."""
    await cases.attach_to_case(work.session, attachments, case_id=case.id)
    await work.record(case, kind.value, audience=FOR_STAFF, text=text, attachments=list(attachments))
