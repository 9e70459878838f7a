"""Pictures without anybody to look into them."""

from ygs.domain.errors import N_, NotSetUp
from ygs.ports.images import ProcessedImage


class NoImages:
    """`ImageProcessor` where the extra `images` is not installed: none is taken unseen."""

    async def remake(self, data: bytes, content_type: str, *, longest: int) -> ProcessedImage:
        """Always `NotSetUp`."""
        raise NotSetUp(N_("pictures cannot be taken here: pip install 'ygs[images]'"))
