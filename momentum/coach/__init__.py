"""What momentum hands the coach; each module declares one kind of thing."""

from . import visits as visits
