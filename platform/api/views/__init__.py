"""One module for each resource: parse, call one room, render."""
