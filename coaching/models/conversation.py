"""Conversations, their messages as a tree of branches, and the runs that write the answers."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import TimeOrderedModel, between, one_of


class ConversationKind(models.TextChoices):
    COACH = "coach", "Coach"
    CONSULTATION = "consultation", "Consultation"


class ConversationChannel(models.TextChoices):
    WEB = "web", "Web"
    API = "api", "API"
    SMS = "sms", "SMS"
    CALL = "call", "Phone call"


class Conversation(TimeOrderedModel):
    """A thread between a person and the coach. `head` is the last message of the branch shown."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="conversations"
    )
    kind = models.CharField(max_length=16, choices=ConversationKind, default=ConversationKind.COACH)
    channel = models.CharField(
        max_length=8, choices=ConversationChannel, default=ConversationChannel.WEB
    )
    title = models.CharField(max_length=120, blank=True)
    started_at = models.DateTimeField(default=timezone.now)
    last_message_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    message_count = models.PositiveIntegerField(default=0)
    goal_context = models.TextField(blank=True)
    outcome = models.CharField(max_length=64, blank=True)
    is_temporary = models.BooleanField(
        default=False, help_text="Nothing is learned from it, and it is deleted soon after its end"
    )
    head = models.ForeignKey(
        "Message", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        indexes = [models.Index(fields=["user", "-last_message_at"], name="conversation_newest")]
        constraints = [
            one_of("kind", ConversationKind, "conversation_kind_known"),
            one_of("channel", ConversationChannel, "conversation_channel_known"),
        ]

    def __str__(self) -> str:
        return self.title or "Conversation"


class MessageRole(models.TextChoices):
    USER = "user", "Person"
    ASSISTANT = "assistant", "Coach"
    SYSTEM = "system", "System"
    TOOL = "tool", "Tool"


class MessageStatus(models.TextChoices):
    STREAMING = "streaming", "Being written"
    COMPLETE = "complete", "Complete"
    STOPPED = "stopped", "Stopped"
    FAILED = "failed", "Failed"


class Message(TimeOrderedModel):
    """One turn. Messages with the same `parent` are branches of each other.

    `client_id` is the sender's own id of the message: sending the same one again adds nothing.
    `function_calls` lists what the coach did in this turn: id, name, arguments, status, card, undone_at.
    """

    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="messages"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="messages"
    )
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="replies"
    )
    role = models.CharField(max_length=16, choices=MessageRole)
    content = models.TextField(blank=True)
    status = models.CharField(max_length=16, choices=MessageStatus, default=MessageStatus.COMPLETE)
    client_id = models.CharField(max_length=64, null=True, blank=True)
    function_calls = models.JSONField(default=list, blank=True)
    tokens_used = models.PositiveIntegerField(null=True, blank=True)
    sentiment_score = models.FloatField(null=True, blank=True)
    intent = models.CharField(max_length=100, blank=True)
    entities = models.JSONField(default=dict, blank=True)
    system_prompt_version_used = models.PositiveIntegerField(null=True, blank=True)
    model = models.CharField(max_length=100, blank=True)
    is_crisis = models.BooleanField(
        default=False, help_text="The crisis screen answered; feeds no score, test or memory"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["conversation", "id"], name="message_in_conversation"),
            models.Index(fields=["user", "-created_at"], name="message_user_newest"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "client_id"],
                condition=models.Q(client_id__isnull=False),
                name="message_client_id_unique",
            ),
            one_of("role", MessageRole, "message_role_known"),
            one_of("status", MessageStatus, "message_status_known"),
            between("sentiment_score", -1, 1, "message_sentiment_range"),
        ]

    def __str__(self) -> str:
        return f"{self.role}: {self.content[:40]}"


class RunStatus(models.TextChoices):
    RUNNING = "running", "Running"
    COMPLETED = "completed", "Completed"
    STOPPED = "stopped", "Stopped"
    FAILED = "failed", "Failed"


class Run(TimeOrderedModel):
    """One answer being made. It belongs to the server and outlives the connection that asked for it.

    `heartbeat_at` moves while its process lives; a run whose heart stopped is marked failed and can be
    retried. `events` keeps what was sent, for replay after the stream in Redis is gone.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="runs"
    )
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="runs")
    request = models.ForeignKey(
        Message, on_delete=models.CASCADE, related_name="runs_asked", help_text="What is answered"
    )
    reply = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="run")
    status = models.CharField(max_length=16, choices=RunStatus, default=RunStatus.RUNNING)
    error = models.CharField(max_length=300, blank=True)
    events = models.JSONField(default=list, blank=True)
    last_sequence = models.PositiveIntegerField(default=0)
    stop_requested_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["conversation"],
                condition=models.Q(status="running"),
                name="run_one_at_a_time",
            ),
            one_of("status", RunStatus, "run_status_known"),
        ]
        indexes = [
            models.Index(
                fields=["heartbeat_at"],
                condition=models.Q(status="running"),
                name="run_heartbeat",
            )
        ]

    def __str__(self) -> str:
        return f"Run ({self.status})"


class Attachment(TimeOrderedModel):
    """A file a person shares with the coach; pictures are stored without their metadata."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="attachments"
    )
    message = models.ForeignKey(
        Message, null=True, blank=True, on_delete=models.CASCADE, related_name="attachments"
    )
    file = models.FileField(upload_to="attachments/%Y/%m/")
    name = models.CharField(max_length=200)
    type = models.CharField(max_length=100)
    size = models.PositiveIntegerField(help_text="Bytes")
    extracted_text = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name


class ResponseFeedback(TimeOrderedModel):
    """What a person thought of an answer."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="response_feedback"
    )
    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="feedback")
    rating = models.SmallIntegerField(help_text="-1, 0 or 1")
    helpfulness = models.PositiveSmallIntegerField(null=True, blank=True, help_text="1 to 5")
    text = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "response feedback"
        constraints = [
            between("rating", -1, 1, "feedback_rating_range"),
            between("helpfulness", 1, 5, "feedback_helpfulness_range"),
        ]

    def __str__(self) -> str:
        return f"{self.rating:+d}"
