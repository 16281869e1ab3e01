"""A tile that has something new to show, told to the open pages of its person over a real socket."""

import asyncio

import pytest
from asgiref.sync import sync_to_async

from accounts.models import User
from accounts.tests.factories import UserFactory
from coaching.outreach.live import announce_tile
from config.runtime.live import LiveSite

from .conftest import cookie_of, talk

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@sync_to_async
def person() -> tuple[User, str]:
    user = UserFactory.create()
    return user, cookie_of(user)


async def test_only_the_person_hears_that_their_tile_changed(site: LiveSite) -> None:
    user, cookie = await person()
    other, _ = await person()
    async with talk(site, cookie) as line:

        async def announce() -> None:
            # The page joins its group a moment after it is there: it is told until it hears.
            while True:
                await sync_to_async(announce_tile)(other.pk, "momentum.other")
                await sync_to_async(announce_tile)(user.pk, "momentum.score")
                await asyncio.sleep(0.2)

        telling = asyncio.create_task(announce())
        try:
            await line.until(lambda message: message["type"] == "tile")
        finally:
            telling.cancel()
        tiles = [message for message in line.heard if message["type"] == "tile"]
    assert tiles
    assert all(message == {"type": "tile", "tile": "momentum.score"} for message in tiles)
