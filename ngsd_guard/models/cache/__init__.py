"""Key-value caches: one for a batch of requests, or one transformers cache per request."""
