"""The `ygs` command."""


def main() -> None:
    """Run the command with this process's arguments."""
    from ygs.entrypoints.cli.app import app

    app()
