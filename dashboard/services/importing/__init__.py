"""Reading files people upload: encoding, dialect, columns, values. Runs in a limited child process."""
