"""What is wrong with a page for those who see little, use no mouse, or have a small screen."""

from collections.abc import Iterator
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

SERIOUS = {"critical", "serious"}
EVERYTHING: dict[str, object] = {
    "resultTypes": ["violations"],
    "rules": {"target-size": {"enabled": True}},
}
CONTRAST_ONLY: dict[str, object] = {
    "resultTypes": ["violations"],
    "runOnly": ["color-contrast", "link-in-text-block"],
}
PHONE = (390, 844)
DESK = (1280, 900)
NARROW = (320, 800)
HALF_OF_A_DESK = (640, 900)  # what is left of 1280 pixels at 200 percent (WCAG 2.2, 1.4.4 and 1.4.10)

RUN_AGAIN = "(options) => axe.run(document, options)"
UNFOLD = "() => document.querySelectorAll('details').forEach((one) => { one.open = true; })"
TOO_WIDE = """() => {
  const more = document.documentElement.scrollWidth - window.innerWidth;
  return more > 0 ? [`${more} pixels wider than a screen of ${window.innerWidth}`] : [];
}"""
LARGER_LETTERS = "(size) => { document.documentElement.style.fontSize = size; }"
FRAME = """() => {
  const wrong = [], headings = [...document.querySelectorAll('h1')].filter((one) => one.checkVisibility());
  if (headings.length !== 1) wrong.push(`${headings.length} headings of the first level`);
  if (!document.title.split(' · ')[0].trim()) wrong.push('no title');
  if (!document.documentElement.lang) wrong.push('no language');
  const first = document.querySelector('a[href], button, input');
  const isSkip = first?.matches('.skip') && document.querySelector(first.getAttribute('href'));
  if (!isSkip) wrong.push('no way to skip');
  return wrong;
}"""
SMALL_TARGETS = """() => [...document.querySelectorAll(
    'button, .button, .slot, .nav a, .menu a, .choice, .input, summary, .links a, .back')]
  .filter((target) => target.checkVisibility() && target.getBoundingClientRect().height < 43.5)
  .map((target) => `target below 44 pixels: ${(target.textContent.trim() || target.id).slice(0, 60)}`)"""
ONE_OVER_THE_OTHER = """() => {
  const pressed = 'a[href]:not(.skip), button, input, select, textarea, summary';
  const targets = [...document.querySelectorAll(pressed)]
    .filter((one) => one.type !== 'hidden' && one.checkVisibility())
    .flatMap((one) => [...one.getClientRects()].map((box) => [one, box]));
  const named = (one) => (one.textContent.trim() || one.id || one.name).slice(0, 40);
  return targets.flatMap(([one, box], number) => targets.slice(number + 1)
    .filter(([other, its]) => one !== other && !one.contains(other) && !other.contains(one)
      && Math.min(box.right, its.right) - Math.max(box.left, its.left) > 1
      && Math.min(box.bottom, its.bottom) - Math.max(box.top, its.top) > 1)
    .map(([other]) => `${named(one)} and ${named(other)} lie over one another`));
}"""
FOCUS_UNSEEN = """() => [...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
  .filter((one) => one.type !== 'hidden' && !one.disabled && one.checkVisibility())
  .filter((one) => {
    one.focus();
    const looks = [one, one.parentElement].map((each) => getComputedStyle(each));
    return document.activeElement === one
      && looks.every((look) => look.outlineStyle === 'none' && look.boxShadow === 'none');
  })
  .map((one) => `focus cannot be seen: ${(one.textContent.trim() || one.id || one.name).slice(0, 60)}`)"""


def problems(page: Page) -> Iterator[str]:
    """Yield what is wrong with the page that is open, all unfolded; leaves it as on a phone."""
    page.evaluate(UNFOLD)
    _show(page, "dark", DESK)
    dark = Axe().run(page, options=CONTRAST_ONLY).response
    yield from (f"dark: {problem}" for problem in _serious(dark))
    yield from _looked_at(page, ONE_OVER_THE_OTHER, TOO_WIDE)
    yield from _cramped(page)
    _show(page, "light", PHONE)
    yield from _serious(page.evaluate(RUN_AGAIN, EVERYTHING))
    yield from _looked_at(page, FRAME, SMALL_TARGETS, ONE_OVER_THE_OTHER, TOO_WIDE)
    page.keyboard.press("Tab")  # from here on the browser shows the focus
    yield from _looked_at(page, FOCUS_UNSEEN)


def _show(page: Page, scheme: Any, size: tuple[int, int]) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    _resize(page, size)


def _resize(page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})


def _looked_at(page: Page, *questions: str) -> Iterator[str]:
    for question in questions:
        yield from page.evaluate(question)


def _cramped(page: Page) -> Iterator[str]:
    _resize(page, NARROW)
    yield from _looked_at(page, TOO_WIDE)
    _resize(page, HALF_OF_A_DESK)
    page.evaluate(LARGER_LETTERS, "200%")
    yield from (f"letters twice as large: {problem}" for problem in page.evaluate(TOO_WIDE))
    page.evaluate(LARGER_LETTERS, "")


def _serious(found: dict[str, Any]) -> Iterator[str]:
    for violation in found["violations"]:
        if violation["impact"] in SERIOUS:
            for node in violation["nodes"]:
                yield f"{violation['id']}: {node['html'][:160]}"
