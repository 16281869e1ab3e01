"""Habyss on a home screen: the manifest names what exists, the worker keeps nothing of anybody."""

from io import BytesIO

import pytest
from django.test import Client
from PIL import Image


def test_every_icon_of_the_manifest_has_the_size_it_says(client: Client):
    manifest = client.get("/manifest.webmanifest")
    assert manifest["Content-Type"] == "application/manifest+json"
    pictures = [icon for icon in manifest.json()["icons"] if icon["type"] == "image/png"]
    assert {icon["sizes"] for icon in pictures} == {"192x192", "512x512"}
    for icon in pictures:
        picture = Image.open(BytesIO(client.get(icon["src"]).content))
        assert f"{picture.width}x{picture.height}" == icon["sizes"]


def test_other_sizes_are_not_drawn(client: Client):
    assert client.get("/icons/9999.png").status_code == 404


def test_the_worker_covers_the_site_and_keeps_only_public_files(client: Client):
    worker = client.get("/sw.js")
    assert worker["Content-Type"].startswith("text/javascript")
    assert worker["Service-Worker-Allowed"] == "/"
    kept = worker.content.decode().split("FILES = [")[1].split("]")[0]
    assert all(
        name.strip(' "').startswith(("/offline/", "/static/"))
        for name in kept.split(",")
        if "OFFLINE" not in name
    )


def test_the_offline_page_needs_nobody(client: Client):
    page = client.get("/offline/")
    assert page.status_code == 200
    assert b"You are offline" in page.content


@pytest.mark.parametrize("path", ["/offline/", "/manifest.webmanifest", "/sw.js"])
def test_nothing_of_it_opens_a_session(client: Client, path: str):
    assert not client.get(path).cookies
