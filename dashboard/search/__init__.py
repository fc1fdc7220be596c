"""Searching by words as people type them: mistakes, ё and е, the wrong keyboard layout, another alphabet, word forms.

Pure algorithms on words and numbers; where the rows come from stands in ``source.py`` and ``filling.py``.
"""
