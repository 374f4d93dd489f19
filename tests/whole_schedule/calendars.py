"""Everybody's own calendar, fed by nothing but the files in the mail that they got."""

from datetime import UTC, datetime
from email.message import EmailMessage

from scheduler.domain.invites import uid_of
from tests.conftest import FakeMail
from tests.gateways.calendar_files import event, value
from tests.whole_schedule.kept import Kept
from tests.whole_schedule.world import World


class Calendars:
    """What each calendar shows, by address and UID: sequence and start, None once it is taken out."""

    def __init__(self, host: str, mail: FakeMail) -> None:
        self._host, self._mail = host, mail
        self._shown: dict[tuple[str, str], tuple[int, datetime | None]] = {}

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
        """Each calendar shows exactly the sessions in which its owner has a place, at their times."""
        people = (*world.clinicians, *world.family_people)
        address_of = {one.id: one.email for one in people}
        due = {}
        for session in kept.live():
            for seat in kept.seats(session.id):
                uid = uid_of(person_id=seat.person_id, session_id=session.id, host=self._host)
                due[address_of[seat.person_id], uid] = seat.sequence, session.starts_at
        assert {key: shown for key, shown in self._shown.items() if shown[1] is not None} == due

    def __len__(self) -> int:
        """Return how many entries there ever were."""
        return len(self._shown)


def _files(message: EmailMessage) -> list[bytes]:
    parts = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
    return [bytes(part.get_payload(decode=True)) for part in parts]


def _moment(file: bytes) -> datetime:
    (starts,) = event(file)["DTSTART"]
    return datetime.strptime(starts.value, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
