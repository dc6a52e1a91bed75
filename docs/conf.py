"""Sphinx settings: ``sphinx-build -W -b html docs docs/_build``."""

from __future__ import annotations

import wsal

project = "wsal"
author = "The wsal authors"
copyright = "The wsal authors"
version = release = wsal.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]

autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the docstrings give types, with shapes
napoleon_google_docstring = False
napoleon_use_ivar = True  # attributes listed in a docstring would else be described twice
python_use_unqualified_type_names = True

html_theme = "furo"
html_title = f"wsal {version}"
