"""Thousands of requests that nobody would type: each ends with a sentence, or does its work.

``python -m tests.fuzz 100000 --seed 1`` draws requests from the grammar of overrides and from the
program's own keys, damages half of them, and carries each out in a process of its own.
"""
