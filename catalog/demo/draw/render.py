"""Renders the demo shop's pictures: `python -m catalog.demo.draw.render [NAME ...]` (needs Chromium and Playwright).

The pictures are committed; this is needed only to change them.
"""

import argparse
import io
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from catalog.demo.draw import jewellery, leather, paper, pottery, textiles, wood, workshops
from catalog.demo.draw.canvas import Canvas

PICTURES = Path(__file__).resolve().parent.parent / "pictures"
_STATIC = Path(__file__).resolve().parents[3] / "artisans_hub" / "static" / "img"
_QUALITY = 80
_MOST_BYTES = 60_000
_FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]

SCENES: dict[str, Callable[[], Canvas]] = {
    "breakfast-bowl-river-blue": pottery.bowl,
    "espresso-cups-pair": pottery.espresso_cups,
    "speckled-jug": pottery.jug,
    "dinner-plates-four": pottery.plates,
    "olive-wood-spoons": wood.spoons,
    "oak-breakfast-board": wood.board,
    "walnut-bowl": wood.bowl,
    "three-legged-stool": wood.stool,
    "notebook-cover-a5": leather.notebook,
    "card-holder": leather.card_holder,
    "bridle-belt": leather.belt,
    "everyday-tote": leather.tote,
    "lambswool-throw-lichen": textiles.throw,
    "merino-scarf-dusk": textiles.scarf,
    "linen-tea-towel": textiles.towel,
    "cushion-cover": textiles.cushion,
    "hammered-silver-ring": jewellery.ring,
    "moon-earrings": jewellery.earrings,
    "river-stone-pendant": jewellery.pendant,
    "stacking-bangles": jewellery.bangles,
    "beeswax-pillar-candle": paper.pillar,
    "fig-and-cedar-candle": paper.jar,
    "letter-set": paper.letters,
    "fern-linocut": paper.linocut,
    "workshop-barro-azul": workshops.pottery_workshop,
    "workshop-ylva-lind": workshops.weaving_workshop,
    "workshop-jonas-hartmann": workshops.wood_workshop,
    "workshop-bottega-ferri": workshops.leather_workshop,
    "workshop-nora-kelemen": workshops.goldsmith_workshop,
    "workshop-atelier-lumen": workshops.paper_workshop,
    "hero": workshops.hero,
}


def _save_small(picture: Image.Image, path: Path) -> None:
    """As good as fits in 60 kB: woven and speckled things need more than smooth ones."""
    for quality in range(_QUALITY, 40, -6):
        picture.save(path, "WEBP", quality=quality, method=6)
        if path.stat().st_size <= _MOST_BYTES:
            return


def _save_hero(picture: Image.Image) -> None:
    """The home page's picture belongs to the design, not to the goods: it is a static file in two widths."""
    for width in (640, 1280):
        small = picture.resize((width, round(picture.height * width / picture.width)), Image.Resampling.LANCZOS)
        small.save(_STATIC / f"hero-{width}.webp", "WEBP", quality=_QUALITY, method=6)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="which pictures; all if none is named")
    parser.add_argument("--png", type=Path, help="also write PNG files here, to look at")
    arguments = parser.parse_args()
    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"), args=_FLAGS
        )
        page = browser.new_page()
        for name in arguments.names or SCENES:
            canvas = SCENES[name]()
            page.set_viewport_size({"width": canvas.width, "height": canvas.height})
            page.set_content(f"<body style='margin:0'>{canvas.svg()}</body>")
            picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
            if name == "hero":
                _save_hero(picture)
            else:
                _save_small(picture, PICTURES / f"{name}.webp")
            if arguments.png:
                picture.save(arguments.png / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    main()
