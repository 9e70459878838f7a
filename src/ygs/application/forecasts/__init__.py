"""What a contract can be expected to bring, forecast before it is made."""
