"""Options: their table, the parsers of their values, and their sources."""

from emulator.config.options import Config as Config
from emulator.core.failures import ConfigurationError as ConfigurationError
