"""Habyss as an app on a phone's home screen: manifest, service worker, offline page and the icon as a picture."""

from functools import lru_cache
from io import BytesIO
from math import cos, pi, sin
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

if TYPE_CHECKING:
    from PIL import ImageDraw

GRADIENT = ((0x4A, 0x6F, 0xA5), (0x7B, 0x9F, 0xD3))
ICON_SIZES = (180, 192, 512)
_OVERSAMPLING = 3


@require_safe
@cache_control(max_age=3600)
def manifest(request: HttpRequest) -> JsonResponse:
    """The web app manifest."""
    icons: list[dict[str, str]] = [
        {"src": static("icons/habyss.svg"), "sizes": "any", "type": "image/svg+xml"}
    ]
    for size in (192, 512):
        url = reverse("app_icon", args=[size])
        icons.append({"src": url, "sizes": f"{size}x{size}", "type": "image/png"})
    icons.append({**icons[-1], "purpose": "maskable"})
    start = "/"
    return JsonResponse(
        {
            "id": start,
            "name": "Habyss",
            "short_name": "Habyss",
            "description": "A calm AI coach that helps you build habits that last.",
            "start_url": start,
            "scope": start,
            "display": "standalone",
            "background_color": "#f4f5f3",
            "theme_color": "#4a6fa5",
            "icons": icons,
        },
        content_type="application/manifest+json",
    )


@require_safe
@cache_control(no_cache=True)
def service_worker(request: HttpRequest) -> HttpResponse:
    """The service worker, from the root so that its scope is the whole site."""
    response = render(request, "sw.js", content_type="text/javascript")
    response["Service-Worker-Allowed"] = "/"
    return response


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """What is shown when a page cannot be reached; holds nothing about anybody."""
    return render(request, "offline.html")


@require_safe
@cache_control(max_age=86_400, public=True)
def icon(request: HttpRequest, size: int) -> HttpResponse:
    """The logo as a square picture of `size` pixels (180, 192 or 512), with room for a maskable cut."""
    if size not in ICON_SIZES:
        return HttpResponse(status=404)
    return HttpResponse(draw_icon(size), content_type="image/png")


@lru_cache(maxsize=len(ICON_SIZES))
def draw_icon(size: int) -> bytes:
    """The hexagon "H" in its gradient on the light background, as PNG bytes."""
    from PIL import Image, ImageDraw

    side = size * _OVERSAMPLING
    middle = side / 2
    shade = (
        Image.linear_gradient("L")
        .resize((side, side))
        .rotate(45, resample=Image.Resampling.BICUBIC)
    )
    first, second = (Image.new("RGB", (side, side), colour) for colour in GRADIENT)
    fill = Image.composite(second, first, shade)
    mask = Image.new("L", (side, side), 0)
    draw = ImageDraw.Draw(mask)
    radius, corner = side * 0.32, side * 0.05
    points = [
        (middle + radius * cos(pi / 6 + k * pi / 3), middle + radius * sin(pi / 6 + k * pi / 3))
        for k in range(6)
    ]
    draw.polygon(points, fill=255)
    # Round corners: a thick outline with round joints around the straight-edged shape.
    for at, to in zip(points, [*points[1:], points[0]], strict=True):
        draw.line((*at, *to), fill=255, width=round(corner * 2))
        draw.ellipse((at[0] - corner, at[1] - corner, at[0] + corner, at[1] + corner), fill=255)
    picture = Image.new("RGB", (side, side), (0xF4, 0xF5, 0xF3))
    picture.paste(fill, mask=mask)
    _letter(ImageDraw.Draw(picture), middle, side)
    out = BytesIO()
    picture.resize((size, size), Image.Resampling.LANCZOS).save(out, "PNG", optimize=True)
    return out.getvalue()


def _letter(draw: "ImageDraw.ImageDraw", middle: float, side: int) -> None:
    """The "H", whose bar is a wave, as in the drawn logo."""
    width = side * 0.056
    half = side * 0.11
    height = side * 0.15

    def dot(x: float, y: float) -> None:
        draw.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill="white")

    steps = side // 2
    for k in range(steps + 1):
        share = k / steps
        y = middle - height + 2 * height * share
        dot(middle - half, y)
        dot(middle + half, y)
        dot(middle - half + 2 * half * share, middle - sin(share * 2 * pi) * side * 0.022)
