"""Ray integration of ngsd-guard: the server as a Ray Serve application, and a job for many texts.

::

    serve run ray_ngsd:application pair=smollm2 num_replicas=2 audit=audit.jsonl
    python -m ray_ngsd check prompts.jsonl verdicts --column prompt --keep id

In Python, `application(ServeOptions(...))` and `check_records(...)`.
"""

from ray_ngsd._job import JobReport, check_records
from ray_ngsd._options import ServeOptions
from ray_ngsd._serving import application

__all__ = ["JobReport", "ServeOptions", "application", "check_records"]
