"""Calendar files (RFC 5545, 5546, 7986), made so that Google, Outlook and Apple show, move and remove them.

Single sessions in UTC need no time zone in the file, so no reader can shift them by an hour. Every file has a
METHOD, one ATTENDEE, a bare ORGANIZER, neutral words and the neutral join page; never a token.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from icalendar import Calendar, Conference, Event, vCalAddress, vDuration, vText, vUri

from scheduler.domain.invites import Invite, Method

PRODUCT = "-//Hearth//Calendar//EN"
FEED_REFRESH = timedelta(hours=1)


def write(invite: Invite, *, now: datetime) -> bytes:
    """Return one invite as a file with CRLF line ends, folded at 75 octets; ``now`` becomes its DTSTAMP."""
    calendar = _calendar()
    calendar.add("method", invite.method.value)
    event = _event(invite, now=now)
    event.add("organizer", vCalAddress(f"mailto:{invite.organizer}"))
    event.add("attendee", _attendee(invite))
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def write_feed(invites: Sequence[Invite], *, name: str, now: datetime) -> bytes:
    """Return a person's own feed under the neutral ``name``: no METHOD, no address, nothing cancelled."""
    calendar = _calendar()
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", vDuration(FEED_REFRESH), {"value": "DURATION"})
    calendar.add("x-published-ttl", vDuration(FEED_REFRESH))
    for invite in invites:
        if invite.method is Method.REQUEST:
            calendar.add_component(_event(invite, now=now))
    return bytes(calendar.to_ical())


def _calendar() -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    return calendar


def _event(invite: Invite, *, now: datetime) -> Event:
    event = Event()
    event.add("uid", vText(invite.uid))
    event.add("dtstamp", now)
    event.add("dtstart", invite.starts_at)
    event.add("dtend", invite.ends_at)
    event.add("sequence", invite.sequence)
    event.add("summary", invite.summary)
    event.add("status", "CANCELLED" if invite.method is Method.CANCEL else "CONFIRMED")
    event.add("class", "PRIVATE")
    event.add("transp", "OPAQUE")
    event.add("url", vUri(invite.url))
    if invite.has_video:
        event.add("conference", Conference(invite.url, feature="VIDEO", label=invite.summary).to_uri())
    return event


def _attendee(invite: Invite) -> vCalAddress:
    attendee = vCalAddress(f"mailto:{invite.attendee}")
    attendee.params["cutype"] = vText("INDIVIDUAL")
    attendee.params["role"] = vText("REQ-PARTICIPANT")
    attendee.params["partstat"] = vText("ACCEPTED")
    attendee.params["rsvp"] = vText("FALSE")
    return attendee
