from hypothesis import settings

# No deadline: the machines of CI stall for longer than any example takes.
settings.register_profile("ngsd", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ngsd")
