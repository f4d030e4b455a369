"""The recipe of the reader adapter: a LoRA that teaches SmolLM2-135M-Instruct to read, cite and abstain.

``python -m tools.reader.train`` makes it, from rows that :mod:`tools.reader.rows` draws: invented vendors,
explained output forms, real documentation, and what the base model says itself.
"""
