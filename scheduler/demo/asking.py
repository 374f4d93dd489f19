"""A question about times in the demo: a mother asks her son and his aunt, in one home, about three times."""

from datetime import datetime

from scheduler.actions.notices import send_due
from scheduler.actions.proposals import Asking, propose
from scheduler.demo.cast import PACIFIC
from scheduler.demo.house import House, moment, today_in
from scheduler.demo.past import CHECK_IN

WHO, ASKED = "Karen Whitfield", ("Casey Whitfield", "Joan Whitfield")
TIMES = ((4, 10, 0), (6, 13, 30), (7, 15, 0))  # working days from today, hour and minute, Pacific time


async def ask_about_times(house: House, now: datetime) -> None:
    """Let her ask; both get a mail and find it on their own page."""
    today = today_in(PACIFIC, now)
    starts = tuple(moment(today, *when, zone=PACIFIC) for when in TIMES)
    asked = tuple(house.persons[name].id for name in ASKED)
    await propose(house.services, await house.actor(WHO), Asking(CHECK_IN, starts, asked))
    while await send_due(house.services):
        pass
