"""A decision that is saved from the page of an item, in a browser, over the server."""

import threading

import pytest

from restoration.decisions import review_state
from restoration.room.serving import RoomServer


@pytest.fixture
def chromium_page(chromium):
    """A page that may ask this machine, and nothing else."""
    page, asked = chromium.new_page(), []
    page.on("request", lambda request: asked.append(request.url))
    yield page, asked
    page.close()


@pytest.mark.slow
def test_the_page_saves_at_once(shelf, chromium_page):
    from restoration.room.room import Wish, write_room

    page, asked = chromium_page
    made = write_room(Wish(shelf.out, (), False, 1))
    assert not [one.problem for one in made if one.problem]
    with RoomServer(shelf.out) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            page.goto(server.address.replace("index.html", "listening-room/tape-0001/index.html"))
            handed = page.evaluate("[window.HERITAGE_SERVE, HERITAGE.item.serve]")
            assert handed == [server.handed_to_page()] * 2
            page.fill("input[name=by]", "Ada Berg")
            page.evaluate("HERITAGE.decisions.add({ kind: 'treatment approved', reason: 'clear' })")
            with page.expect_response("**/decisions") as answered:
                page.click("#save")
            assert (answered.value.status, answered.value.json()["state"]) == (200, "approved")
        finally:
            server.shutdown()
    assert (review_state(shelf.events).state, review_state(shelf.events).by) == ("approved", "Ada Berg")
    assert all(url.startswith(("http://127.0.0.1:", "data:", "blob:")) for url in asked)
