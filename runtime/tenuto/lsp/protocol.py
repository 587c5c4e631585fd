"""Where the protocol is kept more closely than the library does: every request is answered, whatever it holds."""

from __future__ import annotations

from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.protocol import LanguageServerProtocol, lsp_method


class AfterShutdown(JsonRpcException):
    CODE = types.ErrorCodes.InvalidRequest
    MESSAGE = "the server has shut down"


class NoMethod(JsonRpcException):
    CODE = types.ErrorCodes.InvalidRequest
    MESSAGE = "a method is a text"


class Protocol(LanguageServerProtocol):
    """Texts are kept by `Documents` alone: lines end at line feeds there, and no change can fail."""

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> Any:
        handler = self.fm.features.get(types.TEXT_DOCUMENT_DID_CHANGE)
        if handler is not None:
            yield handler, (params,), None

    def structure_message(self, data: dict[str, Any]) -> Any:
        """A request whose parameters are none is refused: a client that got no answer would wait for ever."""
        try:
            return super().structure_message(data)
        except JsonRpcException as error:
            if "method" in data and "id" in data:
                self._send_response(data["id"], error=error.to_response_error())
            raise

    def handle_message(self, message: Any) -> None:
        if self._shutdown and hasattr(message, "method") and hasattr(message, "id"):
            self._send_response(message.id, error=AfterShutdown().to_response_error())
            return
        if not isinstance(getattr(message, "method", ""), str):
            if hasattr(message, "id"):
                self._send_response(message.id, error=NoMethod().to_response_error())
            return
        super().handle_message(message)
