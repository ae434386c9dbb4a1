"""The benchmarks, one module each; `benchmarks/catalogue.py` lists them."""
