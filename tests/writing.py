"""A coordinator at the pages of a program: reading them, and sending their forms."""

import re
from dataclasses import dataclass

import httpx2

from tests.program import Course


@dataclass(frozen=True)
class Writing:
    """A program, and the browser of its coordinator."""

    course: Course
    browser: httpx2.AsyncClient

    @property
    def program(self) -> str:
        """The path of the program."""
        return f"/coordinator/programs/{self.course.program.id}"

    @property
    def step(self) -> str:
        """The path of its first step."""
        return f"/coordinator/programs/steps/{self.course.steps[0].id}"

    async def get(self, path: str) -> str:
        """Return a page."""
        answer = await self.browser.get(path)
        assert answer.status_code == 200, answer.text
        return answer.text

    async def send(self, path: str, **fields: str) -> str:
        """Send a form and return the page to which it leads."""
        answer = await self.browser.post(path, data=fields)
        assert answer.status_code == 303, answer.text
        return await self.get(str(answer.headers["location"]))

    async def refused(self, path: str, **fields: str) -> str:
        """Send a form that is refused, and return its page; the list of what is wrong leads to each field."""
        answer = await self.browser.post(path, data=fields)
        assert answer.status_code == 422
        for name in re.findall(r'<li><a href="#([^"]+)"', answer.text):
            assert f'id="{name}"' in answer.text, name
        return answer.text


def error_beside(page: str, field: str) -> str:
    """Return the words beside a field, empty where there are none."""
    found = re.search(rf'id="f-{field}-error">.*?<span>([^<]+)</span>', page, re.S)
    return found[1] if found else ""
