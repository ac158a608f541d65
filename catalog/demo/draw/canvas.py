# ruff: noqa: E501  outlines are long
"""A small kit for drawing still lifes in SVG: light, shadow and materials made of filters."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

# filtered rectangles are this large, so that a thing can be drawn scaled in a wider picture
_REACH = 1300

Stops = Sequence[tuple[float, str] | tuple[float, str, float]]


@dataclass
class Canvas:
    """Collects definitions and shapes; `svg()` is the picture. Light falls from the upper left everywhere."""

    width: int = 880
    height: int = 1100
    defs: list[str] = field(default_factory=list)
    shapes: list[str] = field(default_factory=list)
    _ids: "itertools.count[int]" = field(default_factory=itertools.count)

    def add(self, *markup: str) -> None:
        self.shapes.extend(markup)

    def define(self, markup: str) -> str:
        """Adds a definition in which `@` stands for its id; returns the id."""
        name = f"d{next(self._ids)}"
        self.defs.append(markup.replace("@", name))
        return name

    def linear(self, stops: Stops, *, x1: float = 0, y1: float = 0, x2: float = 1, y2: float = 0) -> str:
        markup = f'<linearGradient id="@" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}">{_stops(stops)}</linearGradient>'
        return f"url(#{self.define(markup)})"

    def radial(self, stops: Stops, *, cx: float = 0.5, cy: float = 0.5, r: float = 0.5) -> str:
        markup = f'<radialGradient id="@" cx="{cx}" cy="{cy}" r="{r}">{_stops(stops)}</radialGradient>'
        return f"url(#{self.define(markup)})"

    def blur(self, amount: float) -> str:
        markup = (
            '<filter id="@" x="-60%" y="-60%" width="220%" height="220%">'
            f'<feGaussianBlur stdDeviation="{amount}"/></filter>'
        )
        return f"url(#{self.define(markup)})"

    def clip(self, markup: str) -> str:
        name = self.define('<clipPath id="@">' + markup + "</clipPath>")
        return f"url(#{name})"

    def svg(self) -> str:
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}" '
            f'width="{self.width}" height="{self.height}"><defs>{"".join(self.defs)}</defs>{"".join(self.shapes)}</svg>'
        )

    # ---- surroundings

    def room(self, *, wall: tuple[str, str], table: tuple[str, str], horizon: float, seed: int = 1) -> None:
        """A plastered wall, a table top, and daylight from a window on the left."""
        w, h = self.width, self.height
        y = h * horizon
        self.add(f'<rect width="{w}" height="{h}" fill="{self.linear([(0, wall[0]), (1, wall[1])], x2=1, y2=0.6)}"/>')
        self.texture(f'<rect width="{w}" height="{y}"/>', "0.006 0.009", strength=0.12, seed=seed, octaves=3)
        self.window(y)
        self.add(
            f'<rect y="{y}" width="{w}" height="{h - y}" '
            f'fill="{self.linear([(0, table[0]), (1, table[1])], x2=0.35, y2=1)}"/>'
        )
        self.texture(f'<rect y="{y}" width="{w}" height="{h - y}"/>', "0.004 0.11", strength=0.2, seed=seed + 3)
        self.add(
            f'<rect y="{y - 18}" width="{w}" height="36" fill="#1c120a" opacity=".16" filter="{self.blur(16)}"/>',
            f'<rect y="{y}" width="{w}" height="2" fill="#fff" opacity=".35"/>',
        )

    def place(self, draw: "Callable[[Canvas], None]", *, x: float, y: float, scale: float) -> None:
        """Draws a thing of another picture into this one, its own origin at (x, y)."""
        self.add(f'<g transform="translate({x} {y}) scale({scale})">')
        draw(self)
        self.add("</g>")

    def window(self, horizon: float) -> None:
        """Panes of light on the wall, with the soft edge that distance gives them."""
        panes = "".join(
            f'<path d="M{x} {top} l150 34 l0 {tall} l-150 -34z"/>'
            for x, top, tall in ((90, 70, 230), (262, 109, 230), (90, 326, 230), (262, 365, 230))
        )
        wall = self.clip(f'<rect width="{self.width}" height="{horizon}"/>')
        self.add(f'<g clip-path="{wall}"><g fill="#fff6df" opacity=".34" filter="{self.blur(9)}">{panes}</g></g>')

    def finish(self) -> None:
        """Grain and a slight darkening towards the corners, as a lens gives."""
        w, h = self.width, self.height
        corner = self.radial([(0.55, "#000", 0), (1, "#22140a", 0.32)], cx=0.42, cy=0.42, r=0.85)
        self.add(f'<rect width="{w}" height="{h}" fill="{corner}"/>')
        grain = self.define(
            '<filter id="@" x="0" y="0" width="100%" height="100%"><feTurbulence type="fractalNoise" '
            'baseFrequency=".8" numOctaves="2" seed="9"/><feColorMatrix type="saturate" values="0"/>'
            '<feComponentTransfer><feFuncA type="linear" slope=".09"/></feComponentTransfer></filter>'
        )
        self.add(f'<rect width="{w}" height="{h}" filter="url(#{grain})" style="mix-blend-mode:overlay"/>')

    # ---- light on things

    def shadow(self, cx: float, cy: float, rx: float, ry: float, *, reach: float = 1.0) -> None:
        """Where a thing meets the table, and the long soft shadow away from the window."""
        self.add(
            f'<ellipse cx="{cx + rx * 0.55 * reach}" cy="{cy + ry * 0.35}" rx="{rx * (1 + 0.35 * reach)}" '
            f'ry="{ry * 1.15}" fill="#2a1708" opacity=".30" filter="{self.blur(26)}"/>',
            f'<ellipse cx="{cx + rx * 0.10}" cy="{cy}" rx="{rx * 1.02}" ry="{ry * 0.75}" '
            f'fill="#1d0f05" opacity=".55" filter="{self.blur(8)}"/>',
        )

    def round_shading(self, *, strength: float = 1.0) -> str:
        """Paint for a body that is round about the upright axis: dark, light, mid, dark, a reflex."""
        return self.linear([
            (0, "#140a04", 0.50 * strength), (0.12, "#140a04", 0.16 * strength), (0.30, "#fffaf0", 0.40 * strength),
            (0.42, "#fffaf0", 0.12 * strength), (0.62, "#140a04", 0.10 * strength), (0.88, "#140a04", 0.50 * strength),
            (1, "#3a2414", 0.38 * strength),
        ])  # fmt: skip

    def texture(self, shape: str, frequency: str, *, strength: float, seed: int = 1, octaves: int = 4) -> None:
        """Lights and darks in a shape, from noise of that frequency (one number, or across and along)."""
        grey = self.define(
            f'<filter id="@" x="0" y="0" width="100%" height="100%"><feTurbulence type="fractalNoise" '
            f'baseFrequency="{frequency}" numOctaves="{octaves}" seed="{seed}" result="n"/>'
            '<feColorMatrix in="n" values="2.4 0 0 0 -.7  2.4 0 0 0 -.7  2.4 0 0 0 -.7  0 0 0 0 1"/></filter>'
        )
        self.add(
            f'<g clip-path="{self.clip(shape)}" opacity="{strength}" style="mix-blend-mode:soft-light">'
            f'<rect width="{_REACH}" height="{_REACH}" filter="url(#{grey})"/></g>'
        )

    def relief(self, shape: str, frequency: str, *, colour: str, depth: float, seed: int = 1, octaves: int = 3) -> None:
        """A lit rough surface (leather, plaster, felt) filling a shape."""
        lit = self.define(
            f'<filter id="@" x="0" y="0" width="100%" height="100%"><feTurbulence type="fractalNoise" '
            f'baseFrequency="{frequency}" numOctaves="{octaves}" seed="{seed}" result="n"/>'
            '<feColorMatrix in="n" type="matrix" values="0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 1 0 0 0 0" result="height"/>'
            f'<feDiffuseLighting in="height" surfaceScale="{depth}" diffuseConstant="1.15" lighting-color="{colour}">'
            '<feDistantLight azimuth="225" elevation="58"/></feDiffuseLighting></filter>'
        )
        self.add(
            f'<g clip-path="{self.clip(shape)}"><rect width="{_REACH}" height="{_REACH}" filter="url(#{lit})"/></g>'
        )

    def wood(self, shape: str, *, dark: str, light: str, upright: bool = False, seed: int = 1) -> None:
        """Grain along the length, in two tones."""
        frequency = "0.055 0.0045" if upright else "0.0045 0.055"
        table = [_channels(dark), _mix(dark, light, 0.55), _channels(light), _mix(dark, light, 0.8)]
        functions = "".join(
            f'<feFunc{name} type="table" tableValues="{" ".join(f"{tone[index]:.3f}" for tone in table)}"/>'
            for index, name in enumerate("RGB")
        )
        grain = self.define(
            f'<filter id="@" x="0" y="0" width="100%" height="100%" color-interpolation-filters="sRGB"><feTurbulence type="fractalNoise" '
            f'baseFrequency="{frequency}" numOctaves="5" seed="{seed}"/>'
            '<feColorMatrix values="3 0 0 0 -1  3 0 0 0 -1  3 0 0 0 -1  0 0 0 0 1"/>'
            f"<feComponentTransfer>{functions}</feComponentTransfer></filter>"
        )
        self.add(
            f'<g clip-path="{self.clip(shape)}"><rect width="{_REACH}" height="{_REACH}" filter="url(#{grain})"/></g>'
        )

    def speckle(self, shape: str, *, colour: str, amount: float, seed: int = 1, size: float = 0.16) -> None:
        """Iron specks in a glaze. `amount` 0 to 1."""
        threshold = 26 * (0.72 - 0.16 * amount)
        spots = self.define(
            f'<filter id="@" x="0" y="0" width="100%" height="100%"><feTurbulence type="fractalNoise" '
            f'baseFrequency="{size}" numOctaves="2" seed="{seed}"/>'
            f'<feColorMatrix values="0 0 0 0 0  0 0 0 0 0  0 0 0 0 0  26 0 0 0 -{threshold:.2f}" result="m"/>'
            f'<feFlood flood-color="{colour}"/><feComposite in2="m" operator="in"/></filter>'
        )
        self.add(
            f'<g clip-path="{self.clip(shape)}"><rect width="{_REACH}" height="{_REACH}" filter="url(#{spots})"/></g>'
        )

    def weave(self, shape: str, *, warp: str, weft: str, size: float, angle: float = 0) -> None:
        """Threads over and under each other."""
        half = size / 2
        pattern = self.define(
            f'<pattern id="@" width="{size}" height="{size}" patternUnits="userSpaceOnUse" '
            f'patternTransform="rotate({angle})"><rect width="{size}" height="{size}" fill="{warp}"/>'
            f'<rect x="0" y="0" width="{half}" height="{half}" fill="{weft}"/>'
            f'<rect x="{half}" y="{half}" width="{half}" height="{half}" fill="{weft}"/>'
            f'<path d="M0 0H{size}M0 {half}H{size}M0 0V{size}M{half} 0V{size}" stroke="#000" stroke-opacity=".16" '
            f'stroke-width="{size * 0.09:.2f}"/></pattern>'
        )
        self.add(f'<g clip-path="{self.clip(shape)}"><rect width="100%" height="100%" fill="url(#{pattern})"/></g>')


def path(d: str, **attributes: str | float) -> str:
    return f'<path d="{d}"{_attributes(attributes)}/>'


def ellipse(cx: float, cy: float, rx: float, ry: float, **attributes: str | float) -> str:
    return f'<ellipse cx="{cx}" cy="{cy}" rx="{rx}" ry="{ry}"{_attributes(attributes)}/>'


def group(*markup: str, **attributes: str | float) -> str:
    return f"<g{_attributes(attributes)}>{''.join(markup)}</g>"


def _attributes(attributes: dict[str, str | float]) -> str:
    return "".join(f' {name.replace("_", "-")}="{value}"' for name, value in attributes.items())


def _stops(stops: Stops) -> str:
    return "".join(
        f'<stop offset="{stop[0]}" stop-color="{stop[1]}" stop-opacity="{stop[2] if len(stop) == 3 else 1}"/>'
        for stop in stops
    )


def _channels(colour: str) -> tuple[float, float, float]:
    return int(colour[1:3], 16) / 255, int(colour[3:5], 16) / 255, int(colour[5:7], 16) / 255


def _mix(first: str, second: str, share: float) -> tuple[float, float, float]:
    a, b = _channels(first), _channels(second)
    return (
        a[0] + (b[0] - a[0]) * share,
        a[1] + (b[1] - a[1]) * share,
        a[2] + (b[2] - a[2]) * share,
    )
