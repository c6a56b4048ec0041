"""The page of the mistakes: every one opens by its link with its code and what the library said of it."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect
from stillness import measured

from core import Experiment
from core.mistakes import MISTAKES


def query(page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def squeezed(text: str) -> str:
    """The text without what a line break may have become."""
    return "".join(text.split())


def heading(page, mistake):
    return page.get_by_role("heading", name=mistake.title, exact=True, level=2)


def wait_shown(page, mistake) -> None:
    """Wait until the page of this mistake stands there whole."""
    heading(page, mistake).wait_for()
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")


@pytest.fixture(scope="module")
def staying_page(visitors):
    page = visitors.come(stay=True)
    yield page
    visitors.leave(page)


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_mistake_opens_by_its_link_with_its_code_and_what_was_said_of_it(staying_page, mistake):
    page = staying_page
    page.goto(f"/mistakes?mistake={mistake.name}")
    wait_shown(page, mistake)
    expect(page.get_by_role("radio", name=mistake.title, exact=True)).to_be_checked()
    outcomes = mistake.run()
    expected = [attempt.source for attempt in mistake.attempts]
    for outcome in outcomes:
        expected += [said for said in (outcome.error, *outcome.warned) if said]
        if outcome.stop and outcome.failed_at is not None:
            expected.append(outcome.stop.message)
    page.wait_for_function(
        """expected => {
            const copy = document.querySelector("[data-testid=stMain]").cloneNode(true);
            copy.querySelectorAll(".linenumber").forEach(number => number.remove());
            const shown = copy.textContent.replace(/\\s/g, "");
            return expected.every(text => shown.includes(text));
        }""",
        arg=[squeezed(text) for text in expected],
    )
    assert any(outcome.error or outcome.warned or outcome.columns for outcome in outcomes)
    assert page.get_by_test_id("stException").count() == 0
    assert measured(page.get_by_test_id("stMain"), "main => main.scrollWidth - main.clientWidth") <= 0


def test_choosing_another_mistake_writes_the_link_and_back_leads_to_the_former(visitors):
    page = visitors.come()
    first, second, third = MISTAKES[0], MISTAKES[4], MISTAKES[6]
    page.goto("/mistakes")
    wait_shown(page, first)
    assert query(page) == {}
    for mistake in (second, third):
        page.get_by_test_id("stSidebar").get_by_text(mistake.title, exact=True).click()
        page.wait_for_url(f"**/mistakes?mistake={mistake.name}")
        wait_shown(page, mistake)
    page.go_back()
    wait_shown(page, second)
    expect(page.get_by_role("radio", name=second.title, exact=True)).to_be_checked()
    assert query(page) == {"mistake": second.name}
    page.goto("/mistakes?mistake=nonsense")
    wait_shown(page, first)
    expect(page.get_by_test_id("stAlert").first).to_contain_text(
        f"There is no mistake 'nonsense'; there are {', '.join(mistake.name for mistake in MISTAKES)}. "
        "This is the first of them."
    )


def test_way_to_the_mistakes_and_back_keeps_the_experiment(lab):
    experiment = Experiment(epochs=60, learning_rate=0.07, method="module", optimizer="momentum")
    stage = lab("epochs=60&learning_rate=0.07&method=module&optimizer=momentum")
    stage.rest()
    values = stage.values
    stage.way("Mistakes").click()
    wait_shown(stage.page, MISTAKES[0])
    expect(stage.element).to_have_count(0)
    stage.way("Lab").click()
    stage.wait_until_drawn()
    stage.rest()
    assert query(stage.page) == experiment.to_query()
    assert stage.values == values
