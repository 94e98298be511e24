"""What the service does: one plain function of a transaction for each API operation. No HTTP, no SQL."""
