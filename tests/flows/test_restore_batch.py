"""The flow on real Prefect: one item's failure is its own, and a finished batch is known at once."""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import httpx
import numpy as np
import pytest

pytestmark = pytest.mark.prefect


@pytest.fixture(scope="module")
def batch_of_three(tmp_path_factory, reading, make_manifest):
    """Three tapes, the second of them cut short behind its manifest's back."""
    folder = tmp_path_factory.mktemp("tapes")
    worn = reading.samples[0, : 3 * 48000] + 0.003 * np.random.default_rng(2).standard_normal(3 * 48000)
    manifest = make_manifest(folder, worn, "gentle", [f"tape-{number:04d}" for number in range(3)])
    with (folder / "tape-0001.wav").open("r+b") as file:
        file.truncate(100_000)
    return manifest


@pytest.fixture(scope="module")
def prefect_home(tmp_path_factory):
    return {**os.environ, "PREFECT_HOME": str(tmp_path_factory.mktemp("prefect"))}


def run(manifest: Path, out: Path, environment, *more: str):
    command = [sys.executable, "-m", "restoration.cli", "run", str(manifest), "--out", str(out), "--json", *more]
    clock = time.monotonic()
    result = subprocess.run(command, capture_output=True, text=True, env=environment)
    return result, time.monotonic() - clock


@pytest.fixture(scope="module")
def first_run(batch_of_three, prefect_home, tmp_path_factory):
    out = tmp_path_factory.mktemp("bags")
    result, _ = run(batch_of_three, out, prefect_home, "--workers", "2")
    return result, out


def test_a_bad_tape_does_not_stop_the_others(first_run):
    result, out = first_run
    assert result.returncode == 1
    items = {item["identifier"]: item for item in json.loads(result.stdout)["items"]}
    assert [items[name]["state"] for name in sorted(items)] == ["restored", "failed", "restored"]
    assert "tape-0001.wav" in items["tape-0001"]["detail"]
    assert "Traceback" not in result.stderr
    assert {bag.parent.name for bag in out.glob("*/bagit.txt")} == {"tape-0000", "tape-0002"}


def test_the_index_tells_of_all_three(first_run):
    _, out = first_run
    page = (out / "index.html").read_text(encoding="utf-8")
    for name in ("tape-0000", "tape-0001", "tape-0002"):
        assert name in page


def test_what_is_done_is_not_done_again(first_run, batch_of_three, prefect_home):
    """Only the broken tape is tried anew; mended, it is restored, and then there is nothing left to do."""
    _, out = first_run
    seals = {path: path.stat().st_mtime_ns for path in out.glob("*/bagit.txt")}
    result, _ = run(batch_of_three, out, prefect_home)
    said = json.loads(result.stdout)
    assert said["done_before"] == 2
    assert [item["identifier"] for item in said["items"]] == ["tape-0001"]
    assert {path: path.stat().st_mtime_ns for path in out.glob("*/bagit.txt")} == seals


def test_the_flow_leaves_artifacts(first_run, prefect_home):
    code = (
        "import flows, asyncio, json\n"
        "from prefect.client.orchestration import get_client\n"
        "async def main():\n"
        "    async with get_client() as client:\n"
        "        found = await client.read_artifacts()\n"
        "        print(json.dumps([a.type for a in found]))\n"
        "asyncio.run(main())\n"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=prefect_home, check=True)
    kinds = json.loads(result.stdout.strip().splitlines()[-1])
    assert kinds.count("table") >= 1
    assert kinds.count("markdown") >= 2


def test_a_server_that_is_away_is_a_sentence(batch_of_three, prefect_home, tmp_path):
    result, _ = run(batch_of_three, tmp_path, {**prefect_home, "PREFECT_API_URL": "http://127.0.0.1:9/api"})
    assert result.returncode == 1
    assert "http://127.0.0.1:9/api does not answer" in result.stderr
    assert "Traceback" not in result.stderr


def children_of(process: int) -> list[int]:
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(process)], capture_output=True, text=True, check=False)
    return [int(line) for line in found.stdout.split()]


def command_of(process: int) -> str:
    place = Path(f"/proc/{process}/cmdline")
    return place.read_bytes().replace(b"\0", b" ").decode() if place.exists() else ""


def answers(url: str) -> bool:
    try:
        return httpx.get(url).is_success
    except httpx.TransportError:
        return False


def wait_until(reached, timeout_s: float = 60.0):
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        found = reached()
        if found:
            return found
        time.sleep(0.05)
    pytest.fail(f"not reached within {timeout_s} s")


@pytest.fixture
def long_run(make_manifest, reading, prefect_home, tmp_path):
    """A run of one tape long enough to be interfered with."""
    manifest = make_manifest(tmp_path / "tapes", reading.samples[0].repeat(3), "broadcast_tape")
    command = [sys.executable, "-m", "restoration.cli", "run", str(manifest), "--out", str(tmp_path / "bags")]
    impatient = {**prefect_home, "PREFECT_CLIENT_MAX_RETRIES": "1"}
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=impatient)
    yield process
    process.kill()
    process.wait()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_head_start_ends_with_the_program(long_run, tmp_path):
    log = tmp_path / "bags/.restoration/items/tape-0001/bag/data/record/events.jsonl"
    wait_until(log.exists)
    (ahead,) = [child for child in children_of(long_run.pid) if "spawn_main" in command_of(child)]
    servers = [child for child in children_of(long_run.pid) if "uvicorn" in command_of(child)]
    long_run.kill()
    wait_until(lambda: not command_of(ahead), timeout_s=3.0)
    for server in servers:
        os.kill(server, 9)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_server_that_dies_in_the_middle_is_a_sentence(long_run):
    (server,) = wait_until(lambda: [child for child in children_of(long_run.pid) if "uvicorn" in command_of(child)])
    port = re.search(r"--port (\d+)", command_of(server)).group(1)
    wait_until(lambda: answers(f"http://127.0.0.1:{port}/api/health"))
    os.kill(server, 9)
    said = long_run.communicate(timeout=300)[1]
    assert long_run.returncode == 1
    assert "server went away" in said
    assert "Traceback" not in said
