"""How people are reached: which sender each channel has, as the settings say."""

from collections.abc import Mapping
from typing import Any, cast
from zoneinfo import ZoneInfo

from ygs.adapters.log_messages import LogSender
from ygs.adapters.split_messenger import SplitMessenger
from ygs.application.notifications.personal_channel import DefaultChannels, NoticeLink, PersonalChannel
from ygs.bootstrap.extras import requires
from ygs.domain.deliveries import Channel
from ygs.domain.matching.attribute import Language
from ygs.domain.notices import PERSONAL_CHANNELS
from ygs.ports.authentication import Messenger
from ygs.ports.message_senders import MessageSender, MessageSenders
from ygs.ports.storage import Storage
from ygs.settings import Settings


def message_senders(settings: Settings, account: Mapping[str, Any] | None) -> MessageSenders:
    """The senders that the settings name; development logs what the others would send.

    `account`: Firebase's service account, if one is set.
    """
    senders: dict[Channel, MessageSender] = {}
    if not settings.in_production:
        senders |= {channel: LogSender(channel) for channel in PERSONAL_CHANNELS}
    if settings.smtp_host:
        senders[Channel.EMAIL], _ = _mail(settings)
    if settings.messenger_url:
        senders[Channel.TEXT] = _texts(settings)
    if settings.firebase_project and not settings.firebase_emulator:
        senders[Channel.PUSH] = _push(settings, account)
    return MessageSenders(senders)


def messenger(settings: Settings) -> Messenger:
    """What sends one-time codes: to phones the webhook, to e-mail addresses the mail server if there is one.

    Without a mail server the webhook gets those too, and without a webhook the log.
    """
    from ygs.adapters.sms import LogMessenger, WebhookMessenger

    url = settings.messenger_url
    key = settings.messenger_key.get_secret_value()
    texts = WebhookMessenger(url, bytes.fromhex(key)) if url else LogMessenger(show=not settings.in_production)
    if not settings.smtp_host:
        return texts
    _, mails = _mail(settings)
    return SplitMessenger(texts=texts, mails=mails)


def _mail(settings: Settings) -> tuple[MessageSender, Messenger]:
    """What sends e-mails about events, and what sends one-time codes by e-mail."""
    with requires("email"):
        from ygs.adapters.smtp import SmtpMessenger, SmtpSender, SmtpServer

    server = SmtpServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        user=settings.smtp_user,
        password=settings.smtp_password.get_secret_value(),
        security=settings.smtp_security,
    )
    sender = SmtpSender(server, settings.mail_sender)
    return sender, SmtpMessenger(sender)


def _texts(settings: Settings) -> MessageSender:
    with requires("accounts"):
        from ygs.adapters.text_webhook import TextWebhookSender

    key = bytes.fromhex(settings.messenger_key.get_secret_value())
    return TextWebhookSender(settings.messenger_url, key, settings.alimtalk_templates)


def _push(settings: Settings, account: Mapping[str, Any] | None) -> MessageSender:
    with requires("firebase"):
        from ygs.adapters.firebase_push import FirebasePushSender

    return FirebasePushSender(settings.firebase_project, account)


def personal_channels(chosen: Mapping[Any, object]) -> tuple[PersonalChannel, ...]:
    """The channels to people that have a sender, over the ports that were chosen."""
    return tuple(
        PersonalChannel(
            channel=channel,
            sender=sender,
            storage=cast(Storage, chosen[Storage]),
            zone=cast(ZoneInfo, chosen[ZoneInfo]),
            language=cast(Language, chosen[Language]),
            defaults=cast(DefaultChannels, chosen[DefaultChannels]),
            link=cast(NoticeLink, chosen[NoticeLink]),
        )
        for channel, sender in cast(MessageSenders, chosen[MessageSenders]).items()
    )
