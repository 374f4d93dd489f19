"""The page of free times against a bare Starlette and Jinja2 page of the same bytes.

Ours finds out who asks, reads kinds, release, hours and taken ticks, computes four weeks of slots and words
one of them. The bare page only writes a list that stands ready into the same HTML.

What holds it back, of 1 ms a page: a third is the page's own read (five statements, their rows as objects,
the release opened), a quarter the template with its frame, a sixth the sign-in, the rest shields, access log
and Starlette's layers. The slots of a day are drawn once and remembered until somebody books there; here
nobody books, so that nearly all days are.
"""

import dataclasses
import http.client
import json
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path

from benchmarks import bare, house, load
from benchmarks.ratio import Ratio

CLIENTS, SECONDS, ROUNDS = 8, 3.0, 3
KIND = dataclasses.replace(house.CHECK_IN, horizon_days=28)
DAY = re.compile(r'<h2 class="day".*?>(.*?)</h2>\s*<ul.*?>(.*?)</ul>', re.DOTALL)
SLOT = re.compile(r"\s*<li>.*?</li>", re.DOTALL)
PARTS = re.compile(r'value="(.*?)" aria-label="(.*?)".*?<span>(.*?)</span>', re.DOTALL)


def run() -> Iterable[Ratio]:
    """Return our pages per second against the bare ones, for one therapist and for twenty."""
    yield from _of_team("slot page", 1, aim=0.25)
    yield from _of_team("slot page, 20 clinicians", 20, aim=0.08)


def _of_team(name: str, size: int, *, aim: float) -> Iterable[Ratio]:
    with tempfile.TemporaryDirectory() as name_of_folder:
        folder = Path(name_of_folder)
        team = house.Team(KIND, house.OFFICE_HOURS, size)
        home = house.build(folder, families=CLIENTS, team=team)
        with house.serving(home.environment) as port:
            write_bare_page(folder, _page(port, home.cookies[0]))
            plain = home.environment | {bare.FOLDER: name_of_folder}
            with house.serving(plain, "benchmarks.bare:app") as bare_port:
                ours, ceiling = _measured(home, port, bare_port)
    yield Ratio(name, ours, ceiling, "pages/s", aim, "bare Starlette and Jinja2, same bytes")


def write_bare_page(folder: Path, page: str) -> None:
    """Keep the page as a template with a loop over its days and slots, and those as JSON."""
    days = [(heading, PARTS.findall(slots)) for heading, slots in DAY.findall(page)]
    first, *_, last = DAY.finditer(page)
    slot = SLOT.findall(first[2])[0]
    value, label, words = PARTS.findall(slot)[0]
    looped = (
        slot.replace(value, "{{ slot[0] }}").replace(label, "{{ slot[1] }}").replace(words, "{{ slot[2] }}")
    )
    day = first[0].replace(first[1], "{{ day[0] }}", 1)
    day = day.replace(first[2], "{% for slot in day[1] %}" + looped + "{% endfor %}")
    body = page[: first.start()] + "{% for day in days %}" + day + "{% endfor %}" + page[last.end() :]
    (folder / "page.html").write_text(body)
    (folder / "days.json").write_text(json.dumps(days))


def _measured(home: house.House, port: int, bare_port: int) -> tuple[float, float]:
    """Return both in pages per second, the best of each of three rounds by turns."""
    ours = ceiling = 0.0
    asked = [[load.request("GET", "/family/book", cookie=cookie)] for cookie in home.cookies]
    plain = [[load.request("GET", "/")] for _ in home.cookies]
    sizes = set()
    for _ in range(ROUNDS):
        done = load.put(load.Plan(port, SECONDS, asked, is_repeated=True))
        simple = load.put(load.Plan(bare_port, SECONDS, plain, is_repeated=True))
        assert set(done.statuses) == set(simple.statuses) == {"200"}, (done, simple)
        sizes |= {done.body_bytes, simple.body_bytes}
        ours, ceiling = max(ours, done.rate(200)), max(ceiling, simple.rate(200))
    assert max(sizes) < 1.1 * min(sizes), "both pages are of a size"
    return ours, ceiling


def _page(port: int, cookie: str) -> str:
    line = http.client.HTTPConnection("127.0.0.1", port)
    line.request("GET", "/family/book", headers={"Cookie": cookie})
    return line.getresponse().read().decode()
