"""An editor of few words: it opens files at a real yaml-language-server, and asks what a person would be shown.

with Editor(node, script, root) as editor:
    editor.open("models/iris.yaml", text)
    editor.hover("models/iris.yaml", 3, 5)       lines and columns count from 0, as the protocol counts
"""

from __future__ import annotations

import json
import queue
import subprocess
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.testbed.errors import TestbedError

ANSWER_SECONDS = 60.0
SETTINGS = {"yaml": {"schemaStore": {"enable": False}, "validate": True, "hover": True, "completion": True}}
"""Nothing is asked of a catalogue on the web."""
CAPABILITIES = {
    "workspace": {"configuration": True},
    "textDocument": {
        "hover": {"contentFormat": ["markdown"]},
        "completion": {"completionItem": {"documentationFormat": ["markdown"], "snippetSupport": True}},
        "publishDiagnostics": {"relatedInformation": True},
    },
}


class Editor:
    """Running while the ``with`` block does."""

    def __init__(self, node: str, script: Path, root: Path) -> None:
        self._command = [node, str(script), "--stdio"]
        self._root = root
        self._last = 0
        self._heard: queue.Queue[dict[str, Any]] = queue.Queue()
        self._diagnostics: dict[str, list[dict[str, Any]]] = {}

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._command, cwd=self._root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        threading.Thread(target=self._listen, daemon=True).start()
        self._ask("initialize", {"processId": None, "rootUri": self._root.as_uri(), "capabilities": CAPABILITIES})
        self._tell("initialized", {})
        self._tell("workspace/didChangeConfiguration", {"settings": SETTINGS})
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                stream.close()

    def open(self, path: str, text: str) -> list[dict[str, Any]]:
        """Opens a file; what the server finds wrong with it, once it has looked."""
        uri = self._uri(path)
        self._diagnostics.pop(uri, None)
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self._tell("textDocument/didOpen", {"textDocument": document})
        while uri not in self._diagnostics:
            self._hear()
        return self._diagnostics[uri]

    def hover(self, path: str, line: int, column: int) -> str:
        """The text beside the pointer; empty where there is none."""
        found = self._ask("textDocument/hover", self._at(path, line, column))
        return str(found["contents"]["value"]) if found else ""

    def complete(self, path: str, line: int, column: int) -> dict[str, dict[str, Any]]:
        """What is offered at a place, by its label."""
        found = self._ask("textDocument/completion", self._at(path, line, column))
        return {item["label"]: item for item in found["items"]}

    def _at(self, path: str, line: int, column: int) -> dict[str, Any]:
        return {"textDocument": {"uri": self._uri(path)}, "position": {"line": line, "character": column}}

    def _uri(self, path: str) -> str:
        return (self._root / path).as_uri()

    def _ask(self, method: str, params: Any) -> Any:
        self._last += 1
        number = self._last
        self._send({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        while True:
            answer = self._hear()
            if answer.get("id") == number and "method" not in answer:
                if "error" in answer:
                    raise TestbedError(f"{method}: {answer['error']}")
                return answer["result"]

    def _tell(self, method: str, params: Any) -> None:
        self._send({"jsonrpc": "2.0", "method": method, "params": params})

    def _hear(self) -> dict[str, Any]:
        """The next message. What the server asks is answered, and diagnostics are kept."""
        try:
            message = self._heard.get(timeout=ANSWER_SECONDS)
        except queue.Empty:
            raise TestbedError(f"yaml-language-server said nothing for {ANSWER_SECONDS:g} s") from None
        if message.get("method") == "textDocument/publishDiagnostics":
            self._diagnostics[message["params"]["uri"]] = message["params"]["diagnostics"]
        elif "method" in message and "id" in message:
            self._send({"jsonrpc": "2.0", "id": message["id"], "result": _reply(message)})
        return message

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps(message).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self._process.stdin.flush()

    def _listen(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        try:
            while header := stream.readline():
                length = int(header.partition(b":")[2])
                while stream.readline().strip():
                    pass
                self._heard.put(json.loads(stream.read(length)))
        except ValueError:  # the stream was closed at the end
            return


def _reply(message: dict[str, Any]) -> Any:
    if message["method"] != "workspace/configuration":
        return None
    return [SETTINGS.get(item.get("section", ""), {}) for item in message["params"]["items"]]
