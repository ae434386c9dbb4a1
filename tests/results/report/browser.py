"""A real browser without a window, spoken to over a pipe in the words of its developer tools."""

import json
import os
import shutil
import subprocess
import time

NAMES = ("chromium", "chromium-browser", "google-chrome")
FOUND = next(filter(None, map(shutil.which, NAMES)), None)
OPTIONS = (
    *("--headless=new", "--disable-gpu", "--no-first-run", "--remote-debugging-pipe"),
    *("--disable-background-networking", "--disable-extensions", "--disable-dev-shm-usage"),
)


class Browser:
    """One page of a browser; what goes wrong in it and what it asks for is kept.

    Attributes:
        faults: Errors and warnings of the console, exceptions.
        requests: The addresses that were asked for.
    """

    def __init__(self, home):
        asked, self._out = os.pipe()
        self._in, told = os.pipe()
        command = [FOUND, *OPTIONS, f"--user-data-dir={home}"]
        if os.name == "posix" and os.geteuid() == 0:
            command.append("--no-sandbox")
        # The browser reads at 3 and writes at 4.
        script = f'exec 3<&{asked} 4>&{told}; exec "$@"'
        self._process = subprocess.Popen(
            ["bash", "-c", script, "browser", *command],
            pass_fds=(asked, told),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(asked)
        os.close(told)
        self._rest, self._number, self._session = b"", 0, None
        self.faults, self.requests = [], []
        target = self.do("Target.createTarget", url="about:blank")["targetId"]
        opened = self.do("Target.attachToTarget", targetId=target, flatten=True)
        self._session = opened["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.do(f"{domain}.enable")

    def do(self, method, **params):
        """Send one command and wait for its answer."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while (answer := self._read()).get("id") != self._number:
            self._note(answer)
        assert "error" not in answer, answer
        return answer["result"]

    def evaluate(self, script):
        """The value of an expression in the page."""
        found = self.do(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def open(self, path, width=1280, scheme="light"):
        """Open a file and wait until all its figures are drawn."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.do("Emulation.setEmulatedMedia", features=features)
        self.do(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=900, deviceScaleFactor=1, mobile=width < 500,
        )  # fmt: skip
        self.do("Page.navigate", url=path.resolve().as_uri())
        self.wait("document.readyState === 'complete' && location.protocol === 'file:'")
        self.wait(
            "[...document.querySelectorAll('.plot')]"
            ".filter(p => !p.closest('details:not([open]), [hidden]'))"
            ".every(p => p.childElementCount > 0)"
        )

    def wait(self, script, seconds=30):
        """Wait until an expression holds."""
        end = time.monotonic() + seconds
        while not self.evaluate(script):
            assert time.monotonic() < end, f"not so after {seconds} s: {script}; {self.faults}"
            time.sleep(0.05)

    def mouse(self, kind, x, y, buttons=0):
        """One event of a real mouse: ``Moved``, ``Pressed`` or ``Released``."""
        self.do(
            "Input.dispatchMouseEvent", type=f"mouse{kind}", x=x, y=y, buttons=buttons,
            button="none" if kind == "Moved" and not buttons else "left",
            clickCount=0 if kind == "Moved" else 1, pointerType="mouse",
        )  # fmt: skip

    def drag(self, start, end, steps=6):
        """Press the mouse at one place and release it at another; the same place is a click."""
        self.mouse("Moved", *start)
        self.mouse("Pressed", *start, buttons=1)
        (x, y), (to_x, to_y) = start, end
        for step in range(1, steps + 1) if start != end else ():
            part = step / steps
            self.mouse("Moved", x + (to_x - x) * part, y + (to_y - y) * part, buttons=1)
        self.mouse("Released", *end)

    def place(self, figure, x, y):
        """Where a point of a figure's data is in the window, the figure scrolled into view."""
        return self.evaluate(f"""(() => {{
          const view = [...Bokeh.index].find(v => v.el.closest('.plot')?.id === {figure!r}
            || v.el.getRootNode().host?.closest('.plot')?.id === {figure!r});
          document.getElementById({figure!r}).scrollIntoView({{block: 'center'}});
          const box = view.el.getBoundingClientRect();
          const {{x_scale, y_scale}} = view.frame;
          return [box.x + x_scale.compute({x}), box.y + y_scale.compute({y})];
        }})()""")

    def close(self):
        """End the browser."""
        self._session = None
        self.do("Browser.close")
        self._process.wait(20)
        os.close(self._out)
        os.close(self._in)

    def _read(self):
        while b"\0" not in self._rest:
            found = os.read(self._in, 1 << 16)
            assert found, "the browser has gone"
            self._rest += found
        message, _, self._rest = self._rest.partition(b"\0")
        return json.loads(message)

    def _note(self, message):
        method, params = message.get("method"), message.get("params", {})
        if method == "Runtime.exceptionThrown":
            self.faults.append(params["exceptionDetails"].get("exception", {}).get("description"))
        elif method == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
            self.faults.append(params["entry"]["text"])
        elif method == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning"):
            self.faults.append(str(params["args"]))
        elif method == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])


ROWS = "[...document.querySelectorAll('#all-runs tbody tr')]"
VISIBLE = """
Bokeh.documents.flatMap(d => [...d.all_models])
  .filter(m => m.glyph && m.name === 'g0').map(m => m.visible)
"""


def column(browser, name):
    """What a column of the table of runs holds, from top to bottom."""
    return browser.evaluate(
        f"(() => {{ const heads = [...document.querySelectorAll('#all-runs th')];"
        f"const i = heads.findIndex(h => h.textContent === {name!r});"
        f"return {ROWS}.filter(r => !r.hidden).map(r => r.cells[i].textContent) }})()"
    )
