"""A document as PDF, XLSX or CSV."""
