"""What truly differs between databases: connections, transactions, and a few expressions."""
