import socket

import pytest
from pytest_socket import SocketConnectBlockedError

OUTSIDE = "192.0.2.1"  # TEST-NET-1, reserved for documentation


def test_connection_to_another_machine_is_blocked() -> None:
    # Unexpected warnings are errors, so code under test cannot hide one.
    with pytest.warns(UserWarning, match=OUTSIDE), pytest.raises(SocketConnectBlockedError):
        socket.create_connection((OUTSIDE, 80), timeout=0.1)


def test_plain_socket_to_another_machine_is_blocked() -> None:
    def connect() -> None:
        with socket.socket() as plain:
            plain.settimeout(0.1)
            plain.connect((OUTSIDE, 80))

    with pytest.warns(UserWarning, match=OUTSIDE), pytest.raises(SocketConnectBlockedError):
        connect()


def test_loopback_is_not_blocked() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        with socket.create_connection(server.getsockname(), timeout=5) as client:
            assert client.getpeername() == server.getsockname()
