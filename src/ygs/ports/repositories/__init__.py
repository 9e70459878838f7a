"""The repositories, one file per aggregate; `ygs.ports.storage` documents the rules for all of them."""

MOST_PAGE = 100
