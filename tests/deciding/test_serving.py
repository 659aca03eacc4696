"""The pages over a real socket: who has the address may read and decide, and nobody else."""

import http.client
import json
import threading

import pytest

from restoration.room.serving import MOST_BYTES, RoomServer

ITEM = "listening-room/tape-0001/item.js"


@pytest.fixture
def served(shelf):
    room = shelf.out / "listening-room" / "tape-0001"
    room.mkdir(parents=True)
    (shelf.out / "index.html").write_text("<p>A batch</p>", encoding="utf-8")
    (room / "item.js").write_text('window.HERITAGE_ITEM = {"state": "waiting"};', encoding="utf-8")
    told = []
    with RoomServer(shelf.out, 0, lambda out: told.append(out) or "the run goes on") as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield shelf, server, told
        server.shutdown()
        thread.join()


def ask(server, method, path, body=None, **headers):
    """The status and the text of an answer; headers as ``Origin``, or None to leave one out."""
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=20)
    known = {"Host": server.hosts[0], **{name.replace("_", "-"): value for name, value in headers.items()}}
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    for name, value in known.items():
        if value is not None:
            connection.putheader(name, value)
    connection.endheaders(body)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def post(server, said, path=None, **headers):
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    own = {
        "Origin": f"http://{server.hosts[0]}",
        "Content-Type": "application/json",
        "Authorization": f"Bearer {server.token}",
    }
    known = {**own, "Content-Length": str(len(body)), **{name.replace("_", "-"): one for name, one in headers.items()}}
    return ask(server, "POST", path or f"/{server.token}/decisions", body, **known)


def test_a_page_is_read_with_the_token_and_learns_where_to_save(served):
    shelf, server, _ = served
    assert ask(server, "GET", f"/{server.token}/index.html") == (200, "<p>A batch</p>")
    assert ask(server, "GET", f"/{server.token}/")[0] == 200
    status, script = ask(server, "GET", f"/{server.token}/{ITEM}")
    assert status == 200
    assert f'window.HERITAGE_SERVE={{"url": "/{server.token}/decisions", "token": "{server.token}"}}' in script
    assert shelf.events[-1]["digest"] in script


def test_a_decision_is_saved_at_once_and_once(served):
    shelf, server, told = served
    said = shelf.said({"kind": "treatment approved"})
    status, answer = post(server, said)
    assert status == 200, answer
    first = json.loads(answer)
    assert (first["state"], first["by"], first["added"], first["run"]) == ("approved", "Ada Berg", 1, "the run goes on")
    assert (shelf.events[-1]["decision"], first["head"]) == ("treatment approved", shelf.events[-1]["digest"])
    again = json.loads(post(server, said)[1])
    assert (again["added"], again["known"], len(told)) == (0, 1, 1)
    assert '"state": "approved"' in ask(server, "GET", f"/{server.token}/{ITEM}")[1]


def test_what_is_wrong_comes_back_in_sentences(served):
    shelf, server, _ = served
    before = shelf.events
    status, answer = post(server, shelf.said({"kind": "treatment approved"}, {"kind": "liked"}))
    assert status == 422
    assert "“liked” is no decision that is kept" in json.loads(answer)["problem"]
    assert shelf.events == before


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example:80"},
        {"Host": "evil.example"},
        {"Origin": "http://evil.example"},
        {"Origin": None},
        {"Origin": "null"},
        {"Authorization": "Bearer guess"},
        {"Authorization": None},
        {"Content_Type": "text/plain"},
        {"Content_Length": str(MOST_BYTES + 1)},
    ],
    ids=str,
)
def test_another_page_saves_nothing(served, headers):
    shelf, server, _ = served
    before = shelf.events
    assert post(server, shelf.said({"kind": "treatment approved"}), **headers)[0] in (403, 413, 415)
    assert shelf.events == before


@pytest.mark.parametrize("path", ["/decisions", "/wrong/decisions", "/{token}/other", "/{token}/decisions/more"])
def test_only_one_address_takes_decisions(served, path):
    shelf, server, _ = served
    said = shelf.said({"kind": "treatment approved"})
    assert post(server, said, path.format(token=server.token))[0] in (403, 404)


@pytest.mark.parametrize(
    "path",
    [
        "/index.html",
        "/wrong/index.html",
        "/{token}/../secret.txt",
        "/{token}/%2e%2e/secret.txt",
        "/{token}/..%2fsecret.txt",
        "/{token}/tape-0001/../../secret.txt",
        "/{token}/link.txt",
        "/{token}/folder/secret.txt",
        "/{token}/.restoration/lock",
        "/{token}//etc/passwd",
        "/{token}/tape-0001",
        "/{token}/%00",
        "/{token}/none.html",
    ],
)
def test_nothing_outside_of_the_folder_is_read(served, path):
    shelf, server, _ = served
    secret = shelf.out.parent / "secret.txt"
    secret.write_text("the secret", encoding="utf-8")
    (shelf.out / "link.txt").symlink_to(secret)
    (shelf.out / "folder").symlink_to(shelf.out.parent)
    status, text = ask(server, "GET", path.format(token=server.token))
    assert status in (403, 404)
    assert "the secret" not in text


def test_a_name_that_was_made_to_point_here_reads_nothing(served):
    _, server, _ = served
    assert ask(server, "GET", f"/{server.token}/index.html", Host="evil.example")[0] == 403
    assert ask(server, "GET", f"/{server.token}/index.html", Origin="http://evil.example")[0] == 403


def test_only_this_machine_is_answered(served):
    _, server, _ = served
    assert server.server_address[0] == "127.0.0.1"


def test_bad_bodies_are_refused(served):
    _, server, _ = served
    assert post(server, b"{")[0] == 400
    assert post(server, b"[" * 100_000)[0] == 400
    assert post(server, [1, 2])[0] == 422
