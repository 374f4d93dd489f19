"""The demo: a small program with believable people, made on first use and served on this machine only.

``cast`` says who there is, ``seed`` fills an empty house by the same actions that people use, with a clock
that starts a month ago; ``check_in`` sees to something that starts in 10 to 14 minutes; ``folder`` keeps
it all in one folder.
"""
