"""A data set as it leaves for an experiment: a folder that Hugging Face `datasets` loads, signed, with a list of what
its owner has to take out again (U5).

items        one line of `metadata.jsonl`
card         README.md: what is in it, what is not, and why
manifest     what was exported, signed
writing      the folder
parquet      the same lines as Parquet
revocation   the signed list of what has to go
applying     takes it out, offline, and certifies it
"""
