"""The tamper-evident record: one Merkle log for the installation, an entry for every fact."""
