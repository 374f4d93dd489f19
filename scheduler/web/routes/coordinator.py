"""Pages of coordinators and supervisors.

Steps and offerings stand before the programs: their addresses would also fit a program's with an odd id.
"""

from scheduler.domain.lists import Listing
from scheduler.web.audiences import Audience
from scheduler.web.coordinator import coverage, desk, families, lists, offerings, programs, steps
from scheduler.web.routes.page import Page

_FAMILY = "/coordinator/families/{client_id}"
_OFFERING = "/coordinator/programs/offerings/{offering_id}"
_PROGRAM = "/coordinator/programs/{program_id}"
_STEP = "/coordinator/programs/steps/{step_id}"

_LISTS = [  # /coordinator/families, /coordinator/families.csv and so on
    page
    for listing in Listing
    for page in (
        Page(
            "GET",
            f"/coordinator/{listing}",
            lists.page_of(listing),
            f"coordinator.{listing}",
            Audience.COORDINATOR,
        ),
        Page(
            "GET",
            f"/coordinator/{listing}.csv",
            lists.export_of(listing),
            f"coordinator.{listing}.csv",
            Audience.COORDINATOR,
        ),
    )
]

PAGES = [
    *_LISTS,
    Page("GET", "/coordinator", desk.show_desk, "coordinator.desk", Audience.COORDINATOR),
    Page("GET", _FAMILY, families.show_family, "coordinator.family", Audience.COORDINATOR),
    Page("GET", f"{_FAMILY}/apart", families.show_pair, "coordinator.pair", Audience.COORDINATOR),
    Page("POST", f"{_FAMILY}/apart", families.keep_apart, "coordinator.apart", Audience.COORDINATOR),
    Page("POST", f"{_FAMILY}/meet", families.let_meet, "coordinator.meet", Audience.COORDINATOR),
    Page("POST", f"{_FAMILY}/members", families.set_ties, "coordinator.ties", Audience.COORDINATOR),
    Page("GET", _OFFERING, offerings.show_offering, "coordinator.offering", Audience.COORDINATOR),
    Page("POST", _OFFERING, offerings.change, "coordinator.offering.change", Audience.COORDINATOR),
    Page("POST", f"{_OFFERING}/end", offerings.end, "coordinator.offering.end", Audience.COORDINATOR),
    Page("POST", f"{_OFFERING}/hold", offerings.hold, "coordinator.offering.hold", Audience.COORDINATOR),
    Page("POST", f"{_OFFERING}/skip", offerings.skip, "coordinator.offering.skip", Audience.COORDINATOR),
    Page(
        "GET", "/coordinator/programs", programs.show_programs, "coordinator.programs", Audience.COORDINATOR
    ),
    Page("POST", "/coordinator/programs", programs.add, "coordinator.programs.add", Audience.COORDINATOR),
    Page("GET", _STEP, steps.show_step, "coordinator.step", Audience.COORDINATOR),
    Page("POST", _STEP, steps.change, "coordinator.step.change", Audience.COORDINATOR),
    Page("POST", f"{_STEP}/end", steps.end, "coordinator.step.end", Audience.COORDINATOR),
    Page(
        "GET", f"{_STEP}/offerings/new", offerings.show_new, "coordinator.offering.new", Audience.COORDINATOR
    ),
    Page("POST", f"{_STEP}/offerings/new", offerings.add, "coordinator.offering.add", Audience.COORDINATOR),
    Page("POST", f"{_STEP}/order", steps.shift, "coordinator.step.order", Audience.COORDINATOR),
    Page("GET", _PROGRAM, programs.show_program, "coordinator.program", Audience.COORDINATOR),
    Page("POST", _PROGRAM, programs.rename, "coordinator.program.rename", Audience.COORDINATOR),
    Page("POST", f"{_PROGRAM}/end", programs.end, "coordinator.program.end", Audience.COORDINATOR),
    Page("GET", f"{_PROGRAM}/families", programs.show_families, "coordinator.enrolled", Audience.COORDINATOR),
    Page("POST", f"{_PROGRAM}/families", programs.enrol, "coordinator.enrol", Audience.COORDINATOR),
    Page(
        "POST",
        f"{_PROGRAM}/families/withdraw",
        programs.withdraw,
        "coordinator.withdraw",
        Audience.COORDINATOR,
    ),
    Page("GET", f"{_PROGRAM}/steps/new", steps.show_new, "coordinator.step.new", Audience.COORDINATOR),
    Page("POST", f"{_PROGRAM}/steps/new", steps.add, "coordinator.step.add", Audience.COORDINATOR),
    Page(
        "GET", "/coordinator/coverage", coverage.show_coverage, "coordinator.coverage", Audience.COORDINATOR
    ),
    Page("POST", "/coordinator/coverage", coverage.send, "coordinator.coverage.send", Audience.COORDINATOR),
    Page(
        "POST",
        "/coordinator/coverage/preview",
        coverage.preview,
        "coordinator.coverage.preview",
        Audience.COORDINATOR,
    ),
]
