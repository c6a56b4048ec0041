"""Commas in number fields: understood, or refused in a sentence; never thrown away without a word."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

FIELDS = """async () => {
    document.body.innerHTML = '<label>Rate <input type="number" step="0.01" min="1e-15" max="1000"></label>'
        + '<label>Epochs <input type="number" step="1" min="1" max="100000" value="50"></label>';
    const commas = await import("/app/static/stage/shared/commas.js");
    commas.understandCommas();
}"""


@pytest.fixture
def page(blank_page) -> Page:
    blank_page.evaluate(FIELDS)
    return blank_page


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("0,05", 0.05),
        (",5", 0.5),
        ("-0,5", -0.5),
        ("1,250", 1.25),
        ("1.250,5", 1250.5),
        ("1,250.5", 1250.5),
        ("1,250,000.5", 1250000.5),
        ("0.05", 0.05),
        ("2.5e-7", 2.5e-7),
        ("2,5e-7", 2.5e-7),
    ],
)
def test_what_is_typed_with_a_comma_is_the_number_that_was_meant(page, typed, value):
    field = page.get_by_label("Rate")
    field.click()
    page.keyboard.type("7")
    page.keyboard.press("Control+a")
    page.keyboard.type(typed)
    assert field.evaluate("field => field.valueAsNumber") == value


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("0,05", "0.05"),
        ("36\u202f450", "36450"),
        ("\u22121,5", "-1.5"),
        ("1.250,75", "1250.75"),
        ("1,250.75", "1250.75"),
        ("1,250,000", "1250000"),
        ("1'250", "1250"),
        ("2.5e-07", "2.5e-07"),
        (" 12 ", "12"),
    ],
)
def test_what_is_pasted_is_the_number_that_was_meant(page, text, plain):
    read = page.evaluate("async text => (await import('/app/static/stage/shared/commas.js')).fromElsewhere(text)", text)
    assert read == plain
    page.get_by_label("Rate").focus()
    page.evaluate(
        """text => {
            const clipboardData = new DataTransfer();
            clipboardData.setData("text/plain", text);
            const paste = new ClipboardEvent("paste", {clipboardData, bubbles: true, cancelable: true});
            document.activeElement.dispatchEvent(paste);
        }""",
        text,
    )
    assert page.get_by_label("Rate").evaluate("field => field.valueAsNumber") == float(plain)


@pytest.mark.parametrize("typed", ["1,5", "1,000"])
def test_a_whole_number_with_a_comma_is_refused_in_a_sentence_and_the_field_left_empty(page, typed):
    field = page.get_by_label("Epochs")
    field.click()
    page.keyboard.press("Control+a")
    page.keyboard.type(typed)
    assert field.input_value() == ""
    expect(page.get_by_role("alert")).to_have_text("Whole numbers are written without a comma, as 1000.")


def test_the_lab_takes_a_decimal_comma_and_keeps_its_number_where_it_refuses_one(lab):
    stage = lab("epochs=20")
    for label, typed in (("Learning rate, exactly", "0,05"), ("Epochs, exactly", "1,5")):
        stage.number_field(label).click()
        stage.page.keyboard.press("Control+a")
        stage.page.keyboard.type(typed)
        stage.page.keyboard.press("Enter")
        stage.page.wait_for_url("**learning_rate=0.05**")
    stage.page.keyboard.press("Tab")
    expect(stage.number_field("Epochs, exactly")).to_have_value("20")
    expect(stage.number_field("Learning rate, exactly")).to_have_value("0.05")
