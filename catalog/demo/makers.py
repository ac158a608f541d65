"""The workshops of the demo shop. Postage is in minor units of EUR."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DemoArtisan:
    slug: str
    email: str
    owner_name: str
    name: str
    tagline: str
    location: str
    story: str
    portrait_alt: str
    shipping_first_item_minor: int
    shipping_additional_item_minor: int
    dispatch_days: int


ARTISANS = (
    DemoArtisan(
        "barro-azul", "marta@artisans-hub.example", "Marta Azevedo", "Barro Azul",
        "Stoneware for every day, in blues and creams.", "Porto, Portugal",
        "Marta Azevedo learned to throw from her grandmother, who made pots for the fish market, and glazing from "
        "books that she could not put down. Since 2014 she has had her own kiln in a former bakery above the Douro.\n\n"
        "She makes about forty pieces a week and keeps the ones that ring true when she taps them.",
        "A potter's wheel with a fresh bowl on it, shelves of pots behind", 690, 150, 3,
    ),
    DemoArtisan(
        "ylva-lind", "ylva@artisans-hub.example", "Ylva Lind", "Ylva Lind, weaver",
        "Wool and linen from one island and one loom.", "Visby, Gotland, Sweden",
        "Ylva Lind weaves on a loom that was built in 1911 and repaired more often than she can count. The wool comes "
        "from neighbours, the linen from the mainland, the colours from the shore.\n\n"
        "She weaves one warp at a time. When it is finished, it is finished.",
        "A wooden hand loom with a half-woven grey-green cloth", 590, 200, 2,
    ),
    DemoArtisan(
        "jonas-hartmann", "jonas@artisans-hub.example", "Jonas Hartmann", "Jonas Hartmann, woodworker",
        "Spoons, boards and stools from trees he has met.", "Freiburg, Germany",
        "Jonas Hartmann was a carpenter of roofs until he found that he liked the small pieces better. He buys single "
        "trees from gardens and orchards around the city and dries the planks himself.\n\n"
        "Nothing is lacquered. What is oiled can be oiled again.",
        "A workbench with a plane, a turned bowl, chisels on the wall and curls of wood", 590, 100, 4,
    ),
    DemoArtisan(
        "bottega-ferri", "luca@artisans-hub.example", "Luca Ferri", "Bottega Ferri",
        "Leather, cut and stitched on the other side of the Arno.", "Florence, Italy",
        "Luca Ferri is the third in his family at the same bench. The hides come from a tannery in Santa Croce that "
        "still uses chestnut bark and patience.\n\n"
        "He repairs everything that he has ever sold, and sometimes what others have.",
        "A leather worker's bench with awls, spools of thread, hanging hides and a bag", 750, 0, 3,
    ),
    DemoArtisan(
        "nora-kelemen", "nora@artisans-hub.example", "Nóra Kelemen", "Nóra Kelemen, goldsmith",
        "Silver and gold with the marks of the hammer.", "Budapest, Hungary",
        "Nóra Kelemen works at a bench by the window of a fourth-floor flat, with one torch, twelve hammers and a "
        "radio. Her silver is recycled from old spoons and circuit boards alike.\n\n"
        "She does not make anything that she would not wear.",
        "A goldsmith's bench with golden earrings on a stand, silver bangles, hammers and a spirit lamp", 490, 0, 2,
    ),
    DemoArtisan(
        "atelier-lumen", "claire@artisans-hub.example", "Claire Fontanel", "Atelier Lumen",
        "Candles, paper and prints, made slowly.", "Annecy, France",
        "Claire Fontanel trained as a restorer of books and came to candles because she needed good light. Now she "
        "pours in the morning, pulls paper in the afternoon, and prints when it rains.\n\n"
        "It rains a good deal in Annecy.",
        "Candles in a row and sheets of paper drying on a line by a window", 550, 120, 2,
    ),
)  # fmt: skip
