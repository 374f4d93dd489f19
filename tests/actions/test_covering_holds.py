"""Coverage and lapsed holds: those in the way go, however many there are elsewhere."""

from datetime import timedelta

from scheduler.actions.covering import cover
from scheduler.actions.holds import hold_slot
from scheduler.domain.coverage import LEAVE, Act, Choice
from scheduler.services import Services
from scheduler.storage import sessions
from scheduler.storage.tables import holds
from tests.conftest import Clock
from tests.covering import add_practice
from tests.scheduling import CHECK_IN, TUESDAY_NINE, add_neighbours, rows


async def test_of_lapsed_holds_only_those_in_the_way_go(services: Services, clock: Clock) -> None:
    practice = await add_practice(services)
    wednesday, thursday = (TUESDAY_NINE + timedelta(days=number) for number in (1, 2))
    for surname, starts_at in (("Young", wednesday), ("Old", thursday)):
        other = await add_neighbours(services, practice.world, surname)
        await hold_slot(services, other.mother, kind_id=CHECK_IN.id, starts_at=starts_at)
    clock.move(minutes=30)

    to_wednesday = Choice(Act.MOVE, practice.world.family.clinician.id, wednesday)
    wanted = practice.cover({practice.first.id: to_wednesday, practice.second.id: LEAVE})
    await cover(services, practice.therapist, wanted)

    moved = await services.database.read(lambda tx: sessions.get(tx, practice.first.id))
    assert moved.starts_at == wednesday
    assert [row.starts_at for row in await rows(services, holds)] == [thursday]
