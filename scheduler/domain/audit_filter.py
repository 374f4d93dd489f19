"""Which entries are wanted, for a search, an export and its manifest."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from scheduler.domain.audit import Event, Outcome, canonical, moment_text


@dataclass(frozen=True, slots=True)
class Filter:
    """Entries from ``since`` on and before ``until`` (aware UTC), of an event, actor, client, outcome.

    What is None is not asked for; a filter of nothing wants every entry.
    """

    since: datetime | None = None
    until: datetime | None = None
    event: Event | None = None
    actor_id: str | None = None
    client_id: str | None = None
    outcome: Outcome | None = None

    @property
    def is_everything(self) -> bool:
        """Whether every entry is wanted."""
        return self == EVERYTHING

    def terms(self) -> dict[str, str | None]:
        """Return what is asked for, as texts by name, ready for JSON."""
        return {
            "actor": self.actor_id,
            "client": self.client_id,
            "event": self.event,
            "outcome": self.outcome,
            "since": None if self.since is None else moment_text(self.since),
            "until": None if self.until is None else moment_text(self.until),
        }

    def __str__(self) -> str:
        return canonical(self.terms()).decode()

    @classmethod
    def parse(cls, text: str) -> "Filter":
        """Return the filter that was written as text.

        Raises:
            ValueError: it is none.
        """
        terms: Mapping[str, str | None] = json.loads(text)
        return cls(
            since=_moment(terms["since"]),
            until=_moment(terms["until"]),
            event=Event(terms["event"]) if terms["event"] else None,  # type: ignore[call-arg]
            actor_id=terms["actor"],
            client_id=terms["client"],
            outcome=Outcome(terms["outcome"]) if terms["outcome"] else None,
        )


EVERYTHING = Filter()


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
