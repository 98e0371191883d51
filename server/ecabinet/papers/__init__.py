"""Papers: PDFs that hang on agenda items, checked before they are kept, handed to those entitled."""
