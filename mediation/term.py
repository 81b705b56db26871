"""The term of a mediation (调解期限): its end, what is left, and pauses that do not count."""

from datetime import datetime

from mediation.calendar import Span, SpanUnit, WorkingCalendar


def days_left(calendar: WorkingCalendar, *, now: datetime, due_at: datetime) -> int:
    """Return how many days are left by the local calendar; negative when overdue, 0 on the last day."""
    zone = calendar.zone
    return (due_at.astimezone(zone).date() - now.astimezone(zone).date()).days


def after_pause(
    calendar: WorkingCalendar, *, due_at: datetime, paused_at: datetime, resumed_at: datetime, span: Span
) -> datetime:
    """Return the end of the term when the pause is not counted (医疗纠纷预防和处理条例 38).

    A term in working days keeps the working days that were left when it was paused; any other is moved
    by the length of the pause.
    """
    if span.unit is not SpanUnit.WORKING_DAY:
        return due_at + (resumed_at - paused_at)
    zone = calendar.zone
    last, day = due_at.astimezone(zone).date(), paused_at.astimezone(zone).date()
    left = 0
    while day < last:
        day = calendar.add_working_days(day, 1)
        left += day <= last
    return calendar.after(resumed_at, Span(amount=left, unit=SpanUnit.WORKING_DAY))
