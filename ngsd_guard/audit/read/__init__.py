"""Reading a log: whether it is sound, what people look at, other formats."""
