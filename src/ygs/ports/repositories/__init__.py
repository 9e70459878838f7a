"""What is stored, one file per aggregate; `ygs.ports.storage` says what holds for all of them."""

MOST_PAGE = 100
