"""Days as an iCalendar object, by the library `icalendar`."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from callwarden.model.procedure import CalendarDay


class ICalendarFeed:
    """`callwarden.ports.calendar_feed.CalendarFeed`."""

    def render(self, days: Sequence[CalendarDay], *, made_at: datetime) -> bytes:
        from icalendar import Calendar, Event

        calendar = Calendar()
        calendar.add("prodid", "-//callwarden//cases//EN")
        calendar.add("version", "2.0")
        for day in days:
            event = Event()
            event.add("uid", day.uid)
            event.add("dtstamp", made_at)
            event.add("dtstart", day.on)
            event.add("dtend", day.on + timedelta(days=1))
            event.add("summary", day.says)
            event.add("class", "CONFIDENTIAL")
            event.add("transp", "TRANSPARENT")
            calendar.add_component(event)
        content: bytes = calendar.to_ical()
        return content
