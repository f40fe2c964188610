"""A headless Chromium, driven over the pipe of its DevTools protocol."""

import base64
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "chrome")
_LAUNCHER: Final = """
import fcntl, os, sys
given = [fcntl.fcntl(int(each), fcntl.F_DUPFD, 10) for each in sys.argv[1:3]]
os.dup2(given[0], 3)  # Chromium reads commands from 3 and writes to 4
os.dup2(given[1], 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
_TIMEOUT_S: Final = 30.0


def find_chromium() -> str | None:
    """Return the path of a Chromium; None if there is none."""
    return next(filter(None, map(shutil.which, _NAMES)), None)


class BrowserPage:
    """One page of the browser."""

    def __init__(self, write_fd: int, read_fd: int) -> None:
        self._commands = os.fdopen(write_fd, "wb", buffering=0)
        self._messages = os.fdopen(read_fd, "rb", buffering=0)
        self._rest = b""
        self._id = 0
        self._session: str | None = None
        self.problems: list[str] = []
        """Errors, warnings and refused loads that the browser reported."""
        self.urls: list[str] = []
        """Addresses that were asked for."""

    def attach(self) -> None:
        """Open an empty page."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log", "Accessibility"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a command and return its result."""
        self._id += 1
        command = {"id": self._id, "method": method, "params": params}
        if self._session is not None:
            command["sessionId"] = self._session
        self._commands.write(json.dumps(command).encode() + b"\0")
        while True:
            message = self._next()
            if message.get("id") == self._id:
                assert "error" not in message, message
                result: dict[str, Any] = message["result"]
                return result
            self._note(message)

    def run(self, script: str) -> Any:
        """Return the JSON value of a JavaScript expression; a promise is awaited."""
        result = self.call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    def open(self, url: str) -> None:
        self.call("Page.navigate", url=url)
        self.wait_for("document.readyState === 'complete'")

    def wait_for(self, condition: str, timeout_s: float = _TIMEOUT_S) -> None:
        """Wait until a JavaScript expression is true."""
        end = time.monotonic() + timeout_s
        while not self.run(f"Boolean({condition})"):
            assert time.monotonic() < end, f"{condition} never came true"
            time.sleep(0.05)

    def press(self, key: str, *, modifiers: int = 0) -> None:
        """Press and release a key; modifiers as in DevTools, 2 is Ctrl and 8 is Shift."""
        text = {"Enter": "\r", "Space": " "}.get(key, "")
        name = " " if key == "Space" else key
        codes = {"Tab": 9, "Enter": 13, "Escape": 27, "Space": 32, "End": 35, "Home": 36}
        codes |= {"PageUp": 33, "PageDown": 34, "ArrowLeft": 37, "ArrowRight": 39}
        common = {"key": name, "code": key, "windowsVirtualKeyCode": codes[key]}
        common["modifiers"] = modifiers
        down = {"text": text} if text and not modifiers else {}
        self.call("Input.dispatchKeyEvent", type="keyDown", **common, **down)
        self.call("Input.dispatchKeyEvent", type="keyUp", **common)

    def resize(self, width: int, height: int, *, scale: float = 1.0) -> None:
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=scale, mobile=width < 500,
        )  # fmt: skip

    def prefer(self, **features: str) -> None:
        """Emulate media features, such as `prefers_color_scheme="dark"`."""
        given = [{"name": k.replace("_", "-"), "value": v} for k, v in features.items()]
        self.call("Emulation.setEmulatedMedia", features=given)

    def picture(self, path: Path, *, whole: bool = True) -> None:
        shot = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(shot["data"]))

    def close(self) -> None:
        self._commands.close()
        self._messages.close()

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            part = self._messages.read(1 << 20)
            assert part, "the browser has ended"
            self._rest += part
        message, self._rest = self._rest.split(b"\0", 1)
        decoded: dict[str, Any] = json.loads(message)
        return decoded

    def _note(self, message: dict[str, Any]) -> None:
        params = message.get("params", {})
        match message.get("method"):
            case "Network.requestWillBeSent":
                self.urls.append(params["request"]["url"])
            case "Log.entryAdded" if params["entry"]["level"] in ("error", "warning"):
                self.problems.append(params["entry"]["text"])
            case "Runtime.exceptionThrown":
                self.problems.append(str(params["exceptionDetails"]))
            case "Runtime.consoleAPICalled" if params["type"] in ("error", "warning"):
                self.problems.append(str(params["args"]))


@contextmanager
def browser(folder: Path) -> Iterator[BrowserPage]:
    """Run Chromium with a profile of its own; yield a page.

    Args:
        folder: for the profile.
    """
    chromium = find_chromium()
    assert chromium is not None
    their_read, our_write = os.pipe()
    our_read, their_write = os.pipe()
    arguments = [
        chromium,
        "--headless=new",
        "--no-sandbox",  # the page is the server's own
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--disable-component-update",
        "--no-first-run",
        "--remote-debugging-pipe",
        f"--user-data-dir={folder}",
    ]
    process = subprocess.Popen(
        [sys.executable, "-c", _LAUNCHER, str(their_read), str(their_write), *arguments],
        pass_fds=(their_read, their_write),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(their_read)
    os.close(their_write)
    page = BrowserPage(our_write, our_read)
    try:
        page.attach()
        yield page
    finally:
        page.close()
        process.terminate()
        process.wait(10)
