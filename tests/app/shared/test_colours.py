"""The palette: readable everywhere, one meaning to a colour, and the theme's twin."""

from __future__ import annotations

import tomllib
from itertools import combinations
from pathlib import Path

import pytest

from dashboard.shared.palette import DARK, LIGHT, ROLES

ROOT = Path(__file__).parents[3]
CONFIG = tomllib.loads((ROOT / "dashboard" / ".streamlit" / "config.toml").read_text())

TEXT = ("text", "muted", "b", "w", "loss", "data", "line", "gradient", "minimum")


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_measured_as_wcag_does():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("behind", ["background", "panel"])
@pytest.mark.parametrize("role", TEXT)
def test_text_reaches_double_a_on_every_background(palette, behind, role):
    assert contrast(palette[role], palette[behind]) >= 4.5


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("tint", range(5))
@pytest.mark.parametrize("role", ["line", "gradient", "minimum"])
def test_what_is_drawn_on_the_surface_stands_out_from_every_tint(palette, tint, role):
    assert contrast(palette[role], palette[f"surface-{tint}"]) >= 2.4


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_no_two_roles_share_a_colour(palette):
    assert len(set(palette.values())) == len(ROLES)
    for one, other in combinations(("b", "w", "loss", "line", "gradient"), 2):
        assert palette[one] != palette[other]


@pytest.mark.parametrize(("scheme", "palette"), [("light", LIGHT), ("dark", DARK)])
def test_theme_of_the_page_repeats_the_palette(scheme, palette):
    theme = CONFIG["theme"][scheme]
    assert theme["backgroundColor"] == palette["background"]
    assert theme["secondaryBackgroundColor"] == palette["panel"]
    assert theme["textColor"] == palette["text"]
    assert theme["borderColor"] == palette["grid"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_white_text_on_the_primary_button_reaches_double_a(scheme):
    assert contrast("#ffffff", CONFIG["theme"][scheme]["primaryColor"]) >= 4.5


def test_settings_beside_the_script_and_those_at_the_top_are_the_same():
    top = ROOT / ".streamlit" / "config.toml"
    assert top.read_bytes() == (ROOT / "dashboard" / ".streamlit" / "config.toml").read_bytes()
