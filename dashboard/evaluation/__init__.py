"""The product's AI measured on files: each evaluation reads a file form, runs the product's own code, says how good it was."""
