"""Durability: what a store must do (`protocol`), on Postgres (`postgres`) and in memory (`memory`)."""
