"""Sphinx builds these pages: `make docs` writes them to `docs/_build/html`."""

import langchain_ngsd  # imported here, for autodoc would import it with TYPE_CHECKING set
import mcp_ngsd
import ray_ngsd
import transformers_ngsd
from ngsd_guard import __version__

project = "ngsd-guard"
author = "The ngsd-guard authors"
release = __version__
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
]
exclude_patterns = ["_build"]
documented = (langchain_ngsd, mcp_ngsd, ray_ngsd, transformers_ngsd)
source_suffix = {".md": "markdown"}
myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence"]
autodoc_default_options = {"exclude-members": "model_config"}
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_class_signature = "separated"
napoleon_google_docstring = True
napoleon_numpy_docstring = False
suppress_warnings = ["misc.highlighting_failure"]  # Pygments knows no CSV
html_theme = "furo"
html_title = "ngsd-guard"
copybutton_prompt_text = r"\$ |>>> "
copybutton_prompt_is_regexp = True
