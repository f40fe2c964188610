import pytest

from ngsd_guard.models._base_names import match_base

SNAPSHOT = "/home/a/.cache/huggingface/hub/models--Owner--Tiny-1B/snapshots/0123abcd"


@pytest.mark.parametrize(
    ("trained_on", "base"),
    [
        ("owner/tiny-1b", "Owner/Tiny-1B"),
        ("owner/tiny-1b", "models/Tiny-1B/"),
        ("Owner/Tiny-1B", SNAPSHOT),
        (SNAPSHOT, "Owner/Tiny-1B"),
        (SNAPSHOT + "/", SNAPSHOT.replace("0123", "4567")),
        (SNAPSHOT.replace("/", "\\"), "/data/Tiny-1B"),
        ("C:\\models\\Tiny-1B\\", "./Tiny-1B"),
        ("D:/models/Tiny-1B", "Tiny-1B"),
        ("../tiny-1b", "/srv/models/Tiny-1B"),
        ("Owner/Tiny-1B", "/srv/Tiny-1B.Q4_K_M.gguf"),
        ("/srv/Tiny-1B.Q4_1.gguf", "C:\\Tiny-1B-Q8_0.gguf"),
    ],
)
def test_names_of_one_model(trained_on: str, base: str) -> None:
    assert match_base(trained_on, [base]) == "same"


@pytest.mark.parametrize(
    ("trained_on", "base"),
    [
        ("Owner/Tiny-1B", "Owner/Tiny-7B"),
        ("Owner/Tiny-1B", "Other/Tiny-1B"),
        ("Owner/Tiny-1B", SNAPSHOT.replace("Owner", "Other")),
        (SNAPSHOT, "Other/Big"),
        ("Owner/Tiny-1B", "/srv/models/big"),
        ("ngsd-mini", "/srv/models/big"),
    ],
)
def test_names_of_two_models(trained_on: str, base: str) -> None:
    assert match_base(trained_on, [base]) == "other"


@pytest.mark.parametrize(
    "trained_on", [None, "", ".", "..", "./", "/tmp/run-7/base", "C:\\b\\base"]
)
def test_path_of_another_machine_decides_nothing(trained_on: str | None) -> None:
    assert match_base(trained_on, ["Owner/Tiny-1B"]) == "unknown"
