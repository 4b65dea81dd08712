"""What chat holds about people, and the providers that it talks to."""

from caicaini.personal_data import (
    BrowserValue,
    CacheKey,
    Category,
    Column,
    OutboundHost,
    Purpose,
    Retention,
    Table,
    content,
    technical,
    usage,
)

CATALOGUE_COLUMNS = (
    "id slug provider vendor_model label description context_window max_output usual_output least_output reads_images "
    "options is_offered order"
).split()
RUN_USAGE = (
    "client model held max_output left_out end rule error_code started_at ended_at input_tokens cached_tokens "
    "cache_write_tokens output_tokens usage_source first_token_ms total_ms cost"
).split()
RUN_TECHNICAL = (
    "id uuid request_id user conversation message reply provider price state log_position heartbeat_at stop_asked_at"
).split()

DATA_MAP = (
    Table(
        model="chat.CatalogueModel",
        subject=None,
        why="the models on offer",
        purpose=Purpose.OPERATIONS,
        retention=Retention.FOREVER,
        columns={name: technical() for name in CATALOGUE_COLUMNS},
    ),
    Table(
        model="chat.Conversation",
        subject="owner",
        purpose=Purpose.CHAT,
        retention=Retention.CONVERSATION,
        public_id="uuid",
        erase_with="accounts.User",
        columns={
            "id": technical(),
            "uuid": technical(),
            "owner": technical(),
            "title": content(),
            "model": Column(Category.SETTING, export=True),
            "created_at": usage(),
            "active_at": usage(),
            "hidden_at": technical(),
        },
    ),
    Table(
        model="chat.Message",
        subject="conversation__owner",
        purpose=Purpose.CHAT,
        retention=Retention.CONVERSATION,
        public_id="uuid",
        erase_with="chat.Conversation",
        columns={
            "id": technical(),
            "uuid": technical(),
            "conversation": technical(),
            "parent": technical(),
            "role": usage(),
            "body": content(),
            "reasoning": content(),
            "created_at": usage(),
        },
    ),
    Table(
        model="chat.Run",
        subject="user",
        purpose=Purpose.CHAT,
        retention=Retention.CONVERSATION,
        public_id="uuid",
        erase_with="chat.Conversation",
        columns={
            **{name: technical() for name in RUN_TECHNICAL},
            **{name: usage() for name in RUN_USAGE},
        },
    ),
    CacheKey("run:*", Category.CONTENT, 3_600, "a reply while it is written, encrypted with its conversation's key"),
    CacheKey("bus", Category.TECHNICAL, 3_600, "which replies to stop, who hears that something changed: ids only"),
    CacheKey("door:*", Category.TECHNICAL, 86_400, "wakes a process that waits for news; says nothing"),
    CacheKey("sends:*", Category.USAGE, 120, "how many messages a person, named by the public uuid, sent this minute"),
    CacheKey("breaker:*", Category.TECHNICAL, 301, "until when a provider is left alone because it does not answer"),
    OutboundHost("Anthropic", "ANTHROPIC_BASE_URL", "the prompt and attached files of the model picked", Purpose.CHAT),
    OutboundHost("Moonshot AI", "MOONSHOT_BASE_URL", "the prompt and attached files of the model picked", Purpose.CHAT),
    OutboundHost(
        "Local models", "LOCAL_MODELS_BASE_URL", "the prompt and attached files of the model picked", Purpose.CHAT
    ),
    BrowserValue("zone", "cookie", Category.SETTING, "until the browser closes", "so that days are the reader's own"),
    BrowserValue(
        "single-keys",
        "localStorage",
        Category.SETTING,
        "until changed or signed out",
        "whether one-key shortcuts are on",
    ),
    BrowserValue(
        "draft:*", "sessionStorage", Category.CONTENT, "until sent, signed out or the tab closes", "text not sent yet"
    ),
)
