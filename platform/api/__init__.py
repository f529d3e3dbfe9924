"""HTTP only: parse, call one room, render."""
