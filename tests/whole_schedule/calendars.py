"""Everybody's own calendar, fed by nothing but the files in the mail that they got."""

from datetime import UTC, datetime
from email.message import EmailMessage

from scheduler.domain.invites import uid_of
from scheduler.storage import tables
from tests.conftest import FakeMail
from tests.gateways.calendar_files import event, value
from tests.whole_schedule.kept import Kept
from tests.whole_schedule.world import World

Entry = tuple[str, str]  # an address and a UID
Shown = tuple[int, datetime | None]


class Calendars:
    """What each calendar shows, by address and UID: sequence and start, None once it is taken out."""

    def __init__(self, host: str, mail: FakeMail) -> None:
        self._host, self._mail = host, mail
        self._shown: dict[Entry, Shown] = {}

    def read(self) -> None:
        """Take in what was mailed since; of one entry, each file has a higher sequence than the last."""
        for message in self._mail.sent:
            for file in _files(message):
                key, sequence = (str(message["To"]), value(file, "UID")), int(value(file, "SEQUENCE"))
                assert sequence > self._shown.get(key, (-1, None))[0]
                is_on = value(file, "METHOD") == "REQUEST"
                self._shown[key] = sequence, _moment(file) if is_on else None
        self._mail.sent.clear()

    def check(self, kept: Kept, world: World) -> None:
        """Each calendar shows exactly the sessions in which its owner has a place, at their times.

        What an act of several transactions still gathers, to be told at once, is looked at later.
        """
        address_of = {one.id: one.email for one in (*world.clinicians, *world.family_people)}

        def entry(person_id: str, session_id: str) -> tuple[str, str]:
            uid = uid_of(person_id=person_id, session_id=session_id, host=self._host)
            return address_of[person_id], uid

        due = {
            entry(seat.person_id, session.id): (seat.sequence, session.starts_at)
            for session in kept.live()
            for seat in kept.seats(session.id)
        }
        gathered = {
            entry(row.person_id, row.session_id)
            for row in kept.all(tables.notices)
            if row.act_id and row.status == "queued" and row.next_attempt_at > kept.at
        }
        shown = {key: one for key, one in self._shown.items() if one[1] is not None}
        assert _without(gathered, shown) == _without(gathered, due)

    def __len__(self) -> int:
        """Return how many entries there ever were."""
        return len(self._shown)


def _without(left_out: set[Entry], shown: dict[Entry, Shown]) -> dict[Entry, Shown]:
    return {key: one for key, one in shown.items() if key not in left_out}


def _files(message: EmailMessage) -> list[bytes]:
    parts = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
    return [bytes(part.get_payload(decode=True)) for part in parts]


def _moment(file: bytes) -> datetime:
    (starts,) = event(file)["DTSTART"]
    return datetime.strptime(starts.value, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
