"""SQL only; the caller opens the transaction."""
