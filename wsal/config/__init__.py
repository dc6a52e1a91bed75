"""``wsal.toml``: the settings of a project, read and checked."""

from __future__ import annotations

from wsal.config.reading import read_config
from wsal.config.settings import CONFIG_NAME, Config, SpanSettings, find_config, user_name

__all__ = ["CONFIG_NAME", "Config", "SpanSettings", "find_config", "read_config", "user_name"]
