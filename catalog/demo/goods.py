"""The goods on the shelves of the demo shop. Prices are minor units of EUR."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DemoCategory:
    slug: str
    name: str
    description: str


@dataclass(frozen=True, slots=True)
class DemoProduct:
    """`lead_time_days` of 0 means that it is sold from stock."""

    slug: str
    artisan: str
    category: str
    title: str
    summary: str
    description: str
    materials: str
    dimensions: str
    care: str
    price_minor: int
    stock: int
    image_alt: str
    lead_time_days: int = 0


CATEGORIES = (
    DemoCategory("pottery", "Pottery", "Stoneware for every day, thrown on the wheel and fired twice."),
    DemoCategory("textiles", "Textiles", "Woven on hand looms in wool and linen."),
    DemoCategory("wood", "Wood", "Turned, carved and oiled, from trees that had to be felled anyway."),
    DemoCategory("leather", "Leather", "Vegetable-tanned hides, cut and stitched by hand."),
    DemoCategory("jewellery", "Jewellery", "Silver and gold, hammered and polished at one bench."),
    DemoCategory("candles-and-paper", "Candles and paper", "Beeswax, rag paper and ink."),
)

# In the order in which they came into the shop, newest first: a walk through all workshops.
PRODUCTS = (
    DemoProduct(
        "breakfast-bowl-river-blue", "barro-azul", "pottery", "Breakfast bowl, river blue",
        "A deep bowl for porridge, soup or too many cherries.",
        "Thrown in one pull from dark stoneware and dipped in a cobalt glaze that breaks to brown along the rim. "
        "The foot is left bare, so that you can feel the clay.\n\n"
        "Each bowl comes out of the kiln with its own pattern of specks. Yours will be a sister of the one in the "
        "picture, not its twin.",
        "Stoneware, lead-free cobalt glaze", "15 cm across, 8 cm high, holds 600 ml", "Dishwasher and microwave safe",
        2800, 14, "A deep blue stoneware bowl with dark specks and a bare clay foot on a wooden table",
    ),
    DemoProduct(
        "lambswool-throw-lichen", "ylva-lind", "textiles", "Lambswool throw, lichen",
        "A warm, light throw in the greens of a dry stone wall.",
        "The wool comes from Gotland sheep that graze ten kilometres from the loom. Ylva spins the weft thicker than "
        "the warp, which gives the twill its slow diagonal.\n\n"
        "It is washed twice and brushed once, so it is soft from the first evening and keeps its shape.",
        "Pure Gotland lambswool", "130 × 180 cm, 900 g, hand-knotted fringe", "Air it often; hand wash cold",
        18500, 4, "A folded grey-green wool throw with a fringe on a bench",
    ),
    DemoProduct(
        "olive-wood-spoons", "jonas-hartmann", "wood", "Cooking spoons, set of three",
        "A ladle, a stirring spoon and a flat turner.",
        "Carved with axe and knife from pruned olive and cherry, so that the grain runs into the handle and does not "
        "break. The flat one is made for the corners of a pan.\n\nOiled with linseed oil that was pressed cold.",
        "Olive and cherry wood, linseed oil", "28 to 32 cm long", "Wash by hand, oil when the wood looks dry",
        3600, 20, "Three wooden cooking spoons side by side on a linen cloth",
    ),
    DemoProduct(
        "hammered-silver-ring", "nora-kelemen", "jewellery", "Hammered silver ring",
        "A band with the light of a hundred hammer strokes.",
        "Nóra forges the ring from recycled silver, closes it with an invisible seam and hammers it round on the "
        "mandrel until it has its sparkle. It is made in your size: after your order she sends you a paper gauge, so "
        "that it fits.",
        "Recycled sterling silver 925", "4 mm wide, sizes 48 to 66", "Polish with a soft cloth",
        8800, 0, "A hammered silver ring on a piece of dark slate", 10,
    ),
    DemoProduct(
        "notebook-cover-a5", "bottega-ferri", "leather", "Notebook cover, A5",
        "A cover that outlives many notebooks.",
        "One piece of Tuscan leather, folded and saddle-stitched with waxed linen thread. It takes any A5 notebook; "
        "the first one, with 160 dotted pages, is inside.\n\nIt darkens with the years and with your hands.",
        "Vegetable-tanned cowhide, linen thread", "16 × 22 cm", "A little leather balm once a year",
        6800, 7, "A cognac leather notebook cover with pale stitching and an elastic band",
    ),
    DemoProduct(
        "beeswax-pillar-candle", "atelier-lumen", "candles-and-paper", "Beeswax pillar candle",
        "Forty hours of honey-coloured light.",
        "Poured from the wax of three beekeepers above Lake Annecy, filtered through linen and nothing else. "
        "It smells of honey without any perfume.\n\nThe bloom that forms on it after some weeks is a sign of pure wax "
        "and wipes off with a cloth.",
        "Pure beeswax, cotton wick", "7 cm across, 14 cm high, burns about 40 hours", "Trim the wick to 5 mm",
        2400, 25, "A lit honey-coloured pillar candle on a small brass plate",
    ),
    DemoProduct(
        "espresso-cups-pair", "barro-azul", "pottery", "Pair of espresso cups",
        "One sage, one cream, for two at the kitchen table.",
        "Small, thick enough to keep the coffee hot and thin enough at the lip to drink from with pleasure. "
        "The handle takes two fingers.\n\nThe pair is glazed and fired together and comes in a box of shredded paper.",
        "Stoneware, lead-free glazes", "6.5 cm high, hold 90 ml each", "Dishwasher safe",
        3400, 9, "Two small stoneware cups, one sage green and one cream, one filled with coffee",
    ),
    DemoProduct(
        "merino-scarf-dusk", "ylva-lind", "textiles", "Merino scarf, dusk",
        "Fine stripes from plum to smoke.",
        "Sixteen shades of dyed merino, set by eye while the warp is wound. There is no second one with the same "
        "stripes, and this is the last of the winter warp.",
        "Merino wool, plant dyes", "32 × 190 cm", "Hand wash cold, dry flat",
        7900, 1, "A folded scarf with fine stripes in plum, rose and grey",
    ),
    DemoProduct(
        "oak-breakfast-board", "jonas-hartmann", "wood", "Oak breakfast board",
        "A board for bread, cheese and the morning paper.",
        "Cut from one plank of Black Forest oak, with a handle that you can hang it by and edges that are kind to the "
        "hand. Both sides can be used; keep one for onions.",
        "Oak, linseed oil and wax", "38 × 19 × 2 cm", "Wipe with a damp cloth, oil from time to time",
        4800, 11, "An oak board with a round handle and a leather loop leaning against a wall",
    ),
    DemoProduct(
        "moon-earrings", "nora-kelemen", "jewellery", "Moon earrings",
        "Two thin crescents that swing a little.",
        "Sawn from sheet, domed over a wooden block and gilded with two microns of gold. They weigh three grams "
        "together and are forgotten after a minute.",
        "Brass, 24 ct gilding, silver hooks", "3.2 cm long", "Keep dry, polish with a soft cloth",
        6400, 6, "A pair of golden crescent earrings hanging from a wooden stand",
    ),
    DemoProduct(
        "card-holder", "bottega-ferri", "leather", "Card holder",
        "Six cards, some notes, no bulk.",
        "Three layers of leather, skived thin at the edges, burnished with beeswax until they shine. "
        "Everything is stitched by hand with two needles, so a torn stitch does not open the next one.",
        "Vegetable-tanned goat leather, linen thread", "10 × 7 cm", "Needs nothing but use",
        4200, 18, "A slim dark green leather card holder with a card looking out of it",
    ),
    DemoProduct(
        "letter-set", "atelier-lumen", "candles-and-paper", "Letter set, deckled paper",
        "Twelve sheets, twelve envelopes, one reason to write.",
        "Claire pulls each sheet from a vat of cotton rag. The edges stay as the water left them. "
        "Fountain pens love the paper, and so do typewriters.",
        "Cotton rag paper, gelatine size", "12 sheets A5, 12 envelopes C6, tied with linen", "Keep flat and dry",
        2600, 16, "A stack of cream paper with rough edges and envelopes tied with a linen ribbon",
    ),
    DemoProduct(
        "speckled-jug", "barro-azul", "pottery", "Tall jug, speckled",
        "For water, wine or the first branches of spring.",
        "A litre and a half in a shape that pours without a drip; Marta has drawn its lip some thousand times. "
        "White glaze over iron-rich clay, which sends its specks through.",
        "Stoneware, lead-free tin glaze", "27 cm high, holds 1.5 litres", "Dishwasher safe",
        6200, 3, "A tall cream jug with brown specks and a wide handle",
    ),
    DemoProduct(
        "linen-tea-towel", "ylva-lind", "textiles", "Linen tea towel",
        "Dries glasses without a trace, for twenty years.",
        "A dense plain weave with a blue stripe, as it has been woven on the island since there were looms. "
        "It is stiff on the first day and better every year.",
        "Pure linen", "50 × 70 cm, with a loop", "Machine wash at 60 °C",
        2200, 30, "A natural linen towel with blue stripes hanging from a wooden peg",
    ),
    DemoProduct(
        "walnut-bowl", "jonas-hartmann", "wood", "Turned walnut bowl",
        "A wide bowl from a tree that stood in a vicarage garden.",
        "Turned green and left to dry for a year, so that it has moved as it wanted to and will not move again. "
        "The pale crescent is the sapwood.",
        "Walnut, linseed oil", "31 cm across, 9 cm high", "Wipe with a damp cloth, do not soak",
        9500, 0, "A wide turned walnut bowl with a pale streak of sapwood",
    ),
    DemoProduct(
        "river-stone-pendant", "nora-kelemen", "jewellery", "River-stone pendant",
        "A pebble of the Danube in a silver frame.",
        "Nóra collects the stones above the bend of the river and sets those that are already perfect. "
        "The frame follows the stone, not the other way round.",
        "Danube pebble, sterling silver 925", "Stone about 2 cm, chain 45 cm", "Take it off for swimming",
        11000, 2, "A smooth grey pebble framed in silver on a fine chain",
    ),
    DemoProduct(
        "bridle-belt", "bottega-ferri", "leather", "Bridle leather belt",
        "Cut from one hide, made to be worn for decades.",
        "A strap of three and a half millimetres, curried with tallow and wax as it is done for bridles, with a buckle "
        "of solid brass. Five holes, and we punch another if you ask.",
        "Bridle leather, solid brass", "3.5 cm wide, 95 cm to the middle hole", "Wipe off the bloom of wax",
        7400, 10, "A coiled dark brown leather belt with a brass buckle",
    ),
    DemoProduct(
        "fig-and-cedar-candle", "atelier-lumen", "candles-and-paper", "Fig and cedar candle",
        "A garden after rain, in a glass to keep.",
        "Rapeseed and beeswax with oils of fig leaf, cedar and a little vetiver. The glass was blown in a workshop "
        "down the road and is a good tumbler afterwards.",
        "Rapeseed wax, beeswax, essential oils", "8 cm across, burns about 45 hours", "Let it melt to the edge first",
        3200, 12, "A candle in a smoky green glass with a paper label, burning",
    ),
    DemoProduct(
        "dinner-plates-four", "barro-azul", "pottery", "Dinner plates, set of four",
        "Made for your table, one set at a time.",
        "Marta throws the set in one morning, so that the four belong together, and glazes them in river blue with a "
        "bare rim. She sends a picture before they are packed.",
        "Stoneware, lead-free cobalt glaze", "26 cm across, a set weighs 3.6 kg", "Dishwasher and microwave safe",
        12800, 0, "Four blue stoneware plates in a stack", 21,
    ),
    DemoProduct(
        "cushion-cover", "ylva-lind", "textiles", "Hand-woven cushion cover",
        "A Gotland diamond twill in ochre and white.",
        "Woven after your order from undyed white and wool that was dyed with onion skins. "
        "The back is plain linen, closed with three horn buttons.",
        "Wool front, linen back, horn buttons", "45 × 45 cm, without filling", "Hand wash cold",
        5800, 0, "A square cushion with an ochre diamond pattern", 14,
    ),
    DemoProduct(
        "three-legged-stool", "jonas-hartmann", "wood", "Three-legged stool, ash",
        "It never wobbles, on any floor.",
        "The legs are turned and wedged through the seat, without glue or screw. The hollow of the seat is cut with a "
        "scorp and fits most people surprisingly well.\n\n"
        "Jonas makes one at a time, from the plank that suits it best.",
        "Ash, linseed oil and wax", "Seat 34 cm across, 46 cm high", "Wipe with a damp cloth",
        24000, 0, "A three-legged stool of pale ash in front of a wall", 28,
    ),
    DemoProduct(
        "stacking-bangles", "nora-kelemen", "jewellery", "Stacking bangles, three",
        "Three thin rings that ring.",
        "One smooth, one hammered, one twisted. They are forged from the same bar and sound like it.",
        "Recycled sterling silver 925", "6.4 cm across, 2 mm thick", "Polish with a soft cloth",
        9600, 5, "Three thin silver bangles leaning on each other",
    ),
    DemoProduct(
        "everyday-tote", "bottega-ferri", "leather", "Everyday tote",
        "For a laptop, a loaf and what you find on the way.",
        "Two panels and a gusset of cognac leather, with handles that go over a winter coat. There is no lining to "
        "tear and one pocket to find your keys in.\n\n"
        "Cut and stitched after your order, from the hide that is best that month.",
        "Vegetable-tanned cowhide, brass rivets", "38 × 32 × 12 cm", "Leather balm twice a year",
        26000, 0, "A cognac leather tote bag with two long handles", 21,
    ),
    DemoProduct(
        "fern-linocut", "atelier-lumen", "candles-and-paper", "Linocut, fern",
        "Cut by hand, printed on the shop's own paper.",
        "An edition of forty, numbered and signed. Claire prints it in one green that she mixes anew every spring, so "
        "editions can be told apart by it.",
        "Oil-based ink on cotton rag paper", "30 × 40 cm, unframed", "Frame it behind glass, away from the sun",
        4500, 3, "A framed green linocut of a fern leaf",
    ),
)  # fmt: skip
