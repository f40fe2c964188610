"""The server as a Ray Serve application."""

from typing import Any

from ngsd_guard.server import load_api_keys
from ray_ngsd._needs import need
from ray_ngsd._options import ServeOptions
from ray_ngsd._replica import ReplicaApp


def application(options: ServeOptions) -> Any:
    """Return the server's endpoints as a Ray Serve application.

    `serve run ray_ngsd:application pair=smollm2 num_replicas=2`, or
    `serve.run(application(ServeOptions(pair="smollm2", num_replicas=2)))`. Each replica loads the
    pair. A replica's own schedule decodes its concurrent requests together, so that `serve.batch`
    is not used.

    Args:
        options: the models, the log, and the number and size of the replicas.

    Returns:
        A `ray.serve.Application`.

    Raises:
        ConfigurationError: the file of API keys cannot be read.
        MissingDependencyError: Ray Serve is not installed.
    """
    serve = need("ray.serve")
    hashes = () if options.api_key_file is None else load_api_keys(options.api_key_file)

    def build_app() -> ReplicaApp:
        node_id = need("ray").get_runtime_context().get_node_id()
        return ReplicaApp(options, hashes, node_id)

    deployment = serve.deployment(
        serve.ingress(build_app)(),
        name="ngsd-guard",
        max_ongoing_requests=options.max_ongoing_requests,
        max_queued_requests=options.max_queued_requests,
        graceful_shutdown_timeout_s=options.timeout_s,
        ray_actor_options={"num_cpus": options.num_cpus, "num_gpus": options.num_gpus},
        **_replicas(options),
    )
    return deployment.bind()


def _replicas(options: ServeOptions) -> dict[str, Any]:
    if options.max_replicas is None:
        return {"num_replicas": options.num_replicas}
    return {
        "autoscaling_config": {
            "min_replicas": options.num_replicas,
            "max_replicas": options.max_replicas,
            "target_ongoing_requests": options.target_ongoing_requests,
        }
    }
