"""What coaching itself gives the coach. Each idea declares its own; importing them is declaring them."""

from coaching import searchable, segments
from coaching.agent import coach_tools as conversation_tools
from coaching.agent import manner_tools
from coaching.charts import visualization
from coaching.experiments import metrics
from coaching.memory import memory_tools
from coaching.outreach import brief_tools, coach_tools, message_tools
from coaching.outreach.channels import email, in_app, push
from coaching.personalization import known
from coaching.personalization.consultation import invitation
from coaching.today import coach_tiles

__all__ = [
    "brief_tools",
    "coach_tiles",
    "coach_tools",
    "conversation_tools",
    "email",
    "in_app",
    "invitation",
    "known",
    "manner_tools",
    "memory_tools",
    "message_tools",
    "metrics",
    "push",
    "searchable",
    "segments",
    "visualization",
]
