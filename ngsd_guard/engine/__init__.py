"""One request guarded end to end: checked, rated, decoded, recorded."""

from ngsd_guard.engine._admission import Admission
from ngsd_guard.engine._engine import Engine
from ngsd_guard.engine._loading import load_engine
from ngsd_guard.engine._recording import RequestRecorder
from ngsd_guard.engine._request import RequestOptions
from ngsd_guard.engine._stream import TokenStream

__all__ = ["Admission", "Engine", "RequestOptions", "RequestRecorder", "TokenStream", "load_engine"]
