"""The figures the README quotes, each measured by a command: ``python -m benchmarks [NAME …] [--size N]``."""
