"""What momentum hands the coach; each module declares one kind of thing."""

from . import biometrics as biometrics
from . import closing as closing
from . import context as context
from . import motivation as motivation
from . import segments as segments
from . import series as series
from . import signals as signals
from . import tiles as tiles
from . import tools as tools
from . import visits as visits
