# ruff: noqa: E501  outlines are long
"""Ylva Lind: wool and linen in northern light."""

from catalog.demo.draw.canvas import Canvas, ellipse, group, path


def _scene(seed: int, *, horizon: float = 0.66) -> Canvas:
    c = Canvas()
    c.room(wall=("#dfe3e2", "#b4bcbd"), table=("#d8c7ac", "#ab9271"), horizon=horizon, seed=seed)
    return c


def _folds(c: Canvas, outline: str, lines: tuple[str, ...], *, width: float = 22) -> None:
    """Soft valleys in a cloth."""
    clip = c.clip(path(outline))
    valleys = "".join(path(line, fill="none", stroke="#1a140c", stroke_width=width, opacity=0.26) for line in lines)
    ridges = "".join(
        path(
            line, fill="none", stroke="#fff", stroke_width=width * 0.8, opacity=0.26, transform=f"translate({-width} 0)"
        )
        for line in lines
    )
    c.add(f'<g clip-path="{clip}"><g filter="{c.blur(width * 0.5)}">{valleys}{ridges}</g></g>')


def _fringe(x1: float, x2: float, y: float, length: float, colour: str, dark: str) -> str:
    strands = []
    count = int((x2 - x1) / 9)
    for index in range(count + 1):
        x = x1 + (x2 - x1) * index / count
        sway = ((index * 37) % 11) - 5
        strands.append(
            path(
                f"M{x:.0f} {y} q{sway} {length * 0.5:.0f} {sway * 1.4:.0f} {length + (index * 13) % 9:.0f}",
                fill="none",
                stroke=dark if index % 2 else colour,
                stroke_width=5,
                stroke_linecap="round",
            )
        )
    return "".join(strands)


def throw_on(c: Canvas) -> None:
    seat = "M40 700 L840 700 L840 752 L40 752z"
    for x in (110, 740):
        leg = f"M{x} 750 L{x + 34} 750 L{x + 30} 1040 L{x + 4} 1040z"
        c.wood(path(leg), dark="#5c3d22", light="#94693f", upright=True, seed=int(x))
        c.add(path(leg, fill=c.round_shading()))
    c.add(f'<rect x="40" y="748" width="800" height="60" fill="#1b0e05" opacity=".28" filter="{c.blur(18)}"/>')
    c.wood(path(seat), dark="#6a4729", light="#a97c4d", seed=5)
    c.add(path("M40 700 H840", stroke="#f2d9b2", stroke_width=4, opacity=0.7))
    for index, (y, left, right) in enumerate(((618, 196, 690), (538, 206, 680), (462, 214, 672))):
        layer = f"M{left + 26} {y} Q{left - 16} {y + 4} {left - 12} {y + 44} Q{left - 8} {y + 84} {left + 30} {y + 84} L{right} {y + 84} Q{right + 14} {y + 44} {right} {y}z"
        c.add(group(path(layer), fill="#171008", opacity=0.35, filter=c.blur(8), transform="translate(8 10)"))
        c.weave(path(layer), warp="#8e9a83", weft="#a9b49b", size=9, angle=45)
        c.texture(path(layer), "0.09 0.12", strength=0.7, seed=index + 2)
        c.add(path(layer, fill=c.linear([(0, "#fff", 0.42), (0.45, "#fff", 0), (1, "#12160e", 0.55)], x2=0, y2=1)))
    drape = "M470 458 L650 458 C664 560 652 680 660 866 L470 874 C478 700 462 580 470 458z"
    c.add(group(path(drape), fill="#171008", opacity=0.45, filter=c.blur(14), transform="translate(18 12)"))
    c.add(_fringe(472, 658, 862, 62, "#b9c2ab", "#7f8a74"))
    c.weave(path(drape), warp="#93a087", weft="#b2bca4", size=9, angle=45)
    c.texture(path(drape), "0.09 0.12", strength=0.7, seed=8)
    for y in (782, 806, 830):
        c.add(path(f"M472 {y} L658 {y - 4}", stroke="#ece8d8", stroke_width=9, opacity=0.75))
    _folds(c, drape, ("M520 458 C528 600 512 720 524 880", "M596 458 C588 600 606 740 596 880"))
    c.add(path(drape, fill=c.linear([(0, "#fff", 0.25), (0.5, "#fff", 0), (1, "#12160e", 0.35)], x2=1, y2=0.2)))


def throw() -> Canvas:
    c = _scene(3, horizon=0.56)
    throw_on(c)
    c.finish()
    return c


def scarf_on(c: Canvas) -> None:
    shades = ("#5c3350", "#7a4560", "#96566f", "#a96f82", "#bb8b95", "#a99aa4", "#85838f", "#60626f")
    for index, (y, grow) in enumerate(((760, 0), (690, -10), (622, -18))):
        left, right = 170 - grow, 720 + grow
        layer = f"M{left + 40} {y} Q{left - 14} {y} {left - 14} {y + 38} Q{left - 14} {y + 76} {left + 40} {y + 78} L{right - 30} {y + 78} Q{right + 22} {y + 70} {right + 20} {y + 36} Q{right + 16} {y} {right - 30} {y}z"
        if index == 0:
            c.shadow(450, 836, 280, 32, reach=0.5)
        c.add(path(layer, fill=shades[index * 2]))
        stripes = "".join(
            f'<rect x="{left - 20}" y="{y + 78 * k / 8:.0f}" width="{right - left + 60}" height="8" fill="{shade}"/>'
            for k, shade in enumerate(shades)
        )
        c.add(f'<g clip-path="{c.clip(path(layer))}">{stripes}</g>')
        c.texture(path(layer), "0.3 0.05", strength=0.6, seed=index + 4)
        c.add(path(layer, fill=c.linear([(0, "#fff", 0.4), (0.4, "#fff", 0), (1, "#120810", 0.55)], x2=0, y2=1)))
    fall = "M270 612 L560 604 C580 700 560 800 590 930 L300 952 C262 820 290 720 270 612z"
    c.add(group(path(fall), fill="#120810", opacity=0.42, filter=c.blur(14), transform="translate(16 14)"))
    c.add(_fringe(304, 588, 934, 74, "#a96f82", "#60626f"))
    c.add(path(fall, fill=shades[2]))
    bands = "".join(
        path(
            f"M{262 + k * 42} 600 C{300 + k * 40} 720 {268 + k * 40} 820 {304 + k * 41} 960",
            fill="none",
            stroke=shades[k % 8],
            stroke_width=30 if k % 2 else 18,
        )
        for k in range(8)
    )
    c.add(f'<g clip-path="{c.clip(path(fall))}">{bands}</g>')
    c.texture(path(fall), "0.05 0.3", strength=0.6, seed=6)
    _folds(c, fall, ("M350 600 C380 720 340 840 380 960", "M480 600 C470 720 500 840 490 960"), width=26)


def scarf() -> Canvas:
    c = _scene(8, horizon=0.40)
    scarf_on(c)
    c.finish()
    return c


def towel_on(c: Canvas) -> None:
    c.add(
        f'<rect x="170" y="196" width="540" height="46" rx="8" fill="#1b0e05" opacity=".35" filter="{c.blur(10)}" transform="translate(8 16)"/>'
    )
    rail = '<rect x="170" y="190" width="540" height="46" rx="8"/>'
    c.wood(rail, dark="#8f6a42", light="#d3ac7a", seed=4)
    c.add(ellipse(440, 226, 34, 18, fill="#1b0e05", opacity=0.5, filter=c.blur(8)))
    outline = "M440 252 C400 262 372 300 344 380 C312 480 300 720 288 930 L590 944 C584 720 566 480 534 380 C508 300 480 262 440 252z"
    c.add(group(path(outline), fill="#1b140c", opacity=0.45, filter=c.blur(22), transform="translate(34 18)"))
    c.weave(path(outline), warp="#e9dfca", weft="#d9ccb0", size=6)
    stripes = "".join(
        path(
            f"M{440 + (x - 440) * 0.1:.0f} 250 C{440 + (x - 440) * 0.6:.0f} 330 {x} 480 {x + (x - 440) * 0.2:.0f} 950",
            fill="none",
            stroke="#3f6786",
            stroke_width=w,
            opacity=0.85,
        )
        for x, w in ((318, 20), (342, 7), (540, 20), (516, 7))
    )
    c.add(
        f'<g clip-path="{c.clip(path(outline))}">{stripes}<path d="M260 852 L620 866 M260 880 L620 894" stroke="#3f6786" stroke-width="12" opacity=".85"/></g>'
    )
    _folds(
        c,
        outline,
        ("M438 250 C420 420 386 700 376 950", "M446 250 C462 420 452 700 466 950", "M450 250 C500 420 520 700 536 950"),
        width=28,
    )
    c.add(path(outline, fill=c.linear([(0, "#fff", 0.25), (0.5, "#fff", 0), (1, "#1b140c", 0.3)])))
    c.add(
        path(
            "M440 262 C416 230 424 204 440 202 C458 204 464 230 444 262", fill="none", stroke="#e4d8be", stroke_width=9
        )
    )
    c.wood(ellipse(440, 214, 24, 24), dark="#7d5930", light="#c79f6c", seed=9)
    c.add(ellipse(440, 214, 24, 24, fill=c.radial([(0, "#fff6e2", 0.6), (1, "#1b0e05", 0.5)], cx=0.35, cy=0.3)))


def towel() -> Canvas:
    c = _scene(14, horizon=0.88)
    towel_on(c)
    c.finish()
    return c


def cushion() -> Canvas:
    c = _scene(19, horizon=0.72)
    c.shadow(450, 900, 290, 34, reach=0.7)
    outline = "M170 372 C300 396 580 396 710 366 C716 368 722 374 722 382 C694 520 700 740 726 884 C726 894 720 902 712 902 C580 880 300 884 176 906 C166 904 160 898 160 890 C184 740 184 520 158 386 C158 378 164 372 170 372z"
    c.add(group(path(outline), fill="#1b140c", opacity=0.45, filter=c.blur(20), transform="translate(22 10)"))
    c.weave(path(outline), warp="#d9a441", weft="#c8902e", size=8)
    diamond = c.define(
        '<pattern id="@" width="92" height="92" patternUnits="userSpaceOnUse"><g fill="none" stroke="#f6eedb">'
        '<path d="M46 4 L88 46 L46 88 L4 46z" stroke-width="7"/><path d="M46 22 L70 46 L46 70 L22 46z" stroke-width="5"/></g>'
        '<path d="M46 38 L54 46 L46 54 L38 46z" fill="#f6eedb"/></pattern>'
    )
    c.add(
        f'<g clip-path="{c.clip(path(outline))}" opacity=".9"><rect width="880" height="1100" fill="url(#{diamond})"/></g>'
    )
    c.texture(path(outline), "0.11", strength=0.75, seed=3)
    c.add(
        path(
            outline,
            fill=c.radial([(0, "#fff8e6", 0.42), (0.55, "#fff8e6", 0), (1, "#1f1203", 0.62)], cx=0.4, cy=0.38, r=0.72),
        )
    )
    _folds(
        c,
        outline,
        (
            "M170 372 C240 440 260 470 280 520",
            "M712 368 C650 440 630 470 610 520",
            "M170 900 C240 840 260 800 280 760",
            "M712 900 C650 840 630 800 612 760",
        ),
        width=20,
    )
    c.add(path(outline, fill="none", stroke="#f3e2b9", stroke_width=5, opacity=0.6))
    c.finish()
    return c
