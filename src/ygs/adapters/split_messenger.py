"""A messenger over two others: e-mails go by one, texts to phones by the other."""

from ygs.ports.authentication import Messenger


class SplitMessenger:
    """`Messenger` that hands what is to an e-mail address to `mails`, and what is to a phone to `texts`."""

    def __init__(self, *, texts: Messenger, mails: Messenger) -> None:
        self._texts = texts
        self._mails = mails

    async def send(self, to: str, text: str) -> None:
        """Hand it on."""
        await (self._mails if "@" in to else self._texts).send(to, text)

    async def close(self) -> None:
        """Close both."""
        for messenger in (self._texts, self._mails):
            if close := getattr(messenger, "close", None):
                await close()
