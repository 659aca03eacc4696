"""The listening room: pages from disk on which a curator listens, looks and decides."""
