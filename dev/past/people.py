"""Who bought what in the demo's past, and what else happened: the days count from the beginning."""

from dataclasses import dataclass

# From the fourth of the month before last, so that there are two whole months with a statement.
FIRST_DAY_OF_MONTH, HOUR = 4, 10
SENT_AFTER_DAYS, ARRIVES_AFTER_DAYS = 1, 4

MAIN = "barro-azul"
# Artisans of whom the shop knows little keep a part back for a time.
RESERVE_BPS, RESERVE_DAYS = 1000, 21
WEEKLY = 0  # Monday


@dataclass(frozen=True, slots=True)
class Sale:
    """On a day, by a buyer, of goods by their addresses in the shop."""

    day: int
    buyer: str
    goods: tuple[str, ...]
    is_refunded: bool = False


BUYERS = {
    "clara": ("Clara Nielsen", "clara.nielsen@artisans-hub.example", "Copenhagen", "DK", "1401"),
    "tomas": ("Tomás Ribeiro", "tomas.ribeiro@artisans-hub.example", "Lisbon", "PT", "1100-148"),
    "maud": ("Maud Lefèvre", "maud.lefevre@artisans-hub.example", "Lyon", "FR", "69001"),
    "piet": ("Piet de Vries", "piet.devries@artisans-hub.example", "Utrecht", "NL", "3511 AB"),
}

SALES = (
    Sale(0, "clara", ("breakfast-bowl-river-blue", "linen-tea-towel")),
    Sale(4, "tomas", ("speckled-jug",)),
    Sale(9, "maud", ("breakfast-bowl-river-blue", "olive-wood-spoons")),
    Sale(13, "piet", ("speckled-jug",)),
    Sale(18, "clara", ("espresso-cups-pair",)),
    Sale(22, "tomas", ("breakfast-bowl-river-blue", "card-holder")),
    Sale(27, "maud", ("speckled-jug", "linen-tea-towel"), is_refunded=True),
    Sale(33, "piet", ("espresso-cups-pair",)),
    Sale(38, "clara", ("breakfast-bowl-river-blue",)),
    Sale(44, "maud", ("speckled-jug", "olive-wood-spoons")),
    Sale(50, "tomas", ("speckled-jug",)),
    Sale(55, "piet", ("breakfast-bowl-river-blue", "card-holder")),
    Sale(61, "clara", ("espresso-cups-pair",)),
    Sale(66, "maud", ("breakfast-bowl-river-blue",)),
    Sale(71, "tomas", ("speckled-jug", "linen-tea-towel")),
    Sale(75, "piet", ("espresso-cups-pair",)),
    Sale(79, "clara", ("breakfast-bowl-river-blue",)),
    Sale(84, "maud", ("speckled-jug",)),
    Sale(88, "tomas", ("breakfast-bowl-river-blue",)),
)
