"""Whether what landed before goes on working: documents, events, migrations, the code itself."""
