"""Models as people write them who have never seen this program's own, and what becomes of each.

``cd tests && python -m foreign_models`` tries all of them and writes ``docs/models.md``.
"""
