"""Hearth: an open, self-hosted scheduler for secure family sessions.

The map of the house, from the ground up; each storey knows only those below it:

* ``domain``    pure rules: no input or output, no clock, no randomness, no framework
* ``storage``   what is kept: plain functions of an open transaction
* ``gateways``  the world outside: mail, calendar files, video
* ``actions``   what people do: one function is one transaction with its audit entries
* ``web``       what people see: read the request, call one action, show a page

On every storey a file is named by the same domain term, so that "booking" typed into a file finder
shows the whole story of booking.

The words, one word for one thing:

==================  =====================================================================
session             a family session: people, a time, a room (FHIR Appointment, VEVENT)
sign-in             a signed-in browser: a row; the cookie holds a random token
transaction (tx)    an open unit of work on the database
client              the person in treatment (FHIR Patient)
family member       a person related to a client (FHIR RelatedPerson)
apart               of two in a family: never in one session, and neither learns of the other
quorum              who must take part before a session of a kind is held
release             a client's written consent naming one family member (42 CFR 2.31)
release text        what a client is shown and signs: a version, a language, never edited
scan                a picture of a release on paper, kept sealed
hours               when a clinician works: weekly hours, days off, extra hours, days of travel
limits              what a clinician asks for beside: pauses, notice, so many sessions a day
slot                a bookable interval, computed, never stored (FHIR Slot)
outside calendar    another calendar of a clinician; we read when it is busy, nothing else
hold                a slot set aside for minutes
proposal            up to five held times about which one of a family asks others of it
absence             when a clinician is away; a plan says what becomes of each session
booking             a family's claim on a session
place               one person's seat in a session
inquiry             a wish for a first conversation, made without an account, tied to nobody
waitlist, wait      who asked for places in a full group, and one family's asking
program, step       the course of family sessions, and one part of it
offering            a step's weekly time: when, by whom, for how many
hindrance           what keeps somebody from holding a session of an offering
cohort              a coming session of an offering, with the places taken in it
handout             what a step gives to read, in Markdown
invite              one person's calendar file and its mail (iTIP REQUEST, CANCEL)
list                families, cohorts, waits, holds, sessions without a host: a coordinator's to search
join link           a link that brings one person to the door of one session
doorway             which join link a browser has followed: a cookie that opens nothing
waiting room        where people are before the clinician admits them or turns them away
presence            where a family member stands at a session: waiting, admitted, left …
roster              a clinician's list of who is expected and who waits
pass                leave to enter one room, for one person, for five minutes
line                a browser's WebSocket to the room it is in
notice              a message we owe somebody at a time
entry               one leaf of the audit log (FHIR AuditEvent)
actor               who is doing this, in which role
trail               what an action carries to write its entries: actor, moment, seed
==================  =====================================================================
"""

__version__ = "0.1.0"
