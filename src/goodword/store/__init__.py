"""Tables, migrations, row-level security, and the SQL that is faster by hand."""
