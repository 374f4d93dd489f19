"""Releases of the demo that wait: one for its client's signature, one on paper for a second person.

Those that are in force, and one that has ended, come with the families themselves.
"""

from datetime import date, timedelta

from scheduler.actions.release_drafts import Wording
from scheduler.actions.release_papers import Paper, record_paper
from scheduler.actions.releases import write_release
from scheduler.demo.cast import MORALES, NOVAK, PACIFIC, Household
from scheduler.demo.house import House, today_in
from scheduler.domain.consent import Scope
from scheduler.gateways import release_texts

MAYA = "Maya Okafor"
LASTS = timedelta(days=365)
_PAGE = b"BT /F1 18 Tf 72 700 Td (A made-up scan, signed by nobody.) Tj ET"
SCAN = b"\n".join(
    (
        b"%PDF-1.4",
        b"1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj",
        b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj",
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R",
        b"/Resources<</Font<</F1 5 0 R>>>>>>endobj",
        b"4 0 obj<</Length %d>>stream" % len(_PAGE),
        _PAGE,
        b"endstream endobj",
        b"5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj",
        b"trailer<</Root 1 0 R/Size 6>>",
        b"%%EOF",
    )
)


async def lay_waiting(house: House) -> None:
    """Prepare one release for a client to sign, and record one from paper."""
    today, maya = today_in(PACIFIC, house.services.now()), await house.actor(MAYA)
    novak, morales = house.persons[NOVAK.client].id, house.persons[MORALES.client].id
    await write_release(house.services, maya, novak, _wording(house, NOVAK, Scope.SCHEDULING, today))
    paper = Paper(
        _wording(house, MORALES, Scope.TREATMENT, today),
        client_name=MORALES.client,
        signature=MORALES.client,
        signed_on=today - timedelta(days=1),
        scan=SCAN,
    )
    await record_paper(house.services, maya, morales, paper)


def _wording(house: House, family: Household, scope: Scope, today: date) -> Wording:
    text = release_texts.newest(family.language)
    return Wording(
        person_id=house.persons[family.relatives[0].name].id,
        scope=scope,
        discloser=text.discloser,
        purpose=text.purpose,
        revocation_text=text.revocation_text,
        last_day=today + LASTS,
        language=family.language,
    )
