"""Between a filter and how people name it: an address as a browser shows it, names as they are written, neighbours."""
